"""The timeline: who ran where and when, kept as lists of changes and drawn a window at a time.

The lists grow by what the journal says of the steps made since the last look, so a look costs the
new steps and the columns of the window, never the length of the run. A future that is dropped is
cut off again. How a run went depends on its choices alone, so what is known of recorded steps
stays true while one goes back and forth over them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import SDEAD, SRUN, SSLEEP, SSTOP
from exittui.machine import FREED
from exittui.session.views_timeline import Lane, LaneMark, Span, TimelineView

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine import Machine, Write
    from exittui.session.ahead import Known
    from exittui.session.naming import Naming
    from exittui.session.things import Things

_FIELDS: Final = frozenset({"ci_curproc", "p_stat", "mpl_owner", FREED})
_FREED_KINDS: Final = frozenset({"proc", "process", "user", "pmap"})
MARKS: Final = ("violation", "panic", "interrupt", "free", "dead", "wakeup", "sleep", "switch")
"""What matters more comes first: a column shows one mark."""


class _Changes:
    """One value over time: `values[n]` holds from position `starts[n]` on."""

    def __init__(self, first: Any) -> None:
        self.starts = [0]
        self.values = [first]

    def change(self, position: int, old: Any, new: Any) -> None:
        self.values[-1] = old
        self.starts.append(position)
        self.values.append(new)

    def cut(self, position: int) -> None:
        keep = max(bisect_right(self.starts, position), 1)
        del self.starts[keep:]
        del self.values[keep:]

    def spans(self, grid: _Grid, show: Callable[[Any], tuple[str, str]]) -> tuple[Span, ...]:
        """The changes on a grid of columns; a column shows how it begins."""
        found: list[Span] = []
        column = 0
        while column < grid.columns:
            at = bisect_right(self.starts, grid.steps(column)[0]) - 1
            until = self.starts[at + 1] if at + 1 < len(self.starts) else grid.last
            width = grid.column(until) - column if until < grid.last else grid.columns - column
            text, state = show(self.values[at])
            found.append(Span(column, width, text, state, self.starts[at]))
            column += width
        return tuple(_joined(found))


def _joined(spans: list[Span]) -> list[Span]:
    """Neighbours that show the same are one."""
    found: list[Span] = []
    for span in spans:
        last = found[-1] if found else None
        if last is not None and (last.text, last.state) == (span.text, span.state):
            found[-1] = Span(last.column, last.width + span.width, last.text, last.state, last.step)
        else:
            found.append(span)
    return found


class _Grid:
    """Steps as columns."""

    def __init__(self, first: int, last: int, columns: int) -> None:
        self.first, self.last, self.columns = first, last, columns
        self._width = last - first

    def steps(self, column: int) -> tuple[int, int]:
        """The positions that a column stands for: at least one."""
        begin = self.first + column * self._width // self.columns
        end = self.first + (column + 1) * self._width // self.columns
        return begin, max(end, begin + 1)

    def column(self, position: int) -> int:
        """The first column that begins at or after a position."""
        return -((self.first - position) * self.columns // self._width)


def fates(machine: Machine, known: Known, grid: _Grid) -> tuple[Span, ...]:
    """The part of the schedules that fail, column by column; nothing if no place is known."""
    shared = known.common(machine)
    found = []
    for column in range(grid.columns):
        begin, end = grid.steps(column)
        fate = next(
            (
                known.sight.fates[position]
                for position in range(min(end - 1, shared), begin - 1, -1)
                if position in known.sight.fates
            ),
            None,
        )
        if fate is None:
            found.append(Span(column, 1, "", "unknown", begin))
            continue
        state = "holds"
        if fate.failing:
            state = "all" if fate.failing == fate.schedules else "some"
        found.append(Span(column, 1, f"{100 * fate.share:.1f}", state, begin))
    if all(span.state == "unknown" for span in found):
        return ()
    return tuple(_joined(found))


class Timeline:
    """Follows a machine and draws windows of its run."""

    def __init__(self, machine: Machine, things: Things, naming: Naming) -> None:
        self._machine = machine
        self._things = things
        self._naming = naming
        self._known = 0
        self._cuts = len(machine.history.cuts)
        self._running: list[_Changes] = []
        self._owner = _Changes(None)
        self._marks: list[list[LaneMark]] = [[] for _ in range(machine.ncpu)]
        self._standing: list[tuple[list[int], list[int]]] = []
        self._at_wait: list[int | None] = [None] * machine.ncpu
        self._waits = frozenset(
            one.pc for one in machine.image.statements if one.kind in {"spin", "halt"}
        )
        self._busy = frozenset(one.pc for one in machine.image.statements if one.kind == "spin")
        self._cpus = bytes(choice % machine.ncpu for choice in range(256))
        self._begun = False

    # -- following -----------------------------------------------------------------------------

    @property
    def behind(self) -> int:
        """How many recorded steps a look would have to take in first, cuts left out."""
        return self._machine.recorded - self._known

    def _follow(self) -> None:
        """Take in what has been recorded since the last time."""
        machine = self._machine
        cuts = machine.history.cuts
        if len(cuts) > self._cuts:
            self._cut(min(cuts[self._cuts :]))
            self._cuts = len(cuts)
        if self._known >= machine.recorded and self._begun:
            return
        position = machine.position
        if position < self._known or (position < machine.recorded and not self._begun):
            machine.goto(machine.recorded)
            self._follow()
            machine.goto(position)
            return
        if not self._begun:
            self._begin()
        self._take_in(self._known, position)
        self._known = position
        if position < machine.recorded:
            machine.goto(machine.recorded)
            self._follow()
            machine.goto(position)

    def _begin(self) -> None:
        """What is so now; the first change says what was so before."""
        machine = self._machine
        read = self._things.read
        self._running = [_Changes(read(info, "ci_curproc")) for info in machine.infos]
        self._owner = _Changes(read(self._things.variable("kernel_lock"), "mpl_owner"))
        self._standing = [([], []) for _ in range(machine.ncpu)]
        self._begun = True

    def _cut(self, position: int) -> None:
        if position >= self._known:
            return
        self._known = position
        for changes in (*self._running, self._owner):
            changes.cut(position)
        for marks in self._marks:
            del marks[bisect_right(marks, position, key=lambda mark: mark.step) :]
        for number, (begins, ends) in enumerate(self._standing):
            keep = bisect_right(begins, position)
            if keep and keep <= len(ends) and ends[keep - 1] > position:
                self._at_wait[number] = begins[keep - 1]
                keep -= 1
            elif keep < len(begins) or (self._at_wait[number] or 0) > position:
                self._at_wait[number] = None
            del begins[keep:]
            del ends[keep:]

    def _take_in(self, first: int, last: int) -> None:
        """Steps `first` to `last` - 1, the machine standing at `last`."""
        if first >= last:
            return
        machine = self._machine
        lock = self._things.variable("kernel_lock")
        number = {id(info): cpu for cpu, info in enumerate(machine.infos)}
        for step, write in machine.history.changes(first, last, _FIELDS):
            position = step + 1
            if write.field == "ci_curproc" and id(write.target) in number:
                cpu = number[id(write.target)]
                self._running[cpu].change(position, write.old, write.new)
                text = f"{self._naming.thread(write.old)} → {self._naming.thread(write.new)}"
                if write.old is not write.new:
                    self._marks[cpu].append(LaneMark(0, "switch", position, text))
            elif write.field == "mpl_owner" and write.target is lock:
                self._owner.change(position, write.old, write.new)
            else:
                found = self._mark(write)
                if found is not None:
                    cpu = machine.history.cpu(step)
                    self._marks[cpu].append(LaneMark(0, found[0], position, found[1]))
        self._take_in_waits(first, last)
        if machine.image.interrupts:
            self._take_in_interrupts(first, last)
        result = machine.result
        if result is not None:
            self._marks[result.cpu].append(LaneMark(0, result.kind, last, result.message))

    def _mark(self, write: Write) -> tuple[str, str] | None:
        name, target = write.name, write.target
        if write.field == FREED:
            kept = type(target).__name__ in _FREED_KINDS
            return ("free", f"{name} is freed") if kept else None
        if write.field == "p_stat" and not self._idle(target):
            if write.new == SRUN and write.old in {SSLEEP, SSTOP}:
                return "wakeup", f"{name} is woken"
            done = {SSLEEP: "sleeps", SSTOP: "stops", SDEAD: "is dead"}.get(write.new)
            if done is not None:
                return "dead" if write.new == SDEAD else "sleep", f"{name} {done}"
        return None

    def _idle(self, p: Any) -> bool:
        spc = self._things.read(self._things.read(p, "p_cpu"), "ci_schedstate")
        return p is not None and self._things.read(spc, "spc_idleproc") is p

    def _take_in_waits(self, first: int, last: int) -> None:
        """From when to when each CPU stood before a busy wait."""
        machine = self._machine
        executed = machine.history.executed(first, last)
        busy = self._busy
        if busy.isdisjoint(executed) and not any(
            machine.next_statement(cpu).pc in busy for cpu in range(machine.ncpu)
        ):
            return
        chosen = machine.history.choices(first, last).translate(self._cpus)
        for n in [n for n, pc in enumerate(executed) if pc in busy]:
            self._stood(chosen[n], self._arrival(chosen[n], chosen, n, first), first + n)
        for cpu in range(machine.ncpu):
            standing = machine.next_statement(cpu).pc in busy
            arrived = self._arrival(cpu, chosen, len(chosen), first)
            self._at_wait[cpu] = arrived if standing else None

    def _arrival(self, cpu: int, chosen: bytes, end: int, first: int) -> int:
        """Since when a CPU stands where it stood before step `end` of those chosen."""
        last = chosen.rfind(cpu, 0, end)
        if last >= 0:
            return first + last + 1
        since = self._at_wait[cpu]
        return first if since is None else since

    def _stood(self, cpu: int, begin: int, end: int) -> None:
        if end - begin > self._machine.ncpu:
            self._standing[cpu][0].append(begin)
            self._standing[cpu][1].append(end)

    def _take_in_interrupts(self, first: int, last: int) -> None:
        machine = self._machine
        count, chosen = machine.ncpu, machine.history.choices(first, last)
        if max(chosen) < count:
            return
        events = chosen.translate(bytes(choice >= count for choice in range(256)))
        n = events.find(1)
        while n >= 0:
            position, choice = first + n + 1, chosen[n]
            mark = LaneMark(0, "interrupt", position, machine.choice(choice))
            marks = self._marks[choice % count]
            marks.insert(bisect_right(marks, position, key=lambda one: one.step), mark)
            n = events.find(1, n + 1)

    # -- drawing -------------------------------------------------------------------------------

    def window(
        self, first: int, last: int, columns: int, known: Known | None = None
    ) -> TimelineView:
        """The positions `first` to `last` - 1 in at most so many columns.

        `known` is what was found of the schedules that go on from them.
        """
        self._follow()
        machine = self._machine
        recorded = machine.recorded
        first = max(min(first, recorded), 0)
        last = min(max(last, first + 1), recorded + 1)
        columns = max(min(columns, last - first), 1)
        grid = _Grid(first, last, columns)
        position = machine.position
        here = None
        if first <= position < last:
            here = grid.column(position)
            if grid.steps(here)[0] > position:
                here -= 1
        return TimelineView(
            first=first,
            last=last,
            columns=columns,
            position=position,
            recorded=recorded,
            position_column=here,
            lanes=tuple(self._lane(cpu, grid) for cpu in range(machine.ncpu)),
            kernel_lock=self._owner.spans(grid, self._holder),
            fates=() if known is None else fates(machine, known, grid),
        )

    def _lane(self, cpu: int, grid: _Grid) -> Lane:
        return Lane(
            cpu=cpu,
            spans=self._running[cpu].spans(grid, self._runner),
            spins=tuple(self._spins(cpu, grid)),
            marks=tuple(self._marks_on(cpu, grid)),
        )

    def _runner(self, p: Any) -> tuple[str, str]:
        if p is None:
            return "", "idle"
        return self._naming.thread(p), "idle" if self._idle(p) else "runs"

    def _holder(self, info: Any) -> tuple[str, str]:
        if info is None:
            return "", "free"
        return str(self._things.read(info, "ci_cpuid")), "held"

    def _spins(self, cpu: int, grid: _Grid) -> list[Span]:
        """The stretches of busy waiting that reach into the window."""
        begins, ends = self._standing[cpu]
        found = []
        column = 0
        while column < grid.columns:
            at = bisect_right(ends, grid.steps(column)[0])
            if at >= len(begins):
                break
            begin = max(grid.column(max(begins[at], grid.first)), column)
            if begin >= grid.columns:
                break
            end = min(max(grid.column(ends[at]), begin + 1), grid.columns)
            found.append(Span(begin, end - begin, "", "spins", begins[at]))
            column = end
        since = self._at_wait[cpu]
        if since is not None and self._known - since > self._machine.ncpu and since < grid.last:
            begin = max(grid.column(max(since, grid.first)), column)
            if begin < grid.columns:
                found.append(Span(begin, grid.columns - begin, "", "spins", since))
        return found

    def _marks_on(self, cpu: int, grid: _Grid) -> list[LaneMark]:
        """One mark a column, the one that matters most."""
        marks = self._marks[cpu]
        found = []
        at = bisect_left(marks, grid.first, key=lambda mark: mark.step)
        while at < len(marks) and marks[at].step < grid.last:
            column = grid.column(marks[at].step)
            if grid.steps(column)[0] > marks[at].step:
                column -= 1
            until = bisect_left(marks, grid.steps(column)[1], key=lambda mark: mark.step)
            shared = marks[at : min(max(until, at + 1), at + 64)]
            best = min(shared, key=lambda mark: MARKS.index(mark.kind))
            found.append(LaneMark(column, best.kind, best.step, best.text))
            at = max(until, at + 1)
        return found
