"""A fingerprint of the state of a machine: equal states, equal fingerprints.

Every place that holds a value contributes a 64-bit number drawn from a cryptographic hash of the
place and the value; the fingerprint is the exclusive-or of all. So a write changes it by two
numbers, and it can be kept up from the journal alone: what it was, and the entries since. Two
different states share a fingerprint with a probability of about 2**-64 a pair; among n states
about n*n / 2**65, which is 3e-6 for ten million. It is the same in every process, on every Python
and under every PYTHONHASHSEED.

What counts as state: the variables, the fields of every struct that is alive, where each CPU
stands, and every frame that can still be returned into. Freed structs and popped frames do not
count, nor does how the state was reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from _blake2 import blake2b  # hashlib would load all of OpenSSL for it
except ImportError:
    from hashlib import blake2b

from exittui.machine.frames import SAVED
from exittui.machine.image import FINISHED
from exittui.machine.lang import struct

__all__ = ["Fingerprint", "blake2b"]

if TYPE_CHECKING:
    from exittui.machine.frames import Frame
    from exittui.machine.machine import Machine

_PRIVATE = ("_oid", "_name")


class Fingerprint:
    """The fingerprint of one machine, kept up step by step as long as someone asks for it."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: dict[tuple[Any, Any, Any], int] = {}
        self._value = 0
        self._position = -1

    def forget(self) -> None:
        """The past was cut: what is known belongs to another run."""
        self._position = -1

    def forget_from(self, position: int) -> None:
        """The future from a position on was cut."""
        if self._position > position:
            self._position = -1

    def value(self) -> int:
        """The fingerprint of the state the machine is in."""
        position = self._machine.position
        if position == self._position + 1 and self._position >= 0:
            self._value ^= self._change(position - 1)
        elif position == self._position - 1:
            self._value ^= self._change(position)
        elif position != self._position:
            self._value = self.complete()
        self._position = position
        return self._value

    # -- the whole state -----------------------------------------------------------------------

    def complete(self) -> int:
        """The fingerprint computed from nothing: every value once."""
        machine, token = self._machine, self._token
        memory, stacks = machine.memory, machine.stacks
        total = 0
        for name, value in memory.variables.items():
            total ^= token(0, name, value)
        for target in memory.heap.values():
            if target is None or memory.is_freed(target):
                continue
            fields = target.__dict__
            total ^= self._fields(fields)
            for frame in stacks.chain(fields.get(SAVED)):
                total ^= self._frame(frame)
        for cpu in stacks.cpus:
            total ^= token(cpu[2], 0, cpu[0])
            for frame in stacks.chain(cpu[0]):
                total ^= self._frame(frame)
        return total

    def _fields(self, fields: dict[str, Any]) -> int:
        number, total = fields["_oid"], 0
        for name, value in fields.items():
            if name not in _PRIVATE:
                total ^= self._token(number, name, value)
        return total

    def _frame(self, frame: Frame) -> int:
        label, total = frame[2], 0
        for key, value in enumerate(frame):
            total ^= self._token(label, key, value)
        return total

    # -- the change that one step made ---------------------------------------------------------

    def _change(self, index: int) -> int:
        """What step `index`, the last one made or undone, changes: the same both ways."""
        machine, token = self._machine, self._token
        memory, cpus = machine.memory, machine.stacks.cpus
        values: dict[tuple[int, Any], list[Any]] = {}
        for container, key, old, new in machine.history.entries(index):
            values.setdefault((id(container), key), [container, key, old, new])[3] = new
        change = _Change(self, {place: entry[3] for place, entry in values.items()})
        total = 0
        for container, key, old, new in values.values():
            if isinstance(container, dict):
                if container is memory.heap:
                    total ^= change.fields(old or new)
                    continue
                number = container.get("_oid", 0)
                total ^= token(number, key, old) ^ token(number, key, new)
                if key == SAVED:
                    total ^= change.saved(old, new)
            elif isinstance(container, list):
                total ^= token(container[2], key, old) ^ token(container[2], key, new)
                if key == 0 and any(container is cpu for cpu in cpus):
                    total ^= change.moved(old, new)
            elif container is memory.graveyard:
                total ^= change.dead(old or new, key)
        return total

    # -- numbers -------------------------------------------------------------------------------

    def _token(self, place: int, key: str | int, value: object) -> int:
        try:
            return self._known[place, key, value]
        except KeyError:
            pass
        except TypeError:  # a frame: a list cannot be a key
            return _draw(place, key, _encode(value))
        # A stack that nobody has left yet has no frame saved, whether or not the field is there.
        number = 0 if key == SAVED and value is None else _draw(place, key, _encode(value))
        if not isinstance(value, (struct, tuple)):
            self._known[place, key, value] = number
        return number


class _Change:
    """What comes to be and ceases in one step: structs and frames, with the values after it."""

    def __init__(self, owner: Fingerprint, after: dict[tuple[int, Any], Any]) -> None:
        self._token = owner._token  # noqa: SLF001 - a part of it
        self._stacks = owner._machine.stacks  # noqa: SLF001
        self._memory = owner._machine.memory  # noqa: SLF001
        self._after = after

    def fields(self, target: struct) -> int:
        """A struct that is born."""
        fields, total = target.__dict__, 0
        for name, value in fields.items():
            if name not in _PRIVATE:
                new = self._after.get((id(fields), name), value)
                total ^= self._token(fields["_oid"], name, new)
        return total

    def dead(self, fields: dict[str, Any], target: struct) -> int:
        """A struct that is freed, with the frames of the stack that it is the area of."""
        total = 0
        for name, value in fields.items():
            if name not in _PRIVATE:
                total ^= self._token(target.__dict__["_oid"], name, value)
        return total ^ self._frames(fields.get(SAVED))

    def saved(self, old: Frame | None, new: Frame | None) -> int:
        """A stack was made (its frames come to be) or entered (the saved frame is used up).

        A frame saved by the CPU that leaves a stack counted before and counts on.
        """
        if new is not None and new[0] == FINISHED:
            return self._frames(new)
        return self._frame(old) if old is not None and new is None else 0

    def moved(self, old: Frame, new: Frame) -> int:
        """A CPU called (a frame comes to be), returned (one ceases) or changed stacks."""
        if new[1] is old:
            return self._frame(new)
        if old[1] is new:
            return self._frame(old)
        area = self._stacks.area(old)
        left = area is None or self._memory.is_freed(area)
        return self._frame(new) ^ (self._frames(old) if left else 0)

    def _frames(self, frame: Frame | None) -> int:
        total = 0
        for one in self._stacks.chain(frame):
            total ^= self._frame(one)
        return total

    def _frame(self, frame: Frame) -> int:
        total = 0
        for key, value in enumerate(frame):
            new = self._after.get((id(frame), key), value)
            total ^= self._token(frame[2], key, new)
        return total


def _draw(place: int, key: str | int, text: str) -> int:
    digest = blake2b(f"{place} {key} {text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _encode(value: object) -> str:
    """A text for a value, different for different values of one place."""
    if isinstance(value, struct):
        return f"@{value.__dict__['_oid']}"
    if isinstance(value, tuple):
        return f"({' '.join(map(_encode, value))})"
    if isinstance(value, list):
        return f"^{value[2]}"
    if isinstance(value, bool):
        return str(int(value))
    return repr(value)
