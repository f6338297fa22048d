"""Breadth first: the first schedule found for a violation has the fewest moves there can be.

The machine is moved from one state of a level to the next over their last common state, so
neighbours are near; still every state costs the moves back to it, and a path is kept for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.checker.search import PULSE

if TYPE_CHECKING:
    from exittui.checker.mover import Spot
    from exittui.checker.search import Bounds, Graph


def search(graph: Graph, bounds: Bounds) -> None:
    """Go through the graph level by level."""
    mover, outcome = graph.mover, graph.outcome
    graph.start()
    visited = {graph.key()}
    outcome.states = 1
    if not mover.choices():
        graph.ended(0)
    level: list[tuple[int, ...]] = [()]
    walker = _Walker(graph)
    moves = 0
    while level and not outcome.bound:
        following: list[tuple[int, ...]] = []
        for number, path in enumerate(level):
            walker.go(path)
            for choice in mover.choices():
                walker.go(path)
                moves += 1
                if not moves % PULSE:
                    outcome.steps = mover.steps
                    outcome.frontier = len(following) + len(level) - number
                    outcome.bound = bounds.stop(outcome)
                goes_on = walker.step(choice)
                key = graph.key()
                if key in visited:
                    continue
                visited.add(key)
                outcome.states += 1
                if not goes_on:
                    continue
                if not mover.choices():
                    graph.ended(0)
                elif bounds.depth is not None and graph.machine.position >= bounds.depth:
                    outcome.bound = f"depth {bounds.depth:,}"
                else:
                    following.append((*path, choice))
            if bounds.states is not None and outcome.states >= bounds.states:
                outcome.bound = f"{bounds.states:,} states"
            if outcome.bound:
                break
        level = following
    outcome.steps = mover.steps
    mover.back(graph.root)


class _Walker:
    """Moves the machine to any state whose way from the root is known."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._path: list[int] = []
        self._spots: list[tuple[Spot, int]] = [(graph.mover.spot(), graph.flags)]

    def go(self, path: tuple[int, ...]) -> None:
        """To the state at the end of a way: back to where it parts from here, then on."""
        shared = 0
        while shared < min(len(path), len(self._path)) and path[shared] == self._path[shared]:
            shared += 1
        del self._path[shared:], self._spots[shared + 1 :]
        spot, self._graph.flags = self._spots[shared]
        self._graph.mover.back(spot)
        for choice in path[shared:]:
            self._graph.mover.move(choice)
            self._path.append(choice)
            self._spots.append((self._graph.mover.spot(), self._graph.flags))

    def step(self, choice: int) -> bool:
        """One move on, which counts; whether one can go on from there."""
        goes_on = self._graph.move(choice, 0)
        self._path.append(choice)
        self._spots.append((self._graph.mover.spot(), self._graph.flags))
        return goes_on
