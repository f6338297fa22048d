"""The fingerprint of a state, kept up step by step from the journal.

It is the number that `Machine.fingerprint` gives, and means the same; here it is had for a
microsecond a step. Every place that holds a value counts a 64-bit number drawn from a
cryptographic hash of place and value, so two different states have the same fingerprint with a
probability of 2**-64 a pair: among n states n*n / 2**65, which is 3e-6 for ten million. A search
that must not rely on it asks for `exact` (see `encode`).

A drawn number is kept under (place, key, value). Structs are keys by identity, which holds because
the allocator makes the same struct again when an allocation is made again; a frame is the key of
its label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.machine.fingerprint import _PRIVATE, Fingerprint, _draw, _encode
from exittui.machine.frames import SAVED
from exittui.machine.image import FINISHED

if TYPE_CHECKING:
    from exittui.machine import Machine

_FLAT = 6
"""A step with at most two writes never writes a place twice."""


class Tokens:
    """What each step of one machine changes in the fingerprint."""

    def __init__(self, machine: Machine) -> None:
        self._memory = machine.memory
        self._stacks = machine.stacks
        self._machine = machine
        self.known: dict[Any, int] = {}
        self._frames: dict[Any, int] = {}

    def whole(self) -> int:
        """The fingerprint of the present state, from nothing."""
        return Fingerprint(self._machine).complete()

    def change(self, entries: list[Any]) -> int:
        """What the step with these journal entries, the last that was made, has changed."""
        size = len(entries)
        known = self.known
        total = 0
        if size > _FLAT:
            entries = _first_writes(entries)
            size = len(entries)
        memory = self._memory
        for i in range(0, size, 3):
            container = entries[i]
            key = entries[i + 1]
            old = entries[i + 2]
            kind = type(container)
            if kind is list:
                place = container[2]
                new = container[key]
                if type(old) is list and key == 0:
                    total ^= self.token(place, 0, old) ^ self.token(place, 0, new)
                    total ^= self._moved(old, new)
                    continue
            elif kind is dict:
                place = container.get("_oid", 0)
                new = container.get(key)
                if container is memory.heap:
                    total ^= self._fields(new if new is not None else old)
                    continue
                if key == SAVED:
                    total ^= self._saved(old, new)
            elif container is memory.graveyard:
                fields = container[key] or {}
                total ^= self._fields_of(key.__dict__["_oid"], fields)
                total ^= self._chain(fields.get(SAVED))
                continue
            else:
                continue
            try:
                total ^= known[place, key, old] ^ known[place, key, new]
            except (KeyError, TypeError):
                total ^= self.token(place, key, old) ^ self.token(place, key, new)
        return total

    def token(self, place: int, key: str | int, value: Any) -> int:
        """The number of one place with one value."""
        framed = type(value) is list
        name: Any = (place, key, "^", value[2]) if framed else (place, key, value)
        try:
            return self.known[name]
        except KeyError:
            number = self.known[name] = _draw(place, key, _encode(value))
            return number
        except TypeError:  # a tuple with a frame in it
            return _draw(place, key, _encode(value))

    def _fields(self, target: Any) -> int:
        return self._fields_of(target.__dict__["_oid"], target.__dict__)

    def _fields_of(self, number: int, fields: dict[str, Any]) -> int:
        total = 0
        for name, value in fields.items():
            if name not in _PRIVATE:
                total ^= self.token(number, name, value)
        return total

    def _saved(self, old: Any, new: Any) -> int:
        if new is not None and new[0] == FINISHED:
            return self._chain(new)
        return self._frame(old) if old is not None and new is None else 0

    def _moved(self, old: Any, new: Any) -> int:
        if new[1] is old:
            return self._frame(new)
        if old[1] is new:
            return self._frame(old)
        area = self._stacks.area(old)
        left = area is None or self._memory.is_freed(area)
        return self._frame(new) ^ (self._chain(old) if left else 0)

    def _chain(self, frame: Any) -> int:
        total = 0
        for one in self._stacks.chain(frame):
            total ^= self._frame(one)
        return total

    def _frame(self, frame: Any) -> int:
        caller = frame[1]
        name = (frame[0], -1 if caller is None else caller[2], *frame[2:])
        try:
            return self._frames[name]
        except KeyError:
            total = self._frames[name] = self._slots(frame)
            return total
        except TypeError:  # a frame among the variables
            return self._slots(frame)

    def _slots(self, frame: Any) -> int:
        label, total = frame[2], 0
        for key, value in enumerate(frame):
            total ^= self.token(label, key, value)
        return total


def _first_writes(entries: list[Any]) -> list[Any]:
    """The entries with later writes to the same place left out."""
    seen: dict[tuple[int, Any], None] = {}
    kept = []
    for i in range(0, len(entries), 3):
        place = (id(entries[i]), entries[i + 1])
        if place not in seen:
            seen[place] = None
            kept += entries[i : i + 3]
    return kept


def encode(machine: Machine) -> bytes:
    """Every place and value of the present state as bytes: for a search without fingerprints."""
    memory, stacks = machine.memory, machine.stacks
    lines = [f"0 {name} {_encode(value)}" for name, value in sorted(memory.variables.items())]
    for number, target in sorted(memory.heap.items()):
        if target is None or memory.is_freed(target):
            continue
        fields = target.__dict__
        lines += [
            f"{number} {name} {_encode(value)}"
            for name, value in fields.items()
            if name not in _PRIVATE
        ]
        for frame in stacks.chain(fields.get(SAVED)):
            lines.append(" ".join(map(_encode, frame)))
    for cpu in stacks.cpus:
        lines.append(f"{cpu[2]} {_encode(cpu[0])}")
        lines += [" ".join(map(_encode, frame)) for frame in stacks.chain(cpu[0])]
    return "\n".join(lines).encode()
