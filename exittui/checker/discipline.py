"""Which steps nobody else can notice: a locking discipline, guessed, used and checked.

The idea. Where a CPU stands before a step that is independent of everything the other CPUs can
do before it moves, it is enough to search on with that step alone: whatever the others do first,
they can do afterwards, with the same outcome (a persistent set of one). A step is independent if
each place it reads or writes is *guarded*: whoever else accesses it in conflict (one of the two
writes) holds a lock that this CPU holds now, and therefore cannot get there before it moves.

What is held. Three kinds of lock, each one bit of a mask:

* the CPU itself: nobody else is this CPU;
* the stack it stands on: while it does, no other CPU stands there. Freeing a stack looks at who
  stands on it, changing stacks writes that, so these two are never taken to be independent. A
  stack that was freed belongs to who freed it: nobody can stand on it any more;
* an *owner word*: a field that holds the struct of a CPU, as `mtx_owner` does. A CPU holds it
  from the step that writes its own struct there to the one that takes it out. The step that takes
  it is a write of its own kind (`acquire`): it conflicts with the taking by others, but not with
  giving back. Looking whether the owner is oneself is no access, because others do not change the
  answer.

How it is known. It is not: it is guessed that whatever was never seen to be accessed without a
common lock never is. Each executed step, taken alone or not, adds the mask it held to the places
it accessed. When two masks of conflicting accesses have no lock in common, both accesses are from
then on *visible*: before a visible step the state is stored and everything that can go on is
tried. Moves that took one of them alone before were built on a wrong guess: they are made again,
with what has been learned (see `record.py`); where it was guessed wrong what a lock or a place is,
all begins again. When a search ends without a move that rests on a contradiction, it was right:
suppose some schedule of the full system breaks the guess, and look at the first step that
does. All steps before it keep the guess, so the argument above lets the reduced search follow the
schedule up to there, steps of singletons moved forward, which keeps each access and the locks held
at it; it would have executed the breaking access, and noticed. (This is the argument of Stoller
and Cohen's optimistic reduction.) That an owner word is a lock is a guess of the same kind: a
step that takes it out of another CPU's hands refutes it, and it counts as a plain field then. So is
that a field beside it is *sheltered*: accessed by the owner only, who writes it first.

What a property of states looks at is *observed*: a step that writes it is always visible. What a
rule looks at in certain statements (`looks`) is read there. Where a rule only asks at the end of a
struct whether some field of a name points to it (`look_at_end`), that is a place for each struct,
written by who makes such a field point to it or away from it. Two writes of such a place come to
the same in either order.

Who waits. A step that cannot be made has been looked at: what is read to find out counts as read by
who waits, as if it had been a step. Else what makes it possible could be followed by what makes it
impossible again without anybody noticing, and the step would never be made that shows it. Who waits
to take an owner word counts as one who takes it.

Bits. A step that sets or clears some bits of an integer, and one that looks at some, access these
bits and no others: each bit that is ever accessed so is a place of its own, besides the whole.

Writes that change nothing. A step that writes what is there already, or sets a bit that is set,
comes to the same before or after whoever only reads it, or writes the same: it counts as a read.
Whoever writes something else conflicts with that as well.

What nobody reads. Fields that are only counted up (see `slice.py`) are no places. To touch one,
its struct must be alive; that is a place, which the end of the struct writes.

Ends. A step that stops the machine is never taken alone, so that what else could have gone wrong
there is found too. The one exception is common to all searches here: when a stack was freed under
a CPU, the next step of that CPU is the violation, and nothing else is tried before it.

Interrupts. A handler runs on the CPU and the stack that it interrupts, but is a process of its
own: it holds neither of these two, nor what the interrupted code holds, only what it took itself
and a bit of its own. So it shares with the interrupted code what both touch; where they touch
nothing in common, a step before its arrival is as good as one after its end. What it sets and puts
back (RESTORED, looked after at its return) counts as not touched. A handler that interrupts user
mode is kernel code like any other; it is user mode then that keeps nobody out. What lets it arrive
is read by its arrival: the fields of its condition (of a level only whether it is below the bound),
and whether the CPU is in user mode, because that is what a handler may ask.

Cycles. A chain of steps taken alone is cut after LONGEST_CHAIN steps; its end is stored and
everything is tried there. So no cycle of the reduced graph leaves anybody out for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.checker.places import ALIVE, Place
from exittui.checker.reading import Reading
from exittui.checker.requests import Requests
from exittui.checker.slice import SHELTERED
from exittui.machine.frames import DEPTHS, SAVED
from exittui.machine.history import ALLOCATED, FREED
from exittui.machine.image import UNDERMINED
from exittui.machine.memory import NEXT_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.checker.judge import Judge
    from exittui.machine import Machine


RESTORED = ("ci_intr", "ci_ipl", "ci_idepth", "ci_mutex_level")
"""Fields of a CPU that a handler sets and puts back; a guess of the same kind as the others."""


class Discipline(Reading):
    """What is known of the places of one machine."""

    def __init__(self, machine: Machine) -> None:
        """Nothing is known yet."""
        super().__init__(machine)
        self._ends_observed = False
        self._bits = 3 * machine.ncpu
        self._stack_bits: dict[int, int] = {}
        self._cpus = machine.stacks.cpus
        self._standing: dict[str, Any] = {}
        self._cpu_class = type(machine.infos[0]) if machine.infos[0] is not None else None
        self.acquired: Place | None = None
        """The owner word that the last step took."""
        self.handlers = frozenset(
            one.pc
            for kind in machine.image.interrupts
            for one in machine.image.statements
            if one.function == kind.handler
        )
        self._taking = frozenset(
            one.pc
            for one in machine.image.statements
            if one.kind == "spin" and "atomic_cas(" in one.text
        )
        self.modes = [Place(self._standing, f"mode of cpu{cpu}") for cpu in range(machine.ncpu)]
        many = machine.ncpu
        self._ncpu = many
        self._handlers_mask = ((1 << many) - 1) << many
        self._users_mask = ((1 << many) - 1) << 2 * many
        self.restored = set(RESTORED)
        self.sheltered = dict(SHELTERED)
        self._interrupt_bits = [1 << machine.ncpu + cpu for cpu in range(machine.ncpu)]
        self._seen_there: dict[str, list[Place]] = {}
        self._ends: dict[str, tuple[tuple[str, ...], Place]] = {}
        """Kinds of structs at whose end a rule looks at pointers to it, and what else it sees."""
        self._pointers: set[str] = set()
        self.reads: list[Place] = []
        self.wrote: list[Place] = []
        """What the last step read and wrote."""
        self.arms = False
        """Whether the last step wrote what says that an interrupt is wanted."""
        self._armed = {kind.armed for kind in machine.image.interrupts}
        self.strict = False
        """Whether the last step wrote what a property of states looks at."""
        self.used: list[int] = []
        """The numbers of the guesses that the last step was taken to be independent by."""
        self.requests = Requests(machine, self)
        self._mark_owned()

    @classmethod
    def of(cls, machine: Machine, judge: Judge) -> Discipline:
        """What is known before a search: what a judge of its states looks at."""
        made = cls(machine)
        made.observe(judge.observed)
        for statements, look in judge.looks(machine):
            made.looks.update(dict.fromkeys(statements, look))
        for end in judge.ends():
            made.look_at_end(*end)
        return made

    def _mark_owned(self) -> None:
        """What holds a CPU when the run begins has nobody's taking behind it: a plain field."""
        memory = self._memory
        for target in memory.heap.values():
            if target is not None and not memory.is_freed(target):
                for name, value in target.__dict__.items():
                    if self._cpu_class is not None and type(value) is self._cpu_class:
                        self._place(target.__dict__, name).plain = True

    def look_at_end(self, kind: str, pointers: Iterable[str], names: Iterable[str]) -> None:
        """At the end of a struct of this kind a rule looks at fields of these names.

        Of `pointers` only whether they point to it.
        """
        place = Place(None, f"what a rule looks at where a {kind} ends")
        place.additive = True
        self._ends[kind] = (tuple(pointers), place)
        self._pointers.update(pointers)
        for name in names:
            self._seen_there.setdefault(name, []).append(place)
        for name in (*pointers, *names):
            self.untrack(name)  # it is seen there without being read by a step

    def _pointed(self, name: str, target: Any) -> Place:
        """Whether a field of this name points to a struct."""
        place = self._place(self._standing, (name, id(target)))
        place.additive = True
        return place

    def observe(self, names: Iterable[str]) -> None:
        """These fields and variables are what properties look at: a write to one is visible."""
        new = [name for name in names if name not in self._observed]
        if new:
            self.requests.drop()
        for name in new:
            if name == FREED:
                self._ends_observed = True
                self.guesses.misreads()
            if name == ALLOCATED:
                self._observed.add(name)
                name = NEXT_NUMBER  # noqa: PLW2901 - every allocation writes it
            self._observed.add(name)
            if name in self.unread:
                self.unread.discard(name)
                self.guesses.misreads()
            self.untrack(name)
            for (_, key), place in self._places.items():
                if key == name:
                    for one in (place, *place.bits.values()):
                        one.observed = True
                        self.guesses.doubt(one)

    # -- locks ---------------------------------------------------------------------------------

    def _bit(self) -> int:
        self._bits += 1
        return 1 << self._bits - 1

    def mask(self, cpu: int, frame: Any, held: int) -> int:
        """What this CPU holds, standing on this frame, with these owner words."""
        number = frame[2] // DEPTHS
        bit = self._stack_bits.get(number)
        if bit is None:
            bit = self._stack_bits[number] = self._bit()
        return held | 1 << cpu | bit

    def interrupt_mask(self, cpu: int, held: int) -> int:
        """What the handler of an interrupt on this CPU holds: nothing that it interrupted."""
        return held | self._interrupt_bits[cpu]

    def user_mask(self, cpu: int, mask: int) -> int:
        """What a CPU in user mode holds."""
        return mask | 1 << 2 * self._ncpu + cpu

    def is_restored(self, place: Place, cpu: int) -> bool:
        """Whether a handler on this CPU leaves the field as it found it."""
        info = self._machine.infos[cpu]
        return place.key in self.restored and info is not None and place.target is info.__dict__

    def kept(self, cpu: int) -> tuple[Any, ...]:
        """What a handler has to leave as it is now."""
        info = self._machine.infos[cpu]
        return tuple(info.__dict__.get(name) for name in RESTORED) if info is not None else ()

    def returned(self, cpu: int, kept: tuple[Any, ...]) -> None:
        """A handler has returned to what it interrupted; `kept` is what it found there."""
        for name, before, now in zip(RESTORED, kept, self.kept(cpu), strict=False):
            if before != now and name in self.restored:
                self.restored.discard(name)
                self.guesses.misreads()

    def handling(self, frame: Any) -> bool:
        """Whether this frame is that of a handler, or was called by one, in kernel code."""
        while frame is not None:
            if frame[0] in self.handlers:
                return frame[1] is None or frame[1][0] not in self.user
            frame = frame[1]
        return False

    def forget_step(self) -> None:
        """What the last step has written is over: the next one is to be noted."""
        self.wrote.clear()
        self.used.clear()
        self.arms = False
        self.acquired = None

    # -- accesses ------------------------------------------------------------------------------

    def _decides(self, mask: int) -> int:
        """Whom an access under this mask keeps out: who holds any of these locks.

        A handler keeps out what it interrupts, though it does not hold what that holds. User mode
        does not keep out the kernel code that an interrupt starts on its CPU and its stack.
        """
        if mask & self._users_mask:
            return mask & self._users_mask
        return mask | (mask & self._handlers_mask) >> self._ncpu

    def read(self, place: Place, mask: int) -> bool:
        """Note a read; whether it is visible."""
        seen = place.readers.get(mask)
        if seen is None:
            if place.key in self.sheltered:
                self._enter(place, mask)
            decides = self._decides(mask)
            visible = any(not writer & decides for writer in place.writers)
            seen = place.readers[mask] = self.guesses.make(visible=visible)
            for writer, guess in place.writers.items():
                if guess and not self._decides(writer) & mask:
                    self.guesses.correct(place.writers, writer)
        self.used.append(seen)
        return not seen

    def wait(self, places: Iterable[Place], mask: int, pc: int) -> None:
        """Note what somebody who stands here has read to find that he cannot go on.

        Who waits to take an owner word does not mind that it is given back, only that it is taken.
        """
        wrote, used, strict = self.wrote, self.used, self.strict
        self.wrote, self.used = [], []
        for place in places:
            if pc in self._taking and place.bit and not place.plain:
                self.write(self._acquire(place), mask)
            else:
                self.read(place, mask)
        self.wrote, self.used, self.strict = wrote, used, strict

    def _acquire(self, place: Place) -> Place:
        """What the taking of an owner word writes."""
        if place.acquire is None:
            place.acquire = Place(place.target, "acquire")
        return place.acquire

    def write(self, place: Place, mask: int) -> bool:
        """Note a write; whether it is visible."""
        self.wrote.append(place)
        if place.observed:
            self.strict = True
        seen = place.writers.get(mask)
        if seen is None:
            decides = self._decides(mask)
            tables = (place.readers,) if place.additive else (place.writers, place.readers)
            visible = any(not other & decides for table in tables for other in table)
            seen = place.writers[mask] = self.guesses.make(visible=visible)
            for table in tables:
                for other, guess in table.items():
                    if guess and not self._decides(other) & mask:
                        self.guesses.correct(table, other)
        self.used.append(seen)
        return not seen or place.observed

    def _enter(self, place: Place, mask: int) -> None:
        """A place that is said to be sheltered is accessed under a mask: that has to shelter it."""
        owner = self._places.get((id(place.target), self.sheltered[place.key]))
        if owner is None or not owner.bit & mask:
            del self.sheltered[place.key]
            self.guesses.misreads()

    def _write_all(self, places: Iterable[Place], mask: int) -> bool:
        visible = False
        for place in places:
            visible |= self.write(place, mask)
        return visible

    def written(  # noqa: C901, PLR0912, PLR0915 - one pass over the journal, on the hot path
        self, cpu: int, entries: list[Any], mask: int, held: list[int]
    ) -> bool:
        """Note what a step wrote, from its journal entries; whether any of it is visible."""
        visible = False
        heap, graveyard = self._memory.heap, self._memory.graveyard
        variables, seen_there = self._memory.variables, self._seen_there
        owners = self._cpu_class
        for i in range(0, len(entries), 3):
            container, key, old = entries[i], entries[i + 1], entries[i + 2]
            kind = type(container)
            if kind is list:
                if key == 0 and type(old) is list:
                    visible |= self._moved(container, old, mask)
            elif kind is dict:
                if container is heap:
                    continue
                if key in self.unread:
                    if container is not variables:
                        visible |= self.read(self._place(container, ALIVE), mask)
                    continue
                if key in self.endings.by_field:
                    self.reads += self._whether_over(container, key)
                    if self.endings.over(key, container["_oid"]):
                        visible |= self.read(self._place(container, ALIVE), mask)
                        continue
                place = self._places.get((id(container), key)) or self._place(container, key)
                if key in self.endings.flags:
                    self._cleared(key, old & ~container[key])
                if key in self._armed and container is variables:
                    self.arms = True
                if (
                    old is container.get(key, self)
                    and not place.bits
                    and not place.live
                    and not place.observed
                ):
                    self.reads.append(place)
                    continue
                if key in seen_there:
                    visible |= self._write_all(seen_there[key], mask)
                if key in self._pointers:
                    ends = [self._pointed(key, one) for one in (old, container[key]) if one]
                    visible |= self._write_all(ends, mask)
                if place.bits:
                    own = self._own
                    only = own is not None and own[0] is place
                    parts = own[1] if own is not None and only else place.bits.values()
                    visible |= self._write_all(self._changed(place, parts, old), mask)
                    if only:
                        continue
                if owners is not None:
                    new = container.get(key)
                    if type(new) is owners or type(old) is owners:
                        visible |= self._owner(place, cpu, old, new, mask, held)
                        continue
                held_now = mask
                if mask & self._handlers_mask and self.is_restored(place, cpu):
                    held_now |= 1 << cpu
                if key in self.sheltered:
                    self._enter(place, mask)
                visible |= self.write(place, held_now)
                for bound, below in place.bounds.items():
                    if (old < bound) is not (container[key] < bound):
                        visible |= self.write(below, mask)
            elif container is graveyard:
                visible |= self._freed(cpu, key, container[key] or {}, mask, held)
        return visible

    def _changed(self, whole: Place, parts: Iterable[Place], old: Any) -> list[Place]:
        """Those of the bits that were written which have changed; the others are read."""
        if type(old) is not int or whole.observed:
            return [*parts]
        flipped = old ^ whole.target[whole.key]
        changed: list[Place] = []
        for one in parts:
            (changed if one.part & flipped else self.reads).append(one)
        return changed

    def _cleared(self, flags: str, cleared: int) -> None:
        """Flags of a struct were cleared: what they were to end for good may be read again."""
        for name, (by, bits) in [*self.endings.by_field.items()]:
            if by == flags and cleared & bits:
                self.endings.drop(name)
                self.guesses.misreads()

    def _owner(  # noqa: PLR0917 - the parts of one access
        self, place: Place, cpu: int, old: Any, new: Any, mask: int, held: list[int]
    ) -> bool:
        """A write of or over a CPU: an owner word is taken or given back."""
        me = self._machine.infos[cpu]
        if not place.plain and any(
            type(one) is self._cpu_class and one is not me for one in (old, new)
        ):
            self._refute(place, held)
        if place.plain:
            return self.write(place, mask)
        if not place.bit:
            place.bit = self._bit()
        if new is not me:
            held[cpu] &= ~place.bit
            return self.write(place, mask)
        held[cpu] |= place.bit
        if old is me:
            return self.write(place, mask)
        self.acquired = place
        visible = self.write(self._acquire(place), mask)
        return self.write(place, mask | place.bit) or visible

    def _refute(self, place: Place, held: list[int]) -> None:
        """An owner word is no lock: whatever it seemed to guard is not guarded by it."""
        place.plain = True
        if place.bit:
            for cpu in range(len(held)):
                held[cpu] &= ~place.bit
            self._clear(place.bit)
        self.guesses.misreads()

    def _clear(self, bit: int) -> None:
        parts = [
            part
            for one in self._places.values()
            for part in (one.acquire, *one.bounds.values(), *one.bits.values())
            if part is not None
        ]
        for one in (*self._places.values(), *parts):
            one.readers = {mask & ~bit: 0 for mask in one.readers}
            one.writers = {mask & ~bit: 0 for mask in one.writers}
            for mask in one.writers:
                others = one.readers if one.additive else (*one.readers, *one.writers)
                decides = self._decides(mask)
                visible = any(not decides & other for other in others)
                one.writers[mask] = self.guesses.make(visible=visible)
            for mask in one.readers:
                decides = self._decides(mask)
                visible = any(not decides & other for other in one.writers)
                one.readers[mask] = self.guesses.make(visible=visible)

    def _stand(self, number: int) -> Place:
        return self._place(self._standing, number)

    def _moved(self, cpu: list[Any], old: Any, mask: int) -> bool:
        """A CPU called, returned, or changed stacks; the last is seen by who frees them."""
        new = cpu[0]
        left, entered = old[2] // DEPTHS, new[2] // DEPTHS
        if left == entered or new[0] == UNDERMINED:
            return False
        if any(one is not cpu and one[0][2] // DEPTHS == entered for one in self._cpus):
            self._shared_stack(entered)
        visible = self.write(self._stand(left), mask)
        return self.write(self._stand(entered), mask) or visible

    def _shared_stack(self, number: int) -> None:
        """Two CPUs on one stack: it guards nothing."""
        bit = self._stack_bits.get(number, 0)
        self._stack_bits[number] = 0
        if bit:
            self._clear(bit)
            self.guesses.misreads()

    def _freed(
        self, cpu: int, target: Any, fields: dict[str, Any], mask: int, held: list[int]
    ) -> bool:
        """The end of a struct is a write to all its fields; that of a stack looks who is there."""
        visible = self._ends_observed
        self.strict |= visible
        container = target.__dict__
        for name in (ALIVE, *fields):
            if name not in ("_oid", "_name") and name not in self.unread:
                place = self._place(container, name)
                for one in (place, *place.bits.values()):
                    visible |= self.write(one, mask)
        looked = self._ends.get(type(target).__name__)
        if looked is not None:
            self._found += [self._pointed(name, target) for name in looked[0]]
            self._found.append(looked[1])
        if SAVED in fields:
            number = fields["_oid"]
            self._found.append(self._stand(number))
            bit = self._stack_bits.get(number)
            if bit is None:
                bit = self._stack_bits[number] = self._bit()
            held[cpu] |= bit
        return visible
