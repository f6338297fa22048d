"""Random walks, by probabilistic concurrency testing (PCT).

Every CPU, and every interrupt that may arrive on one, has a priority, drawn for the walk; the
highest that can go on goes. At d - 1 moves of the walk, drawn beforehand, the one that has just
gone gets a priority below all that were drawn: the i-th of these moves, in the order in which they
were drawn and not in that of time, gives priority i. A walk finds a bug that takes d orderings with
at least 1 / (n * k**(d-1)) probability, with n to choose from and k moves a walk (Burckhardt and
others, 2010). d goes round from 1 to DEPTH + 1; k is the longest walk so far. Walks find much
before an exhaustive search gets there, and teach the reduced graph what is shared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.checker.search import PULSE

if TYPE_CHECKING:
    from exittui.checker.search import Bounds, Graph

DEPTH = 3
"""Changes of priority in a run."""


def search(graph: Graph, bounds: Bounds, *, walks: int, seed: int = 0) -> None:
    """Make so many walks; the same seed makes the same ones on every Python."""
    import random  # noqa: PLC0415 - not every search throws dice

    draw = random.Random(seed).random  # noqa: S311 - dice, not secrets
    mover, outcome, machine = graph.mover, graph.outcome, graph.machine
    length = 1
    visited = set()
    for number in range(walks):
        graph.start()
        visited.add(graph.key())
        drawn = sorted(range(machine.choices), key=lambda _: draw())
        priorities = {choice: DEPTH + rank for rank, choice in enumerate(drawn)}
        changes = {1 + int(draw() * length): low for low in range(number % (DEPTH + 1))}
        last, preemptions, moves = -1, 0, 0
        while True:
            choices = mover.choices()
            if not choices:
                graph.ended(preemptions)
                break
            choice = max(choices, key=priorities.__getitem__)
            preemptions += graph.cost(last, choice)
            last = choice
            goes_on = graph.move(choice, preemptions)
            visited.add(graph.key())
            moves += 1
            if moves in changes:
                priorities[choice] = changes[moves]
            if not goes_on or (bounds.depth is not None and machine.position >= bounds.depth):
                break
            if not moves % PULSE:
                outcome.states, outcome.steps = len(visited), mover.steps
                outcome.bound = bounds.stop(outcome)
                if outcome.bound:
                    mover.back(graph.root)
                    return
        length = max(length, moves)
        mover.back(graph.root)
        outcome.states, outcome.steps = len(visited), mover.steps
        outcome.bound = f"{walks:,} random walks"
        reason = bounds.stop(outcome)
        if reason:
            outcome.bound = reason
            break
