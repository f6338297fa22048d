"""Frozen pictures of kernels side by side: where each stands, the points of exits, the lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from exittui.session.views import CpuView, Sentence, SourceView
    from exittui.session.views_timeline import Lane


class SideView(NamedTuple):
    """One of the kernels, where it stands."""

    kernel: str
    position: int
    recorded: int
    time: int | None
    """Nanoseconds since the start; None where the kernels share a schedule and there is no time."""
    since: int
    """Steps or nanoseconds since the point all were aligned at."""
    ended: str
    """How the run has ended here; nothing while it goes on."""
    left: int | None
    """The step from which on the shared schedule did not fit; None if it always did."""
    source: SourceView
    cpus: tuple[CpuView, ...]
    sentence: Sentence


class Reached(NamedTuple):
    """When one kernel comes to a point; nothing if it does not."""

    position: int | None = None
    after: int | None = None
    """Steps or nanoseconds after the call of exit()."""


class PointView(NamedTuple):
    """One point in the end of one process, under each kernel."""

    process: str
    point: str
    """One of `compare.places.POINTS`."""
    title: str
    reached: tuple[Reached, ...]
    here: tuple[bool, ...]
    """Which kernels stand there."""


class PartingView(NamedTuple):
    """The first step that two kernels do not make alike: what each is about to do there."""

    position: int
    stands: tuple[tuple[str, int, str, str], ...]
    """Kernel, CPU, function, text of the statement."""


class LockstepView(NamedTuple):
    """All kernels together."""

    title: str
    own_time: bool
    lead: int
    """The kernel whose order of points is followed."""
    sides: tuple[SideView, ...]
    points: tuple[PointView, ...]
    current: int | None
    """The point at which the leading kernel stands, or the last it has passed."""
    partings: tuple[PartingView | None, ...]
    """Of each kernel but the first from the first; None if they do the same to their ends."""
    alike: bool
    """All are about to execute the same statement on the same CPU."""


class SideLanes(NamedTuple):
    """What the CPUs of one kernel did, in columns of the scale that all share."""

    kernel: str
    indent: int
    """Columns before its first one: all are laid so that the point they are aligned at agrees."""
    here: int | None
    """The column where it stands, from the left of the scale."""
    lanes: tuple[Lane, ...]
    points: tuple[tuple[int, str], ...]
    """Column, from the left of the scale, and point of the process that is looked at."""


class LanesView(NamedTuple):
    """The lanes of all kernels one above the other."""

    sides: tuple[SideLanes, ...]
    columns: int
    own_time: bool
    first: int
    last: int
    """Steps or nanoseconds from where they are aligned, at the left and at the right."""

    def offset_at(self, column: int) -> int:
        """The first step or nanosecond of a column, from where they are aligned."""
        return self.first - (-column * (self.last - self.first) // max(self.columns, 1))
