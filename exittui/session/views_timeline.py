"""Frozen pictures of a stretch of a run: lanes of CPUs, cut into columns of a given width.

A column stands for one or more steps; what is shown is positions, and step n leads from position
n - 1 to n. Spans follow each other without a gap, so a lane is drawn from left to right.
"""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """Columns `column` to `column + width` - 1 of a lane in which the same holds."""

    column: int
    width: int
    text: str
    """The thread that runs, or who holds the lock (`0` for cpu0); nothing for nobody."""
    state: str
    """`runs`, `idle`, `spins`, `held` or `free`."""
    step: int
    """The first step of it, also where that lies left of the window."""


class LaneMark(NamedTuple):
    """Something happened in this column; `step` is where to go to see it."""

    column: int
    kind: str
    """`panic`, `violation`, `interrupt`, `free`, `dead`, `wakeup`, `sleep` or `switch`."""
    step: int
    text: str


class Lane(NamedTuple):
    """One CPU: who ran on it, where it stood in a busy wait, and what happened."""

    cpu: int
    spans: tuple[Span, ...]
    spins: tuple[Span, ...]
    """Where it stood before a busy wait longer than a turn of all CPUs; not without gaps."""
    marks: tuple[LaneMark, ...]


class TimelineView(NamedTuple):
    """Steps `first` to `last` - 1 of a run in `columns` columns."""

    first: int
    last: int
    columns: int
    position: int
    recorded: int
    position_column: int | None
    """The column of the present place; None if it is outside."""
    lanes: tuple[Lane, ...]
    kernel_lock: tuple[Span, ...]
    fates: tuple[Span, ...] = ()
    """The part of the schedules that fail from each place, if that is known of any.

    `text` is the part in percent, `state` is `holds`, `some`, `all` or, with no text, `unknown`.
    """

    def step_at(self, column: int) -> int:
        """The position to go to for a click into this column."""
        width = max(self.last - self.first, 1)
        return self.first + column * width // max(self.columns, 1)
