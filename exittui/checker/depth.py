"""Depth first: every state once, as fast as may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from exittui.checker.live import LiveValues
from exittui.checker.looking import LookingMover
from exittui.checker.record import NOWHERE, Record
from exittui.checker.search import PULSE, explored

if TYPE_CHECKING:
    from exittui.checker.discipline import Discipline
    from exittui.checker.lookahead import Path
    from exittui.checker.mover import Spot
    from exittui.checker.search import Bounds, Graph


@attrs.define
class _Level:
    """A state on the way, and what is to be tried there."""

    spot: Spot
    flags: int
    choices: tuple[int, ...]
    rest: tuple[int, ...] = ()
    """What can wait, as long as something that was tried has led to a new state."""
    number: int = 0
    node: int = NOWHERE
    """What it is to the live values."""
    at: int = 0
    fresh: bool = False
    """Whether something has."""
    asleep: dict[int, Path] = attrs.field(factory=dict)
    """Who need not be tried: see `sleeping.py`."""
    without: tuple[int | bytes, ...] = ()
    """The states that need not be gone through as long as what can wait here does."""


def search(graph: Graph, bounds: Bounds) -> None:
    """Go through the whole graph, or as far as the bounds let.

    In the reduced graph, moves that turn out to rely on a wrong guess are made again (see
    `record.py`), unless it is one that no record tells the moves of.
    """
    _Search(graph, bounds).run()


class _Search:
    """One search: the stack, the states visited, and what they rely on."""

    def __init__(self, graph: Graph, bounds: Bounds) -> None:
        self._graph = graph
        self._bounds = bounds
        self._moves = 0
        graph.start()
        self._visited = {graph.key(): 0}
        """The states met, each with who was asleep all times."""
        self._without: dict[int | bytes, tuple[int, int]] = {}
        """States that are like one met but for interrupts that can wait there, with who slept.

        With each is the number of the one met.
        """
        graph.outcome.states = 1
        self._all = range(graph.machine.choices)
        mover = graph.mover
        self._record = self._live = None
        if isinstance(mover, LookingMover):
            self._record = Record(mover)
            if not graph.exact and bounds.depth is None:
                self._live = LiveValues(mover)

    def run(self) -> None:
        """The search itself."""
        graph, mover = self._graph, self._graph.mover
        choices = mover.choices()
        if not choices:
            graph.ended(0)
        self._explore(self._level(choices, 0, self._add(graph.key(), 0, choices)))
        record, discipline = self._record, graph.discipline
        while record is not None and discipline is not None and not graph.outcome.bound:
            wrong = self._wrong(discipline)
            if not wrong:
                break
            self._without.clear()  # what waited may be tried now
            for number, choices in record.again(wrong):
                graph.flags = record.put(number)
                node = NOWHERE if self._live is None else self._live.nodes[graph.key()]
                level = _Level(mover.spot(), graph.flags, choices, number=number, node=node)
                self._explore(level)
                if graph.outcome.bound:
                    discipline.guesses.wrong += wrong
                    break
        graph.outcome.steps = mover.steps
        mover.back(graph.root)

    def _wrong(self, discipline: Discipline) -> list[int]:
        """The guesses that turned out to be wrong and can be mended."""
        if discipline.guesses.misread:
            return []
        wrong, discipline.guesses.wrong = discipline.guesses.wrong, []
        return wrong if self._live is None else wrong + self._live.refuted()

    def _level(self, choices: tuple[int, ...], number: int, node: int) -> _Level:
        """The present state, with what has to be tried and what can wait."""
        mover = self._graph.mover
        spot = mover.spot()
        pressing = mover.pressing(choices)
        rest = tuple(one for one in choices if one not in pressing)
        if rest and self._record is not None:
            self._record.waits(number, rest)
        asleep = {**mover.sleepers.paths}
        if asleep:
            pressing = tuple(one for one in pressing if one not in asleep)
        level = _Level(spot, self._graph.flags, pressing, rest, number, node, asleep=asleep)
        if rest and not self._graph.exact:
            level.without = tuple(map(self._graph.keyed, mover.without(rest)))
            self._without.update(dict.fromkeys(level.without, (mover.sleepers.mask(), node)))
        return level

    def _send_to_sleep(self, level: _Level) -> None:
        """Whoever was tried last at a state sleeps while others are; the machine stands there."""
        mover, asleep = self._graph.mover, level.asleep
        if level.at > 1:
            last = level.choices[level.at - 2]
            path = mover.sleeper(last)
            if path is not None:
                asleep[last] = path
        mover.sleepers.put(asleep)

    def _explore(self, first: _Level) -> None:  # noqa: C901, PLR0912, PLR0915 - one loop, on the hot path
        """Go through all that can be reached from a state and is new."""
        graph, bounds, visited, record = self._graph, self._bounds, self._visited, self._record
        mover, machine, outcome = graph.mover, graph.machine, graph.outcome
        most = bounds.states
        stack = [first]
        while stack:
            level = stack[-1]
            at, choices = level.at, level.choices
            if at == len(choices):
                if level.fresh or not level.rest:
                    stack.pop()
                    if self._live is not None:
                        self._live.done(level.node)
                    continue
                level.choices, level.rest = choices + level.rest, ()  # nothing new: all is tried
                for key in level.without:
                    self._without.pop(key, None)
                if record is not None:
                    record.waits(level.number, ())
                continue
            level.at = at + 1
            mover.back(level.spot)
            graph.flags = level.flags
            self._send_to_sleep(level)
            self._moves += 1
            if not self._moves % PULSE:
                outcome.steps, outcome.frontier = mover.steps, len(stack)
                outcome.explored = explored((one.at, len(one.choices)) for one in stack)
                outcome.bound = bounds.stop(outcome)
                if outcome.bound:
                    return
            mover.relied.clear()
            mover.wanted = mover.written = 0
            goes_on = graph.move(choices[at], 0)
            if mover.covered:
                self._moved(level, NOWHERE)
                continue
            key = graph.key() if graph.exact or graph.flags else mover.fingerprint
            asleep = mover.sleepers.mask()
            before = visited.get(key)
            if before is not None:
                self._moved(level, self._node(key))
                missed = before & ~asleep
                if missed:
                    visited[key] = before & asleep
                    stack.append(self._missed(level, missed, key, before & asleep))
                continue
            if goes_on and self._stood_for(level, key, asleep):
                continue
            visited[key] = asleep
            outcome.states += 1
            level.fresh = True
            if not goes_on:
                self._moved(level, NOWHERE)
                continue
            choices = mover.choices()
            node = self._add(key, asleep, choices)
            self._moved(level, node)
            if not choices:
                graph.ended(0)
                continue
            if most is not None and outcome.states >= most:
                outcome.bound = f"{most:,} states"
                return
            if bounds.depth is not None and machine.position >= bounds.depth:
                outcome.bound = f"depth {bounds.depth:,}"
                continue
            stack.append(self._level(choices, self._number(level), node))

    def _stood_for(self, level: _Level, key: int | bytes, asleep: int) -> bool:
        """Whether the present state, to which a move led, need not be gone through."""
        covered = self._without.get(key)
        if covered is not None and not covered[0] & ~asleep:
            self._moved(level, covered[1])
            return True
        found = None if self._live is None else self._live.stand_in(key, asleep)
        if found is None:
            return False
        node, guess = found
        self._graph.mover.relied.add(guess)
        self._moved(level, node)
        return True

    def _add(self, key: int | bytes, asleep: int, choices: tuple[int, ...]) -> int:
        """Note the present state, which is new; its number among the live values."""
        if self._live is None:
            return NOWHERE
        waiting = tuple(one for one in self._all if one not in choices)
        return self._live.add(key, asleep, ended=not choices, waiting=waiting)

    def _node(self, key: int | bytes) -> int:
        """The number of a state that was met before."""
        return NOWHERE if self._live is None else self._live.nodes.get(key, NOWHERE)

    def _moved(self, level: _Level, node: int) -> None:
        """Note what the last move from a state relies on, and to where it led."""
        if self._record is not None:
            choice = level.choices[level.at - 1]
            self._record.move(level.number, choice, self._graph.mover.relied)
        if self._live is not None:
            self._live.move(level.node, node)

    def _number(self, before: _Level) -> int:
        """The number of the present state, to which a move from that one led."""
        graph, record = self._graph, self._record
        if record is None:
            return 0
        picks = graph.machine._picks  # noqa: SLF001 - the search is the machine's other half
        way = bytes(picks[before.spot.position : graph.machine.position])
        return record.state(before.number, way, graph.flags)

    def _missed(self, before: _Level, missed: int, key: int | bytes, asleep: int) -> _Level:
        """The present state once more, for those who slept there before and do not sleep now.

        `asleep` are those who sleep both times.
        """
        mover = self._graph.mover
        choices = tuple(cpu for cpu in range(missed.bit_length()) if missed >> cpu & 1)
        number = self._number(before)
        if self._live is not None:
            self._live.awake(key, asleep)
        return _Level(
            mover.spot(),
            self._graph.flags,
            choices,
            number=number,
            node=self._node(key),
            asleep={**mover.sleepers.paths},
        )
