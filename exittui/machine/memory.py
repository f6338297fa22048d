"""The memory of one machine: structs are made, live and are freed here.

A struct's number (`_oid`, kept among its fields, with its label's ingredients) is given in the
order of allocation and is part of the state, so the same run numbers its structs the same way.
Freeing takes the fields away and keeps them aside: whoever touches the struct from then on raises
`UseAfterFree`, at no cost to accesses of live ones, and undoing puts them back.
"""

from __future__ import annotations

import zlib
from types import FunctionType
from typing import TYPE_CHECKING, Any

from exittui.machine.lang import Embedded, UseAfterFree, struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine.image import Image

NEXT_NUMBER = "(next object)"
"""The variable that numbers structs; no name of machine code can be spelt like this."""


class Graveyard:
    """The fields of the freed structs.

    It is written through the journal like any container: `graveyard[s] = fields` frees `s`,
    `graveyard[s] = None` brings it back to life.
    """

    def __init__(self) -> None:
        self._fields: dict[struct, dict[str, Any]] = {}

    def __getitem__(self, target: struct) -> dict[str, Any] | None:
        return self._fields.get(target)

    def __setitem__(self, target: struct, fields: dict[str, Any] | None) -> None:
        current = target.__dict__
        if fields is None:
            current.update(self._fields.pop(target))
        else:
            number = current["_oid"]
            self._fields[target] = fields
            current.clear()
            current["_oid"] = number

    def buried(self) -> dict[struct, dict[str, Any]]:
        """The fields of all, by struct."""
        return self._fields

    def bury(self, target: struct, fields: dict[str, Any]) -> None:
        """Put the fields of a struct that was freed on another machine: see `snapshot.py`."""
        self._fields[target] = fields


