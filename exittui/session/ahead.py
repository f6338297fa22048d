"""What is known of the schedules that go on from the places of a run.

A session knows the one run it is about. What all schedules do is the checker's to say, and the
checker is a layer beside this one, not below it. So a session is handed a `Searcher` by whoever
opens it, and without one it says that it has none; `playback/ahead.py` makes one of the checker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from exittui.machine import Machine


class Fate(NamedTuple):
    """How many schedules go on from a place, and how many of them fail, by what they violate.

    Two schedules count once if they differ only in the order of steps that nobody else notices.
    """

    schedules: int
    failing: int
    by: tuple[tuple[str, int], ...] = ()
    endless: bool = False
    """Some ways come back to where they were: they are not counted."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """All ways in which they end."""
        holds = ("",) if self.failing < self.schedules else ()
        return (*holds, *(name for name, _ in self.by))

    @property
    def share(self) -> float:
        """The part that fails, from 0 to 1."""
        return self.failing / self.schedules if self.schedules else 0.0

    @property
    def words(self) -> str:
        """All of it in words."""
        if not self.schedules:
            return "no schedule that goes on from here has an end"
        many, one = f"{self.schedules:,}", self.schedules == 1
        if self.failing in (0, self.schedules):
            does = "fail" if self.failing else "hold"
            if one:
                return f"the only schedule that goes on from here {does}s"
            return f"all {many} schedules that go on from here {does}"
        part = f"{self.share:.1%}" if self.share >= 0.001 else "under 0.1%"  # noqa: PLR2004 - a digit
        return f"{self.failing:,} of {many} schedules from here fail ({part})"


class Failing(NamedTuple):
    """A violated property: its name, the words for it, and the shortest schedule seen."""

    name: str
    message: str
    picks: bytes


class Sight(NamedTuple):
    """What a search knows so far."""

    states: int
    fates: Mapping[int, Fate]
    failing: tuple[Failing, ...]
    bound: str
    """Which bound was hit; nothing if every schedule was covered."""


class Searcher(Protocol):
    """Searches the schedules that go on from the places of a run."""

    def search(self, picks: bytes, first: int, most: int) -> Iterator[Sight]:
        """From the last place of the run back to `first`, in short slices, `most` moves in all."""
        ...


@attrs.define
class Known:
    """What the last search has found, of the run that it was about."""

    picks: bytes
    sight: Sight
    whole: bool = False
    """The search has come to its end, or to its bound."""

    def fate(self, machine: Machine, position: int) -> Fate | None:
        """That of a place of the recorded run, if this run leads there in the same way."""
        found = self.sight.fates.get(position)
        if found is None or not self.leads_to(machine, position):
            return None
        return found

    def leads_to(self, machine: Machine, position: int) -> bool:
        """Whether the recorded run is the one that was searched, up to a place."""
        recorded = machine.history.choices(0, min(position, machine.recorded))
        return len(recorded) == position and self.picks.startswith(recorded)

    def common(self, machine: Machine) -> int:
        """Up to which place the recorded run is the one that was searched."""
        low, high = 0, min(len(self.picks), machine.recorded)
        while low < high:
            middle = (low + high + 1) // 2
            if self.leads_to(machine, middle):
                low = middle
            else:
                high = middle - 1
        return low
