"""The simplest schedule that violates a property: fewest preemptions, then fewest steps.

A preemption is a choice that takes the turn from a CPU that could have gone on. Under a bound of
0, 1, 2, … preemptions a depth-first search looks for the violation, and goes on looking for ones
of fewer steps; a state is entered again only with fewer preemptions or fewer steps than before.
The first bound under which it is found is the least, if the searches below were complete.

What is found in the reduced graph is then shortened in the full one: every stretch of one CPU is
cut as short as the violation allows.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import attrs

from exittui.checker.findings import Finding, of_stop
from exittui.checker.search import text

if TYPE_CHECKING:
    from exittui.checker.search import Graph, Seen

MOVES = 6_000
"""So many moves may be spent on one bound; what is not found then is not called minimal."""

MOST_PREEMPTIONS = 4


def simplify(graph: Graph, seen: Seen, *, moves: int = MOVES) -> Finding:
    """The finding with the simplest schedule for it."""
    name = seen.sighting.name
    picks = seen.picks
    known, _ = _replay(graph, _stretches(picks), name) or (None, None)
    best = known or (MOST_PREEMPTIONS + 1, len(picks), picks)
    proved = True
    for bound in range(min(best[0], MOST_PREEMPTIONS + 1)):
        found, complete = _under(graph, name, bound, moves)
        if found is not None:
            best = found
            break
        proved = proved and complete
    else:
        proved = proved and best[0] <= MOST_PREEMPTIONS
        if best[0] <= MOST_PREEMPTIONS:
            again, _ = _under(graph, name, best[0], moves)
            if again is not None and again[:2] < best[:2]:
                best = again
    best, message = _shorten(graph, best, name, seen.sighting.message)
    return Finding(
        kind=seen.sighting.kind,
        name=name,
        message=message,
        schedule=text(best[2]),
        steps=best[1],
        preemptions=best[0],
        minimal=proved,
        seen=seen.count,
    )


_Found = tuple[int, int, bytes]
"""Preemptions, steps, picks."""


@attrs.define
class _Level:
    spot: Any
    flags: int
    choices: tuple[int, ...]
    last: int
    preemptions: int
    at: int = 0


def _under(graph: Graph, name: str, bound: int, moves: int) -> tuple[_Found | None, bool]:
    """The shortest way to a violation with at most so many preemptions; whether all was seen."""
    mover = graph.mover
    best: _Found | None = None
    known: dict[tuple[Any, int], list[tuple[int, int]]] = {}
    graph.outcome.seen.clear()
    graph.start()
    root = _Level(mover.spot(), graph.flags, mover.choices(), -1, 0)
    stack = [root]
    while stack:
        level = stack[-1]
        if level.at == len(level.choices):
            stack.pop()
            continue
        choice = level.choices[level.at]
        level.at += 1
        mover.back(level.spot)
        preemptions = level.preemptions + graph.cost(level.last, choice)
        if preemptions > bound:
            continue
        moves -= 1
        if moves < 0:
            break
        graph.flags = level.flags
        goes_on = graph.move(choice, preemptions)
        choices = mover.choices() if goes_on else ()
        if goes_on and not choices:
            graph.ended(preemptions)
        position = graph.machine.position
        if name in graph.outcome.seen:
            found = (preemptions, position, bytes(graph.machine.schedule().picks))
            if best is None or found[:2] < best[:2]:
                best = found
        graph.outcome.seen.clear()
        if not choices or (best is not None and position >= best[1]):
            continue
        last = graph.machine._picks[-1]  # noqa: SLF001 - a move may end on another CPU
        costs = known.setdefault((graph.key(), last), [])
        if any(p <= preemptions and n <= position for p, n in costs):
            continue
        costs.append((preemptions, position))
        order = tuple(sorted(choices, key=lambda one: one != last))
        stack.append(_Level(mover.spot(), graph.flags, order, last, preemptions))
    mover.back(graph.root)
    return best, moves >= 0


# -- shortening in the full graph ------------------------------------------------------------------


def _stretches(picks: bytes) -> list[list[int]]:
    return [[cpu, len(list(group))] for cpu, group in itertools.groupby(picks)]


def _replay(graph: Graph, stretches: list[list[int]], name: str) -> tuple[_Found, str] | None:
    """Make these choices up to the violation of this name; None if they do not lead there.

    Raises KeyboardInterrupt before the first if the user wants no more.
    """
    graph.hear()
    machine, mover, judge = graph.machine, graph.mover, graph.judge
    preemptions, last = 0, -1
    flags = 0
    watching = mover.watch is not None
    found = None
    for cpu, count in stretches:
        preemptions += graph.cost(last, cpu)
        last = cpu
        for _ in range(count):
            if machine.result is not None or not machine.ready(cpu):
                mover.back(graph.root)
                return None
            machine.step(cpu)
            if watching:
                flags |= judge.flags(machine)
                found = next((s for s in judge.state(machine) if s.name == name), None)
                if found is not None:
                    break
        if found is not None:
            break
    if found is None:
        if machine.result is not None:
            sighting = of_stop(machine)
            found = sighting if sighting.name == name else None
        elif not machine.enabled():
            found = next((s for s in judge.end(machine, flags) if s.name == name), None)
    picks = bytes(machine.schedule().picks)
    mover.back(graph.root)
    machine.history.forget_all()
    return None if found is None else ((preemptions, len(picks), picks), found.message)


def _shorten(graph: Graph, best: _Found, name: str, message: str) -> tuple[_Found, str]:
    """Cut every stretch as short as the violation allows, again and again until none gets shorter.

    The last step of a CPU before it is passed over is the one that counts, so stretches are cut
    at their ends: by all, a half, a quarter, …, one step. What a CPU does later may then be made
    up for by its next stretch.
    """
    again = _replay(graph, _stretches(best[2]), name)
    if again is not None:
        best, message = again
    improved = True
    while improved:
        improved = False
        number = 0
        while number < len(_stretches(best[2])):
            cut = _stretches(best[2])[number][1]
            while cut:
                shorter = _cut(_stretches(best[2]), number, cut)
                found = _replay(graph, shorter, name) if shorter else None
                if found is not None and found[0][:2] < best[:2]:
                    best, message = found
                    improved = True
                    if number >= len(_stretches(best[2])):
                        break
                    cut = min(cut, _stretches(best[2])[number][1])
                else:
                    cut //= 2
            number += 1
    return best, message


def _cut(stretches: list[list[int]], number: int, cut: int) -> list[list[int]]:
    shorter = [list(one) for one in stretches]
    if cut > shorter[number][1]:
        return []
    shorter[number][1] -= cut
    return [one for one in shorter if one[1]]
