"""What those who draw kernels side by side are shown of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.compare.places import POINT_TITLES
from exittui.session.views_lockstep import (
    LanesView,
    LockstepView,
    PartingView,
    PointView,
    Reached,
    SideLanes,
    SideView,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.session.lockstep import Kernel, Lockstep
    from exittui.session.taking import Take
    from exittui.session.views_timeline import Lane


class Looker:
    """Looks at a `Lockstep` whose runs are recorded."""

    def __init__(self, lockstep: Lockstep) -> None:
        self._lockstep = lockstep

    def view(self) -> LockstepView:
        """All but the lanes."""
        lockstep = self._lockstep
        following = [
            take.key(take.position) if take.position < take.recorded else None
            for take in lockstep.takes
        ]
        return LockstepView(
            title=lockstep.scenario.title,
            own_time=lockstep.own_time,
            lead=lockstep.lead,
            sides=tuple(
                self._side(kernel, take, origin)
                for kernel, take, origin in zip(
                    lockstep.kernels, lockstep.takes, lockstep.origins, strict=True
                )
            ),
            points=tuple(self._points()),
            current=lockstep.current_point(),
            partings=tuple(self._partings()),
            alike=all(one == following[0] for one in following),
        )

    def _side(self, kernel: Kernel, take: Take, origin: int) -> SideView:
        own = self._lockstep.own_time
        session = take.session
        ended = ""
        if take.position == take.recorded:
            ended = f"cut after {take.recorded:,} steps" if take.cut else session.ended() or ""
        return SideView(
            kernel=kernel.label,
            position=take.position,
            recorded=take.recorded,
            time=take.time(take.position) if own else None,
            since=self._axis(take, take.position) - self._axis(take, origin),
            ended=ended,
            left=take.left,
            source=session.views.source(),
            cpus=session.views.cpus(),
            sentence=session.views.sentence(),
        )

    def _axis(self, take: Take, position: int) -> int:
        """A position on the scale of this mode."""
        return take.time(position) if self._lockstep.own_time else position

    def _points(self) -> Iterator[PointView]:
        lockstep = self._lockstep
        rows = lockstep.points()
        exits = {row.process: row.places for row in rows if row.point == "exit"}
        for process, point, places, _ in rows:
            begun = exits.get(process, (None,) * len(places))
            yield PointView(
                process=process,
                point=point,
                title=POINT_TITLES[point],
                reached=tuple(
                    Reached(place, self._after(take, place, start))
                    for take, place, start in zip(lockstep.takes, places, begun, strict=True)
                ),
                here=tuple(
                    place == take.position
                    for take, place in zip(lockstep.takes, places, strict=True)
                ),
            )

    def _after(self, take: Take, place: int | None, start: int | None) -> int | None:
        if place is None or start is None:
            return None
        return self._axis(take, place) - self._axis(take, start)

    def _partings(self) -> Iterator[PartingView | None]:
        lockstep = self._lockstep
        for number, place in enumerate(lockstep.partings, start=1):
            if place is None:
                yield None
                continue
            stands = []
            for which in (0, number):
                take = lockstep.takes[which]
                label = lockstep.kernels[which].label
                if place < take.recorded:
                    cpu, function, text = take.key(place)
                    stands.append((label, cpu, function, text.partition("\n")[0]))
                else:
                    stands.append((label, 0, "", "has ended"))
            yield PartingView(place, tuple(stands))

    # -- lanes ---------------------------------------------------------------------------------

    def lanes(self, columns: int, zoom: float = 1.0) -> LanesView:
        """What the CPUs did, laid so that all agree in the point they were aligned at.

        With a `zoom` above 1, so much less of it around where the leading kernel stands.
        """
        lockstep = self._lockstep
        takes = lockstep.takes
        zeros = [
            self._axis(take, origin) for take, origin in zip(takes, lockstep.origins, strict=True)
        ]
        ends = [self._axis(take, take.recorded) for take in takes]
        left, right = (
            -max(zeros),
            max(1, *(end - zero for end, zero in zip(ends, zeros, strict=True))),
        )
        if zoom > 1:
            lead = lockstep.lead
            width = max(round((right - left) / zoom), min(columns, right - left))
            middle = self._axis(takes[lead], takes[lead].position) - zeros[lead]
            left = max(left, min(middle - width // 2, right - width))
            right = left + width
        scale = _Scale(left, right, columns)
        return LanesView(
            sides=tuple(
                self._lanes_of(kernel.label, take, scale, zero, end)
                for kernel, take, zero, end in zip(
                    lockstep.kernels, takes, zeros, ends, strict=True
                )
            ),
            columns=columns,
            own_time=lockstep.own_time,
            first=left,
            last=right,
        )

    def _lanes_of(self, label: str, take: Take, scale: _Scale, zero: int, end: int) -> SideLanes:
        begin, until = max(scale.left + zero, 0), min(scale.right + zero, end)
        indent = scale.column(begin - zero)
        width = scale.column(until - zero) - indent
        lanes = self._drawn(take, begin, until, width) if until > begin and width > 0 else ()
        here = scale.column(self._axis(take, take.position) - zero)
        return SideLanes(
            kernel=label,
            indent=indent,
            here=min(here, scale.columns - 1) if 0 <= here <= scale.columns else None,
            lanes=lanes,
            points=tuple(
                (column, point)
                for place, point in self._shown_points(take)
                if 0 <= (column := scale.column(self._axis(take, place) - zero)) < scale.columns
            ),
        )

    def _drawn(self, take: Take, begin: int, end: int, width: int) -> tuple[Lane, ...]:
        if self._lockstep.own_time:
            return take.lanes(begin, end, width)
        return take.session.views.wider.timeline(begin, end, width).lanes

    def _shown_points(self, take: Take) -> Iterator[tuple[int, str]]:
        """The points of the process that is looked at; where the leading kernel stands last."""
        lockstep = self._lockstep
        rows, current = lockstep.points(), lockstep.current_point()
        if not rows:
            return
        current = current or 0
        process = rows[current].process
        number = lockstep.takes.index(take)
        for row in (*rows, rows[current]):
            place = row.places[number]
            if row.process == process and place is not None:
                yield place, row.point


class _Scale:
    """Steps or nanoseconds from the aligned point as columns."""

    def __init__(self, left: int, right: int, columns: int) -> None:
        self.left, self.right, self.columns = left, right, columns

    def column(self, value: int) -> int:
        """The column in which a value lies."""
        return (value - self.left) * self.columns // max(self.right - self.left, 1)
