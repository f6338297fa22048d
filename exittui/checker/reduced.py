"""Moves in the reduced graph: one step, and behind it every step that nobody else can notice.

A move goes on with steps of the same CPU as long as they are independent of all that others can do
(see `discipline.py`), and with whatever is the only thing that can go on. States are told apart by
what can still matter of them (see `slice.py`). What a CPU did before in the same situation is not
done step by step again (see `stretches.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.checker.counting import CountingMover
from exittui.checker.guards import Guards
from exittui.checker.live import wanted
from exittui.checker.mover import Spot
from exittui.checker.places import ALIVE
from exittui.checker.stretches import Stretches, awaited, plain_step
from exittui.machine.lang import UseAfterFree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.checker.discipline import Discipline
    from exittui.checker.lookahead import Path
    from exittui.checker.places import Place
    from exittui.checker.stretches import Stretch
    from exittui.machine import Machine

LONGEST_CHAIN: Final = 4096


class ReducedMover(CountingMover):
    """Moves in the reduced graph."""

    def __init__(self, machine: Machine, discipline: Discipline) -> None:
        super().__init__(machine, discipline)
        self.ahead = False
        """Whether to ask again of a step that others can notice in general: see `looking.py`."""
        self.held = [0] * machine.ncpu
        self._interrupts = bool(machine.image.interrupts)
        self._handling = [False] * machine.ncpu
        self._found: list[tuple[Any, ...]] = [()] * machine.ncpu
        self._interrupted = [0] * machine.ncpu
        """What the code that a handler interrupts holds."""
        self._paths: list[tuple[Path, int] | None] = [None] * machine.ncpu
        """What each CPU would do alone, and how much of it was done, as far as that is known."""
        self._everything: list[tuple[Path, int] | None] = [None] * machine.ncpu
        """What all others would do, and whether some of it may have been done since."""
        self._looking = False
        self._waited: set[Place | None] = set()
        """What somebody who could not go on has looked at."""
        self._stretches = Stretches(machine, self.slice, discipline)
        self._guards = Guards(machine, discipline)
        self._switches, self._returns = (
            frozenset(one.pc for one in machine.image.statements if one.kind == kind)
            for kind in ("switch", "return")
        )
        self.begin()

    def begin(self) -> None:
        """A search begins, at the start of the run; what counts may have changed."""
        super().begin()
        self._all_wait()

    def spot(self) -> Spot:
        """Here, with what every CPU holds."""
        held: tuple[Any, ...] = tuple(self.held)
        if self._interrupts:
            held += (*self._handling, *self._interrupted, tuple(self._found))
        return Spot(
            len(self._marks),
            self.fingerprint,
            held,
            tuple(self._tops),
            tuple(self._paths),
            tuple(self._everything),
        )

    def _before(self, cpu: int) -> tuple[Any, ...]:
        """What a step of a CPU may change of a spot; nearly every step is made for good."""
        if not self._interrupts:
            return len(self._marks), self.fingerprint, tuple(self._tops), self.held[cpu]
        return (
            len(self._marks),
            self.fingerprint,
            tuple(self._tops),
            self.held[cpu],
            self._handling[cpu],
            self._interrupted[cpu],
            self._found[cpu],
        )

    def _spot_before(self, cpu: int, before: tuple[Any, ...]) -> Spot:
        """The spot before the step that a CPU has just made."""
        held: list[Any] = [*self.held]
        held[cpu] = before[3]
        if self._interrupts:
            handling, interrupted, found = [*self._handling], [*self._interrupted], [*self._found]
            handling[cpu], interrupted[cpu], found[cpu] = before[4:]
            held += [*handling, *interrupted, tuple(found)]
        return Spot(
            before[0],
            before[1],
            tuple(held),
            before[2],
            tuple(self._paths),
            tuple(self._everything),
        )

    def back(self, spot: Spot) -> None:
        """Back to a state on the way here."""
        super().back(spot)
        self._looking = False  # an interrupt by the user may have ended it
        many = len(self.held)
        self._tops[:] = spot.tops
        self._paths[:] = spot.paths
        self._everything[:] = spot.everything
        self.held[:] = spot.held[:many]
        if self._interrupts:
            self._handling[:] = map(bool, spot.held[many : 2 * many])
            self._interrupted[:] = spot.held[2 * many : 3 * many]
            self._found[:] = spot.held[3 * many]

    def move(self, choice: int) -> None:
        """Make one step and those that nobody else can notice."""
        alone = choice % self.machine.ncpu
        self.covered = False
        self._stretches.drop()
        self._lift(alone)
        self._step(choice)
        if choice != alone:
            self.sleepers.wake(alone)
        self._made(choice)
        self._noticed()
        alone = self._go_on(alone)
        self._settle(alone)
        if self.ahead and not self.covered:
            self._others_go_on(alone)

    def _others_go_on(self, _: int) -> None:
        """Nobody else is asked whether a step of his own can be noticed."""

    def follow(self, choice: int) -> bool:
        """Make one step of a run that is known, and none behind it.

        To take a lock is always noticed: that nobody else wants it may show only before.
        """
        cpu = choice % self.machine.ncpu
        self._lift(cpu)
        visible = self._step(choice)
        self._made(choice)
        self._settle(cpu)
        return visible or self.discipline.acquired is not None

    def _go_on(self, alone: int) -> int:
        """Make steps that nobody else can notice; the CPU that made the last."""
        status = self._status
        left, again = LONGEST_CHAIN, True
        while left > 0 and status.result is None:
            if not self.ready(alone):
                following = self._follows(alone)
                if following is None:
                    return alone
                alone, again = following, True
            rival = self._rival(alone)
            only = not rival and self._quiet()  # surely nothing else could go on now
            if again and not self._stretches.recording:
                steps = self._repeat(alone, only=only)
                if steps:
                    left -= steps
                    again = False  # it has ended before a step that has to be looked at
                    continue
            again = True
            before = self._before(alone)
            visible = self._step(alone)
            here = self._spot_before(alone, before) if visible and not only else None
            if self._stretches.recording:
                self._note(alone, before, visible=visible)
            if here is not None:
                if self.discipline.strict or not self.ahead:
                    self.back(here)
                    return alone
                passes = not rival and self._passes(alone, here)
                if not passes and not self._excused(alone, here):
                    return alone
            elif not only:
                self.relied.update(self.discipline.used)
            self._made(alone)
            if only:
                self._noticed()
            left -= 1
        self._stretches.drop()
        return alone

    def _follows(self, cpu: int) -> int | None:
        """The CPU that alone can go on when this one has to wait, if it is so."""
        self._close(cpu)
        self._wait(cpu)
        choices = self.choices()
        if len(choices) != 1 or choices[0] >= self.machine.ncpu:
            return None
        if choices[0] in self.sleepers.paths:
            self.covered = True
            return None
        self._settle(cpu)
        self._lift(choices[0])
        return choices[0]

    # -- stretches -----------------------------------------------------------------------------

    def _repeat(self, cpu: int, *, only: bool) -> int:
        """Go through a stretch for good; of how many steps, 0 if none is known.

        With `only` nothing else could go on, so that it rests on no guess.
        """
        stretch = self._known(cpu)
        if stretch is None:
            return 0
        self._make_again(cpu, stretch)
        self.fingerprint ^= stretch.change
        if not only:
            self.relied.update(stretch.used)
        self._made_again(cpu, stretch)
        return stretch.steps

    def _known(self, cpu: int) -> Stretch | None:
        """The stretch that a CPU would go through now, if it is known; else it is recorded."""
        held = (self.held[cpu], self._interrupted[cpu], int(self._handling[cpu]))
        return self._stretches.find(cpu, held, self._waited)

    def _make_again(self, cpu: int, stretch: Stretch) -> None:
        """Go through a stretch that is known, but for the fingerprint."""
        self._stretches.make(cpu, stretch)
        self._picks.frombytes(bytes([cpu]) * stretch.steps)
        self.held[cpu] = stretch.held

    def _made_again(self, _: int, stretch: Stretch) -> None:
        """A stretch was made for good."""
        self.wanted |= stretch.wanted & ~self.written
        self.written |= stretch.written
        if self.sleepers.paths:
            self.sleepers.disturb(*stretch.accesses.accesses)

    def _note(self, cpu: int, before: tuple[Any, ...], *, visible: bool) -> None:
        """A step was made: it belongs to the stretch that is being recorded, or comes after it."""
        discipline = self.discipline
        if not (
            visible
            or discipline.arms
            or awaited(discipline.wrote, self._waited)
            or (self._interrupts and before[4] is not self._handling[cpu])
            or self._leaves_for_good(cpu)
            or not plain_step(self._journal[self._marks[-1] :], self._memory)
        ):
            self._stretches.note(cpu)
            return
        looking = self._looking
        self.back(self._spot_before(cpu, before))
        self._close(cpu)
        self._looking = looking
        self._step(cpu)

    def _leaves_for_good(self, cpu: int) -> bool:
        """Whether the last step of a CPU was a call that never returns: its callers do not count.

        Who they are is not known where a stretch is made again.
        """
        c = self._threads[cpu]
        frame, journal = c[0], self._journal
        return frame[0] in self.slice.noreturn and any(
            journal[at] is c and journal[at + 2] is frame[1]
            for at in range(self._marks[-1], len(journal), 3)
        )

    def _close(self, cpu: int) -> None:
        """The stretch that is being recorded ends here."""
        if self._stretches.recording:
            self._stretches.keep(cpu, self.held[cpu])

    def retrace(self, picks: bytes) -> None:
        """Make steps of a way that is known, to a state that was stored.

        Paths are not kept up on the way: whoever begins it knows of none.
        """
        ncpu, last = self.machine.ncpu, -1
        for choice in picks:
            cpu = choice % ncpu
            if cpu != last:
                if last >= 0:
                    self._settle(last)
                self._lift(cpu)
                last = cpu
            self._step(choice)
        if last >= 0:
            self._settle(last)

    def _made(self, choice: int) -> None:
        """A step was made for good; who waits for what it wrote may wait for something else now."""
        waited, discipline = self._waited, self.discipline
        if self.sleepers.paths:
            self.sleepers.disturb(discipline.reads, discipline.wrote)
        self.wanted, self.written = wanted(
            discipline.reads,
            discipline.wrote,
            self.wanted,
            self.written,
            discipline.requests.minded[choice % self.machine.ncpu],
        )
        for place in discipline.wrote:
            if place in waited or place.whole in waited:
                self._all_wait()
                return

    def _all_wait(self) -> None:
        """Note what everybody who cannot go on has looked at."""
        enabled = self.machine.enabled()
        for choice in range(self.machine.choices):
            if choice not in enabled:
                self._wait(choice)

    def _wait(self, choice: int) -> list[Place]:
        """Note what has been read to find that this cannot be chosen, and say what.

        It is as good as a step: others must not make it possible and impossible again unnoticed.
        """
        discipline = self.discipline
        cpu = choice % self.machine.ncpu
        c = self._cpus[choice]
        frame = c[0]
        if choice != cpu:
            guard = self._guards.of(choice)
            if not guard.noted:
                guard.noted = True
                self._waited.update(guard.places)
                discipline.wait(guard.places, self._mask(choice, cpu, frame), frame[0])
            return guard.places
        mask = self._mask(choice, cpu, frame)
        kept = discipline.reads[:]
        places = discipline.read_before(frame, c, frame[0])
        self._waited.update(places)
        discipline.wait(places, mask, frame[0])
        read = places[:]
        discipline.reads[:] = kept  # it is the same list as `places`
        return read

    def _waits(self, choice: int) -> list[Place]:
        """What somebody reads to find whether he can go on."""
        if choice >= self.machine.ncpu:
            return self._guards.of(choice).places
        c = self._cpus[choice]
        return self.discipline.read_before(c[0], c, c[0][0])

    def looked_at(self, choices: Iterable[int]) -> int:
        """The tracked places that are read to find that these cannot be chosen, as bits."""
        found = 0
        for choice in choices:
            for place in self._waits(choice):
                found |= place.live
        return found

    def _mask(self, choice: int, cpu: int, frame: Any) -> int:
        """What a choice holds."""
        discipline = self.discipline
        if choice >= self.machine.ncpu:
            return discipline.interrupt_mask(cpu, 0)
        if self._handling[cpu]:
            return discipline.interrupt_mask(cpu, self.held[cpu])
        mask = discipline.mask(cpu, frame, self.held[cpu])
        if self._interrupts and frame[0] in discipline.user:
            mask = discipline.user_mask(cpu, mask)
        return mask

    def _passes(self, _: int, __: Spot) -> bool:
        """Whether only sleepers could go on beside the step just made."""
        return False

    def _excused(self, _: int, here: Spot) -> bool:
        """Whether nobody can notice the step just made after all; else it is taken back."""
        self.back(here)
        return False

    def _quiet(self) -> bool:
        """Whether no interrupt is wanted of anybody."""
        return not any(self._variables[armed] for armed in self._armed)

    def _rival(self, alone: int) -> bool:
        """Whether another CPU could go on now that does not sleep."""
        asleep = self.sleepers.paths
        return any(self.ready(cpu) for cpu in self._numbers if cpu != alone and cpu not in asleep)

    def _step(self, choice: int) -> bool:
        """Make one step; whether others can notice it, or it stops the machine."""
        machine, discipline, journal = self.machine, self.discipline, self._journal
        ncpu = machine.ncpu
        cpu = choice if choice < ncpu else choice % ncpu
        c = self._cpus[choice]
        f = c[0]
        pc: int = f[0]
        reads = discipline.reads = discipline.read_before(f, c, pc)
        mark = len(journal)
        self._marks.append(mark)
        self._picks.append(choice)
        mask = self._mask(choice, cpu, f)
        if choice >= ncpu:
            reads.append(discipline.modes[cpu])
            if self._cpus[cpu][0][0] not in discipline.user:
                self._interrupted[cpu] |= self.held[cpu]
                self.held[cpu] = 0
                if not self._handling[cpu]:
                    self._found[cpu] = discipline.kept(cpu)
                self._handling[cpu] = True
        try:
            self._steps[pc](f, c)
        except Exception as fault:  # noqa: BLE001 - the machine tells them apart
            if isinstance(fault, UseAfterFree):
                reads.append(discipline._place(fault.target.__dict__, ALIVE))  # noqa: SLF001
            machine.history.forget_all()
            machine._fault(fault, choice)  # noqa: SLF001
        self.steps += 1
        discipline.forget_step()
        visible = discipline.strict = self._status.result is not None
        entries = journal[mark:]
        if len(entries) == 3:  # noqa: PLR2004 - the place of the step, and nothing else
            if reads:
                visible |= self._read(reads, cpu, mask, None)
            return visible
        if not self._looking:
            self._count(entries, cpu)
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
        used = discipline.used
        visible = False
        for place in reads:
            if place is taken:
                continue
            held = mask
            if self._handling[cpu] and discipline.is_restored(place, cpu):
                held |= 1 << cpu
            seen = place.readers.get(held)
            if seen is None:
                visible |= discipline.read(place, held)
            else:
                visible |= not seen
                used.append(seen)
        return visible

    def _elsewhere(self, cpu: int, frame: Any, pc: int, mask: int) -> bool:
        """A CPU has called, returned or changed stacks; whether an interrupt could notice."""
        discipline = self.discipline
        visible = False
        if (pc in discipline.user) is not (frame[0] in discipline.user):
            visible = discipline.write(discipline.modes[cpu], mask)
        if self._handling[cpu] or pc in self._switches:
            handling = discipline.handling(frame)
            if not handling and self._handling[cpu]:
                self.held[cpu] |= self._interrupted[cpu]
                self._interrupted[cpu] = 0
                if pc in self._returns:
                    discipline.returned(cpu, self._found[cpu])
            self._handling[cpu] = handling
        return visible

    def _noticed(self) -> None:
        """A step that others can notice was made for good."""
        if self.watch is not None:
            self.watch()
