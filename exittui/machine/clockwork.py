"""Long runs in virtual time: the rules of `timed.py`, kept by a loop that can afford them.

`Timed` asks every CPU at every step whether it can go on. Here a CPU that cannot is looked at
again only after a statement that may write what its condition reads (`Image.reads`, `writes`); an
idle CPU costs nothing. The CPUs that can go on stand in a heap by their clocks, and the first one
runs on as long as it stays the first. Both make the same choices, which the tests see to.

What a run is measured for is found out by *observers*: functions called after certain statements,
with the CPU's number, the frame that executed, and when that began and ended. Statements that
nobody observes, that have a fixed price and end no wait, take the short way.
"""

from __future__ import annotations

import sys
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, Final

from exittui.machine.image import UNDERMINED
from exittui.machine.timed import RETRY, clock_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from exittui.machine.frames import Frame
    from exittui.machine.machine import Machine
    from exittui.machine.timed import Prices

    Observer = Callable[[int, Frame, int, int], None]
    Waited = Callable[[int, Frame, int, int], None]

NEVER: Final = sys.maxsize
_LINE: Final = 1 << 16
"""What is taken off the number of an interrupt, so that it goes before all CPUs at a time."""


class Clockwork:
    """One run of one machine in virtual time."""

    def __init__(
        self,
        machine: Machine,
        prices: Prices,
        observers: Mapping[int, Sequence[Observer]],
        waited: Waited,
    ) -> None:
        """`waited` is called when a wait is over: CPU, the frame that waited, since, until."""
        self.machine = machine
        self.clocks = [0] * machine.ncpu
        self.user = [0] * machine.ncpu
        self.spin = [0] * machine.ncpu
        self.idle = [0] * machine.ncpu
        size = len(machine.image.statements)
        self.hits = [0] * size
        """By program counter, how often a statement was executed."""
        self.spent = [0] * size
        """By program counter, the time of the statements that do not take the short way."""
        self._prices = prices
        self._observers = observers
        self._waited = waited
        self._cpus, self._steps, self._guards = machine.inside()
        self._since = [-1] * machine.ncpu
        self._slices: list[tuple[int, int, int, Frame] | None] = [None] * machine.ncpu
        """What each CPU computes in user mode: statement, begin, end, frame."""
        self._owed: dict[int, int] = {}
        """By frame of a user program, what is left of computing that was interrupted."""
        self._heap = [(0, cpu) for cpu in range(machine.ncpu)]
        self._kinds = [statement.kind for statement in machine.image.statements]
        self._waits: dict[int, list[int]] = {pc: [] for pc in machine.image.reads}
        self._waiting: set[int] = set()
        """The CPUs that stand in `_waits`."""
        self._ends = self._ending()
        self._plan = self._planned()
        self._long = {pc: self._parts(pc) for pc, price in enumerate(self._plan) if not price}
        line = clock_line(machine.image, machine.ncpu)
        self._clock = line if prices.running else None
        """The line of the clock that ticks on the first CPU, if one does; the others' follow."""
        self._alone = False
        """Nothing but the first of them can go on, and it shall."""
        self.struck = 0
        """How often a running clock was to tick; on a CPU that waits, that is no step."""
        self._wind(0)
        self._armed = {}
        for kind, interrupt in enumerate(machine.image.interrupts, start=1):
            if not interrupt.patient:
                self._armed[interrupt.pc] = interrupt.armed
                first = kind * machine.ncpu
                self._waits[interrupt.pc] += range(first, first + machine.ncpu)

    def _ending(self) -> dict[int, tuple[int, ...]]:
        """By program counter, the waits that the statement may end."""
        image = self.machine.image
        patient = {one.pc for one in image.interrupts if one.patient}
        reads = [item for item in sorted(image.reads.items()) if item[0] not in patient]
        found = {
            pc: tuple(guard for guard, read in reads if read & written)
            for pc, written in image.writes.items()
        }
        return {pc: guards for pc, guards in found.items() if guards}

    def _planned(self) -> list[int]:
        """The price of each statement that takes the short way, 0 for the others."""
        plan = list(self._prices.fixed)
        image = self.machine.image
        for pc in (*self._ends, *self._observers, *self._prices.varying, *image.reads, 0, 1):
            plan[pc] = 0
        for statement in image.statements:
            if statement.kind in ("user", "interrupt"):
                plan[statement.pc] = 0
        return plan

    def _parts(self, pc: int) -> tuple[Any, ...]:
        """What the long way needs to know of a statement."""
        return (
            self._guards[pc],
            self._prices.varying.get(pc),
            self._prices.fixed[pc],
            self.machine.image.statements[pc].kind == "user",
            tuple(self._observers.get(pc, ())),
            self._ends.get(pc, ()),
        )

    # -- the loop ------------------------------------------------------------------------------

    def run(self, until: int = NEVER, specials: int = NEVER) -> bool:
        """Go on until nothing can, the machine stops, or a time or a number of special steps.

        Whether there is more to come. Statements that take the short way are not counted.
        """
        heap = self._heap
        heapify(heap)
        while specials > 0:
            if not heap and not self._tick():
                return False
            if heap[0][0] >= until:
                return True
            specials -= self._turns(min(specials, 4096))
            if self.machine.result is not None:
                return False
        return True

    def _turns(self, specials: int) -> int:
        """Let CPUs go, furthest behind first, until so many special steps are made; how many."""
        heap, cpus, steps, plan, hits = self._heap, self._cpus, self._steps, self._plan, self.hits
        clocks, special = self.clocks, self._special
        left = specials
        clock = number = 0
        try:
            while heap and left > 0:
                clock, number = heappop(heap)
                if number < 0:
                    left -= 1
                    self._arrive(clock, number + _LINE)
                    continue
                if clock != clocks[number]:
                    continue  # an interrupt has moved this CPU on since
                next_clock, next_number = heap[0] if heap else (NEVER, 0)
                c = cpus[number]
                while True:
                    f = c[0]
                    pc = f[0]
                    price = plan[pc]
                    if price:
                        steps[pc](f, c)
                        hits[pc] += 1
                        clock += price
                    else:
                        left -= 1
                        end = special(number, pc, f, c, clock)
                        if end < 0:
                            break
                        clock = end
                        if heap:
                            next_clock, next_number = heap[0]
                        if left <= 0:
                            clocks[number] = clock
                            heappush(heap, (clock, number))
                            break
                    if clock >= next_clock and (clock > next_clock or number > next_number):
                        clocks[number] = clock
                        heappush(heap, (clock, number))
                        break
        except Exception as fault:  # noqa: BLE001 - the machine tells them apart
            cpu = number if number >= 0 else number + _LINE
            clocks[cpu % len(clocks)] = clock
            self.machine.stop(fault, cpu)
        return specials - left

    def _special(self, cpu: int, pc: int, f: Frame, c: Any, clock: int) -> int:
        """A statement that takes the long way; the time it ends, or -1 if it cannot begin."""
        guard, vary, price, user, observers, ends = self._long[pc]
        if vary is not None:
            price = vary(f)
        if user:
            price = self._compute(cpu, pc, f, clock, price)
        if guard is not None:
            if not guard(f, c):
                self._wait(cpu, pc, clock)
                return -1
            if self._since[cpu] >= 0:
                self._resume(cpu, f, clock)
                price += self._prices.handover.get(pc, 0)
        self._steps[pc](f, c)
        self.hits[pc] += 1
        self.spent[pc] += price
        end = clock + price
        self.clocks[cpu] = end
        for observer in observers:
            observer(cpu, f, clock, end)
        if ends:
            waits = self._waits
            for wait in ends:
                if waits[wait]:
                    self._look(wait, end)
        return int(end)

    def _compute(self, cpu: int, pc: int, f: Frame, clock: int, price: int) -> int:
        """A statement of user mode, which an interrupt may cut short; its price."""
        if self._owed:
            price += self._owed.pop(id(f), 0)
        self.user[cpu] += price
        self._slices[cpu] = (pc, clock, clock + price, f)
        return price

    def _cut(self, cpu: int, now: int) -> None:
        """An interrupt comes while a CPU computes: the rest is owed, and made good later."""
        current = self._slices[cpu]
        if current is None or current[2] != self.clocks[cpu] or current[2] <= now:
            return
        pc, begin, end, f = current
        stop = max(begin, now)
        self.clocks[cpu] = stop
        self.user[cpu] -= end - stop
        self.spent[pc] -= end - stop
        self._owed[id(f)] = self._owed.get(id(f), 0) + end - stop
        self._slices[cpu] = None
        heappush(self._heap, (stop, cpu))

    # -- waiting -------------------------------------------------------------------------------

    def _wait(self, cpu: int, pc: int, clock: int) -> None:
        self.clocks[cpu] = clock
        if self._since[cpu] < 0:
            self._since[cpu] = clock
        self._waits[pc].append(cpu)
        self._waiting.add(cpu)

    def _resume(self, cpu: int, f: Frame, clock: int) -> None:
        """Account for a wait that is over."""
        since = self._since[cpu]
        self._since[cpu] = -1
        if f[0] == UNDERMINED:
            f = f[1]
        kept = self.spin if self._kinds[f[0]] == "spin" else self.idle
        kept[cpu] += clock - since
        self._waited(cpu, f, since, clock)

    def _look(self, guard: int, end: int) -> None:
        condition, cpus, clocks = self._guards[guard], self._cpus, self.clocks
        if guard in self._armed and not self.machine.memory.variables[self._armed[guard]]:
            return
        still = []
        for number in self._waits[guard]:
            c = cpus[number]
            f = c[0]
            # Whose stack was freed meanwhile stands elsewhere, and its next step is a violation.
            if f[0] == guard and not condition(f, c):
                still.append(number)
            elif number < len(clocks):
                clocks[number] = max(clocks[number], end)
                self._waiting.discard(number)
                heappush(self._heap, (clocks[number], number))
            else:
                self._announce(number, end)
                still.append(number)
        self._waits[guard] = still

    # -- interrupts ----------------------------------------------------------------------------

    def _announce(self, line: int, end: int) -> None:
        """A prompt interrupt can arrive: it will, when its CPU has ended what it is doing."""
        cpu = line % len(self.clocks)
        if cpu in self._waiting:
            self.clocks[cpu] = max(self.clocks[cpu], end)
        else:
            self._cut(cpu, end)
        due = (self.clocks[cpu], line - _LINE)
        if due not in self._heap:
            heappush(self._heap, due)

    def _arrive(self, clock: int, line: int) -> None:
        """Let an interrupt arrive, if it still can."""
        if self._ticks(line):
            clock = self._strike(clock, line)
            if clock < 0:
                return
        cpus, ncpu = self._cpus, len(self.clocks)
        cpu, c = line % ncpu, cpus[line]
        f = c[0]
        pc = f[0]
        if clock != self.clocks[cpu]:
            if clock < self.clocks[cpu]:
                heappush(self._heap, (self.clocks[cpu], line - _LINE))
            return
        if not self._guards[pc](f, c):
            return
        interrupted = cpus[cpu][0]
        if cpu in self._waiting:
            self._waiting.discard(cpu)
            for waiting in self._waits.values():
                if cpu in waiting:
                    waiting.remove(cpu)
        if self._since[cpu] >= 0:
            self._resume(cpu, interrupted, clock)
        heap = self._heap
        if (clock, cpu) in heap:
            heap.remove((clock, cpu))
            heapify(heap)
        end = self._special(cpu, pc, f, c, clock)
        heappush(heap, (end, cpu))

    def _tick(self) -> bool:
        """Nothing can go on but, perhaps, a patient interrupt: let it arrive at the next tick."""
        patient = self.machine.arriving(patient=True)
        if not patient:
            return False
        tick = self._prices.tick
        cpu = patient[0] % len(self.clocks)
        self.clocks[cpu] = now = (max(self.clocks) // tick + 1) * tick
        self._wind(now)
        heappush(self._heap, (now, patient[0] - _LINE))
        self._alone = True
        return True

    def _wind(self, now: int) -> None:
        """Have a running clock tick on all CPUs from now on, but on the first when that has."""
        if self._clock is None:
            return
        ncpu = len(self.clocks)
        self._heap[:] = [one for one in self._heap if not self._ticks(one[1] + _LINE)]
        for cpu in range(1 if now else 0, ncpu):
            due = self._prices.after(cpu, ncpu, now)
            self._heap.append((due, self._clock + cpu - _LINE))
        heapify(self._heap)

    def _ticks(self, line: int) -> bool:
        """Whether that is the line of a running clock."""
        return self._clock is not None and self._clock <= line < self._clock + len(self.clocks)

    def _strike(self, due: int, line: int) -> int:
        """When the running clock ticks that was to now; -1 if later, or never.

        Later if its CPU does not let it; never if nothing else can go on.
        """
        if not (self._alone or self._alive()):
            return -1
        self.struck += 1
        ncpu = len(self.clocks)
        cpu, clocks, c = line % ncpu, self.clocks, self._cpus[line]
        following = self._prices.after
        waits = cpu in self._waiting
        if waits and cpu:
            heappush(self._heap, (following(cpu, ncpu, max(clocks[cpu], due)), line - _LINE))
            return -1
        if waits:
            clocks[cpu] = max(clocks[cpu], due)
        elif clocks[cpu] > due:
            self._cut(cpu, due)
            if clocks[cpu] > due:
                heappush(self._heap, (clocks[cpu], line - _LINE))
                return -1
        if not self._guards[c[0][0]](c[0], c):
            heappush(self._heap, (due + RETRY, line - _LINE))
            return -1
        self._alone = False
        heappush(self._heap, (following(cpu, ncpu, clocks[cpu]), line - _LINE))
        return clocks[cpu]

    def _alive(self) -> bool:
        """Whether a CPU, or an interrupt that is no tick, can go on."""
        if len(self._waiting) < len(self.clocks):
            return True
        return any(number < 0 and not self._ticks(number + _LINE) for _, number in self._heap)

    def price(self, pc: int) -> int:
        """What a statement that takes the short way costs."""
        return self._prices.fixed[pc]

    def finish(self) -> int:
        """End all waits at the time the last CPU has come to; that time."""
        end = max(self.clocks)
        for cpu, since in enumerate(self._since):
            if since >= 0:
                self._resume(cpu, self._cpus[cpu][0], end)
            else:
                self.idle[cpu] += end - self.clocks[cpu]  # it was stopped before the others
            self.clocks[cpu] = end
        return end
