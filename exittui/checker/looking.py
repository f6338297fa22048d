"""Moves in the reduced graph by somebody who looks ahead: see `lookahead.py` for what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from exittui.checker.lookahead import LONGEST, LONGEST_SECTION, WIDEST, Path, apart
from exittui.checker.postponing import SOON, pressing
from exittui.checker.recollection import Recollection
from exittui.checker.reduced import LONGEST_CHAIN, ReducedMover
from exittui.machine.frames import DEPTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from exittui.checker.discipline import Discipline
    from exittui.checker.mover import Spot
    from exittui.checker.places import Place
    from exittui.machine import Machine


@attrs.define
class _Level:
    """A state of a search for what can happen around a CPU that stands still."""

    spot: Spot
    choices: list[int]
    """What is still to be tried."""
    rest: list[int]
    """What can wait, as long as something that was tried has led to a new state."""
    fresh: bool = False
    """Whether something has."""

    def spent(self) -> bool:
        """Whether nothing is left to try."""
        if not self.choices and not self.fresh:
            self.choices, self.rest = self.rest, []
        return not self.choices


class LookingMover(ReducedMover):
    """Takes a step alone, too, that nobody can notice before all others wait for who makes it."""

    def __init__(self, machine: Machine, discipline: Discipline) -> None:
        super().__init__(machine, discipline)
        self._lines = range(machine.ncpu, machine.choices)
        self._all = range(machine.choices)
        self._flags = {kind.masks for kind in machine.image.interrupts}
        self._recollection = Recollection(machine, self.slice)
        self._misreadings = 0

    def begin(self) -> None:
        """A search begins, at the start of the run; what counts may have changed."""
        super().begin()
        self._misreadings = -1

    def _made(self, choice: int) -> None:
        """A step was made for good: what becomes of the paths."""
        super()._made(choice)
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

    def _others_go_on(self, alone: int) -> None:
        """Who moved last would be noticed: the others go on, until each of them would be, too.

        Where one stands at a step that could be noticed when he was left, that may no longer be so.
        """
        last = alone
        for _ in range(LONGEST_CHAIN):
            for step in range(1, self.machine.ncpu):
                cpu = (last + step) % self.machine.ncpu
                if self._begins(cpu):
                    last = self._go_on(cpu)
                    self._settle(last)
                    break
            else:
                return

    def _begins(self, cpu: int) -> bool:
        """Make a step of a CPU if nobody else can notice it."""
        if self._status.result is not None or not self.machine.ready(cpu):
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
        self._made(cpu)
        return True

    def _excused(self, alone: int, here: Spot) -> bool:
        """Whether nothing that can happen without the step just made conflicts with it.

        If something does, the step is taken back.
        """
        discipline = self.discipline
        reads, wrote = tuple(discipline.reads), tuple(discipline.wrote)
        taken = self._taken() or self._masked(alone)
        self.back(here)
        found = self._independent(alone, here, reads, wrote)
        if not found and taken is not None:
            inside = self._section(alone, self.spot(), taken)
            found = inside is not None and self._independent(alone, self.spot(), *inside, taken)
        if found:
            self._step(alone)
        return found

    def _independent(
        self,
        alone: int,
        here: Spot,
        reads: Sequence[Place],
        wrote: Sequence[Place],
        taken: Place | None = None,
    ) -> bool:
        """Whether nothing that can happen without this CPU's code conflicts with these accesses.

        With an owner word, it must be free as well where the others come to wait.
        """
        found = self._alone(alone, here, reads, wrote, taken)
        if found is None:
            found = self._together(alone, self.spot(), reads, wrote, taken)
        return found

    def _taken(self) -> Place | None:
        """The owner word that the last step took."""
        taken = self.discipline.acquired
        return taken if taken is not None and taken in self.discipline.wrote else None

    def _quiet(self) -> bool:
        """Whether no interrupt is wanted of anybody."""
        variables = self.machine.memory.variables
        return not any(variables[armed] for armed in self._armed)

    def _alone(
        self,
        alone: int,
        here: Spot,
        reads: Sequence[Place],
        wrote: Sequence[Place],
        taken: Place | None,
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
            if path.conflicts(done, reads, wrote) or taken in path.holding:
                return False
            surely = surely and not path.open
            paths.append(known)
        if not surely:
            return None
        return len(paths) == 1 or apart(paths)

    def _together(
        self,
        alone: int,
        here: Spot,
        reads: Sequence[Place],
        wrote: Sequence[Place],
        taken: Place | None,
    ) -> bool:
        """Whether nothing that can happen without this CPU's code conflicts."""
        known = self._everything[alone]
        if known is not None and not self._stale(known[0]):
            path, changed = known
            clash = path.conflicts(0, reads, wrote) or taken in path.holding
            if not path.open and not clash:
                self.relied |= path.relied
                return True
            if not changed:
                return False
        path, clash = self._around(alone, here, reads, wrote)
        if clash:
            return False
        self._everything[alone] = (path, 0)
        if path.open or taken in path.holding:
            return False
        self.relied |= path.relied
        return True

    def _stale(self, path: Path) -> bool:
        """Whether a path relies on what turned out to be wrong."""
        return not path.relied.isdisjoint(self.discipline.guesses.refuted)

    def _masked(self, cpu: int) -> Place | None:
        """The flag of a CPU that the last step has cleared to keep interrupts out, if any."""
        info = self.machine.infos[cpu]
        for place in self.discipline.wrote:
            if place.key in self._flags and place.target is info.__dict__:
                return None if place.target[place.key] else place
        return None

    def _section(
        self, cpu: int, here: Spot, taken: Place
    ) -> tuple[list[Place], list[Place]] | None:
        """What a CPU accesses from taking a mutex to giving it back, if it does that alone.

        The mutex, or the flag, is left out. Interrupts that can arrive meanwhile must do as well
        behind it: then they are no part of it.
        """
        discipline, machine = self.discipline, self.machine
        path = Path()
        free = None if taken.key not in self._flags else taken.target[taken.key]
        loud = not self._quiet()
        arriving: dict[int, Path] = {}
        self._looking = True
        for _ in range(LONGEST_SECTION):
            self._step(cpu)
            self._add(path)
            loud |= discipline.arms
            if discipline.strict or not machine.ready(cpu):
                break
            lines = self._arriving(cpu) if loud else ()
            if taken.target.get(taken.key) == free:
                self.back(here)
                if not all(line in lines for line in arriving):
                    break
                return self._apart(cpu, path, taken, arriving.values())
            for line in lines:
                if line not in arriving:
                    handled = self.handled(line)
                    if handled is None:
                        self.back(here)
                        return None
                    arriving[line] = handled
                    self._looking = True
        self.back(here)
        return None

    def _apart(
        self, cpu: int, path: Path, taken: Place, arriving: Iterable[Path]
    ) -> tuple[list[Place], list[Place]] | None:
        """A section without what opens and ends it, if no handler conflicts with the rest of it."""
        info = self.machine.infos[cpu]
        own = {taken, taken.acquire, *taken.bounds.values()}
        for place in path.writes:
            if place.key in self._flags and place.target is info.__dict__:
                own |= {place, *place.bounds.values()}  # what was cleared in it is set again
        reads, writes = (
            [
                one
                for one in places
                if one not in own
                and not (one.target is taken.target and one.key in self.discipline.sheltered)
            ]
            for places in (path.reads, path.writes)
        )
        for handled in arriving:
            others = [one for one in reads if not self.discipline.is_restored(one, cpu)]
            written = [one for one in writes if not self.discipline.is_restored(one, cpu)]
            if handled.conflicts(0, others, written):
                return None
        return reads, writes

    def _arriving(self, cpu: int) -> tuple[int, ...]:
        """The interrupts that could arrive on a CPU now."""
        enabled = self.machine.enabled()
        return tuple(
            line for line in self._lines if line % self.machine.ncpu == cpu and line in enabled
        )

    def _current(self) -> None:
        """Forget paths from before something counted that counts now."""
        if self.discipline.guesses.misreadings != self._misreadings:
            self._misreadings = self.discipline.guesses.misreadings
            self._recollection.forget()

    def _name(self, *, still: int, cpu: int = -1) -> tuple[int, ...]:
        """What a path is kept by: who goes it, from which stacks, and where the others stand."""
        self._current()
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
            self._add(path)
            path.open |= discipline.arms
        else:
            path.open = True
        path.ends()
        failed = self._status.result is not None
        c = self._cpus[cpu]
        path.waits(discipline.read_before(c[0], c, c[0][0]))
        self._looking = False
        self.back(here)
        if not failed:
            self._recollection.keep(name, path)
        return path

    def _add(self, path: Path, interrupted: int = -1) -> None:
        """One more step on a path, made just now; of a handler on this CPU, if any.

        What the handler puts back is no access then: the path is only asked about the code that it
        interrupts.
        """
        discipline = self.discipline
        if interrupted < 0:
            path.add(discipline.reads, discipline.wrote)
        else:
            path.add(
                [one for one in discipline.reads if not discipline.is_restored(one, interrupted)],
                [one for one in discipline.wrote if not discipline.is_restored(one, interrupted)],
            )
        taken = self._taken()
        if taken is not None:
            path.taken.add(taken)

    def _around(
        self, still: int, here: Spot, reads: Sequence[Place], wrote: Sequence[Place]
    ) -> tuple[Path, bool]:
        """What all others would do from here, interrupts on the CPU that stands still included.

        As soon as something of it conflicts with these accesses, that is all there is to know.
        """
        name = self._name(still=still)
        for path in self._recollection.find(name):
            if self._stale(path):
                continue
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
        self, still: int, reads: Sequence[Place], wrote: Sequence[Place]
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
        levels = [self._level(still, stands, path)]
        while levels:
            level = levels[-1]
            if level.spent():
                levels.pop()
                continue
            choice = level.choices.pop()
            self.back(level.spot)
            cpu = choice % machine.ncpu
            self._lift(cpu)
            self._step(choice)
            handling = still if cpu == still else -1
            self._add(path, handling)
            if self._clashes(asked, handling):
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
                    path.relied.update(discipline.used)
                self._add(path, handling)
                if self._clashes(asked, handling):
                    return path, True
            if path.length > WIDEST:
                path.open = True
                return path, False
            self._settle(cpu)
            path.failed |= self._status.result is not None
            if self._status.result is None and self.fingerprint not in visited:
                visited.add(self.fingerprint)
                level.fresh = True
                levels.append(self._level(still, stands, path))
        path.length = 1
        path.reads = dict.fromkeys(path.reads, 0)
        path.writes = dict.fromkeys(path.writes, 0)
        return path, False

    def _clashes(self, asked: Path, interrupted: int) -> bool:
        """Whether the last step conflicts with what is asked about."""
        discipline = self.discipline
        reads, wrote = discipline.reads, discipline.wrote
        if interrupted >= 0:
            reads = [one for one in reads if not discipline.is_restored(one, interrupted)]
            wrote = [one for one in wrote if not discipline.is_restored(one, interrupted)]
        return asked.conflicts(0, reads, wrote)

    def _level(self, still: int, stands: Any, path: Path) -> _Level:
        """The present state, and what there is to try."""
        choices = self._others(still, stands, path)
        tried = pressing(self, tuple(choices))
        rest = [one for one in choices if one not in tried]
        return _Level(self.spot(), [*tried], rest)

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
                self._wait(choice)
        if not found:
            path.ends()
        return found

    # -- what can wait -------------------------------------------------------------------------

    def pressing(self, choices: tuple[int, ...]) -> tuple[int, ...]:
        """Those of the choices here that have to be tried; all, if this does not look ahead."""
        return pressing(self, choices) if self.ahead else choices

    def peek(self, choice: int, path: Path, *, ready: bool) -> bool:
        """Add to a path what a choice would do, or what keeps it; whether the machine goes on."""
        discipline = self.discipline
        c = self._cpus[choice]
        if not ready:
            path.waits(discipline.read_before(c[0], c, c[0][0]))
            return True
        here = self.spot()
        self._looking = True
        self._step(choice)
        path.add(discipline.reads, discipline.wrote)
        goes_on = self._status.result is None
        self.back(here)
        return goes_on

    def handled(self, line: int) -> Path | None:
        """What the handler of an interrupt that can arrive does, if it is done with it soon."""
        cpu = line % self.machine.ncpu
        frame = self._cpus[cpu][0]
        if frame[0] in self.discipline.user:
            return None
        self._current()
        name = (line, frame[2] // DEPTHS)
        for path in self._recollection.find(name):
            return None if path.open else path
        here = self.spot()
        path = self._handled(line, frame)
        failed = self._status.result is not None
        self.back(here)
        if not failed:
            self._recollection.keep(name, path)
        return None if failed or path.open else path

    def _handled(self, line: int, frame: Any) -> Path:
        discipline, machine = self.discipline, self.machine
        cpu = line % machine.ncpu
        others = range(cpu + machine.ncpu, machine.choices, machine.ncpu)
        path = Path()
        self._looking = True
        choice = line
        for _ in range(SOON):
            self._step(choice)
            path.add(discipline.reads, discipline.wrote)
            choice = cpu
            for other in others:
                c = self._cpus[other]
                path.waits(discipline.read_before(c[0], c, c[0][0]))
                path.open |= other in machine.enabled()
            path.open |= discipline.strict
            if path.open or self._cpus[cpu][0] is frame:
                return path
            if not machine.ready(cpu):
                break
        path.open = True
        return path
