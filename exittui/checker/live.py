"""States that differ only in values which nobody reads before they are written over.

Two schedules often come to states that differ in a trace of the past: where a thread stood when it
slept last, what a system call returned that was interrupted since. If nothing that can happen from
there reads that value before it is written, or before its struct is gone, it is *dead*, and what
can happen from the one state can happen from the other, with the same outcome. Then one of them is
enough. (That is what a compiler calls the liveness of a variable, here of a place in memory, found
from the runs themselves.)

How it is known. Of every move is kept which tracked places it reads first (they are *wanted*), and
which it writes first. What is wanted at a state is what its moves want, and what is wanted where
they lead, unless they write it; at an end everything is, so that no end is taken for another. When
a search is done with a state it knows what is wanted there, as far as it has seen. A new state that
agrees with such a one in all that is wanted, and in everything that is not tracked, is not gone
through: that one *stands for* it. Who sleeps there (see `sleeping.py`) must sleep here as well.

That is a guess, for a circle of states may be done with before all is seen that is wanted there,
and where moves are made again more may be wanted. So all is worked out once more when the search is
over, and where a state turns out to differ in what is wanted where another stands for it, the move
that led to it is made again (see `record.py`). When none is left it was right: suppose something
can happen from a state that was left out, and not from the one that stands for it, and look at the
first step on the shortest such way where the two differ. All before it reads what is equal in both,
so it can be made from the other state, too; what it reads there was noted, and is wanted.

Which places are tracked is no matter to that; it costs time for each. They are the fields in which
states were seen to differ for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from exittui.checker.places import ALIVE
from exittui.checker.record import NOWHERE
from exittui.machine.frames import SAVED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.checker.looking import LookingMover
    from exittui.checker.places import Place
    from exittui.checker.requests import Minded

TRACKED: Final = frozenset(
    (
        SAVED,
        "ci_mwait",
        "ci_want_resched",
        "cs_set",
        "md_astpending",
        "p_cpu",
        "p_flag",
        "p_pc",
        "p_runpri",
        "p_slppri",
        "tf_args",
        "tf_err",
        "tf_rax",
    )
)
"""The names of the tracked fields."""

EVERYTHING: Final = -1
"""All places, as bits."""


def wanted(
    reads: Iterable[Place],
    writes: Iterable[Place],
    before: int,
    written: int,
    minded: Minded,
) -> tuple[int, int]:
    """What is wanted and what is written first, with one more step behind those that were made.

    It was made just now, by a CPU that minds these requests (see `requests.py`). Who enters a
    stack, so that none is saved there any more, goes on with what was.
    """
    for place in reads:
        if place.live:
            before |= place.live & ~written
    for place in writes:
        if place.live and place.whole is None:
            if place.key == SAVED and place.target.get(SAVED, EVERYTHING) is None:
                before |= place.live & ~written
            written |= place.live
        elif place.request:
            written |= place.request & minded.sent
        if place.minds and place.target.get(place.key):
            before |= minded[place.minds] & ~written
    return before, written


class _StandIn(NamedTuple):
    """A state that is not gone through, as another stands for it."""

    key: int | bytes
    node: int
    values: tuple[int, ...]
    guess: int


class LiveValues:
    """The states of one search, by number, and what is wanted of each."""

    def __init__(self, mover: LookingMover) -> None:
        """The search has not begun."""
        self._mover = mover
        self._tracked = mover.discipline.tracked_places
        self.nodes: dict[int | bytes, int] = {}
        """The numbers of the states that are gone through, by key."""
        self._cores: list[int] = []
        """What tells the states apart without their tracked places."""
        self._values: list[tuple[int, ...]] = []
        self._asleep: list[int] = []
        self._wanted: list[int] = []
        self._edges: list[list[tuple[int, int, int]]] = []
        """To which state a move leads, and which places it wants and writes."""
        self._done: dict[int, list[int]] = {}
        """The states that the search is done with, by core."""
        self._known: dict[int | bytes, _StandIn] = {}
        """By key, what was found for states that are not gone through."""
        self._stand_ins: dict[int, _StandIn] = {}
        """All that was ever found and not refuted, by guess."""
        self._last: tuple[int, int, tuple[int, ...]] | None = None
        """The key that was split last, and its parts: who finds no stand-in adds the state."""

    def add(self, key: int | bytes, asleep: int, *, ended: bool, waiting: tuple[int, ...]) -> int:
        """The number of a new state, the present one, with those who cannot go on there."""
        node = self.nodes[key] = len(self._edges)
        core, values = self._split(key)
        self._cores.append(core)
        self._values.append(values)
        self._asleep.append(asleep)
        requests = self._mover.discipline.requests
        if ended:
            self._wanted.append(EVERYTHING & ~requests.every | requests.left())
        else:
            self._wanted.append(requests.wanted() | self._mover.looked_at(waiting))
        self._edges.append([])
        return node

    def move(self, before: int, after: int) -> None:
        """The last move led from one state to another, or to NOWHERE if nothing goes on there."""
        self._edges[before].append((after, self._mover.wanted, self._mover.written))

    def awake(self, key: int | bytes, asleep: int) -> None:
        """At a state that was gone through only these sleep now."""
        node = self.nodes.get(key, NOWHERE)
        if node != NOWHERE:
            self._asleep[node] = asleep

    def done(self, node: int) -> None:
        """The search is done with a state, for now."""
        self._work_out(node)
        known = self._done.setdefault(self._cores[node], [])
        if node not in known:
            known.append(node)

    def stand_in(self, key: int | bytes, asleep: int) -> tuple[int, int] | None:
        """The number of the state that stands for the present one, and that of the guess."""
        known = self._known.get(key)
        if known is None or self._asleep[known.node] & ~asleep:
            core, values = self._split(key)
            known = self._found(key, self._done.get(core, ()), values, asleep)
            if known is None:
                return None
        return known.node, known.guess

    def _found(
        self, key: int | bytes, nodes: list[int] | tuple[()], values: tuple[int, ...], asleep: int
    ) -> _StandIn | None:
        for node in nodes:
            if not self._asleep[node] & ~asleep and not self._differs(node, values):
                guess = self._mover.discipline.guesses.make(visible=False)
                made = _StandIn(key, node, values, guess)
                self._known[key] = self._stand_ins[guess] = made
                return made
        return None

    def _differs(self, node: int, values: tuple[int, ...]) -> bool:
        """Whether a state with these values differs from another in what is wanted there."""
        wanted, bit = self._wanted[node], 1
        for one, other in zip(values, self._values[node], strict=False):
            if one != other and wanted & bit:
                return True
            bit <<= 1
        return False

    def refuted(self) -> list[int]:
        """Work out what is wanted of all states, and forget the guesses that were wrong by that."""
        changed = True
        while changed:
            changed = False
            for node in reversed(range(len(self._edges))):
                changed |= self._work_out(node)
        wrong = [one for one in self._stand_ins.values() if self._differs(one.node, one.values)]
        for one in wrong:
            del self._stand_ins[one.guess]
            if self._known.get(one.key) is one:
                del self._known[one.key]
        return [one.guess for one in wrong]

    def _work_out(self, node: int) -> bool:
        """What is wanted at a state by what is known now; whether that is more than before."""
        before = wanted = self._wanted[node]
        for after, reads, writes in self._edges[node]:
            wanted |= reads
            if after != NOWHERE:
                wanted |= self._wanted[after] & ~writes
        self._wanted[node] = wanted
        return wanted != before

    def _split(self, key: int | bytes) -> tuple[int, tuple[int, ...]]:
        """The key of the present state without the tracked places, and these.

        Whether the struct that a place is in lives is told apart in any case.
        """
        assert isinstance(key, int)  # noqa: S101 - an exact search tracks nothing
        if self._last is not None and self._last[0] == key:
            return self._last[1:]
        core, values = key ^ self._mover.discipline.requests.change(self._mover.slice), []
        for place in self._tracked:
            value = 0
            if place is None:
                pass
            elif place.request:
                value = place.now()
            elif self._exists(place):
                value = self._number(place)
                core ^= value ^ self._mover.slice.token(
                    (place.target.get("_oid", 0), place.key, ALIVE)
                )
            values.append(value)
        self._last = (key, core, tuple(values))
        return self._last[1:]

    def _exists(self, place: Place) -> bool:
        """Whether the struct that a place is in lives."""
        container = place.target
        oid = container.get("_oid")
        if oid is None:
            return True
        return place.key in container and self._mover.machine.memory.heap.get(oid) is not None

    def _number(self, place: Place) -> int:
        """What a place counts in the fingerprint now."""
        container, name, slice_ = place.target, place.key, self._mover.slice
        if name == SAVED:
            frame: Any = container[SAVED]
            return 0 if frame is None else slice_.saved(frame) ^ slice_.callers(frame)
        oid = container.get("_oid", 0)
        if not slice_._counts(name, container, oid):  # noqa: SLF001 - it is said there what counts
            return 0
        return slice_.token((oid, name, container[name]))
