"""The part of a state that can still matter, as a fingerprint: what the reduced search tells apart.

Left out are the names that nothing reads (statistics) and, in every frame, the locals that are
written before they are read again (`machine/dataflow.py` finds both). Two states that differ in
nothing else go through the same steps for ever after, come to the same ends and violate the same
properties: by induction over the steps, each of which reads only what is equal in both, and writes
equal values to whatever counts. That holds as long as whoever judges states looks at nothing that
is left out; the names judges look at are therefore kept (see `Judge.names`), and so are all locals
of a function that a rule looks into (`Machine.inspected`).

A frame counts as one number, drawn for its place and its live values together; that of the frame a
CPU stands on is put in when a move is over, and taken out when the next one begins. Of a frame
that waits for a call to return, the variable that gets the result is not live; and if the function
that was called never returns, as exit1(), neither that frame nor those below count at all. Of a
stack that nobody stands on, the top frame is where it will be entered; its variables are those of
who enters.

What is beside an owner word and sheltered by it does not count while nobody owns it: who takes it
writes that first. That nobody else accesses it is a guess (see `discipline.py`). So is that nobody
reads certain fields any more from where a flag says so (see `ending.py`): they do not count then.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from exittui.checker.ending import Endings
from exittui.machine.fingerprint import _PRIVATE, _draw, _encode
from exittui.machine.frames import SAVED
from exittui.machine.image import FINISHED, FIRST_SLOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exittui.machine import Machine

SHELTERED: Final = {"mtx_oldipl": "mtx_owner"}
"""Fields of a mutex, each with the owner word that shelters it."""

Values = "Callable[[Any], tuple[Any, ...]]"


class Slice:
    """What counts of the states of one machine."""

    def __init__(self, machine: Machine, unread: set[str]) -> None:
        """`unread` names what does not count; it may shrink, and then all numbers are others."""
        self.unread = unread
        self.sheltered = dict(SHELTERED)
        self.endings = Endings(machine)
        unread -= self.endings.flags  # they say what counts
        self._machine = machine
        self._memory = machine.memory
        self._stacks = machine.stacks
        self._floor = machine.stacks.floor
        self.noreturn = machine.image.noreturn
        self._known: dict[Any, int] = {}
        self._values: dict[int, dict[int, Callable[[Any], tuple[Any, ...]]]] = {0: {}}
        """By the slot that gets a result, if any, and place: the live values of a frame."""

    # -- the whole state -----------------------------------------------------------------------

    def whole(self) -> int:
        """The number of the present state, from nothing, CPUs at rest."""
        total = 0
        for part in self._parts(self.token):
            total ^= part
        return total

    def exact(self) -> bytes:
        """All that counts of the present state, as bytes: for a search without fingerprints."""
        return "\n".join(sorted(self._parts(self._spelt))).encode()

    def _parts(self, say: Callable[[Any], Any]) -> Iterator[Any]:
        memory, unread = self._memory, self.unread
        for name, value in memory.variables.items():
            if name not in unread:
                yield say((0, name, value))
        for number, target in memory.heap.items():
            if target is None or memory.is_freed(target):
                continue
            for name, value in target.__dict__.items():
                if self._counts(name, target.__dict__, number):
                    yield say((number, name, value))
            saved = target.__dict__.get(SAVED)
            if saved is not None:
                yield say(self._entrance(saved))
                yield from map(say, self._callers(saved))
        for number, cpu in enumerate(self._stacks.cpus):
            frame = cpu[0]
            if frame is not self._floor:
                yield say(self.standing(number, frame))
                yield from map(say, self._callers(frame))

    # -- frames --------------------------------------------------------------------------------

    def top(self, cpu: int, frame: Any) -> int:
        """The number of the frame that a CPU stands on."""
        return 0 if frame is self._floor else self.token(self.standing(cpu, frame))

    def waiting(self, frame: Any, result: int) -> int:
        """The number of a frame that waits for a call to put its result in this slot."""
        return 0 if frame is self._floor else self.token(self._waiting(frame, result))

    def saved(self, frame: Any) -> int:
        """The number of the top frame of a stack that nobody stands on."""
        return self.token(self._entrance(frame))

    def callers(self, frame: Any) -> int:
        """The number of all frames that this one may return into, by and by."""
        total = 0
        for one in self._callers(frame):
            total ^= self.token(one)
        return total

    def _callers(self, frame: Any) -> Iterator[Any]:
        floor, noreturn = self._floor, self.noreturn
        while frame[1] is not None and frame[1] is not floor and frame[0] not in noreturn:
            yield self._waiting(frame[1], frame[3])
            frame = frame[1]

    def standing(self, cpu: int, frame: Any) -> Any:
        """What the number of the frame that a CPU stands on is drawn for."""
        caller = frame[1]
        return (
            frame[0],
            ~cpu,
            frame[2],
            frame[3],
            -1 if caller is None else caller[2],
            self._live(frame, 0),
        )

    def _waiting(self, frame: Any, result: int) -> Any:
        caller = frame[1]
        return (
            frame[0],
            result,
            frame[2],
            frame[3],
            -1 if caller is None else caller[2],
            self._live(frame, result),
        )

    def _entrance(self, frame: Any) -> Any:
        return (SAVED, frame[1][2], frame[2], frame[3])

    def _live(self, frame: Any, result: int) -> tuple[Any, ...]:
        values = self._values.get(result)
        if values is None:
            values = self._values[result] = {}
        pc = frame[0]
        known = values.get(pc)
        if known is None:
            machine = self._machine
            slots: tuple[int, ...] = machine.image.live.get(pc, ())
            if machine.image.statements[pc].function in machine.inspected:
                slots = tuple(range(FIRST_SLOT, len(frame)))
            slots = tuple(slot for slot in slots if slot != result)
            known = values[pc] = _getter(slots)
        return known(frame)

    # -- numbers -------------------------------------------------------------------------------

    def token(self, part: Any) -> int:
        """The number drawn for one part of a state."""
        try:
            return self._known[part]
        except KeyError:
            number = self._known[part] = _draw(0, "", self._spelt(part))
            return number
        except TypeError:  # a frame among the values
            return _draw(0, "", self._spelt(part))

    def _spelt(self, part: Any) -> str:
        return _encode(part)

    def _counts(self, name: str, fields: dict[str, Any], number: int) -> bool:
        """Whether a field of a struct with these counts now, by itself."""
        if name in self.unread or name in _PRIVATE or name == SAVED:
            return False
        if name in self.endings.by_field and self.endings.over(name, number):
            return False
        owner = self.sheltered.get(name)
        return owner is None or fields.get(owner) is not None

    def owned(self, number: int, fields: dict[str, Any], owner: str) -> int:
        """The number of what begins or ceases to count where somebody takes or leaves a mutex."""
        total = 0
        for name, by in self.sheltered.items():
            if by == owner and name in fields:
                total ^= self.token((number, name, fields[name]))
        return total

    def ended(self, target: Any, flags: str, old: int, new: int) -> int:
        """The number of what ceases to count, or counts again, where flags of a struct change."""
        total = 0
        for one, name in self.endings.ended(target, flags, old, new):
            fields = one.__dict__
            total ^= self.token((fields["_oid"], name, fields[name]))
        return total

    def field(self, number: int, name: str, value: Any) -> int:
        """The number of a field of a struct, or of a variable of the machine (number 0)."""
        return self.token((number, name, value))

    def struct(self, number: int, fields: dict[str, Any]) -> int:
        """The number of all fields of a struct, and of the stack on it that nobody stands on."""
        total = 0
        for name, value in fields.items():
            if self._counts(name, fields, number):
                total ^= self.token((number, name, value))
        saved = fields.get(SAVED)
        return total if saved is None else total ^ self.saved(saved) ^ self.callers(saved)


def _getter(slots: tuple[int, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if not slots:
        return lambda _: ()
    if len(slots) == 1:
        only = slots[0]
        return lambda frame: (frame[only],)
    return itemgetter(*slots)


__all__ = ["FINISHED", "Slice"]
