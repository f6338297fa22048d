"""A command on its way: what is short is done at once, what is long slice by slice.

Between slices the screen answers: it shows how far the move has come, and Escape ends it where it
is, with nothing lost. The screen draws what it shows rarely meanwhile, for the run comes first.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from exittui.session.outcome import Doing
    from exittui.session.views_moving import Progress

AT_ONCE: Final = 0.15
"""Seconds that a command may take before the screen goes on without waiting for it."""
SLICE: Final = 0.1
PAUSE: Final = 0.002
"""Seconds in which keys are read and lines are written, between slices."""
SOON: Final = 0.2
"""Seconds after which what can wait is done: the terminal has been written to by then."""
REDRAW: Final = 0.5
SHARE: Final = 12
"""Drawing takes at most one part in so many of the time."""
FIRST: Final = 0.08
"""Seconds that the first drawing of a run is taken to need."""


class Running:
    """One command that is being carried out."""

    def __init__(self, doing: Doing) -> None:
        self.doing = doing
        self._drawn = time.monotonic()
        self._cost = FIRST

    def go(self, seconds: float) -> bool:
        """Go on for so long; whether anything is left to do."""
        end = time.monotonic() + seconds
        while self.doing.advance():
            if time.monotonic() >= end:
                return True
        return False

    def wants_drawing(self) -> bool:
        """Whether it is time to show all panes again."""
        return time.monotonic() - self._drawn >= max(REDRAW, SHARE * self._cost)

    def drawn(self, cost: float) -> None:
        """All panes were shown again, which took so many seconds."""
        self._drawn = time.monotonic()
        self._cost = cost

    @property
    def words(self) -> str:
        """How far it has come."""
        progress = self.doing.progress
        return "on the way; Esc interrupts" if progress is None else _told(progress)


def _told(progress: Progress) -> str:
    share = ""
    if progress.total:
        share = f" ({min(progress.steps * 100 // progress.total, 100)}% of the limit)"
    text = f" {progress.text}" if progress.text else ""
    return f"step {progress.position:,}{share}{text}; Esc interrupts, nothing is lost"
