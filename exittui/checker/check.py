"""One check: a scenario under a kernel, or any machine, searched under a set of bounds."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from exittui.checker import depth, walks
from exittui.checker.breaking_off import between_moves
from exittui.checker.discipline import Discipline
from exittui.checker.findings import Finding, Kind
from exittui.checker.reduced import ReducedMover
from exittui.checker.search import Bounds, Graph, Outcome, text
from exittui.checker.simplest import MOVES, simplify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exittui.checker.judge import Judge
    from exittui.checker.search import Seen
    from exittui.machine import Machine

LEARNING = 24
"""Random walks before the search, from which the reduced graph learns what is shared."""

LESSON = 200_000
"""Steps after which the walks have taught enough: runs may be very long."""

HASTY = 200
"""How much to search for a simpler counterexample where the user has ended the search."""

SOON = 2_000
"""States after which a search that was built on a wrong guess is not simply begun again."""


@attrs.frozen(kw_only=True)
class Options:
    """How to search."""

    bounds: Bounds = attrs.field(factory=Bounds)
    reduce: bool = True
    exact: bool = False
    breadth: bool = False
    walks: int = 0
    """Make so many random walks instead of an exhaustive search."""
    seed: int = 0
    simplify: bool = True
    """Whether the simplest counterexamples are looked for, or those told that were met."""
    moves: int = MOVES
    """How much to search for a simpler counterexample, for each finding and preemption bound."""
    learning: int = LEARNING
    ahead: bool = True
    """Whether the reduced search may look ahead."""


@attrs.frozen(kw_only=True)
class Report:
    """What a check has found, and how much of the whole it has seen."""

    findings: tuple[Finding, ...]
    outcome: Outcome
    rounds: int
    """How often the reduced search began again with more learned."""
    reduced: bool = False
    """Whether an edge of the graph may be many statements."""
    interrupted: bool = False
    """Whether the user has ended the search, or the making of simpler counterexamples behind it."""

    @property
    def chain(self) -> float:
        """Statements executed for a transition, those tried and taken back included."""
        outcome = self.outcome
        return (outcome.steps - outcome.steps_before) / max(outcome.transitions, 1)

    @property
    def complete(self) -> bool:
        """Whether every schedule is covered."""
        return not self.outcome.bound


def check(
    machine: Machine,
    judge: Judge,
    options: Options,
) -> Report:
    """Search, and find the simplest counterexample for each property that is violated.

    An interrupt by the user ends the search, not the check: what was found until then is told.
    """
    with _uncollected():
        return _check(machine, judge, options)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cyclic garbage collector: a search keeps much, and makes no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _check(machine: Machine, judge: Judge, options: Options) -> Report:
    discipline = None
    if options.reduce and not judge.everywhere:
        discipline = Discipline.of(machine, judge)
    graph = Graph(machine, judge, discipline=discipline, exact=options.exact)
    with between_moves(graph):
        return _searched(graph, judge, options)


def _searched(graph: Graph, judge: Judge, options: Options) -> Report:
    discipline = graph.discipline
    rounds = 1
    try:
        if options.walks:
            walks.search(graph, options.bounds, walks=options.walks, seed=options.seed)
        elif options.bounds.preemptions is not None:
            from exittui.checker import preempting  # noqa: PLC0415 - one strategy of several

            rounds = _settled(graph, discipline, options, preempting.search)
        elif options.breadth:
            from exittui.checker import breadth  # noqa: PLC0415 - as above

            rounds = _settled(graph, discipline, options, breadth.search)
        else:
            rounds = _settled(graph, discipline, options, depth.search)
    except KeyboardInterrupt:
        graph.mover.back(graph.root)
        graph.outcome.bound = "interrupted"
    moves = options.moves
    interrupted = graph.outcome.bound == "interrupted"
    if interrupted:
        moves = min(moves, HASTY)
    found = dict(graph.outcome.seen)
    outcome = attrs.evolve(graph.outcome, seen=found, ends=set(graph.outcome.ends))
    findings = []
    for seen in found.values():
        if not options.simplify:
            findings.append(_as_seen(seen))
            continue
        try:
            graph.outcome = Outcome()
            findings.append(simplify(graph, seen, moves=moves))
        except KeyboardInterrupt:
            graph.mover.back(graph.root)
            interrupted, moves = True, 0
            findings.append(simplify(graph, seen, moves=0))
    findings += _circles(judge)
    if discipline is not None and discipline.guesses.broken:
        # What is left of the reduced graph was built on a wrong guess: it proves nothing least.
        findings = [attrs.evolve(finding, minimal=False) for finding in findings]
    order = list(Kind)
    findings.sort(key=lambda one: (order.index(one.kind), one.preemptions, one.steps, one.name))
    return Report(
        findings=tuple(findings),
        outcome=outcome,
        rounds=rounds,
        reduced=discipline is not None,
        interrupted=interrupted or graph.pressed,
    )


def _as_seen(seen: Seen) -> Finding:
    """The finding with the schedule on which the search has met it."""
    return Finding(
        kind=seen.sighting.kind,
        name=seen.sighting.name,
        message=seen.sighting.message,
        schedule=text(seen.picks),
        steps=len(seen.picks),
        preemptions=seen.preemptions,
        minimal=False,
        seen=seen.count,
    )


def _circles(judge: Judge) -> list[Finding]:
    """What can only be judged of all schedules together."""
    return [
        Finding(
            kind=sighting.kind,
            name=sighting.name,
            message=sighting.message,
            schedule=text(picks),
            steps=len(picks),
            preemptions=0,
            minimal=False,
            seen=1,
        )
        for sighting, picks in judge.circles()
    ]


def _settled(
    graph: Graph,
    discipline: Discipline | None,
    options: Options,
    search: Callable[[Graph, Bounds], None],
) -> int:
    """Search until a search was not built on a wrong guess; how often that took.

    What walks and broken searches have seen violated was violated, so it is kept.
    """
    if discipline is None:
        search(graph, options.bounds)
        return 1
    graph.outcome = Outcome()
    enough = _Enough(options.bounds.stop)
    walks.search(
        graph,
        attrs.evolve(options.bounds, preemptions=None, stop=enough),
        walks=options.learning,
    )
    if enough.asked_to:
        graph.outcome.bound = enough.asked_to
        return 1
    most = options.bounds.preemptions
    kept = {
        name: seen
        for name, seen in graph.outcome.seen.items()
        if most is None or seen.preemptions <= most
    }
    mover = graph.mover
    assert isinstance(mover, ReducedMover)  # noqa: S101 - that is what a discipline is for
    rounds = 0
    mark = SOON
    while True:
        rounds += 1
        discipline.guesses.renew()
        graph.outcome = Outcome(seen=kept, steps_before=graph.mover.steps)
        stop = _Restart(discipline, mark, options.bounds.stop, mends=search is depth.search)
        mover.ahead = options.ahead
        try:
            search(graph, attrs.evolve(options.bounds, stop=stop))
        finally:
            mover.ahead = False
        outcome = graph.outcome
        if not discipline.guesses.broken or outcome.bound not in ("", "begins again"):
            return rounds
        mark = 2 * max(mark, outcome.states)
        kept = outcome.seen


@attrs.define
class _Enough:
    """Ends the walks that teach when they have taught enough, or when `asked` ends all."""

    asked: Callable[[Outcome], str]
    asked_to: str = ""

    def __call__(self, outcome: Outcome) -> str:
        self.asked_to = self.asked(outcome)
        return self.asked_to or ("enough" if outcome.steps > LESSON else "")


@attrs.frozen
class _Restart:
    """Ends a search that was built on a wrong guess while it is young, as well as `asked` does."""

    discipline: Discipline
    most: int
    asked: Callable[[Outcome], str]
    mends: bool
    """Whether the search makes the moves again that rely on what was wrong."""

    def __call__(self, outcome: Outcome) -> str:
        wrong = self.discipline.guesses.misread if self.mends else self.discipline.guesses.broken
        if wrong and outcome.states < self.most:
            return "begins again"
        return self.asked(outcome)
