"""Moving a machine to where a person wants it: over, out, onward, and the same backwards.

Every move is a generator: it yields its `Progress` now and then, and may be closed at any such
moment with the machine at a step like any other and nothing lost. What it returns is the CPU that
got there, or None; `note` says why it ended early, `hits` which stops it ended at.

A move over calls follows a *thread*, by the stack it stands on, not a CPU: a thread that sleeps in
the function stepped over may come back on another CPU, and what the CPU does meanwhile is not the
thread's. The CPU of the thread goes first at every step; others go only while it cannot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.errors import ScheduleError
from exittui.machine.chooser import named, why_not
from exittui.session.choosing import Alone, Turns
from exittui.session.scanning import Scanner
from exittui.session.views_moving import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from exittui.machine import Chooser, Machine, struct
    from exittui.session.branches import Branches
    from exittui.session.breakpoints import Breakpoints, Stop
    from exittui.session.scanning import Meter

    Move = Generator[Progress, None, int | None]

FARTHEST: Final = 50_000
"""Steps after which `next` and the like give up: the thread may never come back."""

FIRST_SLICE: Final = 128
LARGEST_SLICE: Final = 4096
BACKWARD_SLICE: Final = 16384
"""Steps that are looked through at once: the first of a move, and as many as there ever are."""

LOCKING: Final = ("off", "step", "on")


class Mover:
    """Moves one machine."""

    def __init__(
        self, machine: Machine, chooser: Chooser, stops: Breakpoints, branches: Branches
    ) -> None:
        self._machine = machine
        self.chooser = chooser
        self._stops = stops
        self._branches = branches
        self.locking = "step"
        """gdb's scheduler-locking: who else moves when one CPU is moved."""
        self.note = ""
        self.hits: list[Stop] = []
        self.meter: Meter | None = None
        """Is told how much is looked at to find where to stop, by the unit of a step."""

    def _begin(self) -> None:
        self.note = ""
        self.hits = []

    def depth(self, cpu: int) -> int:
        """How many functions the CPU is in."""
        stacks = self._machine.stacks
        return len(stacks.chain(stacks.cpus[cpu][0]))

    # -- one step ------------------------------------------------------------------------------

    def step(self, choice: int) -> None:
        """One statement of this CPU, or an interrupt; a recorded one is played again.

        Choosing otherwise than what is recorded begins a branch.
        """
        machine = self._machine
        position = machine.position
        if position < machine.recorded:
            if machine.history.choice(position) == choice:
                machine.redo()
                return
            if not machine.ready(choice):
                raise ScheduleError(f"{named(machine, choice)} {why_not(machine, choice)}")
            self._branches.leave(choice)
            if position < machine.recorded and machine.history.choice(position) == choice:
                machine.redo()
                return
        machine.step(choice)

    def choose(self) -> int | None:
        """What comes next by the record, or by the chooser."""
        machine = self._machine
        if machine.position < machine.recorded:
            return machine.history.choice(machine.position)
        return self.chooser.choose(machine) if machine.result is None else None

    def step_any(self) -> int | None:
        """One statement of whoever comes next; the CPU."""
        choice = self.choose()
        if choice is None:
            return None
        self.step(choice)
        return choice % self._machine.ncpu

    def others(self, cpu: int) -> None:
        """With scheduler-locking off, the others take their turns after a step of `cpu`."""
        if self.locking != "off":
            return
        for _ in range(self._machine.ncpu * 2):
            choice = self.choose()
            if choice is None or choice == cpu:
                return
            self.step(choice)

    # -- after one thread ----------------------------------------------------------------------

    def over(self, cpu: int) -> Move:
        """One statement of this function, the calls in it included."""
        return self._follow(cpu, self.depth(cpu))

    def out(self, cpu: int) -> Move:
        """Until this function has returned."""
        return self._follow(cpu, self.depth(cpu) - 1)

    def _follow(self, cpu: int, depth: int) -> Move:
        """Until the thread of `cpu` has moved and stands no deeper than `depth`; its CPU then."""
        machine = self._machine
        area = machine.area(cpu)

        def arrived(mover: int) -> bool:
            return machine.area(mover) is area and self.depth(mover) <= depth

        return self._go(area, cpu, arrived)

    def past(self, cpu: int) -> Move:
        """As `over`, but never back to a line that has been passed: gdb's `until`."""
        machine = self._machine
        area, depth = machine.area(cpu), self.depth(cpu)
        line = machine.next_statement(cpu).line

        def arrived(mover: int) -> bool:
            if machine.area(mover) is not area:
                return False
            here = self.depth(mover)
            return here < depth or (here == depth and machine.next_statement(mover).line > line)

        return self._go(area, cpu, arrived)

    def matching(self, cpu: int) -> Move:
        """Until this function is about to return, as ddb's `next` has it."""
        machine = self._machine
        area, depth = machine.area(cpu), self.depth(cpu)

        def arrived(mover: int) -> bool:
            if machine.area(mover) is not area:
                return False
            here = self.depth(mover)
            return here < depth or (
                here == depth and machine.next_statement(mover).kind == "return"
            )

        return self._go(area, cpu, arrived)

    def call_or_return(self, cpu: int) -> Move:
        """Until the next call or return of this thread, as ddb's `until` has it."""
        machine = self._machine
        area = machine.area(cpu)

        def arrived(mover: int) -> bool:
            kind = machine.next_statement(mover).kind
            return machine.area(mover) is area and kind in {"call", "return"}

        return self._go(area, cpu, arrived)

    def until(self, cpu: int, pcs: frozenset[int]) -> Move:
        """Until this CPU stands at one of these program counters."""
        machine = self._machine
        return self._go(
            None, cpu, lambda mover: mover == cpu and machine.next_statement(mover).pc in pcs
        )

    def _go(self, area: struct | None, cpu: int, arrived: Callable[[int], bool]) -> Move:
        """Step until `arrived` says so of the CPU that moved; which one that was."""
        machine = self._machine
        self._begin()
        scanner = Scanner(machine, self._stops.active(), self.meter)
        for count in range(FARTHEST):
            choice = self._mover(area, cpu)
            if choice is None:
                if self.locking == "on":
                    self.note = f"cpu{cpu} cannot go on, and scheduler-locking is on"
                return None
            mover = choice % machine.ncpu
            self.step(choice)
            if machine.result is not None:
                return mover
            if not scanner.idle:
                self.hits = scanner.forward(machine.position - 1)
                if self.hits:
                    return mover
            if arrived(mover):
                return mover
            if area is not None and machine.memory.is_freed(area):
                self.note = "the thread is gone, and its stack is freed"
                return None
            if count % LARGEST_SLICE == LARGEST_SLICE - 1:
                yield Progress(machine.position, count + 1, FARTHEST)
        self.note = f"given up after {FARTHEST} steps"
        return None

    def _mover(self, area: struct | None, cpu: int) -> int | None:
        """The CPU that stands on `area` (or `cpu`, without one) if it can go on, else any."""
        machine = self._machine
        if self.locking == "off":
            return self.choose()
        if area is None:
            return cpu if machine.ready(cpu) else self._choose_other()
        if machine.area(cpu) is area and machine.ready(cpu):
            return cpu
        for other in range(machine.ncpu):
            if machine.area(other) is area and machine.ready(other):
                return other
        return self._choose_other()

    def _choose_other(self) -> int | None:
        if self._machine.result is not None or self.locking == "on":
            return None
        return self.chooser.choose(self._machine)

    # -- onward --------------------------------------------------------------------------------

    def onward(self, limit: int, cpu: int, extra: list[Stop] | None = None) -> Move:
        """All CPUs, up to a stop or the end; with scheduler-locking on, `cpu` alone.

        `extra` are stops for this move alone.
        """
        chooser = Alone(cpu) if self.locking == "on" else self.chooser
        return self._run(chooser, limit, [*self._stops.active(), *(extra or ())])

    def alone(self, limit: int, cpu: int) -> Move:
        """One CPU alone, up to a stop, or until it has to wait."""
        return self._run(Alone(cpu), limit, self._stops.active())

    def to_end(self, limit: int) -> Move:
        """All CPUs, to the end of the run or the limit of the scenario."""
        return self._run(self.chooser, limit, [])

    def _run(self, chooser: Chooser, limit: int, stops: list[Stop]) -> Move:
        machine = self._machine
        self._begin()
        scanner = Scanner(machine, stops, self.meter)
        end = max(limit, machine.position + limit // 2)
        begin, size = machine.position, FIRST_SLICE
        while machine.position < end:
            first = machine.position
            made = self._slice(chooser, min(size, end - first))
            if not scanner.idle:
                self.hits = scanner.forward(first)
                if self.hits:
                    if made:
                        machine.forget_future()
                    return machine.history.cpu(machine.position - 1)
            if machine.result is not None or machine.position == first:
                if isinstance(chooser, Alone) and self.locking == "on":
                    self.note = "this CPU cannot go on, and scheduler-locking is on"
                return machine.history.cpu(machine.position - 1) if machine.position else None
            size = min(size * 2, LARGEST_SLICE)
            yield Progress(machine.position, machine.position - begin, end - begin)
        self.note = f"stopped after {machine.position} steps; continue goes on"
        return None

    def _slice(self, chooser: Chooser, steps: int) -> bool:
        """Some steps on, recorded ones again, or new ones; whether they were new."""
        machine = self._machine
        if machine.position == machine.recorded:
            if machine.result is None:
                swift = chooser.onward(machine) if isinstance(chooser, Turns) else chooser
                machine.run(swift, steps)
            return True
        if not isinstance(chooser, Alone):
            machine.redo(min(steps, machine.recorded - machine.position))
            return False
        for _ in range(steps):
            choice = chooser.choose(machine)
            if choice is None or machine.position == machine.recorded:
                break
            self.step(choice)
        return False

    # -- backwards -----------------------------------------------------------------------------

    def back_over(self, cpu: int) -> Move:
        """Back to the statement of this function before; the calls between are taken back too."""
        return self._retreat(cpu, self.depth(cpu), "the start of the run")

    def back_out(self, cpu: int) -> Move:
        """Back to the statement that called this function."""
        return self._retreat(cpu, self.depth(cpu) - 1, "it was called before the run began")

    def _retreat(self, cpu: int, depth: int, otherwise: str) -> Move:
        machine = self._machine
        area = machine.area(cpu)
        self._begin()
        begin = machine.position
        while machine.position:
            machine.undo()
            mover = machine.history.cpu(machine.position)
            if machine.area(mover) is area and self.depth(mover) <= depth:
                return mover
            if machine.position % LARGEST_SLICE == 0:
                yield Progress(machine.position, begin - machine.position, begin)
        self.note = otherwise
        return None

    def back_until(self, cpu: int, pcs: frozenset[int]) -> Move:
        """Back to where this CPU last came to one of these program counters."""
        machine = self._machine
        self._begin()
        begin = machine.position
        while machine.position:
            machine.undo()
            if (
                machine.next_statement(cpu).pc in pcs
                and machine.history.cpu(machine.position) == cpu
            ):
                return cpu
            if machine.position % LARGEST_SLICE == 0:
                yield Progress(machine.position, begin - machine.position, begin)
        self.note = "the start of the run"
        return None

    def back_onward(self, extra: list[Stop] | None = None) -> Move:
        """Back to where something stops, or to the start; the CPU that came there.

        Places stop where `onward` stops: the step just made brought the CPU there. Events and
        watched values stop before the step that makes them.
        """
        machine = self._machine
        self._begin()
        stops = [*self._stops.active(), *(extra or ())]
        scanner = Scanner(machine, stops, self.meter)
        begin, size = machine.position, FIRST_SLICE
        if scanner.idle:
            machine.goto(0)
        while machine.position:
            here = machine.position
            self.hits = scanner.backward(max(here - size, 0))
            if self.hits:
                step = machine.position
                places = any(stop.pcs or stop.lands_after for stop in self.hits)
                return machine.history.cpu(step - 1 if places and step else step)
            size = min(size * 2, BACKWARD_SLICE)
            yield Progress(machine.position, begin - machine.position, begin)
        self.note = "the start of the run"
        return None
