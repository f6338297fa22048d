"""What a search in the reduced graph has relied on, so that it can be mended where that was wrong.

A move may rest on guesses (see `discipline.py`): each access of a step that was taken alone was
guessed to be nobody else's concern. When a guess turns out to be wrong, everything that did not
rely on it stays as good as it was: the states met can be reached, and what was tried from them was
tried. So only the moves that did are made again, with what is known by then, and the search goes on
from where they lead now. When no move relies on a wrong guess any more, the graph is one that a
search could have gone through which had known all in the beginning, with some states to spare.

What waits at a state (see `postponing.py`) waits because a move from there led to a state that was
done with before. Where that move has to be made again, nothing waits any more.

A state is kept as the way to it from the state before, so that the machine can be put there again.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exittui.checker.mover import Spot
    from exittui.checker.reduced import ReducedMover

NOWHERE: Final = -1
"""The state before the first."""


@attrs.define
class _State:
    before: int
    way: bytes
    """The choices that lead here from the state before."""
    flags: int
    waits: tuple[int, ...] = ()
    """What was left out because it can wait."""


class Record:
    """The states and moves of one search, by number."""

    def __init__(self, mover: ReducedMover) -> None:
        """The machine stands at the start of the search."""
        self._mover = mover
        self._states = [_State(NOWHERE, b"", 0)]
        self._moves: list[tuple[int, int]] = []
        """From which state, by which choice."""
        self._relying: dict[int, array[int]] = {}
        """By guess, the moves that rely on it."""
        self._way: list[tuple[int, Spot]] = [(0, mover.spot())]
        """The states on the way to where the machine was put last."""

    def state(self, before: int, way: bytes, flags: int) -> int:
        """A new state; its number."""
        self._states.append(_State(before, way, flags))
        return len(self._states) - 1

    def waits(self, state: int, choices: tuple[int, ...]) -> None:
        """What was left out at a state."""
        self._states[state].waits = choices

    def move(self, state: int, choice: int, relied: Iterable[int]) -> None:
        """A move was made from a state, and relies on these guesses."""
        number = len(self._moves)
        self._moves.append((state, choice))
        for guess in relied:
            known = self._relying.get(guess)
            if known is None:
                known = self._relying[guess] = array("I")
            known.append(number)

    def again(self, wrong: Iterable[int]) -> list[tuple[int, tuple[int, ...]]]:
        """The states with moves that rely on these guesses, each with what is to be tried there.

        In an order in which the way from one to the next is short.
        """
        found: dict[int, dict[int, None]] = {}
        for guess in dict.fromkeys(wrong):
            for number in self._relying.pop(guess, ()):
                state, choice = self._moves[number]
                found.setdefault(state, {})[choice] = None
        for number, choices in found.items():
            one = self._states[number]
            choices.update(dict.fromkeys(one.waits))
            one.waits = ()
        order = sorted(found, key=lambda number: [*self._from_root(number)])
        return [(number, tuple(sorted(found[number]))) for number in order]

    def _from_root(self, number: int) -> Iterator[int]:
        way = []
        while number != NOWHERE:
            way.append(number)
            number = self._states[number].before
        return reversed(way)

    def put(self, number: int) -> int:
        """Put the machine into a state; its flags."""
        way = [*self._from_root(number)]
        shared = 0
        for (known, _), one in zip(self._way, way, strict=False):
            if known != one:
                break
            shared += 1
        del self._way[shared:]
        self._mover.back(self._way[-1][1])
        for one in way[shared:]:
            self._mover.retrace(self._states[one].way)
            self._way.append((one, self._mover.spot()))
        return self._states[number].flags
