"""Command files: the lines one would type, carried out without anybody there.

An empty line and what begins with # are passed over. What a command prints is printed; the first
line that cannot be carried out ends it, named with its file and number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.errors import AssertionFailedError, ExittuiError, InternalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from exittui.session.session import Session


def run_script(
    session: Session, lines: Iterable[str], name: str, say: Callable[[str], None]
) -> None:
    """Carry out all lines; raises AssertionFailedError or UsageError with `name:line:`."""
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line in {"quit", "q", "exit"}:
            return
        try:
            outcome = session.run_line(line)
        except AssertionFailedError as error:
            raise AssertionFailedError(f"{name}:{number}: {error.message}") from None
        except InternalError:
            raise
        except ExittuiError as error:
            raise UsageError(f"{name}:{number}: {error.message}") from None
        for text in outcome.lines:
            say(text)