class Memory:
    """Allocates and frees the structs of one machine, through its journal."""

    def __init__(
        self, image: Image, journal: Callable[[tuple[Any, ...]], None], *, past: bool = True
    ) -> None:
        """Make the variables of the image; nothing is journaled until the machine starts.

        Without a `past` nothing is kept of what was freed.
        """
        self._journal = journal
        self._past = past
        self.variables: dict[str, Any] = {NEXT_NUMBER: 1}
        self.structs: dict[str, struct] = {}
        """The variables that are structs, by name."""
        self.heap: dict[int, struct | None] = {}
        """Every struct by number; None where undoing took the allocation back."""
        self.made: dict[int, struct] = {}
        """The struct made last with each number, whether or not that was undone: for labels."""
        self._shells: dict[tuple[int, str, struct | None], struct] = {}
        self.graveyard = Graveyard()
        self._layouts = {
            name: _Layout(cls, {f for owner, f in image.removed_fields if owner == name})
            for name, cls in image.structs.items()
        }
        for name, declared in image.variables.items():
            if isinstance(declared.init, type):
                made = self.allocate(declared.init.__name__, declared.overrides)
                made.__dict__["_name"] = name
                self.structs[name] = made
            else:
                self.variables[name] = declared.init

    def allocate(self, name: str, overrides: dict[str, Any]) -> struct:
        """A new struct of this name with these fields, and those embedded in it."""
        return self._make(self._layout(name), overrides, None, "")

    def _layout(self, name: str) -> _Layout:
        if name not in self._layouts:
            raise KeyError(f"no struct {name} in this image")
        return self._layouts[name]

    def _make(
        self, layout: _Layout, overrides: dict[str, Any], owner: struct | None, field: str
    ) -> struct:
        variables = self.variables
        number = variables[NEXT_NUMBER]
        self._journal((variables, NEXT_NUMBER, number, self.heap, number, None))
        variables[NEXT_NUMBER] = number + 1
        made = self._shell(number, layout, owner)
        fields = made.__dict__
        if owner is not None:
            fields["_name"] = field
        fields.update(layout.plain)
        for name, value in overrides.items():
            fields[name] = value.__name__ if isinstance(value, FunctionType) else value
        self.heap[number] = self.made[number] = made
        for name, embedded in layout.embedded:
            if name not in overrides or isinstance(overrides[name], Embedded):
                inner = self._layout(embedded.cls.__name__)
                fields[name] = self._make(inner, embedded.overrides, made, name)
        return made

    def _shell(self, number: int, layout: _Layout, owner: struct | None) -> struct:
        """An empty struct; the same one whenever the same allocation is made again after an undo.

        So a struct is the same object in every future, and a search can use it as a key.
        """
        place = (number, layout.name, owner)
        shell = self._shells.get(place)
        if shell is None:
            shell = layout.cls.__new__(layout.cls)
            shell.embedded_in = owner
            if self._past:
                self._shells[place] = shell
        fields = shell.__dict__
        fields.clear()
        fields["_oid"] = number
        return shell

    def living_and_dead(self) -> list[struct]:
        """All structs in the order of their numbers, freed ones too."""
        return [made for made in self.heap.values() if made is not None]

    def stand_in(self, number: int, name: str, owner: struct | None) -> struct:
        """The struct of this number, or one without fields for `adopt`: see `snapshot.py`."""
        made = self.heap.get(number)
        if made is None:
            cls = self._layout(name).cls
            made = cls.__new__(cls)
            made.embedded_in = owner
        return made

    def adopt(self, structs: list[struct]) -> None:
        """Take these, in the order of their numbers, for all structs there have ever been."""
        numbers = [made.__dict__["_oid"] for made in structs]
        self.heap.update(zip(numbers, structs, strict=True))
        self.made.update(zip(numbers, structs, strict=True))
        self._shells.update(
            ((number, type(made).__name__, made.embedded_in), made)
            for number, made in zip(numbers, structs, strict=True)
        )

    def hide_shells(self, others: dict[Any, struct]) -> dict[Any, struct]:
        """Make structs of other shells from here on; those that were used so far.

        Making one clears its shell, which an undone future may still count on.
        """
        before, self._shells = self._shells, others
        return before

    def free(self, target: struct) -> None:
        """End the life of a struct and of those embedded in it."""
        fields = target.__dict__
        if len(fields) == 1:
            raise UseAfterFree(target, "(freed twice)")
        for name, _ in self._layout(type(target).__name__).embedded:
            inner = fields.get(name)
            if isinstance(inner, struct) and inner.embedded_in is target:
                self.free(inner)
        if self._past:
            self._journal((self.graveyard, target, None))
            self.graveyard[target] = {**fields}
        else:
            number = fields["_oid"]
            fields.clear()
            fields["_oid"] = number
            del self.heap[number], self.made[number]

    def is_freed(self, target: struct) -> bool:
        """Whether the struct was freed."""
        return self.graveyard[target] is not None or (
            not self._past and target.__dict__["_oid"] not in self.heap
        )

    def fields(self, target: struct) -> dict[str, Any]:
        """The fields of a struct, or the last it had; in the order of their declaration."""
        fields = self.graveyard[target] or target.__dict__
        return {name: value for name, value in fields.items() if name not in ("_oid", "_name")}


class _Layout:
    """What a new struct of one class holds."""

    def __init__(self, cls: type[struct], removed: set[str]) -> None:
        fields = {name: value for name, value in cls.fields.items() if name not in removed}
        self.cls = cls
        self.name = cls.__name__
        # Embedded structs have their place here so that fields keep the order of declaration.
        self.plain = {name: _plain(value) for name, value in fields.items()}
        self.embedded = [
            (name, value) for name, value in fields.items() if isinstance(value, Embedded)
        ]


def _plain(value: Any) -> Any:
    if isinstance(value, Embedded):
        return None
    return value.__name__ if isinstance(value, FunctionType) else value


def address(target: Any) -> int:
    """A number for a struct, or for a field of one, that is the same in every run."""
    if isinstance(target, tuple):
        owner, field = target
        return address(owner) + zlib.crc32(field.encode()) % 64
    return int(target.__dict__["_oid"]) * 64
