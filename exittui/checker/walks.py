"""Random walks, by probabilistic concurrency testing (PCT).

Every CPU has a priority; the highest that can go on goes. At a few places of the run, drawn
beforehand, the one that runs is put below all others. A bug of d orderings is found by a walk with
 at least 1 / (n * k**(d-1)) probability, with n CPUs and k moves a run (Burckhardt et
al., 2010). Walks find much before an exhaustive search gets there, and teach the reduced graph
what is shared.
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
        order = sorted(range(machine.choices), key=lambda _: draw())
        changes = {1 + int(draw() * length) for _ in range(number % (DEPTH + 1))}
        last, preemptions, moves = -1, 0, 0
        while True:
            choices = mover.choices()
            if not choices:
                graph.ended(preemptions)
                break
            choice = min(choices, key=order.index)
            preemptions += graph.cost(last, choice)
            last = choice
            goes_on = graph.move(choice, preemptions)
            visited.add(graph.key())
            moves += 1
            if moves in changes:
                order.remove(choice)
                order.append(choice)
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
