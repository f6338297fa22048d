"""The state of a machine as bytes, and a machine that stands where another one stood.

A restored machine goes on like the one whose state was taken: its structs have the same numbers
and the same fields in the same order, its frames the same labels, and what was freed is as freed.
Its position is 0: no past is taken, so the time to take is before a run.

Structs are written twice: first all of them, empty, in the order of their numbers, then their
fields. So no chain of pointers, however long, is followed while it is written. What the structs of
one kind have in common is written once.
"""

from __future__ import annotations

import io
import pickle
import sys
from typing import TYPE_CHECKING, Any, Final

from exittui.errors import InternalError
from exittui.machine.lang import struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine.machine import Machine
    from exittui.machine.memory import Memory

    _Kind = tuple[dict[str, Any], list[int], tuple[str, ...], list[tuple[Any, ...]]]
    """The fields of the first, the places of all in the list, what differs, and how in each."""

_PROTOCOL: Final = 5


def take(machine: Machine, also: object = None) -> bytes:
    """The state of a machine that has a past; `also` are plain values that may name its structs."""
    if not machine.past:
        raise InternalError("a machine without a past does not know its freed structs")
    memory, stacks = machine.memory, machine.stacks
    structs = memory.living_and_dead()
    stream = io.BytesIO()
    _Pickler(stream, _PROTOCOL).dump(
        (
            structs,
            _kinds(structs),
            memory.graveyard.buried(),
            memory.variables,
            stacks.floor,
            [cpu[0] for cpu in stacks.cpus],
            also,
        )
    )
    return stream.getvalue()


def _kinds(structs: list[struct]) -> list[_Kind]:
    """The fields of all, by what fields they have."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for place, made in enumerate(structs):
        alike.setdefault((type(made).__name__, *made.__dict__), []).append(place)
    found = []
    for places in alike.values():
        first, *others = all_fields = [structs[place].__dict__ for place in places]
        differ = tuple(
            name
            for name, value in first.items()
            if not all(_same(value, fields[name]) for fields in others)
        )
        rows = [tuple(fields[name] for name in differ) for fields in all_fields]
        found.append((first, places, differ, rows))
    return found


def _same(one: object, other: object) -> bool:
    """Whether two values cannot be told apart: 1 and True can."""
    return one is other or (type(one) is type(other) and type(one) in (int, str) and one == other)


def restore(machine: Machine, state: bytes) -> Any:
    """Put a machine that was just made where the other one stood; what was taken along with it.

    The machine has the same image and as many CPUs. One whose state cannot be read raises whatever
    `pickle` raises, and is of no use any more.
    """
    memory, stacks = machine.memory, machine.stacks
    structs, kinds, buried, variables, floor, frames, also = _Unpickler(
        io.BytesIO(state), memory
    ).load()
    for first, places, differ, rows in kinds:
        common, names = _interned(first), tuple(map(sys.intern, differ))
        for place, row in zip(places, rows, strict=True):
            fields = structs[place].__dict__
            fields.clear()
            fields.update(common)
            fields.update(zip(names, row, strict=True))
    memory.adopt(structs)
    for target, fields in buried.items():
        memory.graveyard.bury(target, _interned(fields))
    memory.variables.clear()
    memory.variables.update(_interned(variables))
    stacks.floor = floor
    for cpu, frame in zip(stacks.cpus, frames, strict=True):
        cpu[0] = frame
    machine.start()
    return also


def _interned(fields: dict[str, Any]) -> dict[str, Any]:
    """The same with names that are found at once by code that spells them."""
    return {sys.intern(name): value for name, value in fields.items()}


def _stand_in(*_: object) -> struct:
    """The name that a struct has in the bytes; `_Unpickler` has the meaning."""
    raise InternalError("a struct is made by a machine")


class _Pickler(pickle.Pickler):
    """Writes a struct as its number, its kind and what it is embedded in."""

    def reducer_override(self, target: object) -> Any:
        if not isinstance(target, struct):
            return NotImplemented
        name = type(target).__name__
        return _stand_in, (target.__dict__["_oid"], name, target.embedded_in)


class _Unpickler(pickle.Unpickler):
    """Reads plain values and structs of a machine, and nothing else."""

    def __init__(self, stream: io.BytesIO, memory: Memory) -> None:
        super().__init__(stream)
        self._memory = memory

    def find_class(self, module: str, name: str) -> Callable[..., struct]:
        if (module, name) != (__name__, _stand_in.__name__):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a machine")
        return self._memory.stand_in
