"""Small machines, searched by tables of what their statements do.

A statement is a function of its frame and of the places it reads. So what it does need be found out
but once for each content of these: the machine is put into that state, makes the step, and an entry
of a table keeps what came of it: where the CPU stands then, what was written, how the fingerprint
changes. From then on a transition is a look into a dict and an exclusive-or, and a state that was
met before is never even made. The machine itself is needed only for what is not in the tables yet;
they can be kept (see `dump`), and then a search starts without it. This module loads nothing that
a search does not use, for the start of a command counts too.

Which places a step reads may depend on what it reads. A table goes by all places that any entry for
the same frame has read or written over; when one is added, the table begins anew. Then two states
with the same content of these places make the same step: it reads the same value first, hence the
same place second, and so on.

It fits machines of no kernel: no interrupts, queues, allocation or change of stacks (`Unfit` says
so otherwise), every CPU on a stack of its own.

Fingerprints have 60 bits here, so that a stored state takes 32 bytes and its slot in a set; among
n states two different ones share theirs with a probability of about n*n / 2**61, 4e-9 for 100,000.

The reduced search takes a step alone if it conflicts with nothing that any other CPU can still read
or write from where it stands, whatever happens: as far as the tables know. If they learned more
until its end, it is made again (the argument is that of `discipline.py`: the first step of a
full schedule that the tables do not know would have been met). Steps taken alone are made in
chains, whose states are not stored; a chain of LONGEST steps ends in a state in which everything is
tried, so that no cycle leaves anybody out for ever.
"""

from __future__ import annotations

import marshal
from operator import itemgetter
from sys import getsizeof

TYPE_CHECKING = False
"""As in `typing`, which takes a third of the time that a small search does."""

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from exittui.checker.learning import Learner

    Entry = tuple[int, tuple[tuple[int, Any], ...], int, int, int, str]
    """The next place of the CPU, what is written, the change of the fingerprint, the places read
    and written as bits, and the words for what stops the machine there. A step that has to wait
    has -1 for its next place."""

LONGEST = 1000
BITS = (1 << 60) - 1
DEADLOCK = "deadlock"
"""The words for an end in which somebody waits."""


class Unfit(Exception):  # noqa: N818 - what the machine is, not what went wrong
    """A machine does what tables do not hold."""


class Found:
    """What a search has found."""

    def __init__(self) -> None:
        self.states = self.transitions = 0
        self.bytes = 0
        """What the set of stored states takes."""
        self.ends: set[int] = set()
        self.failures: dict[str, tuple[int, ...]] = {}
        """By the words for it, the choices that lead to a failure."""


