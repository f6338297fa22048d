"""Depth first: every state once, as fast as may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.checker.search import PULSE, explored

if TYPE_CHECKING:
    from exittui.checker.mover import Mover, Spot
    from exittui.checker.search import Bounds, Graph

_Level = tuple["Spot", int, tuple[int, ...], int, tuple[int, ...], int]


def _parted(mover: Mover, choices: tuple[int, ...]) -> tuple[object, ...]:
    """The end of a level: what has to be tried, none of it yet, what can wait, nothing new yet."""
    pressing = mover.pressing(choices)
    return pressing, 0, tuple(one for one in choices if one not in pressing), 0


def search(graph: Graph, bounds: Bounds) -> None:  # noqa: PLR0915 - one loop, on the hot path
    """Go through the whole graph, or as far as the bounds let."""
    mover, machine, outcome = graph.mover, graph.machine, graph.outcome
    most = bounds.states
    graph.start()
    visited = {graph.key()}
    outcome.states = 1
    choices = mover.choices()
    if not choices:
        graph.ended(0)
    stack: list[list[object]] = [[mover.spot(), graph.flags, choices, 0, (), 0]]
    moves = 0
    while stack:
        level = stack[-1]
        at: int = level[3]  # type: ignore[assignment] # a level is a short-lived record
        choices = level[2]  # type: ignore[assignment]
        if at == len(choices):
            rest: tuple[int, ...] = () if level[5] else level[4]  # type: ignore[assignment] # as above
            if not rest:
                stack.pop()
                continue
            level[2:] = [choices + rest, at, (), 0]  # nothing new: what could wait is tried, too
            continue
        level[3] = at + 1
        mover.back(level[0])  # type: ignore[arg-type]
        graph.flags = level[1]  # type: ignore[assignment]
        moves += 1
        if not moves % PULSE:
            outcome.steps, outcome.frontier = mover.steps, len(stack)
            outcome.explored = explored((one[3], len(one[2])) for one in stack)  # type: ignore[misc,arg-type] # as above
            outcome.bound = bounds.stop(outcome)
            if outcome.bound:
                break
        goes_on = graph.move(choices[at], 0)
        key = graph.key() if graph.exact or graph.flags else mover.fingerprint
        if key in visited:
            continue
        visited.add(key)
        outcome.states += 1
        level[5] = 1
        if not goes_on:
            continue
        choices = mover.choices()
        if not choices:
            graph.ended(0)
            continue
        if most is not None and outcome.states >= most:
            outcome.bound = f"{most:,} states"
            break
        if bounds.depth is not None and machine.position >= bounds.depth:
            outcome.bound = f"depth {bounds.depth:,}"
            continue
        stack.append([mover.spot(), graph.flags, *_parted(mover, choices)])
    outcome.steps, outcome.frontier = mover.steps, len(stack)
    mover.back(graph.root)
