"""What is read to find whether an interrupt can arrive, without reading it each time again.

A search asks that at nearly every state, of every line; the answer depends on a few values, and
where they are what they were once, the same places are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.checker.standing import Standing, plain

if TYPE_CHECKING:
    from exittui.checker.discipline import Discipline
    from exittui.checker.places import Place
    from exittui.machine import Machine

MOST: Final = 40
"""Guards kept for a line; the oldest goes first."""


class Guard:
    """What was read of one line, and what stood there."""

    __slots__ = ("noted", "places", "stood")

    def __init__(self, places: list[Place]) -> None:
        self.places = places
        self.noted = False
        """Whether somebody has noted that these places were read."""
        self.stood = Standing()
        for place in places:
            if place.whole is None:
                value = plain(place.target.get(place.key))
                self.stood.values.append((place.target, place.key, value))
            else:
                self.stood.parts.append((place, place.now()))


class Guards:
    """The guards of the lines of one machine."""

    def __init__(self, machine: Machine, discipline: Discipline) -> None:
        self._cpus = machine._cpus  # noqa: SLF001 - the search is the machine's other half
        self._discipline = discipline
        self._known: dict[int, list[Guard]] = {}
        self._version = (-1, -1)

    def of(self, line: int) -> Guard:
        """What is read now to find whether an interrupt can arrive on this line."""
        discipline = self._discipline
        version = (discipline.guesses.misreadings, discipline.divisions)
        if version != self._version:
            self._version = version
            self._known.clear()
        for guard in self._known.get(line, ()):
            if guard.stood.still():
                return guard
        kept = discipline.reads[:]
        c = self._cpus[line]
        found = discipline.read_before(c[0], c, c[0][0])
        made = Guard(found[:])
        discipline.reads[:] = kept  # it is the same list as what was found
        known = self._known.setdefault(line, [])
        known.append(made)
        if len(known) > MOST:
            del known[0]
        return made
