"""Stretches of steps that a CPU has made before, made again at once where they would be the same.

A search comes to the same code in the same situation over and over: what differs between two states
is most often somewhere else. So what a CPU did in a row is kept with what it depended on, and where
that is so again, what it changed is put into the machine, without a statement executed: a stretch.

What it depends on: where the CPU stands, with the live variables of that function and of those that
it returned into; the locks that it holds; and the values of the places that it read, or wrote over.
Then the statements are the same, one by one, and so is what they access. To find out takes a tenth
of the time of making the steps.

A stretch has only steps that nobody else could notice by what was known. So it depends on guesses
(see `discipline.py`), and is forgotten when one of them turns out to be wrong, or when it turns out
wrong what counts as a place, a lock or an access. It ends before a step that does more than to read
and write fields and variables: one that makes or frees a struct, changes stacks, asks for an
interrupt, returns from a handler, or writes what somebody waits for.

Fields that nothing reads (see `slice.py`) are left as they are. In the journal the first step of a
stretch has all its entries, and the others none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from exittui.checker.live import wanted
from exittui.checker.lookahead import Path
from exittui.checker.places import ALIVE
from exittui.checker.standing import Standing
from exittui.machine.frames import SAVED
from exittui.machine.memory import NEXT_NUMBER

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from collections.abc import Set as AbstractSet

    from exittui.checker.discipline import Discipline
    from exittui.checker.places import Place
    from exittui.checker.slice import Slice
    from exittui.machine import Machine

MOST: Final = 24
"""Stretches kept for the same place; the oldest goes first."""

SHORTEST: Final = 3
"""Steps of one that is worth to be kept."""

_RESULT: Final = 3
"""Where a frame says which variable of its caller gets its result."""


class Stretch:
    """Steps of one CPU in a row: what they depend on, access and change."""

    __slots__ = (
        "accesses",
        "callers",
        "change",
        "checked",
        "fields",
        "frames",
        "held",
        "returns",
        "slots",
        "steps",
        "stood",
        "used",
        "wanted",
        "written",
    )

    def __init__(self) -> None:
        self.steps = 0
        self.accesses = Path()
        """What is read and written, with the owner words that are taken."""
        self.wanted = self.written = 0
        """The tracked places that it reads first, and those that it writes."""
        self.used: tuple[int, ...] = ()
        """The guesses that it relies on."""
        self.checked = (-1, -1)
        """How many guesses were refuted and how much was waited for when it was last good."""
        self.stood = Standing()
        """What it depends on."""
        self.callers: tuple[int, ...] = ()
        """The numbers of the frames that are returned into, innermost first."""
        self.returns = 0
        """How many frames are left for good."""
        self.slots: list[tuple[int, Any]] = []
        """What is written into the innermost frame that was there before."""
        self.frames: list[tuple[Any, ...]] = []
        """The frames above that one, the outermost first."""
        self.fields: list[tuple[dict[str, Any], Any, Any]] = []
        """Container, key and new value of what is written."""
        self.change = 0
        """What becomes of the fingerprint."""
        self.held = 0
        """What the CPU holds when it is over."""

    def stays_above(self, floor: Any, frame: Any) -> bool:
        """Whether nothing is done on a frame of the stack of which this one is the innermost.

        To return into it is nothing.
        """
        for _ in range(self.returns):
            if frame is floor:
                return False
            frame = frame[1]
        return frame is not floor or not (self.slots or self.frames)


class _Start(NamedTuple):
    """Where a stretch begins that is being recorded."""

    name: Any  # hashable; where this is compiled, its annotations are looked up as it is made
    mark: int
    """How long the journal was."""
    frame: Any


class Stretches:
    """The stretches of one machine, by where they begin."""

    def __init__(self, machine: Machine, slice_: Slice, discipline: Discipline) -> None:
        self._memory = machine.memory
        self._threads = machine.stacks.cpus
        self._journal = machine._journal  # noqa: SLF001 - the search is the machine's other half
        self._marks = machine._marks  # noqa: SLF001 - as above
        self._floor = machine.stacks.floor
        self._slice = slice_
        self._discipline = discipline
        self._kept: dict[Hashable, list[Stretch] | None] = {}
        """None where there is none that is worth to be kept."""
        self._version = (-1, -1)
        self._start: _Start | None = None
        self._steps: list[tuple[list[Place], list[Place]]] = []
        self._used: set[int] = set()
        self._taken: set[Place] = set()
        self._wanted = (0, 0)

    # -- those that are kept -------------------------------------------------------------------

    def find(
        self, cpu: int, held: tuple[int, ...], waited: AbstractSet[Place | None]
    ) -> Stretch | None:
        """A stretch that this CPU would go through now; else what it does is recorded.

        `held` is what it holds, and `waited` what somebody waits for or has waited for.
        """
        self._start = None
        discipline = self._discipline
        version = (discipline.guesses.misreadings, discipline.divisions)
        if version != self._version:
            self._version = version
            self._kept.clear()
        frame = self._threads[cpu][0]
        name: Hashable = (self._slice.standing(cpu, frame), held)
        try:
            known = self._kept.get(name, ())
        except TypeError:  # a frame among the values
            return None
        if known is None:
            return None
        for stretch in reversed(known):
            if self._holds(stretch, frame):
                if self._good(stretch, waited):
                    return stretch
                assert isinstance(known, list)  # noqa: S101 - it was found there
                known.remove(stretch)
                break
        self._start = _Start(name, len(self._journal), frame)
        self._steps.clear()
        self._used.clear()
        self._taken.clear()
        self._wanted = (0, 0)
        return None

    def _holds(self, stretch: Stretch, frame: Any) -> bool:
        """Whether what a stretch depends on is so now."""
        if not stretch.stood.still():
            return False
        for number in stretch.callers:
            if self._slice.waiting(frame[1], frame[_RESULT]) != number:
                return False
            frame = frame[1]
        return True

    def _good(self, stretch: Stretch, waited: AbstractSet[Place | None]) -> bool:
        """Whether no guess that it relies on is wrong, and nobody waits for what it writes."""
        refuted = self._discipline.guesses.refuted
        now = (len(refuted), len(waited))
        if stretch.checked != now:
            if not refuted.isdisjoint(stretch.used) or awaited(stretch.accesses.writes, waited):
                return False
            stretch.checked = now
        return True

    # -- recording -----------------------------------------------------------------------------

    @property
    def recording(self) -> bool:
        """Whether what is done is recorded."""
        return self._start is not None

    def note(self, cpu: int) -> None:
        """A step was made by this CPU that belongs to the stretch."""
        discipline = self._discipline
        self._steps.append(([*discipline.reads], [*discipline.wrote]))
        self._wanted = wanted(
            discipline.reads, discipline.wrote, *self._wanted, discipline.requests.minded[cpu]
        )
        self._used.update(discipline.used)
        taken = discipline.acquired
        if taken is not None and taken in discipline.wrote:
            self._taken.add(taken)

    def drop(self) -> None:
        """Do not keep what is being recorded."""
        self._start = None

    def keep(self, cpu: int, held: int) -> None:
        """Keep what was recorded; the machine stands at its end, and the CPU holds so much."""
        start, self._start = self._start, None
        assert start is not None  # noqa: S101 - whoever calls this has asked
        if len(self._steps) < SHORTEST:
            self._kept.setdefault(start.name, None)
            return
        stretch = Stretch()
        stretch.steps = len(self._steps)
        stretch.used = tuple(sorted(self._used))
        stretch.held = held
        path = stretch.accesses
        for reads, wrote in self._steps:
            path.add(reads, wrote)
        stretch.wanted, stretch.written = self._wanted
        path.taken |= self._taken
        before = self._before(start)
        if not self._frames(stretch, start, self._threads[cpu][0]) or not self._depends(
            stretch, before
        ):
            self._kept.setdefault(start.name, None)
            return
        if not self._fields(stretch, before):
            self._kept.setdefault(start.name, None)
            return
        known = self._kept.get(start.name) or []
        self._kept[start.name] = known
        known.append(stretch)
        if len(known) > MOST:
            del known[0]

    def _before(self, start: _Start) -> dict[tuple[int, Any], tuple[Any, Any, Any]]:
        """Container, key and first value of what was written since the start."""
        journal = self._journal
        found: dict[tuple[int, Any], tuple[Any, Any, Any]] = {}
        for at in range(start.mark, len(journal), 3):
            container, key = journal[at], journal[at + 1]
            found.setdefault((id(container), key), (container, key, journal[at + 2]))
        return found

    def _frames(self, stretch: Stretch, start: _Start, top: Any) -> bool:
        """Note what becomes of the stack; whether that can be told."""
        journal, slice_ = self._journal, self._slice
        old = []
        frame = start.frame
        while frame is not self._floor and frame is not None:
            old.append(frame)
            frame = frame[1]
        numbers = {id(one): number for number, one in enumerate(old)}
        new = []
        frame = top
        while id(frame) not in numbers:
            if frame is self._floor or frame is None:
                return False
            new.append((frame[0], None, *frame[2:]))
            frame = frame[1]
        stretch.returns = numbers[id(frame)]
        stretch.frames = new[::-1]
        slots = {
            journal[at + 1]: None
            for at in range(start.mark, len(journal), 3)
            if journal[at] is frame
        }
        stretch.slots = [(slot, frame[slot]) for slot in slots]
        values = [value for _, value in stretch.slots]
        for one in new:
            values += one[2:]
        if any(type(value) is list for value in values):
            return False  # a frame, of which only the one itself will do
        first = self._first_values(old[: stretch.returns + 1], start)
        stretch.callers = tuple(
            slice_.waiting(first[number], first[number - 1][_RESULT])
            for number in range(1, stretch.returns + 1)
        )
        stretch.change = slice_.callers(top) ^ slice_.callers(old[stretch.returns])
        for number in stretch.callers:
            stretch.change ^= number
        return True

    def _first_values(self, frames: list[Any], start: _Start) -> list[Any]:
        """Copies of frames as they were at the start."""
        journal = self._journal
        copies = [[*one] for one in frames]
        numbers = {id(one): number for number, one in enumerate(frames)}
        for at in range(len(journal) - 3, start.mark - 3, -3):
            number = numbers.get(id(journal[at]))
            if number is not None:
                copies[number][journal[at + 1]] = journal[at + 2]
        return copies

    def _depends(
        self, stretch: Stretch, before: dict[tuple[int, Any], tuple[Any, Any, Any]]
    ) -> bool:
        """Note what the stretch depends on; whether that can be told."""
        unread = self._discipline.unread
        values: dict[tuple[int, Any], tuple[Any, Any, Any]] = {}
        path = stretch.accesses
        for place in path.reads:
            whole = place.whole
            container, key = place.target, place.key if whole is None else whole.key
            if key == SAVED or not isinstance(container, dict):
                return False
            if key == ALIVE:
                stretch.stood.alive.append((container, len(container) > 1))
                continue
            if "_oid" not in container and container is not self._memory.variables:
                return False
            was = before.get((id(container), key))
            value = container.get(key) if was is None else was[2]
            if type(value) is list:
                return False
            if whole is None:
                values[id(container), key] = (container, key, value)
            elif not isinstance(value, int):
                return False
            else:
                stretch.stood.parts.append((place, place.of(value)))
        values |= {
            where: (container, key, value)
            for where, (container, key, value) in before.items()
            if type(container) is dict and key not in unread
        }
        stretch.stood.values = [*values.values()]
        return True

    def _fields(
        self, stretch: Stretch, before: dict[tuple[int, Any], tuple[Any, Any, Any]]
    ) -> bool:
        """Note what is written, and what becomes of the fingerprint by that.

        Whether that can be told: not where something is over (see `ending.py`) only in the end.
        """
        unread, slice_ = self._discipline.unread, self._slice
        endings = slice_.endings
        sheltered, shelters = slice_.sheltered, {*slice_.sheltered.values()}
        change = 0
        for container, key, old in before.values():
            if type(container) is not dict or key in unread:
                continue
            new = container[key]
            stretch.fields.append((container, key, new))
            number = container.get("_oid", 0)
            if key in endings.flags and any(
                endings.ended(self._memory.heap[number], key, old, new)
            ):
                return False
            if key in sheltered or (key in endings.by_field and endings.over(key, number)):
                continue
            if new is not old:
                change ^= slice_.token((number, key, old)) ^ slice_.token((number, key, new))
            if key in shelters:
                change ^= self._sheltered(container, key, (old, new), before)
        for container, key, old in before.values():
            if type(container) is not dict or key not in sheltered:
                continue
            owner = sheltered[key]
            if (id(container), owner) not in before and container.get(owner) is not None:
                number = container.get("_oid", 0)
                change ^= slice_.token((number, key, old))
                change ^= slice_.token((number, key, container[key]))
        stretch.change ^= change
        return True

    def _sheltered(
        self,
        container: dict[str, Any],
        owner: str,
        owners: tuple[Any, Any],
        before: dict[tuple[int, Any], tuple[Any, Any, Any]],
    ) -> int:
        """What counts of the fields that an owner word shelters, before and after."""
        change = 0
        number = container.get("_oid", 0)
        for key, by in self._slice.sheltered.items():
            if by != owner or key not in container:
                continue
            new = container[key]
            old = before.get((id(container), key), (container, key, new))[2]
            for value, held in zip((old, new), owners, strict=True):
                if held is not None:
                    change ^= self._slice.token((number, key, value))
        return change

    # -- made again ----------------------------------------------------------------------------

    def make(self, cpu: int, stretch: Stretch) -> None:
        """Put what a stretch changes into the machine; the picks are whose who calls this."""
        journal, marks = self._journal, self._marks
        note = journal.extend
        c = self._threads[cpu]
        frame = c[0]
        marks.append(len(journal))
        note((frame, 0, frame[0]))
        base = frame
        for _ in range(stretch.returns):
            base = base[1]
        for slot, new in stretch.slots:
            note((base, slot, base[slot]))
            base[slot] = new
        for made in stretch.frames:
            base = [made[0], base, *made[2:]]
        if base is not frame:
            note((c, 0, frame))
            c[0] = base
        for container, key, new in stretch.fields:
            note((container, key, container[key]))
            container[key] = new
        marks.extend([len(journal)] * (stretch.steps - 1))


def plain_step(entries: list[Any], memory: Any) -> bool:
    """Whether a step did no more than a stretch can hold, by its journal entries."""
    for at in range(0, len(entries), 3):
        container, key = entries[at], entries[at + 1]
        kind = type(container)
        if kind is dict:
            if container is memory.heap or key in (SAVED, NEXT_NUMBER):
                return False
            if type(container.get(key)) is list or type(entries[at + 2]) is list:
                return False  # a frame, of which only the one itself will do
        elif kind is not list:
            return False
    return True


def awaited(wrote: Iterable[Place], waited: AbstractSet[Place | None]) -> bool:
    """Whether somebody waits for what was written."""
    return any(place in waited or place.whole in waited for place in wrote)
