"""Paths that were worked out before, found again where they would be the same.

A path (see `lookahead.py`) is a function of the stacks of those who go it and of the values that
the places on it have where it begins: whoever goes it reads the same first, hence the same second,
and so on. So it is kept with these values, and holds in every state that has them too, whatever
else is different there. To look whether it does takes a hundredth of the time of going it.

Of a place of which only some bits are looked at, these count; to set or clear a bit takes nothing
that was there, and to write a field takes nothing either, but for the links of queues: a
queue operation makes a new link of an old one. Of a stack that nobody stands on, which somebody may
enter, all that can be returned into counts. Structs that do not exist yet where a path begins have
no values there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.checker.places import ALIVE
from exittui.checker.standing import Standing, plain
from exittui.machine.frames import SAVED

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from exittui.checker.lookahead import Path
    from exittui.checker.places import Place
    from exittui.checker.slice import Slice
    from exittui.machine import Machine

MOST: Final = 40
"""Paths kept for the same stacks; the oldest goes first."""


class _Kept:
    """A path, and what has to be so for it to be the path."""

    __slots__ = ("path", "stacks", "stood")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stood = Standing()
        self.stacks: list[tuple[dict[str, Any], int]] = []
        """The numbers of stacks that nobody stands on."""


class Recollection:
    """The paths of one machine, by who goes them from which stacks."""

    def __init__(self, machine: Machine, slice_: Slice) -> None:
        self._memory = machine.memory
        self._slice = slice_
        self._kept: dict[Hashable, list[_Kept]] = {}

    def forget(self) -> None:
        """What is a place, or counts as a read, has changed."""
        self._kept.clear()

    def find(self, name: Hashable, good: Callable[[Path], bool] | None = None) -> Path | None:
        """A path under this name that holds in the present state, and is good for who asks."""
        for kept in self._kept.get(name, ()):
            if self._holds(kept) and (good is None or good(kept.path)):
                return kept.path
        return None

    def _holds(self, kept: _Kept) -> bool:
        """Whether all is so now that has to be."""
        return kept.stood.still() and all(
            self._stack(container) == number for container, number in kept.stacks
        )

    def keep(self, name: Hashable, path: Path) -> None:
        """Keep a path that begins in the present state."""
        values: dict[tuple[int, Any], Any] = {}
        alive: dict[int, Any] = {}
        stacks: dict[int, Any] = {}
        parts: dict[Place, Any] = {}
        for place in (*path.reads, *path.wakes):
            if place.whole is None:
                self._note(place, values, alive, stacks)
            elif isinstance(place.target, dict) and self._exists(place.target):
                parts[place] = place.now()
        for place in path.writes:
            if place.whole is None and _link(place):
                self._note(place, values, alive, stacks)
        kept = _Kept(path)
        kept.stood.values, kept.stood.parts = [*values.values()], [*parts.items()]
        kept.stood.alive, kept.stacks = [*alive.values()], [*stacks.values()]
        known = self._kept.setdefault(name, [])
        known.append(kept)
        if len(known) > MOST:
            del known[0]

    def _note(
        self, place: Place, values: dict[Any, Any], alive: dict[int, Any], stacks: dict[int, Any]
    ) -> None:
        container, key = place.target, place.key
        if not isinstance(container, dict) or not self._exists(container):
            return
        if key == ALIVE:
            alive[id(container)] = (container, len(container) > 1)
        elif key == SAVED:
            stacks[id(container)] = (container, self._stack(container))
        else:
            values[id(container), key] = (container, key, plain(container.get(key)))

    def _exists(self, container: dict[str, Any]) -> bool:
        number = container.get("_oid")
        return number is None or self._memory.heap.get(number) is not None

    def _stack(self, container: dict[str, Any]) -> int:
        frame = container.get(SAVED)
        return 0 if frame is None else self._slice.saved(frame) ^ self._slice.callers(frame)


def _link(place: Place) -> bool:
    """Whether a place holds a link of a queue."""
    return isinstance(place.target, dict) and type(place.target.get(place.key)) is tuple
