"""What can happen while one CPU does not move.

A step that others can notice in general may be one that nobody can notice now: not before each of
them has had to wait for the CPU that is about to make it. To find out, the others are moved on
without it as far as they get, and taken back again; what they read and wrote meanwhile is their
*path*. If no access of the step conflicts with their paths, then nothing that can happen without
the step depends on it, and it may be taken alone (a persistent set of one).

Every other CPU is moved on by itself, and the paths must not conflict with each other, nor lead to
something that lets somebody go on who had to wait at the end of another: whatever runs without the
step is then made of beginnings of these paths, in some order. An interrupt that can arrive on one
of them, or on the CPU that does not move, is a path of its own if its handler returns soon (see
`scouting.py`). Where paths do not tell all that can happen, because one of them asks for an
interrupt or has no end within so many steps, it is *open*. Then all is searched together, arrivals
on the CPU that does not move included, by the reduced search without looking ahead, in which
arrivals may wait (see `postponing.py`).

When the CPU that moved has come to a step that must not be taken alone, the next steps of the
others are asked about in the same way: what one was left before may be nobody's concern by now.

A path stays what it is as long as nobody makes a step that conflicts with the rest of it, or that
lets somebody go on who had to wait at its end (it `wakes`): those who are on it would still go the
same way. So it is kept over many steps, theirs included, and worked out anew only when it was
spoilt and somebody asks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from exittui.checker.places import Place

LONGEST: Final = 3000
"""Steps of one CPU alone."""

WIDEST: Final = 4000
"""Steps of all that can happen together."""


LONGEST_SECTION: Final = 300
"""Steps from taking a mutex to giving it back."""


class Path:
    """What one CPU would read and write if it went on alone: where last, by place."""

    __slots__ = (
        "failed",
        "holding",
        "length",
        "open",
        "part",
        "reads",
        "relied",
        "taken",
        "wakes",
        "writes",
    )

    def __init__(self) -> None:
        self.reads: dict[Place, int] = {}
        self.writes: dict[Place, int] = {}
        self.wakes: set[Place] = set()
        """What was read to find that somebody cannot go on."""
        self.length = 0
        self.open = False
        """Whether more than the path can happen."""
        self.part = False
        """Whether it is only a beginning: all of it happens, and perhaps more."""
        self.failed = False
        """Whether a step on it stops the machine."""
        self.taken: set[Place] = set()
        """The owner words that are taken on it."""
        self.holding: set[Place] = set()
        """Those of them that are still held where it ends."""
        self.relied: set[int] = set()
        """The numbers of the guesses that it relies on."""

    def add(self, reads: Iterable[Place], writes: Iterable[Place]) -> None:
        """One more step."""
        for place in reads:
            self.reads[place] = self.length
        for place in writes:
            self.writes[place] = self.length
        self.length += 1

    def goes_on(self, other: Path) -> None:
        """The steps of another path are the next ones on this."""
        length = self.length
        for place, last in other.reads.items():
            self.reads[place] = length + last
        for place, last in other.writes.items():
            self.writes[place] = length + last
        self.taken |= other.taken
        self.length = length + other.length

    def only(self, counts: Callable[[Place], bool]) -> Path:
        """The same with those accesses alone that count."""
        made = Path()
        made.reads = {place: last for place, last in self.reads.items() if counts(place)}
        made.writes = {place: last for place, last in self.writes.items() if counts(place)}
        made.taken, made.length = self.taken, self.length
        return made

    def join(self, other: Path) -> None:
        """All of another path may happen at any time until the end of this one."""
        self.reads.update(dict.fromkeys(other.reads, self.length))
        self.writes.update(dict.fromkeys(other.writes, self.length))
        self.wakes |= other.wakes

    def ends(self) -> None:
        """It ends here, or may end here."""
        self.holding.update(one for one in self.taken if one.target.get(one.key) is not None)

    @property
    def accesses(self) -> tuple[Collection[Place], Collection[Place]]:
        """What is read and written on it, whenever that is."""
        return self.reads, self.writes

    def waits(self, reads: Iterable[Place]) -> None:
        """Somebody cannot go on, because of what was read."""
        self.wakes.update(reads)

    def spoilt(self, done: int, reads: Iterable[Place], writes: Collection[Place]) -> bool:
        """Whether a step with these accesses makes it another path."""
        return self.woken(writes) or self.conflicts(done, reads, writes)

    def woken(self, writes: Iterable[Place]) -> bool:
        """Whether somebody who cannot go on at the end of it perhaps can after these writes."""
        wakes = self.wakes
        return any(place in wakes or place.whole in wakes for place in writes)

    def conflicts(self, done: int, reads: Iterable[Place], writes: Iterable[Place]) -> bool:
        """Whether the rest of the path, `done` steps of it made, conflicts with these accesses."""
        wrote, read = self.writes, self.reads
        for place in reads:
            if wrote.get(place, -1) >= done:
                return True
            whole = place.whole
            if whole is not None and wrote.get(whole, -1) >= done:
                return True
        for place in writes:
            if read.get(place, -1) >= done or (wrote.get(place, -1) >= done and not place.additive):
                return True
            whole = place.whole
            if whole is not None and (wrote.get(whole, -1) >= done or read.get(whole, -1) >= done):
                return True
        return False


def apart(paths: list[tuple[Path, int]]) -> bool:
    """Whether no two paths conflict, and none of them lets somebody go on at another's end."""
    for number, (path, done) in enumerate(paths):
        reads = [place for place, last in path.reads.items() if last >= done]
        writes = [place for place, last in path.writes.items() if last >= done]
        for other, start in paths[:number]:
            if other.spoilt(start, reads, writes):
                return False
            later = [place for place, last in other.writes.items() if last >= start]
            if path.woken(later):
                return False
    return True
