"""Two or three kernels under one scenario, stepped together.

Either all follow one *schedule*, that of the first, as far as it fits them; a step is then one
step of each. Or each runs in its *own* virtual time; a step is then one of whichever kernel is
furthest behind. Both kinds of run are recorded to their ends before anybody looks at them, and
what one does after that is going to and fro: nothing here begins a branch.

Kernels come to the same point of an exit after different numbers of steps. To *align* them is to
go to such a point in each; where they stand after that is counted from there, so stepping on
keeps them beside each other until the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import attrs

from exittui.compare.places import POINT_TITLES, POINTS
from exittui.errors import UsageError
from exittui.machine import Schedule
from exittui.scenario.build import build
from exittui.session.lockstep_views import Looker
from exittui.session.outcome import Doing, Outcome
from exittui.session.taking import Take

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from exittui.scenario.model import Scenario
    from exittui.session.session import Session
    from exittui.session.views_moving import Progress

FEWEST: Final = 2
MOST: Final = 3
"""Kernels that there is room for beside each other."""


@attrs.frozen
class Kernel:
    """A kernel, less some hunks."""

    name: str
    without: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it is called on the screen."""
        return self.name + "".join(f" −{hunk}" for hunk in self.without)


class _Point(NamedTuple):
    """One point in the end of one process: its position and its CPU in each kernel."""

    process: str
    point: str
    places: tuple[int | None, ...]
    cpus: tuple[int | None, ...]


