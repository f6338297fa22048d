"""Finding where a run should stop, in steps that have been executed already.

The machine runs a slice of steps as fast as it can; what the journal says of them afterwards tells
which of them hit something. Then the machine goes back to the first hit, conditions are looked at
there, and the rest of the slice is dropped or played on. The same serves going backwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from exittui.machine import Machine
    from exittui.scenario.expression import Expression
    from exittui.session.breakpoints import Stop

    Meter = Callable[[int], None]

READS: Final = 16
"""So many fields are looked at in the time of a step."""
_GONE: Final = 24
"""So many steps are gone back or forward, or looked through, in the time in which one is made."""


class Scanner:
    """Looks through slices of steps for the hits of some stops."""

    def __init__(self, machine: Machine, stops: Iterable[Stop], meter: Meter | None = None) -> None:
        """`meter` is told how much is looked at, by the unit of a step; it may raise."""
        self._machine = machine
        self._meter = meter
        self._stops = list(stops)
        self.idle = not self._stops
        self._pcs = frozenset[int]().union(*(stop.pcs for stop in self._stops))
        self._fields = frozenset[str]().union(*(stop.fields for stop in self._stops))
        self._watches = [stop for stop in self._stops if stop.watch is not None]
        self._reads: dict[int, frozenset[Any]] = {}
        self._names: dict[int, frozenset[str]] = {}
        for stop in self._stops:
            self._look(stop)

    def _look(self, stop: Stop) -> None:
        """Note a watched value as it is here, and what it depends on."""
        if stop.frame is not None:
            stop.was = stop.frame[stop.slot]
        if stop.watch is not None:
            stop.was = stop.watch(self._machine)
            self._spend(1)
            if stop.watch.follows_writes:
                self._read(stop.number, stop.watch)

    def _read(self, number: int, watch: Expression) -> None:
        """Note what a watched value depends on."""
        before = self._reads.get(number)
        reads = self._reads[number] = watch.reads(self._machine)
        if reads != before:
            self._names[number] = frozenset(name for _, name in reads)
        self._spend(len(reads) // READS)

    def _spend(self, work: int) -> None:
        if self._meter is not None:
            self._meter(work)

    def _go(self, position: int) -> None:
        """Go there, which is work as well."""
        self._spend(abs(self._machine.position - position) // _GONE)
        self._machine.goto(position)

    # -- in both directions --------------------------------------------------------------------

    def forward(self, first: int) -> list[Stop]:
        """Stops that hit first in the steps from `first` up to here, the machine being there then.

        Without any the machine stays where it is.
        """
        machine = self._machine
        last = machine.position
        while True:
            found = self._candidates(first, last, back=False)
            for position in sorted(found):
                self._go(position)
                stopped, moved = self._hits(found[position], position)
                if stopped:
                    return stopped
                if moved:
                    first = position
                    break
            else:
                self._go(last)
                return []
            self._go(last)

    def backward(self, first: int) -> list[Stop]:
        """Stops that hit last in the steps from `first` up to here, the machine being there then.

        Without any the machine is at `first`.
        """
        machine = self._machine
        start = last = machine.position
        while True:
            found = self._candidates(first, last, back=True)
            for position in sorted(found, reverse=True):
                if position >= start:
                    continue
                self._go(position)
                stopped, moved = self._hits(found[position], position)
                if stopped:
                    return stopped
                if moved:
                    last = position
                    break
            else:
                self._go(first)
                return []

    def _candidates(self, first: int, last: int, *, back: bool) -> dict[int, list[Stop]]:
        """By position, the stops that may hit there; the machine stands at `last`."""
        found: dict[int, list[Stop]] = {}
        if first >= last:
            return found
        self._spend((last - first) * len(self._stops) // _GONE)
        if self._pcs:
            self._arrivals(first, last, found)
        if self._fields:
            self._events(first, last, found, back=back)
        for stop in self._stops:
            if stop.interrupts:
                self._interrupts(first, last, stop, found, back=back)
            if stop.frame is not None:
                self._locals(first, last, stop, found, back=back)
        for stop in self._watches:
            self._touching(first, last, stop, found, back=back)
        return found

    def _events(self, first: int, last: int, found: dict[int, list[Stop]], *, back: bool) -> None:
        """Positions after (or before) steps that wrote a field somebody asked for."""
        for step, write in self._machine.history.changes(first, last, self._fields):
            for stop in self._stops:
                if stop.trigger is None or write.field not in stop.fields:
                    continue
                if stop.trigger(step, write):
                    position = step if back and not stop.lands_after else step + 1
                    stops = found.setdefault(position, [])
                    if stop not in stops:
                        stops.append(stop)

    def _locals(
        self, first: int, last: int, stop: Stop, found: dict[int, list[Stop]], *, back: bool
    ) -> None:
        for step in self._machine.history.local_writers(stop.frame, stop.slot):
            if first <= step < last:
                found.setdefault(step if back else step + 1, []).append(stop)

    def _arrivals(self, first: int, last: int, found: dict[int, list[Stop]]) -> None:
        """Positions at which the CPU that moved has come to a place."""
        machine = self._machine
        history, count = machine.history, machine.ncpu
        executed = history.executed(first, last)
        standing = [machine.next_statement(cpu).pc for cpu in range(count)]
        if self._pcs.isdisjoint(executed) and self._pcs.isdisjoint(standing):
            return
        for step in range(last - 1, first - 1, -1):
            choice = history.choice(step)
            cpu = choice % count
            pc = standing[cpu]
            if pc in self._pcs:
                found[step + 1] = [stop for stop in self._stops if pc in stop.pcs]
            if choice >= count:
                standing[cpu] = history.interrupted(step)
            else:
                standing[cpu] = executed[step - first]

    def _interrupts(
        self, first: int, last: int, stop: Stop, found: dict[int, list[Stop]], *, back: bool
    ) -> None:
        history, count = self._machine.history, self._machine.ncpu
        for step in range(first, last):
            if history.choice(step) >= count:
                position = step if back and not stop.lands_after else step + 1
                found.setdefault(position, []).append(stop)

    def _touching(
        self, first: int, last: int, stop: Stop, found: dict[int, list[Stop]], *, back: bool
    ) -> None:
        """Positions after (or before) steps that wrote what a watched value depends on."""
        shift = 0 if back else 1
        from exittui.scenario.expression import touches  # noqa: PLC0415 - not part of a start

        assert stop.watch is not None  # noqa: S101 - `_watches` has only such
        if not stop.watch.follows_writes:
            for step in range(first, last):
                found.setdefault(step + shift, []).append(stop)
            return
        reads = self._reads[stop.number]
        names = self._names[stop.number]
        for step, write in self._machine.history.changes(first, last, names):
            if touches(reads, write):
                stops = found.setdefault(step + shift, [])
                if stop not in stops:
                    stops.append(stop)

    # -- at a candidate ------------------------------------------------------------------------

    def _hits(self, stops: list[Stop], position: int) -> tuple[list[Stop], bool]:
        """Those that do hit here, and whether a watched value now depends on something else."""
        hit, moved = [], False
        for stop in stops:
            if stop.watch is not None or stop.frame is not None:
                before, reads = stop.was, self._reads.get(stop.number)
                self._look(stop)
                moved |= self._reads.get(stop.number) != reads
                if _same(before, stop.was):
                    continue
                words = stop.words or self._words
                stop.told = words(before), words(stop.was)
            if self._counts(stop, position):
                hit.append(stop)
        return hit, moved

    def _words(self, value: Any) -> str:
        from exittui.scenario.expression.looking import shown  # noqa: PLC0415 - as above

        return shown(self._machine, value)

    def _counts(self, stop: Stop, position: int) -> bool:
        """Whether filters, condition and ignore count let a hit through."""
        machine = self._machine
        step = position - 1 if position else 0
        cpu = machine.history.cpu(step) if machine.recorded else 0
        if stop.cpu is not None and stop.cpu != cpu:
            return False
        if stop.thread is not None and machine.infos[cpu].ci_curproc is not stop.thread:
            return False
        if stop.condition is not None:
            seen = stop.condition.seen
            holds = stop.condition.holds(machine)
            self._spend(1 + (stop.condition.seen - seen) // READS)
            if not holds:
                return False
        stop.hits += 1
        if stop.ignore:
            stop.ignore -= 1
            return False
        return True


def _same(before: Any, now: Any) -> bool:
    """Whether two values are the same; what is absent is so for whatever reason."""
    if type(before) is not type(now):
        return False
    if type(before).__name__ == "Absent":
        return True
    return bool(before is now or before == now)
