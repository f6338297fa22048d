"""Moves in the reduced graph by somebody who looks ahead: see `lookahead.py` for what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from exittui.checker.lookahead import LONGEST, WIDEST, Path, apart
from exittui.checker.recollection import Recollection
from exittui.checker.reduced import ReducedMover
from exittui.machine.frames import DEPTHS

if TYPE_CHECKING:
    from exittui.checker.discipline import Discipline
    from exittui.checker.mover import Spot
    from exittui.checker.places import Place
    from exittui.machine import Machine


class LookingMover(ReducedMover):
    """Takes a step alone, too, that nobody can notice before all others wait for who makes it."""

    def __init__(self, machine: Machine, discipline: Discipline) -> None:
        super().__init__(machine, discipline)
        self._lines = range(machine.ncpu, machine.choices)
        self._all = range(machine.choices)
        self._recollection = Recollection(machine, self.slice)
        self._breaks = 0

    def begin(self) -> None:
        """A search begins, at the start of the run; what counts may have changed."""
        super().begin()
        self._breaks = -1

    def _made(self, choice: int) -> None:
        """A step was made for good: what becomes of the paths."""
        paths, everything = self._paths, self._everything
        discipline = self.discipline
        reads, wrote = discipline.reads, discipline.wrote
        cpu = choice % self.machine.ncpu
        if discipline.arms:
            paths[:] = everything[:] = [None] * len(paths)
            return
        for number in self._numbers:
            known = paths[number]
            if known is not None:
                path, done = known
                if number == choice:
                    paths[number] = (path, done + 1) if done < path.length else None
                elif number == cpu or path.spoilt(done, reads, wrote):
                    paths[number] = None
            known = everything[number]
            if known is not None:
                path, _ = known
                if number != choice:
                    everything[number] = (path, 1)
                elif path.spoilt(0, reads, wrote):
                    everything[number] = None

    def _excused(self, alone: int, here: Spot) -> bool:
        """Whether nothing that can happen without the step just made conflicts with it.

        If something does, the step is taken back.
        """
        discipline = self.discipline
        reads, wrote = tuple(discipline.reads), tuple(discipline.wrote)
        self.back(here)
        found = self._alone(alone, here, reads, wrote)
        if found is None:
            found = self._together(alone, self.spot(), reads, wrote)
        if found:
            self._step(alone)
        return found

    def _quiet(self) -> bool:
        """Whether no interrupt is wanted of anybody."""
        variables = self.machine.memory.variables
        return not any(variables[armed] for armed in self._armed)

    def _alone(
        self, alone: int, here: Spot, reads: tuple[Place, ...], wrote: tuple[Place, ...]
    ) -> bool | None:
        """Whether no other CPU, moved on by itself, conflicts; None if one wants an interrupt."""
        paths = []
        surely = self._quiet()
        for cpu in self._numbers:
            if cpu == alone:
                continue
            known = self._paths[cpu]
            if known is None:
                known = self._paths[cpu] = (self._ahead(cpu, here), 0)
                here = attrs.evolve(here, paths=tuple(self._paths))
            path, done = known
            if path.conflicts(done, reads, wrote):
                return False
            surely = surely and not path.open
            paths.append(known)
        if not surely:
            return None
        return len(paths) == 1 or apart(paths)

    def _together(
        self, alone: int, here: Spot, reads: tuple[Place, ...], wrote: tuple[Place, ...]
    ) -> bool:
        """Whether nothing that can happen without this CPU's code conflicts."""
        known = self._everything[alone]
        if known is not None and not known[0].open and not known[0].conflicts(0, reads, wrote):
            return True
        if known is not None and not known[1]:
            return False
        path, clash = self._around(alone, here, reads, wrote)
        if clash:
            return False
        self._everything[alone] = (path, 0)
        return not path.open

    def _name(self, *, still: int, cpu: int = -1) -> tuple[int, ...]:
        """What a path is kept by: who goes it, from which stacks, and where the others stand."""
        if self.discipline.breaks != self._breaks:
            self._breaks = self.discipline.breaks
            self._recollection.forget()
        name = [still, cpu]
        for number, c in enumerate(self._threads):
            frame = c[0]
            goes = number != still if cpu < 0 else number == cpu
            name.append(frame[2] // DEPTHS)
            name.append(int(frame[0] in self.discipline.user))
            if goes:
                name.append(self.slice.top(number, frame) ^ self.slice.callers(frame))
        return tuple(name)

    def _ahead(self, cpu: int, here: Spot) -> Path:
        """What a CPU would do from here if it went on by itself."""
        discipline, machine = self.discipline, self.machine
        name = self._name(still=-1, cpu=cpu)
        for path in self._recollection.find(name):
            return path
        path = Path()
        self._looking = True
        for _ in range(LONGEST):
            if not machine.ready(cpu):
                break
            self._step(cpu)
            path.add(discipline.reads, discipline.wrote)
            path.open |= discipline.arms
        else:
            path.open = True
        failed = self._status.result is not None
        c = self._cpus[cpu]
        path.waits(discipline.read_before(c[0], c, c[0][0]))
        self._looking = False
        self.back(here)
        if not failed:
            self._recollection.keep(name, path)
        return path

    def _around(
        self, still: int, here: Spot, reads: tuple[Place, ...], wrote: tuple[Place, ...]
    ) -> tuple[Path, bool]:
        """What all others would do from here, interrupts on the CPU that stands still included.

        As soon as something of it conflicts with these accesses, that is all there is to know.
        """
        name = self._name(still=still)
        for path in self._recollection.find(name):
            clash = path.conflicts(0, reads, wrote)
            if clash or not path.part:
                return path, clash
        path, clash = self._searched(still, reads, wrote)
        path.part = clash
        self.back(here)
        for number in self._lines:
            c = self._cpus[number]
            path.waits(self.discipline.read_before(c[0], c, c[0][0]))
        if not path.failed:
            self._recollection.keep(name, path)
        return path, clash

    def _searched(
        self, still: int, reads: tuple[Place, ...], wrote: tuple[Place, ...]
    ) -> tuple[Path, bool]:
        """The path of all others, or the part of it up to a conflict."""
        discipline, machine = self.discipline, self.machine
        path = Path()
        asked = Path()
        asked.add(reads, wrote)
        stands = self._threads[still][0]
        rest = [[n for n in self._all if n not in (cpu, still)] for cpu in self._numbers]
        self._settle(still)
        visited = {self.fingerprint}
        levels = [(self.spot(), self._others(still, stands, path))]
        while levels:
            spot, choices = levels[-1]
            if not choices:
                levels.pop()
                continue
            choice = choices.pop()
            self.back(spot)
            cpu = choice % machine.ncpu
            self._lift(cpu)
            self._step(choice)
            path.add(discipline.reads, discipline.wrote)
            if asked.conflicts(0, discipline.reads, discipline.wrote):
                return path, True
            while self._status.result is None and machine.ready(cpu):
                if (cpu == still and self._threads[still][0] is stands) or path.length > WIDEST:
                    break
                if (cpu == still or self._threads[still][0] is stands) and not any(
                    map(machine.ready, rest[cpu])
                ):
                    self._step(cpu)
                else:
                    before = self.spot()
                    if self._step(cpu):
                        self.back(before)
                        break
                path.add(discipline.reads, discipline.wrote)
                if asked.conflicts(0, discipline.reads, discipline.wrote):
                    return path, True
            if path.length > WIDEST:
                path.open = True
                return path, False
            self._settle(cpu)
            path.failed |= self._status.result is not None
            if self._status.result is None and self.fingerprint not in visited:
                visited.add(self.fingerprint)
                levels.append((self.spot(), self._others(still, stands, path)))
        path.length = 1
        path.reads = dict.fromkeys(path.reads, 0)
        path.writes = dict.fromkeys(path.writes, 0)
        return path, False

    def _others(self, still: int, stands: Any, path: Path) -> list[int]:
        """What can go on but the code of a CPU that stands still; what cannot waits."""
        found = []
        ready = self.choices()
        for choice in range(self.machine.choices):
            c = self._cpus[choice]
            if choice == still and c[0] is stands:
                continue
            if choice in ready:
                found.append(choice)
            else:
                path.waits(self.discipline.read_before(c[0], c, c[0][0]))
        return found
