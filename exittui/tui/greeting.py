"""The terminal while the program is being loaded: quiet, and given back whatever happens.

Keys pressed before there is anything to answer them wait in the terminal's buffer, unseen, and are
obeyed in their turn. What is written here first is the picture of this run's machine, made before
Textual is loaded (`first.py`); nothing is shown that the machine of this run does not say.
"""

from __future__ import annotations

import gc
import os
import sys
import termios
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

LEAVE: Final = "\x1b[?1049l\x1b[?25h\x1b[0m"


class Greeting:
    """Keeps the terminal from `with` to its end, and what was first written to it.

    The collector of garbage rests until the app has started (`DebuggerApp.on_mount`).

    It may be entered again while it is entered: only the outermost end gives the terminal back.
    """

    def __init__(self) -> None:
        self._entered = 0
        self._before: list[Any] | None = None
        self._shown = False

    def __enter__(self) -> None:
        self._entered += 1
        if self._entered > 1:
            return
        # Nothing of what a start makes is garbage; looking for some takes a tenth of its time.
        gc.disable()
        if not is_terminal():
            return
        self._before = termios.tcgetattr(0)
        quiet = termios.tcgetattr(0)
        quiet[0] &= ~termios.ICRNL  # Enter is to be Enter, not the end of a line
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(0, termios.TCSANOW, quiet)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._entered -= 1
        if self._entered:
            return
        gc.enable()
        if self._before is None:
            return
        termios.tcsetattr(0, termios.TCSANOW, self._before)
        self._before = None
        if self._shown:
            _write(LEAVE)
            self._shown = False

    def show(self, text: str) -> None:
        """Put this on the screen."""
        self._shown = True
        _write(text)


GREETING: Final = Greeting()
"""There is one terminal."""


def is_terminal() -> bool:
    """True if a person looks at what we write and types what we read."""
    return os.isatty(0) and os.isatty(2)


def terminal_size() -> tuple[int, int]:
    """Columns and lines, as `shutil` finds them; which takes ten times as long to import."""
    said = [os.environ.get(name, "") for name in ("COLUMNS", "LINES")]
    wanted = [int(one) if one.isdigit() else 0 for one in said]
    if all(wanted):
        return wanted[0], wanted[1]
    try:
        columns, lines = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
    except (OSError, ValueError):
        columns, lines = 80, 24
    return wanted[0] or columns, wanted[1] or lines


def _write(text: str) -> None:
    """Write where Textual is going to write."""
    if sys.__stderr__ is not None:
        sys.__stderr__.write(text)
        sys.__stderr__.flush()
