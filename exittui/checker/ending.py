"""Fields that nobody reads any more once a flag of the struct around theirs is set.

What makes a thread take an AST is read on its way to user mode only. A thread that exits never gets
there again, nor does one of the kernel's own; still others go on asking them for one. So from where
the flag says so the field does not count (see `slice.py`), and to write it is an access of the flag
only. That nobody reads it then, and that the flag is never cleared, are guesses like those of
`discipline.py`: a step that does so refutes them, and all begins again with the field counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import P_SYSTEM, P_WEXIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine

_NO_USER: Final = ("p_flag", P_SYSTEM | P_WEXIT)

ENDING: Final = {
    "md_astpending": _NO_USER,
    "p_begun": _NO_USER,
    "p_pc": _NO_USER,
    "tf_args": _NO_USER,
}
"""By field, the flags that end it, in its own struct or one around that."""


class Endings:
    """Which fields of one machine nobody reads any more."""

    def __init__(self, machine: Machine) -> None:
        self._memory = machine.memory
        self.by_field = dict(ENDING)
        self.flags = {flags for flags, _ in ENDING.values()}
        """The fields that hold such flags."""

    def drop(self, name: str) -> None:
        """A field that somebody reads after all."""
        self.by_field.pop(name, None)

    def owner(self, name: str, number: int) -> Any:
        """The struct with the flags that end a field of this struct, which has that number."""
        flags, _ = self.by_field[name]
        target = self._memory.heap.get(number)
        while target is not None and flags not in type(target).fields:
            target = target.embedded_in
        return target

    def over(self, name: str, number: int) -> bool:
        """Whether nobody reads a field of this struct any more."""
        owner = self.owner(name, number)
        if owner is None:
            return False
        flags, bits = self.by_field[name]
        return bool(self._fields(owner).get(flags, 0) & bits)

    def ended(self, target: Any, flags: str, old: int, new: int) -> Iterator[tuple[Any, str]]:
        """The structs in this one, and their fields, for which that changes with the flags."""
        for name, (by, bits) in self.by_field.items():
            if by == flags and bool(old & bits) is not bool(new & bits):
                yield from ((one, name) for one in self._inside(target) if name in type(one).fields)

    def _inside(self, target: Any) -> Iterator[Any]:
        """A struct, and those embedded in it."""
        yield target
        for one in [*self._fields(target).values()]:
            if getattr(one, "embedded_in", None) is target:
                yield from self._inside(one)

    def _fields(self, target: Any) -> dict[str, Any]:
        """The fields of a struct, or those it had until it was freed."""
        fields: dict[str, Any] = target.__dict__
        if self._memory.is_freed(target):
            return self._memory.graveyard[target] or fields
        return fields
