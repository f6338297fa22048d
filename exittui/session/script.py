"""Command files: the lines one would type, carried out without anybody there.

An empty line and what begins with # are passed over. What a command prints is printed; the first
line that cannot be carried out ends it, named with its file and number.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exittui.errors import AssertionFailedError, ExittuiError, InternalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from exittui.session.session import Session

MOST_BYTES: Final = 1024 * 1024


def run_script(
    session: Session, lines: Iterable[str], name: str, say: Callable[[str], None]
) -> None:
    """Carry out all lines; raises AssertionFailedError or UsageError with `name:line:`."""
    for number, line in numbered(lines):
        with placed(name, number):
            order = session.read(line)
        if order.command.name == "quit":
            return
        doing = session.begin(order)
        try:
            with placed(name, number):
                outcome = doing.finish()
        except ExittuiError:
            for text in session.unsaid:
                say(text)
            raise
        for text in outcome.lines:
            say(text)


def numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if line and not line.startswith("#"):
            yield number, line


def lines_of(path: str) -> list[tuple[int, str]]:
    """The commands of a file; raises UsageError if it cannot be read."""
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except ValueError:
        raise UsageError(f"{path!r} is no name of a file") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{path}: too large for a command file")
    try:
        return list(numbered(data.decode().splitlines()))
    except UnicodeDecodeError:
        raise UsageError(f"{path}: no text") from None


@contextmanager
def placed(name: str, number: int) -> Iterator[None]:
    """Put `name:number:` before whatever is wrong with a line."""
    try:
        yield
    except AssertionFailedError as error:
        raise AssertionFailedError(f"{name}:{number}: {error.message}") from None
    except InternalError:
        raise
    except ExittuiError as error:
        raise UsageError(f"{name}:{number}: {error.message}") from None
