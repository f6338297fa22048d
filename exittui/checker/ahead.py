"""What the schedules lead to that go on from a place of one run: how many fail, and in which way.

Schedules are counted, not sampled: from every state of the reduced graph the numbers of the states
behind it add up, so that a state is gone through once however many schedules lead there. Two
schedules that differ only in the order of steps which nobody else notices are one (see
`discipline.py`); the numbers are exact for these, and they are what a person can tell apart. Where
a run goes on through a state that it was in before, that way is not counted, for it has no end.

Along a recorded run the counting begins at its end and goes back, place by place: what was counted
for a later place is a part of an earlier one. Where only one thing can happen, or the step that was
made is none that others notice, a place has the numbers of the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import attrs

from exittui.checker import walks
from exittui.checker.discipline import Discipline
from exittui.checker.findings import Sighting, of_stop
from exittui.checker.search import Bounds, Graph

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from exittui.checker.judge import Judge
    from exittui.checker.mover import Spot
    from exittui.machine import Machine

SLICE: Final = 16
"""Moves between two moments at which whoever asked may go away."""

LESSONS: Final = 6
"""Random walks, from which the reduced graph learns what is shared."""

LEARNT: Final = 512
"""Moves after which a search that was built on a wrong guess begins again: it learns meanwhile."""


@attrs.define
class Tally:
    """How many schedules go on from a state, and how many of them fail, by the property."""

    schedules: int = 0
    failing: int = 0
    by: dict[str, int] = attrs.field(factory=dict)
    endless: bool = False
    """Some ways come back to where they were: they are not counted."""

    def add(self, other: Tally) -> None:
        """The schedules of one more way on."""
        self.schedules += other.schedules
        self.failing += other.failing
        self.endless |= other.endless
        for name, number in other.by.items():
            self.by[name] = self.by.get(name, 0) + number


class Failure(NamedTuple):
    """A way in which schedules fail, with the shortest of those that were seen."""

    sighting: Sighting
    picks: bytes


class _EnoughError(Exception):
    """The bound is reached."""


class _AgainError(Exception):
    """The reduced graph was built on a wrong guess."""


@attrs.define
class _Level:
    key: Any
    spot: Spot
    choices: tuple[int, ...]
    tally: Tally = attrs.field(factory=Tally)
    at: int = 0


class Ahead:
    """Counts along runs; the machine is its own and stands at the start of them."""

    def __init__(self, machine: Machine, judge: Judge) -> None:
        """What is learned of the machine in one search is known in the next."""
        self._machine = machine
        self._judge = judge
        self._discipline = Discipline.of(machine, judge)
        self._graph = Graph(machine, judge, discipline=self._discipline)
        self._start = self._graph.mover.spot()
        self._picks: Sequence[int] = ()
        self._most = self._moves = 0
        self._learnt = False
        self._known: dict[Any, Tally] = {}
        self.tallies: dict[int, Tally] = {}
        """By place, from the end of the run back, what is counted so far."""
        self.failures: dict[str, Failure] = {}
        self.bound = ""
        """Which bound was hit; nothing if all is counted."""

    @property
    def states(self) -> int:
        """How many states were gone through."""
        return len(self._known)

    def search(self, picks: Sequence[int], first: int, most: int) -> Iterator[None]:
        """Count for the places from the end of a run back to `first`, slice by slice.

        `picks` is the run, `most` how many moves may be made in all. It may be given up at any
        slice.
        """
        self._graph.mover.back(self._start)
        self._picks, self._most, self._moves = picks, most, 0
        self._learnt = False
        self.bound = ""
        self.failures.clear()
        while True:
            self._known.clear()
            self.tallies.clear()
            self._discipline.guesses.renew()
            try:
                yield from self._back(first)
            except _AgainError:
                self._graph.mover.back(self._start)
                continue
            except _EnoughError:
                self.bound = f"{self._most:,} moves"
            break
        self._graph.mover.back(self._start)

    def _back(self, first: int) -> Iterator[None]:
        mover = self._graph.mover
        if not self._learnt:
            self._learnt = True
            yield from self._learn(first)
        spots, noticed = self._follow()
        for position in range(len(self._picks), first - 1, -1):
            mover.back(spots[position])
            following = self.tallies.get(position + 1)
            if following is not None and (
                not noticed[position] or len(self._machine.enabled()) == 1
            ):
                self.tallies[position] = following
                continue
            tally = yield from self._counted()
            if self._discipline.guesses.broken:
                raise _AgainError
            self.tallies[position] = tally

    def _follow(self) -> tuple[list[Spot], list[bool]]:
        """Make the choices of the run; the places on the way, and which steps others notice."""
        mover = self._graph.mover
        spots, noticed = [mover.spot()], []
        for choice in self._picks:
            noticed.append(mover.follow(choice))
            spots.append(mover.spot())
        return spots, noticed

    def _learn(self, first: int) -> Iterator[None]:
        """Walk on from both ends of the stretch that is to be counted."""
        graph = self._graph
        spots, _ = self._follow()
        for place in (spots[-1], spots[first]):
            graph.mover.back(place)
            graph.root = place
            if self._machine.result is None:
                for seed in range(LESSONS):
                    walks.search(graph, Bounds(), walks=1, seed=seed)
                    yield
        graph.mover.back(self._start)
        self._discipline.guesses.renew()

    def _counted(self) -> Generator[None, None, Tally]:
        """The tally of the state where the machine stands."""
        mover, known = self._graph.mover, self._known
        stack: list[_Level] = []
        under_way: set[Any] = set()
        whole = Tally()
        self._enter(stack, under_way, whole)
        while stack:
            level = stack[-1]
            if level.at == len(level.choices):
                stack.pop()
                under_way.discard(level.key)
                known[level.key] = level.tally
                (stack[-1].tally if stack else whole).add(level.tally)
                continue
            choice = level.choices[level.at]
            level.at += 1
            mover.back(level.spot)
            self._moves += 1
            if self._moves > self._most:
                raise _EnoughError
            if self._moves % SLICE == 0:
                yield
            if self._discipline.guesses.broken and self._moves % LEARNT == 0:
                raise _AgainError
            mover.move(choice)
            self._enter(stack, under_way, level.tally)
        return whole

    def _enter(self, stack: list[_Level], under_way: set[Any], tally: Tally) -> None:
        """Count the state where the machine stands, or put it on the stack if that takes more."""
        if self._machine.result is not None:  # which is no part of the key
            tally.add(self._ended())
            return
        key = self._graph.key()
        known = self._known.get(key)
        if known is not None:
            tally.add(known)
        elif key in under_way:
            tally.endless = True
        elif choices := self._graph.mover.choices():
            stack.append(_Level(key, self._graph.mover.spot(), choices))
            under_way.add(key)
        else:
            ended = self._known[key] = self._ended()
            tally.add(ended)

    def _ended(self) -> Tally:
        """The one schedule that ends here, and how."""
        machine = self._machine
        stopped = machine.result is not None
        found = [of_stop(machine)] if stopped else self._judge.end(machine, 0)
        picks = bytes(machine.schedule().picks)
        for sighting in found:
            before = self.failures.get(sighting.name)
            if before is None or len(picks) < len(before.picks):
                self.failures[sighting.name] = Failure(sighting, picks)
        return Tally(1, int(bool(found)), {one.name: 1 for one in found})
