"""Depth first under a bound on preemptions: few are enough for most failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from exittui.checker.search import PULSE

if TYPE_CHECKING:
    from exittui.checker.mover import Spot
    from exittui.checker.search import Bounds, Graph


@attrs.define
class _Level:
    spot: Spot
    flags: int
    choices: tuple[int, ...]
    last: int
    preemptions: int
    at: int = 0


def search(graph: Graph, bounds: Bounds) -> None:  # noqa: C901 - one loop
    """Go through all schedules with at most `bounds.preemptions` preemptions.

    What can still be reached from a state depends on how many are left and on who ran last, so a
    state is entered again with fewer of them behind it, or after another CPU; it counts once.
    """
    mover, outcome = graph.mover, graph.outcome
    most = bounds.preemptions or 0
    graph.start()
    states: set[Any] = {graph.key()}
    known: dict[tuple[Any, int], int] = {}
    stack = [_Level(mover.spot(), graph.flags, mover.choices(), -1, 0)]
    if not stack[0].choices:
        graph.ended(0)
    cut = False
    moves = 0
    while stack:
        level = stack[-1]
        if level.at == len(level.choices):
            stack.pop()
            continue
        choice = level.choices[level.at]
        level.at += 1
        mover.back(level.spot)
        graph.flags = level.flags
        preemptions = level.preemptions + graph.cost(level.last, choice)
        if preemptions > most:
            cut = True
            continue
        moves += 1
        outcome.states, outcome.steps, outcome.frontier = len(states), mover.steps, len(stack)
        if not moves % PULSE:
            outcome.bound = bounds.stop(outcome)
        if bounds.states is not None and len(states) >= bounds.states:
            outcome.bound = f"{bounds.states:,} states"
        if outcome.bound:
            break
        goes_on = graph.move(choice, preemptions)
        key = graph.key()
        states.add(key)
        last = graph.machine._picks[-1]  # noqa: SLF001 - a move may end on another CPU
        if known.get((key, last), most + 1) <= preemptions:
            continue
        known[key, last] = preemptions
        choices = mover.choices() if goes_on else ()
        if goes_on and not choices:
            graph.ended(preemptions)
        if bounds.depth is not None and graph.machine.position >= bounds.depth:
            cut = True
        elif choices:
            stack.append(_Level(mover.spot(), graph.flags, choices, last, preemptions))
    outcome.states, outcome.steps = len(states), mover.steps
    if cut and not outcome.bound:
        outcome.bound = f"{most} preemption{'s' * (most != 1)}"
    mover.back(graph.root)
