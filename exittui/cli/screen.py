"""`exittui [SCENARIO]`: the debugger on the screen."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from exittui.cli.plain import plain
from exittui.cli.sitting import sit
from exittui.errors import ExitCode, ExittuiError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from exittui.session.session import Session


def command(words: Sequence[str]) -> int:
    """Open the screen; the exit code of a session that the user ended is 0."""
    session, theme = _quickly(words), None
    if session is None:
        from exittui.cli.arguments import COMMANDS, screen_parser  # noqa: PLC0415  # see `plain`

        arguments = screen_parser().read(words)
        if arguments.linear:
            return linear(arguments)
        session = sit(arguments, commands=COMMANDS, check=check_terminal, watched=False)
        theme = arguments.theme

    from exittui.cli import state  # noqa: PLC0415  # as above
    from exittui.tui.app import run_app  # noqa: PLC0415
    from exittui.tui.looks import THEMES  # noqa: PLC0415

    kept = state.read()
    chosen = theme or kept.get("theme")
    state.write(run_app(session, theme=chosen if chosen in THEMES else "dark", kept=kept))
    return ExitCode.OK


def _quickly(words: Sequence[str]) -> Session | None:
    """The session of a start without options; None where there is more to say about it."""
    arguments = plain(words)
    if arguments is None:
        return None
    try:
        return sit(arguments, check=check_terminal, watched=False)
    except ExittuiError:
        return None  # whoever reads all arguments has the better words for it


def linear(arguments: argparse.Namespace) -> int:
    """The same as lines of text, without a screen."""
    from exittui.cli.arguments import COMMANDS  # noqa: PLC0415  # as above
    from exittui.session.linear import Linear, with_readline  # noqa: PLC0415  # as above

    session = sit(arguments, commands=COMMANDS)
    if sys.stdin.isatty():
        with_readline(session)
    Linear(session, input if is_terminal() else _echoed, _say, interrupts).run()
    return ExitCode.OK


def _say(line: str) -> None:
    """A line, at once: somebody may listen."""
    print(line, flush=True)


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Have Control-C noted meanwhile, instead of ending a step in its middle."""
    asked: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


def _echoed(prompt: str) -> str:
    """A line of an input that nobody types: it is shown, as it would be if somebody did."""
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    _say(f"{prompt}{line.rstrip()}")
    return line


def is_terminal() -> bool:
    """Whether somebody sits there."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def check_terminal() -> None:
    """Refuse where the screen cannot be shown."""
    from exittui.tui.greeting import terminal_size  # noqa: PLC0415  # as above
    from exittui.tui.placing import LEAST_HEIGHT, LEAST_WIDTH  # noqa: PLC0415

    if not is_terminal():
        raise UsageError("the screen needs a terminal; 'exittui run' does without one")
    width, height = terminal_size()
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        raise UsageError(
            f"the terminal is {width}x{height}, too small for the screen: it needs "
            f"{LEAST_WIDTH}x{LEAST_HEIGHT}"
        )
