"""Searches what can happen around a CPU that stands still, where paths do not tell it all.

See `lookahead.py`. The search is the reduced one, without looking ahead; arrivals may wait. Where
they all can, and nobody else could go on, a CPU goes on though its step could be noticed, and no
state is kept there; it waits until where that CPU stops, or comes to where it has been.

Where one comes to a conflict, the next one from the same statements nearly always does. So it is
taken to, the longer the more often it did, without being made: that a step is not taken alone costs
states, and never an end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.checker.lookahead import WIDEST, Path
from exittui.checker.postponing import pressing, waiting
from exittui.checker.scouting import Scout

if TYPE_CHECKING:
    from exittui.checker.discipline import Discipline
    from exittui.checker.mover import Spot
    from exittui.machine import Machine

LONGEST_TRUCE: Final = 63
"""Searches from the same statements that are left out in a row, as they would come to nothing."""


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


@attrs.define
class _Survey:
    """A search for what can happen around a CPU that stands still."""

    still: int
    stands: Any
    """The frame that it stands on."""
    path: Path
    """All that was done so far."""
    asked: Path
    visited: set[int]
    passed: bool = False
    """Whether interrupts have waited beside what a CPU did since it was chosen last."""


class Surveyor(Scout):
    """Finds out what all others would do while one CPU stands still; all is taken back."""

    def __init__(self, machine: Machine, discipline: Discipline) -> None:
        super().__init__(machine, discipline)
        self._all = range(machine.choices)
        self._truces: dict[tuple[int, ...], tuple[int, int]] = {}
        """By who stands still and where all stand: searches to be left out, and conflicts met."""

    def _stale(self, path: Path) -> bool:
        """Whether a path relies on what turned out to be wrong."""
        return not path.relied.isdisjoint(self.discipline.guesses.refuted)

    def _tells(self, path: Path, asked: Path) -> bool:
        """Whether a path tells all that is to be known of what is asked."""
        return not self._stale(path) and (not path.part or path.conflicts(0, *asked.accesses))

    def _around(self, still: int, here: Spot, asked: Path) -> tuple[Path, bool]:
        """What all others would do from here, interrupts on the CPU that stands still included.

        As soon as something of it conflicts with what is asked, that is all there is to know.
        """
        name = self._name(still=still)
        known = self._recollection.find(name, lambda path: self._tells(path, asked))
        if known is not None:
            return known, known.conflicts(0, *asked.accesses)
        where = (still, *(c[0][0] for c in self._threads))
        left, conflicts = self._truces.get(where, (0, 0))
        if left:
            self._truces[where] = left - 1, conflicts
            return Path(), True
        path, clash = self._searched(still, asked)
        if clash:
            self._truces[where] = min((2 << conflicts) - 1, LONGEST_TRUCE), conflicts + 1
        else:
            self._truces.pop(where, None)
        self._stretches.drop()
        path.part = clash
        self.back(here)
        for number in self._lines:
            path.waits(self._waits(number))
        if not path.failed:
            self._recollection.keep(name, path)
        return path, clash

    def _searched(self, still: int, asked: Path) -> tuple[Path, bool]:
        """The path of all others, or the part of it up to a conflict."""
        machine = self.machine
        path = Path()
        stands = self._threads[still][0]
        self._settle(still)
        survey = _Survey(still, stands, path, asked, {self.fingerprint})
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
            if self._go_around(survey, cpu):
                return path, True
            if self._status.result is None:
                self._close(cpu)
            if path.length > WIDEST:
                path.open = True
                return path, False
            self._settle(cpu)
            path.failed |= self._status.result is not None
            if self._status.result is not None:
                continue
            if self.fingerprint not in survey.visited:
                survey.visited.add(self.fingerprint)
                level.fresh = True
                levels.append(self._level(still, stands, path))
            elif survey.passed:  # what waited on the way here must not wait all around a circle
                lines = [line for line in self.choices() if line >= machine.ncpu]
                levels.append(_Level(self.spot(), lines, []))
        path.length = 1
        path.reads = dict.fromkeys(path.reads, 0)
        path.writes = dict.fromkeys(path.writes, 0)
        return path, False

    def _go_around(self, survey: _Survey, cpu: int) -> bool:  # noqa: C901, PLR0912 - one loop
        """Have a CPU go on with what nobody else can notice; whether that comes to a conflict."""
        discipline, stretches, path = self.discipline, self._stretches, survey.path
        still, stands, asked = survey.still, survey.stands, survey.asked
        rest = [number for number in self._all if number not in (cpu, still)]
        handling = still if cpu == still else -1
        again, seen = True, False  # whether others would notice the last step, if there were any
        survey.passed = False
        while self._status.result is None and self.ready(cpu) and path.length <= WIDEST:
            there = self._threads[still][0] is stands
            if cpu == still and there:
                break
            only = (cpu == still or there) and not any(self.able(one) for one in rest)
            here = self.fingerprint ^ self.slice.top(cpu, self._threads[cpu][0]) if seen else 0
            if here in survey.visited:
                break
            if again and not stretches.recording:
                gone = self._go_around_again(survey, cpu, only=only)
                if gone is not None:
                    if seen:
                        survey.visited.add(here)
                        seen = False
                    if asked.conflicts(0, *gone.accesses):
                        return True
                    again = False  # it has ended before a step that has to be looked at
                    continue
            again = True
            before = self._before(cpu)
            visible = self._step(cpu)
            if visible and not only:
                if not self._passed_by(survey, cpu, before):
                    break
                survey.passed = True
            if seen:
                survey.visited.add(here)
            seen = visible
            if stretches.recording:
                self._note(cpu, before, visible=visible)
            if not only and not visible:
                path.relied.update(discipline.used)
            self._add(path, handling)
            if self._clashes(asked, handling):
                return True
        return False

    def _go_around_again(self, survey: _Survey, cpu: int, *, only: bool) -> Path | None:
        """Have a CPU go through a stretch that is known, if any; what it accesses there."""
        stretch, still = self._known(cpu), survey.still
        if stretch is None:
            return None
        if cpu == still and not stretch.stays_above(survey.stands, self._threads[cpu][0]):
            return None
        self._make_again(cpu, stretch)
        self.fingerprint ^= stretch.change
        if not only:
            survey.path.relied.update(stretch.used)
        gone = stretch.accesses
        if cpu == still:
            gone = gone.only(lambda one: not self.discipline.is_restored(one, still))
        survey.path.goes_on(gone)
        return gone

    def _passed_by(self, survey: _Survey, cpu: int, before: tuple[Any, ...]) -> bool:
        """Whether all that could go on beside the step that a CPU has just made can wait.

        If not, the step is taken back.
        """
        strict = self.discipline.strict
        step = Path()
        step.add(self.discipline.reads, self.discipline.wrote)
        self.back(self._spot_before(cpu, before))
        if strict or not self._others_wait(survey, cpu, step):
            return False
        self._close(cpu)
        self._step(cpu)
        return True

    def _others_wait(self, survey: _Survey, cpu: int, step: Path) -> bool:
        """Whether what could go on beside the next step of a CPU are interrupts that can wait."""
        there = self._threads[survey.still][0] is survey.stands
        kept, able = Path(), []
        for choice in self._all:
            if choice == cpu or (there and choice == survey.still):
                continue
            if self.able(choice):
                able.append(choice)
            else:
                kept.waits(self._wait(choice))
        handled = waiting(self, able, (step,))
        if handled is None or any(kept.woken(one.writes) for one in handled):
            return False
        survey.path.waits(kept.wakes)
        return True

    def _clashes(self, asked: Path, interrupted: int) -> bool:
        """Whether the last step conflicts with what is asked about."""
        discipline = self.discipline
        reads, wrote = discipline.reads, discipline.wrote
        if interrupted >= 0:
            reads = self._not_restored(reads, interrupted)
            wrote = self._not_restored(wrote, interrupted)
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
                path.waits(self._wait(choice))
        if not found:
            path.ends()
        return found