class Lockstep:
    """Kernels side by side."""

    def __init__(
        self,
        scenario: Scenario,
        kernels: Sequence[Kernel],
        *,
        schedule: Schedule | None = None,
        own_time: bool = False,
        cache: Path | None = None,
    ) -> None:
        """`schedule` is what the first kernel follows; where it ends, the scenario's chooser.

        Raises UsageError for too few or too many kernels. Nothing has run yet: see `begin`.
        """
        if not FEWEST <= len(kernels) <= MOST:
            raise UsageError(f"two or three kernels stand side by side, not {len(kernels)}")
        if len(set(kernels)) != len(kernels):
            raise UsageError("a kernel is named twice")
        self.scenario = scenario
        self.kernels = tuple(kernels)
        self._schedule = schedule
        self._cache = cache
        self._own_time = own_time
        self._takes: dict[bool, list[Take]] = {}
        self._partings: dict[bool, tuple[int | None, ...]] = {}
        self.lead = 0
        """The kernel whose order of points is followed."""
        self.note = ""
        """What happened on the way, for the person to know."""
        self._origins: list[int] = []
        self._offset = 0
        self.looker = Looker(self)

    @classmethod
    def of_session(cls, session: Session, names: Sequence[str]) -> Lockstep:
        """The kernel of a session, with what it has run so far, and others beside it."""
        own = Kernel(session.kernel, session.built.without)
        return cls(
            session.built.scenario,
            (own, *(Kernel(name) for name in names)),
            schedule=session.machine.recorded_schedule(),
            cache=session.cache,
        )

    # -- recording -----------------------------------------------------------------------------

    @property
    def own_time(self) -> bool:
        """Each kernel in its own time; else all along one schedule."""
        return self._own_time

    @property
    def ready(self) -> bool:
        """The runs of this mode are recorded."""
        return len(self._takes.get(self._own_time, ())) == len(self.kernels)

    @property
    def takes(self) -> list[Take]:
        """The recorded runs."""
        return self._takes[self._own_time]

    def begin(self) -> Doing:
        """Record what is not recorded yet, slice by slice."""
        return Doing(self._telling(), lambda: Outcome(("interrupted",), "interrupted"))

    def _telling(self) -> Generator[Progress, None, Outcome]:
        own, takes = self._own_time, []
        schedule = None if own else self._schedule or Schedule()
        for number, kernel in enumerate(self.kernels):
            scenario = self.scenario
            if own:
                run = attrs.evolve(scenario.run, chooser="timed", schedule=None)
                scenario = attrs.evolve(scenario, run=run).ticking()
            built = build(scenario, kernel.name, kernel.without, cache=self._cache)
            take = Take(built, None if own else schedule)
            for progress in take.record():
                yield progress._replace(text=f"of {kernel.label}")
            if not own and not number:
                schedule = take.machine.recorded_schedule()
            takes.append(take)
        self._takes[own] = takes
        self._partings[own] = tuple(_parting(takes[0], other) for other in takes[1:])
        self._align([0] * len(takes))
        return Outcome()

    def switch(self) -> None:
        """The other mode; `begin` has to record it when it is first turned to."""
        self._own_time = not self._own_time
        self.note = ""
        if self.ready:
            self._align([take.position for take in self.takes])

    # -- moving --------------------------------------------------------------------------------

    def step(self) -> None:
        """One step of each kernel; in their own times, of whichever is furthest behind."""
        self._go_by(1)

    def back_step(self) -> None:
        """The same backwards."""
        self._go_by(-1)

    def _go_by(self, by: int) -> None:
        self.note = ""
        if not self._own_time:
            self._offset += by
            targets = [origin + self._offset for origin in self._origins]
            if all(
                not 0 <= target <= take.recorded
                for target, take in zip(targets, self.takes, strict=True)
            ):
                self._offset -= by
                self.note = "all have ended" if by > 0 else "the start of all runs"
                return
            self._turn_to(targets)
            return
        zeros = [take.time(origin) for take, origin in zip(self.takes, self._origins, strict=True)]
        asked: Callable[[Take, int], int | None] = Take.after if by > 0 else Take.before
        found = [
            time - zero
            for take, zero in zip(self.takes, zeros, strict=True)
            if (time := asked(take, zero + self._offset)) is not None
        ]
        if not found:
            self.note = "all have ended" if by > 0 else "the start of all runs"
            return
        self._go_to(min(found) if by > 0 else max(found))

    def go_to(self, offset: int) -> None:
        """So many steps, or nanoseconds, from where all were aligned."""
        self.note = ""
        self._go_to(offset)

    def _go_to(self, offset: int) -> None:
        self._offset = offset
        if not self._own_time:
            self._turn_to([origin + offset for origin in self._origins])
            return
        self._turn_to(
            [
                take.at(take.time(origin) + offset) if offset else origin
                for take, origin in zip(self.takes, self._origins, strict=True)
            ]
        )

    @property
    def offset(self) -> int:
        """How far that is now."""
        return self._offset

    def over(self, *, out: bool = False, back: bool = False) -> None:
        """In each, the statement with the calls in it, or to the end of its function."""
        self.note = ""
        found = [take.over(out=out, back=back) for take in self.takes]
        self._align([position for position, _ in found], [cpu for _, cpu in found])

    def to_end(self) -> None:
        """All to their ends."""
        self.note = ""
        self._align([take.recorded for take in self.takes])

    def to_start(self) -> None:
        """All to their starts."""
        self.note = ""
        self._align([0] * len(self.takes))

    def to_parting(self) -> None:
        """All to the first step that is not the same; raises UsageError if there is none."""
        places = [place for place in self.partings if place is not None]
        if not places:
            raise UsageError("the kernels do the same from beginning to end")
        self.note = ""
        self._align([min(*places, take.recorded) for take in self.takes])

    def _align(self, positions: Sequence[int], cpus: Sequence[int | None] = ()) -> None:
        self._origins = list(positions)
        self._offset = 0
        self._turn_to(positions, cpus)

    def _turn_to(self, positions: Sequence[int], cpus: Sequence[int | None] = ()) -> None:
        for number, (take, position) in enumerate(zip(self.takes, positions, strict=True)):
            take.turn_to(position, cpus[number] if cpus else None)

    @property
    def origins(self) -> Sequence[int]:
        """Where the kernels stood when they were aligned last."""
        return self._origins

    # -- points --------------------------------------------------------------------------------

    @property
    def partings(self) -> tuple[int | None, ...]:
        """For each kernel but the first, the first step it does not make as the first does."""
        return self._partings[self._own_time]

    def points(self) -> list[_Point]:
        """The points of all exits, in the order of the leading kernel."""
        tables = [take.points() for take in self.takes]
        keys = sorted({key for table in tables for key in table})
        names = [name for _, name in keys]
        rows = []
        for pid, name in keys:
            title = name if names.count(name) == 1 else f"{name} {pid}"
            for point in POINTS:
                found = [table.get((pid, name), {}).get(point) for table in tables]
                if any(found):
                    places = tuple(one[0] if one else None for one in found)
                    cpus = tuple(one[1] if one else None for one in found)
                    rows.append(_Point(title, point, places, cpus))
        return sorted(rows, key=self._in_order)

    def _in_order(self, row: _Point) -> tuple[int, int, int]:
        """By the leading kernel; what it does not come to, by one that does, at the end."""
        led = row.places[self.lead]
        found = led if led is not None else min(one for one in row.places if one is not None)
        return (led is None, found, POINTS.index(row.point))

    def to_point(self, number: int) -> None:
        """All to one point; who never comes to it stays where it is."""
        process, point, places, cpus = self.points()[number]
        missing = [
            kernel.label
            for kernel, place in zip(self.kernels, places, strict=True)
            if place is None
        ]
        self._align(
            [
                take.position if place is None else place
                for take, place in zip(self.takes, places, strict=True)
            ],
            cpus,
        )
        what = f"{process} {POINT_TITLES[point]}"
        self.note = f"{what}: not under {', '.join(missing)}" if missing else what

    def next_point(self) -> None:
        """On to where the leading kernel comes to a point next; raises UsageError at the last."""
        self._to_nearest(1)

    def previous_point(self) -> None:
        """Back to where it was at one; raises UsageError at the first."""
        self._to_nearest(-1)

    def _to_nearest(self, by: int) -> None:
        rows = self.points()
        here = self.current_point()
        if here is None:
            at = 0 if by > 0 else -1
        elif by > 0 or rows[here].places[self.lead] == self.takes[self.lead].position:
            at = here + by
        else:
            at = here
        if not 0 <= at < len(rows):
            raise UsageError("no point after this one" if by > 0 else "no point before this one")
        self.to_point(at)

    def current_point(self) -> int | None:
        """The last point that the leading kernel has come to."""
        position = self.takes[self.lead].position
        found = [
            number
            for number, row in enumerate(self.points())
            if (place := row.places[self.lead]) is not None and place <= position
        ]
        return found[-1] if found else None

    def turn_lead(self) -> None:
        """The next kernel leads."""
        self.lead = (self.lead + 1) % len(self.kernels)
        self.note = f"{self.kernels[self.lead].label} leads: its order of points is followed"


def _parting(one: Take, other: Take) -> int | None:
    """The first step that is not the same, or at which only one of them has ended."""
    for index in range(min(one.recorded, other.recorded)):
        if one.key(index) != other.key(index):
            return index
    return None if one.recorded == other.recorded else min(one.recorded, other.recorded)
