"""The structs of a machine by their kind, and reading them without touching the freed.

Every struct that was ever made is in the machine's heap under its number, so new ones are found
from the number reached last, at a cost that does not depend on how many there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from exittui.machine import Machine, struct

KINDS: Final = ("proc", "process", "mutex", "rwlock", "mp_lock", "knote")


class Things:
    """Finds structs by kind, and reads fields of living and freed ones alike."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._memory = machine.memory
        self._numbers: dict[str, list[int]] = {kind: [] for kind in KINDS}
        self._reached = 0

    def _scan(self) -> None:
        """Find what was made since the last time, and forget what undoing took back."""
        heap = self._memory.heap
        last = self._memory.variables["(next object)"]
        if last < self._reached:
            for numbers in self._numbers.values():
                while numbers and numbers[-1] >= last:
                    numbers.pop()
        for number in range(self._reached, last):
            found = heap.get(number)
            if found is not None:
                kind = type(found).__name__
                if kind in self._numbers:
                    self._numbers[kind].append(number)
        self._reached = last

    def all(self, kind: str) -> list[struct]:
        """All structs of this kind that have been made, freed ones included, oldest first."""
        self._scan()
        heap = self._memory.heap
        found = (heap.get(number) for number in self._numbers[kind])
        return [one for one in found if one is not None]

    def freed(self, target: struct) -> bool:
        """Whether it was freed."""
        return self._memory.is_freed(target)

    def read(self, target: struct | None, field: str, default: Any = None) -> Any:
        """A field, or the last value it had, or `default` where there is no such field."""
        if target is None:
            return default
        fields = target.__dict__
        if field in fields:
            return fields[field]
        last = self._memory.graveyard[target]
        return default if last is None else last.get(field, default)

    def walk(self, head: struct | None, field: str, most: int = 4096) -> list[struct]:
        """The elements of a queue; as far as they can be followed where it is corrupted."""
        element = self.read(head, "tqh_first") or self.read(head, "lh_first")
        found: list[struct] = []
        while element is not None and len(found) < most:
            found.append(element)
            link = self.read(element, field)
            element = link[1] if link else None
        return found

    def variable(self, name: str) -> Any:
        """A kernel variable, or None where this kernel has none of that name."""
        variables = self._machine.globals
        if name not in variables:
            return None
        return variables[name]
