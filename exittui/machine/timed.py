"""Virtual time: every CPU has a clock, every statement a price, and the CPU furthest behind goes.

A clock is no part of the machine's state. It follows from what was executed, so undoing a step is
forgetting what it cost. The rules, which `Timed` and `exittui.compare.clockwork` both keep:

* A step begins at the clock of its CPU and moves it by the price of the statement.
* Of the CPUs that can go on, the one with the lowest clock goes; of several, the first by number.
* A CPU that could not go on, and can because of a step, goes on when that step has ended, not
  before. What it waited is time too: it spun, or was idle.
* Leaving such a wait has a price of its own, the hand-over of a lock or the way out of a halt.
* A prompt interrupt arrives when the CPU it arrives on has ended its step. A step of user mode it
  cuts short: what is left of it is made good by the next step of the same program.
* A patient interrupt is a clock. One that runs arrives at every tick on the first CPU, and at every
  tenth on the others unless they wait for something just then, as long as anything can go on;
  where interrupts are held back, it is tried again a little later. Besides, and where no clock
  runs at all, it arrives at the next tick when nothing else can go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.machine.chooser import Chooser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from exittui.machine.frames import Frame
    from exittui.machine.image import Image
    from exittui.machine.machine import Machine


@attrs.frozen(eq=False)
class Prices:
    """What the statements of one image cost, in nanoseconds, by program counter."""

    fixed: tuple[int, ...]
    varying: Mapping[int, Callable[[Frame], int]]
    """Those whose price depends on the values of the frame they are about to be executed in."""
    handover: Mapping[int, int]
    """What leaving a wait costs on top, if the CPU did wait."""
    tick: int = 10_000_000
    """How far apart patient interrupts arrive."""
    turn: int = 100_000_000
    """How far apart those of a running clock arrive on all CPUs but the first."""
    running: bool = False
    """They do at every tick, whether or not anybody waits for it."""

    def after(self, cpu: int, ncpu: int, time: int) -> int:
        """The first tick of a running clock on a CPU after a time; the CPUs take turns at it."""
        period = self.turn if cpu else self.tick
        shift = self.turn * cpu // ncpu
        return ((time - shift) // period + 1) * period + shift

    def of(self, frame: Frame) -> int:
        """The price of the statement that a frame stands at."""
        pc: int = frame[0]
        vary = self.varying.get(pc)
        return vary(frame) if vary else self.fixed[pc]


@attrs.frozen
class _State:
    """The clocks at one position, and who waits."""

    clocks: tuple[int, ...]
    blocked: frozenset[int] = frozenset()
    """Those whose turn came when they could not go on, and who still cannot."""
    waited: frozenset[int] = frozenset()
    """Those, and whoever was let go since and has not made a step yet."""
    slices: Mapping[int, tuple[int, int, int]] = attrs.field(factory=dict)
    """By CPU that computes in user mode: begin, end, which frame."""
    owed: Mapping[int, int] = attrs.field(factory=dict)
    """By frame, what is left of computing that was interrupted."""
    due: tuple[int, ...] = ()
    """When a running clock ticks next, by CPU."""


RETRY: Final = 1000
"""After so long a tick is tried again that came while interrupts were held back."""


def clock_line(image: Image, ncpu: int) -> int | None:
    """The number of the choice that is a tick of the clock on the first CPU, if there is one."""
    for kind, interrupt in enumerate(image.interrupts, start=1):
        if interrupt.patient:
            return kind * ncpu
    return None


class Timed(Chooser):
    """The chooser that lets the CPU that is furthest behind go next.

    It keeps the clocks of every position that it has chosen at, so it can be asked after going
    back. Steps that somebody else chose are paid for at the fixed price.
    """

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self._log: list[_State] = []
        self._pending: tuple[int, _State, int] | None = None

    def clocks(self, machine: Machine) -> tuple[int, ...]:
        """The clock of every CPU where the machine stands."""
        self._follow(machine)
        return self._log[machine.position].clocks

    def span(self, machine: Machine, index: int) -> tuple[int, int]:
        """When the step `index`, which has been made, began and ended."""
        self._follow(machine)
        cpu = machine.history.cpu(index)
        return self._log[index].clocks[cpu], self._log[index + 1].clocks[cpu]

    def choose(self, machine: Machine) -> int | None:
        """The CPU that is furthest behind; interrupts as the head of the module says."""
        self._follow(machine)
        state = self._log[machine.position]
        clocks, ncpu = state.clocks, machine.ncpu
        turns, waiting = [], []
        for cpu in range(ncpu):
            if machine.ready(cpu):
                turns.append((clocks[cpu], cpu, cpu))
            else:
                waiting.append(cpu)
        if machine.image.interrupts:
            prompt = machine.arriving(patient=False)
            turns += [(clocks[line % ncpu], -1, line) for line in prompt]
            if not turns and (patient := machine.arriving(patient=True)):
                return self._tick(machine, state, patient[0])
        if not turns:
            return None
        if self._prices.running:
            state, turns = self._with_tick(machine, state, turns)
            clocks = state.clocks
        clock, order, chosen = min(turns)
        late = {cpu for cpu in waiting if (clocks[cpu], cpu) < (clock, order)}
        if chosen >= ncpu:
            late.discard(chosen % ncpu)
        self._plan(machine, state, late, chosen)
        return chosen

    def _tick(self, machine: Machine, state: _State, line: int) -> int:
        """Move the clock that a patient interrupt arrives at to the next tick."""
        tick, cpu = self._prices.tick, line % machine.ncpu
        clocks = list(state.clocks)
        clocks[cpu] = (max(clocks) // tick + 1) * tick
        everyone = set(range(machine.ncpu))
        due = tuple(self._prices.after(one, machine.ncpu, clocks[cpu]) for one in everyone)
        state = attrs.evolve(state, clocks=tuple(clocks), due=due)
        self._plan(machine, state, everyone - {cpu}, line)
        return line

    def _with_tick(
        self, machine: Machine, state: _State, turns: list[tuple[int, int, int]]
    ) -> tuple[_State, list[tuple[int, int, int]]]:
        """The turns with a tick of the running clock, if one comes before all others."""
        line = clock_line(machine.image, machine.ncpu)
        if line is None:
            return state, turns
        cpus, first = range(machine.ncpu), min(turns)
        due = list(state.due or [self._prices.after(cpu, machine.ncpu, 0) for cpu in cpus])
        if state.due and min(due) > first[0]:  # no tick strikes before it is due
            return state, turns
        while True:
            time, cpu, waits = min(self._strikes(machine, state, due[cpu], cpu) for cpu in cpus)
            if (time, -1, line + cpu) > first:
                return attrs.evolve(state, due=tuple(due)), turns
            if waits and cpu:
                due[cpu] = self._prices.after(cpu, machine.ncpu, time)
            elif not machine.ready(line + cpu):
                due[cpu] = time + RETRY
            else:
                break
        due[cpu] = self._prices.after(cpu, machine.ncpu, time)
        clocks, owed, slices = list(state.clocks), dict(state.owed), dict(state.slices)
        if clocks[cpu] > time:
            frame = slices.pop(cpu)[2]
            owed[frame] = owed.get(frame, 0) + clocks[cpu] - time
        clocks[cpu] = time
        state = attrs.evolve(state, clocks=tuple(clocks), owed=owed, slices=slices, due=tuple(due))
        return state, [*turns, (time, -1, line + cpu)]

    def _strikes(
        self, machine: Machine, state: _State, due: int, cpu: int
    ) -> tuple[int, int, bool]:
        """When a tick that is due comes to its CPU, and whether that waits for something then."""
        now = state.clocks[cpu]
        waits = cpu in state.blocked or (now < due and not machine.ready(cpu))
        if waits or now <= due:
            return max(now, due) if waits else due, cpu, waits
        begin, end, _ = state.slices.get(cpu, (0, 0, 0))
        return (max(begin, due) if end == now else now), cpu, False

    def _plan(self, machine: Machine, state: _State, late: set[int], chosen: int) -> None:
        """Note what the step about to be made will cost, and who has to wait meanwhile."""
        frame = machine.standing(chosen)
        price = self._prices.of(frame)
        if chosen in state.waited:
            price += self._prices.handover.get(frame[0], 0)
        slices, owed = state.slices, state.owed
        if machine.image.statements[frame[0]].kind == "user":
            slices, owed = dict(slices), dict(owed)
            price += owed.pop(id(frame), 0)
            begin = state.clocks[chosen]
            slices[chosen] = (begin, begin + price, id(frame))
        blocked, waited = state.blocked, state.waited
        if not late <= blocked:
            blocked |= late
            waited |= late
        state = _State(state.clocks, blocked, waited, slices, owed, state.due)
        self._pending = (machine.position, state, price)

    def _follow(self, machine: Machine) -> None:
        """Make the log as long as the past of the machine."""
        log = self._log
        del log[machine.position + 1 :]
        if not log:
            log.append(_State((0,) * machine.ncpu))
        while len(log) <= machine.position:
            log.append(self._after(machine, len(log) - 1))

    def _after(self, machine: Machine, index: int) -> _State:
        """The state after a recorded step; who is ready is asked of the machine as it is now."""
        cpu = machine.history.cpu(index)
        if self._pending is not None and self._pending[0] == index:
            _, state, price = self._pending
        else:
            state = self._log[index]
            price = self._prices.fixed[machine.history.statement(index).pc]
        clocks = list(state.clocks)
        clocks[cpu] += price
        slices, owed = state.slices, state.owed
        interrupted = {line % machine.ncpu for line in machine.arriving(patient=False)}
        gone = {
            other
            for other in state.blocked
            if other == cpu or other in interrupted or machine.ready(other)
        }
        for other in gone:
            clocks[other] = max(clocks[other], clocks[cpu])
        for other in sorted(interrupted - state.blocked):
            begin, end, frame = slices.get(other, (0, 0, 0))
            if other != cpu and end == clocks[other] and end > clocks[cpu]:
                slices, owed = dict(slices), dict(owed)
                clocks[other] = max(begin, clocks[cpu])
                owed[frame] = owed.get(frame, 0) + end - clocks[other]
                del slices[other]
        # A run is long, and mostly nobody waits or waits on: what does not change is shared.
        blocked = state.blocked - gone if gone else state.blocked
        waited = state.waited - {cpu} if cpu in state.waited else state.waited
        return _State(tuple(clocks), blocked, waited, slices, owed, state.due)


def slot(machine_function: Any, variable: str) -> int:
    """Where a frame of a function keeps a variable."""
    from exittui.machine.image import FIRST_SLOT  # noqa: PLC0415 - only when prices are made

    return FIRST_SLOT + int(machine_function.variables.index(variable))
