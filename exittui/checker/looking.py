"""Moves in the reduced graph by somebody who looks ahead: see `lookahead.py` for what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.checker.lookahead import Path, apart
from exittui.checker.postponing import SOON, pressing, waiting
from exittui.checker.reduced import LONGEST_CHAIN
from exittui.checker.surveying import Surveyor

if TYPE_CHECKING:
    from collections.abc import Collection

    from exittui.checker.mover import Spot
    from exittui.checker.places import Place
    from exittui.checker.stretches import Stretch


class LookingMover(Surveyor):
    """Takes a step alone, too, that nobody can notice before all others wait for who makes it."""

    def _made(self, choice: int) -> None:
        """A step was made for good: what becomes of the paths."""
        super()._made(choice)
        discipline = self.discipline
        if discipline.arms:
            self._paths[:] = self._everything[:] = [None] * len(self._paths)
        else:
            self._along(choice, 1, discipline.reads, discipline.wrote)

    def _made_again(self, cpu: int, stretch: Stretch) -> None:
        """A stretch was made for good: what becomes of the paths."""
        super()._made_again(cpu, stretch)
        self._along(cpu, stretch.steps, *stretch.accesses.accesses)

    def _along(
        self, choice: int, steps: int, reads: Collection[Place], wrote: Collection[Place]
    ) -> None:
        """Keep up the paths over steps with these accesses: who made them is further on his."""
        paths, everything = self._paths, self._everything
        cpu = choice % self.machine.ncpu
        for number in self._numbers:
            known = paths[number]
            if known is not None:
                path, done = known
                if number == choice:
                    done += steps
                    paths[number] = (path, done) if done <= path.length else None
                elif number == cpu or path.spoilt(done, reads, wrote):
                    paths[number] = None
            known = everything[number]
            if known is not None:
                path, _ = known
                if number != choice:
                    everything[number] = (path, 1)
                elif path.spoilt(0, reads, wrote):
                    everything[number] = None

    def _others_go_on(self, alone: int) -> None:
        """Who moved last would be noticed: the others go on, until each of them would be, too.

        Where one stands at a step that could be noticed when he was left, that may no longer be so.
        """
        last = alone
        for _ in range(LONGEST_CHAIN):
            for step in range(1, self.machine.ncpu):
                cpu = (last + step) % self.machine.ncpu
                if self._begins(cpu):
                    if not self.covered:
                        last = self._go_on(cpu)
                        self._settle(last)
                    if self.covered:
                        return
                    break
            else:
                return

    def _begins(self, cpu: int) -> bool:
        """Make a step of a CPU if nobody else can notice it."""
        if self._status.result is not None or not self.ready(cpu):
            return False
        before = self.spot()
        self._lift(cpu)
        here = self.spot()
        if not self._step(cpu):
            self.relied.update(self.discipline.used)
        elif self.discipline.strict or not self._excused(cpu, here):
            paths, everything = tuple(self._paths), tuple(self._everything)
            self.back(before)
            self._paths[:], self._everything[:] = paths, everything
            return False
        if cpu in self.sleepers.paths:
            self.covered = True
        else:
            self._made(cpu)
        return True

    def _passes(self, alone: int, here: Spot) -> bool:
        """Whether only sleepers could go on beside the step just made, and what can wait."""
        asleep = self.sleepers.paths
        if not asleep:
            return False
        step = Path()
        step.add(self.discipline.reads, self.discipline.wrote)
        self.back(here)
        others = [
            choice for choice in self.machine.enabled() if choice != alone and choice not in asleep
        ]
        found = waiting(self, others, (step, *asleep.values())) is not None
        self._step(alone)
        return found

    def _excused(self, alone: int, here: Spot) -> bool:
        """Whether nothing that can happen without the step just made conflicts with it.

        If something does, the step is taken back.
        """
        asked = Path()
        asked.add(self.discipline.reads, self.discipline.wrote)
        if self._surely(alone, asked):
            return True
        taken = self._taken() or self._masked(alone)
        self.back(here)
        found = self._independent(alone, here, asked)
        if not found and taken is not None:
            section = self._section(alone, self.spot(), taken)
            found = section is not None and self._independent(alone, self.spot(), section, taken)
        if found:
            self._step(alone)
        return found

    def _surely(self, alone: int, asked: Path) -> bool:
        """Whether it is so by paths that are known, without taking the step back to find out."""
        if self.discipline.arms or not self._quiet():
            return False
        paths = []
        for cpu, known in enumerate(self._paths):
            if cpu == alone:
                continue
            if known is None or known[0].open or known[0].conflicts(known[1], *asked.accesses):
                return False
            paths.append(known)
        return len(paths) == 1 or apart(paths)

    def _independent(self, alone: int, here: Spot, asked: Path, taken: Place | None = None) -> bool:
        """Whether nothing that can happen without this CPU's code conflicts with what is asked.

        With an owner word, it must be free as well where the others come to wait.
        """
        found = self._alone(alone, here, asked, taken)
        if found is None:
            found = self._together(alone, self.spot(), asked, taken)
        return found

    def _alone(self, alone: int, here: Spot, asked: Path, taken: Place | None) -> bool | None:
        """Whether no other CPU, moved on by itself, conflicts; None if that does not tell all."""
        paths = []
        surely = True
        for cpu in self._numbers:
            if cpu == alone:
                continue
            known = self._paths[cpu]
            if known is None:
                known = self._paths[cpu] = (self._ahead(cpu, here), 0)
                here = here._replace(paths=tuple(self._paths))
            path, done = known
            if path.conflicts(done, *asked.accesses) or taken in path.holding:
                return False
            surely = surely and not path.open
            paths.append(known)
        quiet = self._quiet()
        for line in () if quiet else self._arriving(alone):
            handled = self.handled(line)
            if handled is None:
                surely = False
            elif self._disturbs(handled, asked, alone):
                return False
            else:
                paths.append((handled, 0))
        if surely and (len(paths) == 1 or apart(paths)):
            return True
        return False if surely and quiet else None

    def _together(self, alone: int, here: Spot, asked: Path, taken: Place | None) -> bool:
        """Whether nothing that can happen without this CPU's code conflicts."""
        known = self._everything[alone]
        if known is not None and not self._stale(known[0]):
            path, changed = known
            clash = path.conflicts(0, *asked.accesses) or taken in path.holding
            if not path.open and not clash:
                self.relied |= path.relied
                return True
            if not changed:
                return False
        path, clash = self._around(alone, here, asked)
        if clash:
            return False
        self._everything[alone] = (path, 0)
        if path.open or taken in path.holding:
            return False
        self.relied |= path.relied
        return True

    def sleeper(self, choice: int) -> Path | None:
        """What the next step of a CPU accesses, if it may sleep before it."""
        if not self.ahead or choice >= self.machine.ncpu:
            return None
        path = Path()
        self.peek(choice, path, ready=True)
        return None if self.discipline.strict else path

    def without(self, lines: tuple[int, ...]) -> list[int]:
        """The fingerprints of this state without some of these interrupts, which can wait.

        Only of those whose handler does nothing: after it nobody is the wiser.
        """
        found = []
        for line in lines:
            here, requested = self.spot(), self._requested()
            after = self._after(line)
            if after is not None and after ^ here.fingerprint == requested ^ self._requested():
                found.append(after)
            self.back(here)
        return found

    def _requested(self) -> int:
        """The number of what says that interrupts are wanted."""
        total, variables = 0, self.machine.memory.variables
        for name in self._armed:
            total ^= self.slice.token((0, name, variables[name]))
        return total

    def _after(self, line: int) -> int | None:
        """The fingerprint when the handler of an interrupt has returned, if it does so soon."""
        cpu = line % self.machine.ncpu
        frame = self._threads[cpu][0]
        self._lift(cpu)
        choice = line
        for _ in range(SOON):
            self._step(choice)
            choice = cpu
            if self._threads[cpu][0] is frame:
                self._settle(cpu)
                return self.fingerprint
            if self._status.result is not None or not self.ready(cpu):
                break
        return None

    def pressing(self, choices: tuple[int, ...]) -> tuple[int, ...]:
        """Those of the choices here that have to be tried; all, if this does not look ahead."""
        return pressing(self, choices) if self.ahead else choices