class Tables:
    """What the statements of one machine do, as far as that is known."""

    def __init__(self, start: tuple[Any, ...], ncpu: int) -> None:
        """A state is what stands in every place, then where each CPU stands, by number."""
        self.start = start
        self.ncpu = ncpu
        self.first = len(start) - ncpu
        """Where in a state the CPUs are."""
        self.finished = -1
        """The place of a CPU that has nothing left to run."""
        self.learner: Learner | None = None
        self.reads: list[tuple[int, ...]] = []
        """By place of a CPU, the places of the machine that its table goes by."""
        self.entries: list[dict[Any, Entry]] = []
        self._get: list[Callable[[Any], Any]] = []
        self._future: list[list[int]] = []
        """By place of a CPU, what can be read and written from there on, as bits."""
        self._before: list[set[int]] = []
        self.learned = False
        """Whether anything was learned since somebody last said no."""

    def add_place(self) -> None:
        """One more place for a CPU to stand at."""
        self.reads.append(())
        self.entries.append({})
        self._get.append(_nothing)
        self._future.append([0, 0])
        self._before.append(set())

    def goes_by(self, place: int, reads: tuple[int, ...]) -> None:
        """The table of a place goes by other places of the machine: it begins anew."""
        self.reads[place] = reads
        self._get[place] = itemgetter(*reads) if reads else _nothing
        self.entries[place].clear()

    def put(self, place: int, key: Any, entry: Entry) -> None:
        """Note what a step does, and what that means for those before it."""
        self.entries[place][key] = entry
        future = self._future
        if entry[0] >= 0:
            self._before[entry[0]].add(place)
            read, written = future[entry[0]]
        else:
            read = written = 0
        todo = [(place, entry[3] | read, entry[4] | written)]
        while todo:
            at, read, written = todo.pop()
            mine = future[at]
            if read & ~mine[0] or written & ~mine[1]:
                mine[0] |= read
                mine[1] |= written
                self.learned = True
                todo += [(one, mine[0], mine[1]) for one in self._before[at]]

    def dump(self) -> bytes:
        """All that is known, for `load`."""
        known = [
            (one, list(table.items())) for one, table in zip(self.reads, self.entries, strict=True)
        ]
        return marshal.dumps((self.start, self.ncpu, self.finished, known))

    @staticmethod
    def load(kept: bytes) -> Tables:
        """The tables that were kept."""
        start, ncpu, finished, known = marshal.loads(kept)  # noqa: S302 - as much ours as a .pyc file
        tables = Tables(start, ncpu)
        tables.finished = finished
        for _ in known:
            tables.add_place()
        for place, (reads, items) in enumerate(known):
            tables.goes_by(place, reads)
            for key, entry in items:
                tables.put(place, key, entry)
        return tables

    def _learn(self, cpu: int, state: tuple[Any, ...]) -> Entry:
        if self.learner is None:
            raise Unfit("these tables lack a step")
        return self.learner.learn(cpu, state)

    # -- searching -----------------------------------------------------------------------------

    def search(self, *, reduce: bool = False) -> Found:
        """Go through all states, or through those of the reduced graph."""
        while True:
            self.learned = False
            found = self._reduced() if reduce else self._full()
            if not reduce or not self.learned:
                break
        if found.failures:
            self._ways(found, reduce=reduce)
        return found

    def _full(self) -> Found:
        found = Found()
        first = self.first
        entries, get, ends = self.entries, self._get, found.ends
        start = self.start
        visited = {0}
        stack = [(start, 0)]
        pop, push, add = stack.pop, stack.append, visited.add
        transitions = 0
        while stack:
            state, number = pop()
            stuck = True
            at = first
            for place in state[first:]:
                try:
                    entry = entries[place][get[place](state)]
                except KeyError:
                    entry = self._learn(at - first, state)
                if entry[0] >= 0:
                    stuck = False
                    transitions += 1
                    after = number ^ entry[2]
                    if after not in visited:
                        add(after)
                        following = list(state)
                        following[at] = entry[0]
                        for written, value in entry[1]:
                            following[written] = value
                        push((tuple(following), after))
                    elif entry[5]:
                        found.failures[entry[5]] = ()
                at += 1
            if stuck:
                ends.add(number)
                if self._waits(state):
                    found.failures[DEADLOCK] = ()
        found.states, found.transitions = len(visited), transitions
        found.bytes = _size(visited)
        return found

    def _reduced(self) -> Found:
        found = Found()
        stack = [self._chain(self.start, 0)]
        visited = {stack[0][1]}
        transitions = 0
        while stack:
            state, number = stack.pop()
            stuck = True
            for cpu in range(self.ncpu):
                entry = self._entry(cpu, state)
                if entry[0] < 0:
                    continue
                stuck = False
                transitions += 1
                if entry[5]:
                    found.failures[entry[5]] = ()
                    continue
                after, reached = self._chain(self._made(cpu, state, entry), number ^ entry[2])
                if reached not in visited:
                    visited.add(reached)
                    stack.append((after, reached))
            if stuck:
                found.ends.add(number)
                if self._waits(state):
                    found.failures[DEADLOCK] = ()
        found.states, found.transitions = len(visited), transitions
        found.bytes = _size(visited)
        return found

    def _entry(self, cpu: int, state: tuple[Any, ...]) -> Entry:
        place = state[self.first + cpu]
        try:
            entry: Entry = self.entries[place][self._get[place](state)]
        except KeyError:
            entry = self._learn(cpu, state)
        return entry

    def _chain(
        self, state: tuple[Any, ...], number: int, picks: list[int] | None = None
    ) -> tuple[tuple[Any, ...], int]:
        """Make steps that conflict with nothing others can still do, and note who made them."""
        future, first = self._future, self.first
        for _ in range(LONGEST):
            places = state[first:]
            for cpu in range(self.ncpu):
                entry = self._entry(cpu, state)
                read, written = entry[3:5]
                if entry[0] < 0 or entry[5]:
                    continue
                for other, place in enumerate(places):
                    if other != cpu:
                        reads, wrote = future[place]
                        if wrote & (read | written) or reads & written:
                            break
                else:
                    break
            else:
                return state, number
            state, number = self._made(cpu, state, entry), number ^ entry[2]
            if picks is not None:
                picks.append(cpu)
        return state, number

    def _ways(self, found: Found, *, reduce: bool) -> None:
        """A schedule for every failure, breadth first: the shortest if nothing is reduced."""
        open_ = set(found.failures)
        picks: list[int] = []
        start, number = self._chain(self.start, 0, picks) if reduce else (self.start, 0)
        before: dict[int, tuple[int, tuple[int, ...]]] = {number: (-1, tuple(picks))}
        level = [(start, number)]
        while level and open_:
            following = []
            for state, number in level:
                stuck = True
                for cpu in range(self.ncpu):
                    entry = self._entry(cpu, state)
                    if entry[0] < 0:
                        continue
                    stuck = False
                    if entry[5]:
                        if entry[5] in open_:
                            open_.discard(entry[5])
                            found.failures[entry[5]] = (*_way(before, number), cpu)
                        continue
                    after, reached, picks = self._made(cpu, state, entry), number ^ entry[2], [cpu]
                    if reduce:
                        after, reached = self._chain(after, reached, picks)
                    if reached not in before:
                        before[reached] = (number, tuple(picks))
                        following.append((after, reached))
                if stuck and DEADLOCK in open_ and self._waits(state):
                    open_.discard(DEADLOCK)
                    found.failures[DEADLOCK] = _way(before, number)
            level = following

    def _made(self, cpu: int, state: tuple[Any, ...], entry: Entry) -> tuple[Any, ...]:
        """The state behind a step."""
        following = list(state)
        following[self.first + cpu] = entry[0]
        for written, value in entry[1]:
            following[written] = value
        return tuple(following)

    def _waits(self, state: tuple[Any, ...]) -> bool:
        """Whether somebody has not come to the end, where nobody can go on."""
        return any(place != self.finished for place in state[self.first :])


def _way(before: dict[int, tuple[int, tuple[int, ...]]], number: int) -> tuple[int, ...]:
    parts = []
    while number >= 0:
        number, picks = before[number]
        parts.append(picks)
    return tuple(pick for picks in reversed(parts) for pick in picks)


def _size(visited: set[int]) -> int:
    return getsizeof(visited) + len(visited) * getsizeof(BITS)


def _nothing(_: Any) -> None:
    return None
