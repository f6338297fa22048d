"""Moves a machine through its state graph: one choice and what follows from it, and back again.

A move is one step in the full graph. In the reduced graph it is one step and, behind it, every
step of the same CPU that nobody else can notice (see `discipline.py`) and every step that is the
only one possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.checker.tokens import Tokens
from exittui.machine.image import UNDERMINED
from exittui.machine.lang import UseAfterFree

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.checker.discipline import Discipline, Place
    from exittui.machine import Machine

LONGEST_CHAIN: Final = 4096


@attrs.frozen
class Spot:
    """Where the machine stands, and what of it the journal does not say."""

    position: int
    fingerprint: int
    held: tuple[Any, ...]


class Mover:
    """One machine, moved from state to state; the base makes single steps."""

    def __init__(self, machine: Machine) -> None:
        """The machine stands at the start of its run; `watch` is called after what it notices."""
        self.machine = machine
        self.watch: Callable[[], None] | None = None
        self.tokens = Tokens(machine)
        self.fingerprint = self.tokens.whole()
        self.steps = 0
        """Steps made, those tried and taken back included."""
        self._cpus = machine._cpus  # noqa: SLF001 - the search is the machine's other half
        self._journal = machine._journal  # noqa: SLF001
        self._marks = machine._marks  # noqa: SLF001
        self._picks = machine._picks  # noqa: SLF001
        self._steps = machine._steps  # noqa: SLF001
        self._threads = machine.stacks.cpus
        self._status = machine._status  # noqa: SLF001
        self._armed = [kind.armed for kind in machine.image.interrupts]

    def choices(self) -> tuple[int, ...]:
        """What can be chosen here. A CPU whose stack is gone goes first: it is the violation."""
        machine = self.machine
        guards = machine._guards  # noqa: SLF001 - this is the hot path of every search
        found = []
        number = 0
        try:
            for c in self._threads:
                f = c[0]
                guard = guards[f[0]]
                if guard is None:
                    if f[0] == UNDERMINED:
                        return (number,)
                    found.append(number)
                elif guard(f, c):
                    found.append(number)
                number += 1
        except Exception:  # noqa: BLE001 - a condition that fails: the machine knows what to say
            return machine.enabled()
        if self._armed:
            variables = machine.memory.variables
            if any(variables[armed] for armed in self._armed):
                return machine.enabled()
        return tuple(found)

    def spot(self) -> Spot:
        """Here, to come back to."""
        return Spot(self.machine.position, self.fingerprint, ())

    def back(self, spot: Spot) -> None:
        """Back to a state on the way here."""
        if len(self._marks) > spot.position:
            self.machine.retract(spot.position)
        self.fingerprint = spot.fingerprint

    def move(self, choice: int) -> None:
        """Make one step."""
        journal = self._journal
        c = self._cpus[choice]
        f = c[0]
        mark = len(journal)
        self._marks.append(mark)
        self._picks.append(choice)
        try:
            self._steps[f[0]](f, c)
        except Exception as fault:  # noqa: BLE001 - the machine tells them apart
            self.machine.history.forget()
            self.machine._fault(fault, choice)  # noqa: SLF001
        self.steps += 1
        self.fingerprint ^= self.tokens.change(journal[mark:])
        if self.watch is not None:
            self.watch()

    def follow(self, choice: int) -> bool:
        """Make one step of a run that is known; whether others can notice it, for all one knows."""
        self.move(choice)
        return True


class ReducedMover(Mover):
    """Moves in the reduced graph."""

    def __init__(self, machine: Machine, discipline: Discipline) -> None:
        super().__init__(machine)
        self.discipline = discipline
        self.held = [0] * machine.ncpu
        self._numbers = range(machine.ncpu)
        self._interrupts = bool(machine.image.interrupts)
        self._handling = [False] * machine.ncpu
        self._found: list[tuple[Any, ...]] = [()] * machine.ncpu
        self._interrupted = [0] * machine.ncpu
        """What the code that a handler interrupts holds."""

    def spot(self) -> Spot:
        """Here, with what every CPU holds."""
        held: tuple[Any, ...] = tuple(self.held)
        if self._interrupts:
            held += (*self._handling, *self._interrupted, tuple(self._found))
        return Spot(len(self._marks), self.fingerprint, held)

    def back(self, spot: Spot) -> None:
        """Back to a state on the way here."""
        super().back(spot)
        many = len(self.held)
        self.held[:] = spot.held[:many]
        if self._interrupts:
            self._handling[:] = map(bool, spot.held[many : 2 * many])
            self._interrupted[:] = spot.held[2 * many : 3 * many]
            self._found[:] = spot.held[3 * many]

    def move(self, choice: int) -> None:
        """Make one step and those that nobody else can notice."""
        self._step(choice)
        self._noticed()
        status, marks, machine = self._status, self._marks, self.machine
        alone = choice % machine.ncpu
        for _ in range(LONGEST_CHAIN):
            if status.result is not None:
                return
            if not machine.ready(alone):
                choices = self.choices()
                if len(choices) != 1 or choices[0] >= machine.ncpu:
                    return
                alone = choices[0]
            if self._only(alone):
                self._step(alone)
                self._noticed()
                continue
            position, fingerprint = len(marks), self.fingerprint
            held = tuple(self.held) if not self._interrupts else self.spot().held
            if self._step(alone):
                self.back(Spot(position, fingerprint, held))
                return

    def follow(self, choice: int) -> bool:
        """Make one step of a run that is known, and none behind it.

        To take a lock is always noticed: that nobody else wants it may show only before.
        """
        self.discipline.acquired = None
        visible = self._step(choice)
        return visible or self.discipline.acquired is not None

    def _only(self, alone: int) -> bool:
        """Whether surely nothing else could go on now."""
        if self._interrupts:
            variables = self.machine.memory.variables
            for armed in self._armed:
                if variables[armed]:
                    return False
        ready = self.machine.ready
        return not any(ready(cpu) for cpu in self._numbers if cpu != alone)

    def _step(self, choice: int) -> bool:  # noqa: C901, PLR0912, PLR0915 - one place for the hot path
        """Make one step; whether others can notice it, or it stops the machine."""
        machine, discipline, journal = self.machine, self.discipline, self._journal
        ncpu = machine.ncpu
        cpu = choice if choice < ncpu else choice % ncpu
        c = self._cpus[choice]
        f = c[0]
        pc = f[0]
        reads = discipline.read_before(f, c, pc)
        mark = len(journal)
        self._marks.append(mark)
        self._picks.append(choice)
        if choice >= ncpu:
            reads.append(discipline.modes[cpu])
            mask = discipline.interrupt_mask(cpu, 0)
            if self._cpus[cpu][0][0] not in discipline.user:
                self._interrupted[cpu] |= self.held[cpu]
                self.held[cpu] = 0
                if not self._handling[cpu]:
                    self._found[cpu] = discipline.kept(cpu)
                self._handling[cpu] = True
        elif self._handling[cpu]:
            mask = discipline.interrupt_mask(cpu, self.held[cpu])
        else:
            mask = discipline.mask(cpu, f, self.held[cpu])
            if self._interrupts and pc in discipline.user:
                mask = discipline.user_mask(cpu, mask)
        try:
            self._steps[pc](f, c)
        except Exception as fault:  # noqa: BLE001 - the machine tells them apart
            if isinstance(fault, UseAfterFree):
                reads.append(discipline._place(fault.target.__dict__, fault.field))  # noqa: SLF001
            machine.history.forget()
            machine._fault(fault, choice)  # noqa: SLF001
        self.steps += 1
        visible = self._status.result is not None or pc in discipline.forced
        entries = journal[mark:]
        if len(entries) == 3:  # noqa: PLR2004 - the place of the step, and nothing else
            try:
                known, label = self.tokens.known, f[2]
                self.fingerprint ^= known[label, 0, pc] ^ known[label, 0, f[0]]
            except KeyError:
                self.fingerprint ^= self.tokens.change(entries)
            if c[0] is f:
                if reads:
                    visible |= self._read(reads, cpu, mask, None)
                return visible
        else:
            self.fingerprint ^= self.tokens.change(entries)
        discipline.acquired = None
        if discipline.written(cpu, entries, mask, self.held):
            visible = True
        if reads:
            visible |= self._read(reads, cpu, mask, discipline.acquired)
        if self._interrupts and choice < ncpu and c[0] is not f:
            visible |= self._elsewhere(cpu, c[0], pc, mask)
        return visible

    def _read(self, reads: list[Place], cpu: int, mask: int, taken: Place | None) -> bool:
        """Note what a step has read; that a lock it took was free is a part of taking it."""
        discipline = self.discipline
        visible = False
        for place in reads:
            if place is taken:
                continue
            held = mask
            if self._handling[cpu] and discipline.is_restored(place, cpu):
                held |= 1 << cpu
            seen = place.readers.get(held)
            visible |= discipline.read(place, held) if seen is None else seen
        return visible

    def _elsewhere(self, cpu: int, frame: Any, pc: int, mask: int) -> bool:
        """A CPU has called, returned or changed stacks; whether an interrupt could notice."""
        discipline = self.discipline
        visible = False
        if (pc in discipline.user) is not (frame[0] in discipline.user):
            visible = discipline.write(discipline.modes[cpu], mask)
        if self._handling[cpu] or self.machine.image.statements[pc].kind == "switch":
            handling = discipline.handling(frame)
            if not handling and self._handling[cpu]:
                self.held[cpu] |= self._interrupted[cpu]
                self._interrupted[cpu] = 0
                if self.machine.image.statements[pc].kind == "return":
                    discipline.returned(cpu, self._found[cpu])
            self._handling[cpu] = handling
        return visible

    def _noticed(self) -> None:
        """A step that others can notice was made for good."""
        if self.watch is not None:
            self.watch()
