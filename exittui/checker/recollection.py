"""Paths that were worked out before, found again where they would be the same.

A path (see `lookahead.py`) is a function of the stacks of those who go it and of the values that
the places on it have where it begins: whoever goes it reads the same first, hence the same second,
and so on. So it is kept with these values, and holds in every state that has them too, whatever
else is different there. To look whether it does takes a hundredth of the time of going it.

The values of places that are written count as well, because a queue operation makes a new link of
an old one; of a stack that nobody stands on, which somebody may enter, all that can be returned
into counts. Structs that do not exist yet where a path begins have no values there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.checker.discipline import ALIVE
from exittui.machine.frames import SAVED

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from exittui.checker.discipline import Place
    from exittui.checker.lookahead import Path
    from exittui.checker.slice import Slice
    from exittui.machine import Machine

MOST: Final = 12
"""Paths kept for the same stacks; the oldest goes first."""


class Recollection:
    """The paths of one machine, by who goes them from which stacks."""

    def __init__(self, machine: Machine, slice_: Slice) -> None:
        self._memory = machine.memory
        self._slice = slice_
        self._kept: dict[Hashable, list[tuple[Path, list[Any], list[Any], list[Any]]]] = {}

    def forget(self) -> None:
        """What is a place, or counts as a read, has changed."""
        self._kept.clear()

    def find(self, name: Hashable) -> Iterator[Path]:
        """The paths under this name that hold in the present state."""
        for path, values, alive, stacks in self._kept.get(name, ()):
            for container, key, value in values:
                now = container.get(key)
                if now is not value and now != value:
                    break
            else:
                if all((len(container) > 1) is lives for container, lives in alive) and all(
                    self._stack(container) == number for container, number in stacks
                ):
                    yield path

    def keep(self, name: Hashable, path: Path) -> None:
        """Keep a path that begins in the present state."""
        values: dict[tuple[int, Any], Any] = {}
        alive: dict[int, Any] = {}
        stacks: dict[int, Any] = {}
        for place in (*path.reads, *path.writes, *path.wakes):
            self._note(place if place.whole is None else place.whole, values, alive, stacks)
        known = self._kept.setdefault(name, [])
        known.append((path, [*values.values()], [*alive.values()], [*stacks.values()]))
        if len(known) > MOST:
            del known[0]

    def _note(
        self, place: Place, values: dict[Any, Any], alive: dict[int, Any], stacks: dict[int, Any]
    ) -> None:
        container, key = place.target, place.key
        if not isinstance(container, dict):
            return
        number = container.get("_oid")
        if number is not None and self._memory.heap.get(number) is None:
            return
        if key == ALIVE:
            alive[id(container)] = (container, len(container) > 1)
        elif key == SAVED:
            stacks[id(container)] = (container, self._stack(container))
        else:
            values[id(container), key] = (container, key, container.get(key))

    def _stack(self, container: dict[str, Any]) -> int:
        frame = container.get(SAVED)
        return 0 if frame is None else self._slice.saved(frame) ^ self._slice.callers(frame)
