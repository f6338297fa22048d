"""`exittui [SCENARIO]`: the debugger on the screen."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from exittui.cli.config import settings
from exittui.cli.plain import plain
from exittui.cli.sitting import sit
from exittui.errors import ExitCode, ExittuiError, UsageError
from exittui.tui.greeting import GREETING, terminal_size

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from exittui.cli.config import Settings
    from exittui.session.session import Session


def command(words: Sequence[str]) -> int:
    """Open the screen; the exit code of a session that the user ended is 0."""
    with GREETING:
        opened = _quickly(words)
        if opened is not None:
            return _show(*opened)

    from exittui.cli.arguments import COMMANDS, screen_parser  # noqa: PLC0415  # see `plain`

    arguments = screen_parser().read(words)
    wanted = settings(arguments)
    if wanted.linear:
        return linear(arguments, wanted.dialect)
    session = sit(arguments, commands=COMMANDS, check=check_terminal, watched=False)
    _speak(session, wanted.dialect, asked=arguments.dialect is not None)
    return _show(session, wanted)


def _show(session: Session, wanted: Settings) -> int:
    """The screen until the person leaves it, and what they left it for."""
    from exittui.cli import state  # noqa: PLC0415  # as above
    from exittui.tui.app import LEFT_FOR, run_app  # noqa: PLC0415
    from exittui.tui.looks import THEMES  # noqa: PLC0415

    kept = state.read()
    theme = wanted.theme or kept.get("theme")
    kept |= {"layout": wanted.layout} if wanted.layout else {}
    session.history[:0] = state.earlier(kept)
    left = run_app(session, theme=theme if theme in THEMES else "dark", kept=kept)
    lessons = left.pop(LEFT_FOR, "")
    state.write(left | state.recent(session.history))
    if lessons:
        from exittui.cli.play import command as play  # noqa: PLC0415  # few leave for the lessons

        play([])
    return ExitCode.OK


def _quickly(words: Sequence[str]) -> tuple[Session, Settings] | None:
    """The session of a start without options; None where there is more to say about it."""
    arguments = plain(words)
    if arguments is None:
        return None
    try:
        wanted = settings(arguments)
        if wanted.linear:
            return None
        session = sit(arguments, check=check_terminal, watched=False)
    except ExittuiError:
        return None  # whoever reads all arguments has the better words for it
    _speak(session, wanted.dialect, asked=False)
    return session, wanted


def _speak(session: Session, dialect: str | None, *, asked: bool) -> None:
    """Set the dialect; a session file has its own, unless another is asked for."""
    if dialect is not None and (asked or session.path is None):
        session.dialect = dialect


def linear(arguments: argparse.Namespace, dialect: str | None = None) -> int:
    """The same as lines of text, without a screen."""
    from exittui.cli.arguments import COMMANDS  # noqa: PLC0415  # as above
    from exittui.session.linear import Linear, with_readline  # noqa: PLC0415  # as above

    session = sit(arguments, commands=COMMANDS)
    _speak(session, dialect, asked=arguments.dialect is not None)
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
    from exittui.tui.placing import LEAST_HEIGHT, LEAST_WIDTH  # noqa: PLC0415

    if not is_terminal():
        raise UsageError("the screen needs a terminal; 'exittui run' does without one")
    width, height = terminal_size()
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        raise UsageError(
            f"the terminal is {width}x{height}, too small for the screen: it needs "
            f"{LEAST_WIDTH}x{LEAST_HEIGHT}"
        )
