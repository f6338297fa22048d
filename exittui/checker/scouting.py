"""Moves one CPU on by itself and takes it back, to see what it would do: paths and sections.

See `lookahead.py` for what a path is good for. On a path, interrupts may arrive at the CPU that
goes it. As long as each is handled soon, by a handler that conflicts with nothing on the path, it
is no matter where on the path it arrives; what the handler does belongs to the path from its
beginning to its end. Else the path is open.

A *section* is what a CPU does from taking an owner word to giving it back, or from turning
interrupts off to turning them on. Two sections of one mutex exclude each other, so step by step
they conflict: who comes first keeps the other waiting. But if they touch nothing in common besides
the mutex they come to the same in either order. So where a CPU is about to take a mutex, it may do
so alone if its whole section, less the mutex, conflicts with nothing that can happen around it.

Why that is enough. Let the mutex be free where the others come to wait. In any schedule this CPU
takes it at some time, and the others have then left all sections of it that they had begun. The
section runs to its end, for it waits for nobody, and what the others do meanwhile conflicts with
none of its steps. So all of it can be moved to the front, step by step before what the others did;
there it finds the mutex free, and leaves it free. An interrupt that arrives in it is moved behind
it: so it must be able to arrive there as well, and its handler must not conflict with the section
either. The same holds for a stretch with interrupts off, with the interrupt flag for the mutex.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.checker.lookahead import LONGEST, LONGEST_SECTION, Path
from exittui.checker.postponing import SOON
from exittui.checker.recollection import Recollection
from exittui.checker.reduced import ReducedMover
from exittui.checker.stretches import awaited
from exittui.machine.frames import DEPTHS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.checker.discipline import Discipline
    from exittui.checker.mover import Spot
    from exittui.checker.places import Place
    from exittui.machine import Machine

_SECTION: Final = -2
"""In the place of who stands still, in what a section is kept by."""


class Scout(ReducedMover):
    """Finds out what single CPUs would do; all it does is taken back."""

    def __init__(self, machine: Machine, discipline: Discipline) -> None:
        super().__init__(machine, discipline)
        self._lines = range(machine.ncpu, machine.choices)
        self._lines_of = [
            tuple(range(cpu + machine.ncpu, machine.choices, machine.ncpu))
            for cpu in range(machine.ncpu)
        ]
        self._flags = {kind.masks for kind in machine.image.interrupts}
        self._recollection = Recollection(machine, self.slice)
        self._misreadings = 0

    def begin(self) -> None:
        """A search begins, at the start of the run; what counts may have changed."""
        super().begin()
        self._misreadings = -1

    def _arriving(self, cpu: int) -> tuple[int, ...]:
        """The interrupts that could arrive on a CPU now."""
        found: tuple[int, ...] = ()
        for line, armed in zip(self._lines_of[cpu], self._armed, strict=True):
            if self._variables[armed] and self.ready(line):
                found += (line,)
        return found

    def _taken(self) -> Place | None:
        """The owner word that the last step took."""
        taken = self.discipline.acquired
        return taken if taken is not None and taken in self.discipline.wrote else None

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
                self._not_restored(discipline.reads, interrupted),
                self._not_restored(discipline.wrote, interrupted),
            )
        taken = self._taken()
        if taken is not None:
            path.taken.add(taken)

    def _not_restored(self, places: Iterable[Place], cpu: int) -> list[Place]:
        """The places but those that a handler on this CPU puts back."""
        is_restored = self.discipline.is_restored
        return [one for one in places if not is_restored(one, cpu)]

    def _disturbs(self, handled: Path, asked: Path, cpu: int) -> bool:
        """Whether a handler on this CPU conflicts with what is asked about the code there."""
        reads, writes = (self._not_restored(places, cpu) for places in asked.accesses)
        return handled.conflicts(0, reads, writes)

    def _touched(self, places: Iterable[Place], cpu: int) -> list[Place]:
        """What a handler on this CPU does, less what only says whether it can arrive."""
        is_restored = self.discipline.is_restored
        return [one for one in places if not is_restored(one.whole or one, cpu)]

    # -- paths ---------------------------------------------------------------------------------

    def _current(self) -> None:
        """Forget paths from before something counted that counts now."""
        if self.discipline.guesses.misreadings != self._misreadings:
            self._misreadings = self.discipline.guesses.misreadings
            self._recollection.forget()

    def _name(self, *, still: int, cpu: int = -1) -> tuple[int, ...]:
        """What a path is kept by: who goes it, from which stacks, and where the others stand.

        And whether an interrupt is wanted of anybody: where none is, what would let one arrive is
        not noted on the way.
        """
        self._current()
        name = [still, cpu, int(self._quiet())]
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
        name = self._name(still=-1, cpu=cpu)
        known = self._recollection.find(name)
        if known is not None:
            return known
        path = Path()
        arrivals = _Arrivals()
        self._looking = True
        if not self._go_alone(cpu, path, arrivals):
            path.open = True
        self._stretches.drop()
        path.ends()
        failed = self._status.result is not None
        path.waits(self._waits(cpu))
        self._looking = False
        self.back(here)
        for handled in arrivals.paths.values():
            reads, writes = (self._touched(all_, cpu) for all_ in (handled.reads, handled.writes))
            path.open |= path.spoilt(0, reads, writes)
        for handled in arrivals.paths.values():
            path.join(handled)
        path.wakes |= arrivals.guards
        for line in self._lines_of[cpu]:
            path.waits(self._waits(line))
        if not failed:
            self._recollection.keep(name, path)
        return path

    def _go_alone(self, cpu: int, path: Path, arrivals: _Arrivals) -> bool:
        """Have a CPU go on until it has to wait; whether it came to that."""
        discipline, stretches = self.discipline, self._stretches
        loud = not self._quiet()
        later = 0
        noted = False  # whether it is noted what can arrive here
        while path.length < LONGEST:
            if loud and not noted and not path.open:
                path.open = not self._arrive(cpu, arrivals)
            if not self.ready(cpu):
                self._close(cpu)
                return True
            if not later and not stretches.recording:
                stretch = self._known(cpu)
                if stretch is not None:
                    if not loud or path.open or not awaited(stretch.accesses.writes, arrivals.now):
                        self._make_again(cpu, stretch)
                        path.goes_on(stretch.accesses)
                        later = 1
                        noted = self._threads[cpu][0][0] not in discipline.user
                        continue
                    later = stretch.steps
            later = max(later - 1, 0)
            before = self._before(cpu)
            visible = self._step(cpu)
            if stretches.recording:
                self._note(cpu, before, visible=visible)
            self._add(path)
            path.open |= discipline.arms
            if loud:
                noted = self._threads[cpu][0][0] not in discipline.user and not awaited(
                    discipline.wrote, arrivals.now
                )
        return False

    def _arrive(self, cpu: int, arrivals: _Arrivals) -> bool:
        """Note what can arrive on a CPU on its path; whether that is all that is to be known."""
        enabled = self._arriving(cpu)
        arrivals.now.clear()
        for line in self._lines_of[cpu]:
            guards = self._waits(line)
            arrivals.now.update(guards)
            arrivals.guards.update(guards)
            if line not in enabled:
                continue
            if self._cpus[cpu][0][0] in self.discipline.user:
                return False
            if line in arrivals.paths:
                continue
            handled = None if arrivals.paths else self.handled(line)
            self._looking = True
            if handled is None:
                return False
            arrivals.paths[line] = handled
        return True

    # -- sections ------------------------------------------------------------------------------

    def _masked(self, cpu: int) -> Place | None:
        """The flag of a CPU that the last step has cleared to keep interrupts out, if any."""
        info = self.machine.infos[cpu]
        for place in self.discipline.wrote:
            if place.key in self._flags and place.target is info.__dict__:
                return None if place.target[place.key] else place
        return None

    def _section(self, cpu: int, here: Spot, taken: Place) -> Path | None:
        """What a CPU accesses in the section that begins here, if it does that alone.

        What opens and closes the section is left out, and fields of the mutex that it shelters.
        """
        name = (*self._name(still=_SECTION, cpu=cpu), id(taken))
        known = self._recollection.find(name)
        if known is not None:
            return None if known.open else known
        path = Path()
        arrivals = _Arrivals()
        path.open = not self._inside(cpu, taken, path, arrivals)
        failed = self._status.result is not None
        self.back(here)
        kept = Path()
        kept.open = path.open
        for handled in arrivals.paths.values():
            kept.wakes.update(handled.reads, handled.wakes)
        for line in self._lines_of[cpu]:
            kept.waits(self._waits(line))
        kept.wakes.update(arrivals.guards, path.reads)
        self._leave_out(cpu, path, kept, taken)
        for handled in arrivals.paths.values():
            kept.open |= self._disturbs(handled, kept, cpu)
        if not failed:
            self._recollection.keep(name, kept)
        return None if kept.open else kept

    def _inside(self, cpu: int, taken: Place, path: Path, arrivals: _Arrivals) -> bool:
        """Go through a section; whether it comes to its end, and all can arrive there as well."""
        discipline = self.discipline
        free = None if taken.key not in self._flags else taken.target[taken.key]
        loud = not self._quiet()
        self._looking = True
        for _ in range(LONGEST_SECTION):
            self._step(cpu)
            self._add(path)
            loud |= discipline.arms
            if discipline.strict or not self.ready(cpu):
                return False
            if taken.target.get(taken.key) == free:
                there = self._arriving(cpu) if arrivals.paths else ()
                return all(line in there for line in arrivals.paths)
            if loud and not self._arrive(cpu, arrivals):
                return False
        return False

    def _leave_out(self, cpu: int, path: Path, kept: Path, taken: Place) -> None:
        """Keep of a section what does not open and close it, or shut others out of itself."""
        info = self.machine.infos[cpu]
        sheltered = self.discipline.sheltered
        own = {taken, taken.acquire, *taken.bounds.values()}
        for place in path.writes:
            if place.key in self._flags and place.target is info.__dict__:
                own |= {place, *place.bounds.values()}  # what was cleared in it is set again
        kept.add(
            *(
                [
                    one
                    for one in places
                    if one not in own
                    and (one.target is not taken.target or one.key not in sheltered)
                ]
                for places in (path.reads, path.writes)
            )
        )

    # -- interrupts ----------------------------------------------------------------------------

    def peek(self, choice: int, path: Path, *, ready: bool) -> bool:
        """Add to a path what a choice would do, or what keeps it; whether the machine goes on."""
        if not ready:
            path.waits(self._waits(choice))
            return True
        here = self.spot()
        self._looking = True
        self._step(choice)
        path.add(self.discipline.reads, self.discipline.wrote)
        goes_on = self._status.result is None
        self.back(here)
        return goes_on

    def handled(self, line: int) -> Path | None:
        """What the handler of an interrupt that can arrive does, if it is done with it soon."""
        cpu = line % self.machine.ncpu
        frame = self._cpus[cpu][0]
        if frame[0] in self.discipline.user:
            self._look_after(line, frame)
            return None
        self._current()
        name = (line, frame[2] // DEPTHS)
        known = self._recollection.find(name)
        if known is not None:
            return None if known.open else known
        here = self.spot()
        path = self._handled(line, frame)
        failed = self._status.result is not None
        self.back(here)
        if not failed:
            self._recollection.keep(name, path)
        return None if failed or path.open else path

    def _look_after(self, line: int, frame: Any) -> None:
        """Look what the handler of an interrupt does in user mode, if that may matter."""
        requests = self.discipline.requests
        choice, cpu = line, line % self.machine.ncpu
        place = self.slice.top(cpu, frame)
        if place in requests.looked or not requests.looks(line) or requests.wants(cpu):
            return  # with an AST it does what that asks for
        requests.looked.add(place)
        here = self.spot()
        self._looking = True
        for _ in range(SOON):
            self._step(choice)
            choice = cpu
            requests.look(line, self.discipline.reads, self.discipline.wrote)
            if self._cpus[cpu][0] is frame or not self.ready(cpu):
                break
        self.back(here)

    def _handled(self, line: int, frame: Any) -> Path:
        discipline, machine = self.discipline, self.machine
        cpu = line % machine.ncpu
        path = Path()
        self._looking = True
        looks = discipline.requests.looks(line)
        choice = line
        for _ in range(SOON):
            self._step(choice)
            path.add(discipline.reads, discipline.wrote)
            choice = cpu
            for other in self._lines_of[cpu]:
                path.waits(self._waits(other))
            path.open |= bool(self._arriving(cpu))
            path.open |= discipline.strict
            if path.open or self._cpus[cpu][0] is frame:
                if looks and not path.open:
                    discipline.requests.look(line, path.reads, path.writes)
                return path
            if not self.ready(cpu):
                break
        path.open = True
        return path


class _Arrivals:
    """What can arrive on a CPU while it goes a path."""

    __slots__ = ("guards", "now", "paths")

    def __init__(self) -> None:
        self.paths: dict[int, Path] = {}
        """By line, what its handler does."""
        self.guards: set[Place] = set()
        """What was read to find out."""
        self.now: set[Place] = set()
        """What of that is read where the CPU has come to."""
