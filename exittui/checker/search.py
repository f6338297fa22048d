"""What all searches share: bounds, the outcome, and the graph they go through.

The strategies are siblings (`depth.py`, `breadth.py`, `walks.py`, `simplest.py`): each is a
function of a `Graph` and `Bounds` that fills an `Outcome`, with the machine at the start of its
run before and after. None looks at a clock: what may stop one from outside is `Bounds.stop`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from exittui.checker.findings import Sighting, of_stop
from exittui.checker.looking import LookingMover
from exittui.checker.mover import Mover
from exittui.checker.slice import Slice
from exittui.checker.tokens import encode
from exittui.machine import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from exittui.checker.discipline import Discipline
    from exittui.checker.judge import Judge
    from exittui.machine import Machine

PULSE: Final = 64
"""So many moves between two looks at whether to stop."""

_LEAST: Final = 1e-6
"""Parts below this one show in no estimate."""

_FLAG: Final = 0x9E3779B97F4A7C15
_ALL: Final = 0xFFFFFFFFFFFFFFFF


@attrs.frozen
class Bounds:
    """Where a search ends without having seen everything."""

    states: int | None = None
    depth: int | None = None
    """Steps from the start."""
    preemptions: int | None = None
    stop: Callable[[Outcome], str] = lambda _: ""
    """Asked now and then; a reason to stop here, or nothing."""


@attrs.define
class Seen:
    """A violated property as a search has met it."""

    sighting: Sighting
    picks: bytes
    preemptions: int
    count: int = 1


@attrs.define
class Outcome:
    """What a search has done so far."""

    states: int = 0
    transitions: int = 0
    """Edges of the graph that was searched; in the reduced graph one edge is many steps."""
    steps: int = 0
    """Statements executed, those tried and taken back included.

    Not those that are known to come to what they came to before (see `stretches.py`).
    """
    steps_before: int = 0
    """How many of them were executed before this search, to learn what is shared."""
    depth: int = 0
    """Statements of the longest schedule."""
    frontier: int = 0
    """States met and not yet done with."""
    explored: float = 0.0
    """An estimate of the part that is done, from 0 to 1, by a search that goes depth first.

    Every way on from a state counts as much as the others (Knuth 1975): far too little where most
    ways meet states that are known already, as they do here.
    """
    ends: set[int] = attrs.field(factory=set)
    """The ends met, told apart by what can still matter (see `slice.py`) in every graph."""
    seen: dict[str, Seen] = attrs.field(factory=dict)
    bound: str = ""
    """Which bound was hit; nothing if every schedule was covered."""


class Graph:
    """The state graph of one machine, full or reduced, and what is asked of it."""

    def __init__(
        self,
        machine: Machine,
        judge: Judge,
        *,
        discipline: Discipline | None = None,
        exact: bool = False,
    ) -> None:
        """The machine stands at the start of its run; with a discipline the graph is reduced."""
        self.machine = machine
        self.judge = judge
        self.exact = exact
        self.discipline = discipline
        self.outcome = Outcome()
        if discipline is None:
            self.mover = Mover(machine)
            self.slice = Slice(machine, set(machine.image.unread) - judge.names)
        else:
            discipline.unread -= judge.names
            self.mover = LookingMover(machine, discipline)
            self.slice = self.mover.slice
        for name in judge.names:
            self.slice.endings.drop(name)
        self.root = self.mover.spot()
        self.flags = 0
        self.pressed = False
        """Whether Control-C was pressed and not heard yet: see `breaking_off.py`."""
        self._sightings: list[Sighting] = []
        if getattr(judge, "claims", True):
            self.mover.watch = self._judge

    def key(self) -> int | bytes:
        """What tells this state from all others."""
        if self.exact:
            whole = encode(self.machine) if self.discipline is None else self.slice.exact()
            return whole + bytes([self.flags])
        return self.keyed(self.mover.fingerprint)

    def keyed(self, fingerprint: int) -> int:
        """The key of a state with this fingerprint, and the flags of now."""
        return fingerprint ^ self.flags * _FLAG & _ALL

    def _judge(self) -> None:
        judge, machine = self.judge, self.machine
        self._sightings += judge.state(machine)
        self.flags |= judge.flags(machine)
        if self.discipline is not None:
            self.discipline.observe(judge.observed)

    def start(self) -> None:
        """Judge the state at the start of the run."""
        self.flags = 0
        if self.mover.watch is not None:
            self._judge()
        self.mover.begin()
        self.root = self.mover.spot()

    def hear(self) -> None:
        """Raise KeyboardInterrupt if Control-C was pressed, as nothing is half done here."""
        if self.pressed:
            self.pressed = False
            raise KeyboardInterrupt

    def move(self, choice: int, preemptions: int) -> bool:
        """Make a move and note what it violates; whether one can go on from there.

        Raises KeyboardInterrupt before it if the user wants no more.
        """
        self.hear()
        outcome = self.outcome
        self.mover.move(choice)
        outcome.transitions += 1
        position = len(self.machine._marks)  # noqa: SLF001 - nothing is ever undone here
        outcome.depth = max(outcome.depth, position)
        if self._sightings:
            for sighting in self._sightings:
                self.note(sighting, preemptions)
            self._sightings.clear()
        if self.machine.result is not None:
            self.note(of_stop(self.machine), preemptions)
            return False
        return True

    def ended(self, preemptions: int) -> None:
        """Nothing can go on from here: judge that."""
        self.outcome.ends.add(self.slice.whole())
        for sighting in self.judge.end(self.machine, self.flags):
            self.note(sighting, preemptions)

    def note(self, sighting: Sighting, preemptions: int) -> None:
        """A property is violated here."""
        seen = self.outcome.seen.get(sighting.name)
        if seen is None:
            picks = bytes(self.machine.schedule().picks)
            self.outcome.seen[sighting.name] = Seen(sighting, picks, preemptions)
        else:
            seen.count += 1

    def cost(self, last: int, choice: int) -> int:
        """1 if to choose this after `last` takes the CPU from one that could go on."""
        if last < 0 or last == choice:
            return 0
        return int(self.machine.ready(last))


def explored(ways: Iterable[tuple[int, int]]) -> float:
    """The part that is done, from the ways taken and there are at each state, outermost first.

    Of the ways taken the last is under way.
    """
    part, share = 0.0, 1.0
    for taken, there_are in ways:
        if share < _LEAST:
            break
        part += share * max(taken - 1, 0) / there_are
        share /= there_are
    return part


def text(picks: bytes) -> str:
    """The text of a schedule."""
    return str(Schedule.of(picks))
