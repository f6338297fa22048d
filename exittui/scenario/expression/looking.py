"""Looking at a machine: what is absent, and reading fields and lists that may be gone.

An expression is evaluated in states of which many are bad ones, which is the point of them: a
pointer is NULL, a struct was freed, a list was cut. Then there is no value, and that is a value of
its own, `Absent`, which says why. It goes through everything that is computed from it: a
comparison with it is neither true nor false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.machine import ALLOCATED, FREED, describe, label, struct
from exittui.machine.queue import LIST_HEAD, TAILQ_HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine

Read = tuple[struct | None, str]
"""A field that was read, (struct, field), or a variable of the kernel, (None, name).

The fields FREED and ALLOCATED stand for the end of a struct's life and for the making of any.
"""

_LONGEST_LIST: Final = 100_000


class Absent:
    """No value: what was asked for was freed, is NULL, or is not there (yet).

    `why` says which. It counts as false where Python asks.
    """

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        self.why = why

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"Absent({self.why!r})"


class Missing(Exception):  # noqa: N818 - what is so, not what went wrong
    """Raised by a `Look` when there is nothing to see; a function's value is then absent."""


class Look:
    """Reads a machine for the functions of the language.

    `seen` counts the elements of lists that were walked, and all that was looked up among many.
    """

    def __init__(self) -> None:
        self.seen = 0

    def field(self, machine: Machine, target: Any, name: str) -> Any:
        """What a field holds; raises Missing if the struct is gone, or is none."""
        if isinstance(target, struct):
            fields = target.__dict__
            if name in fields:
                return fields[name]
            if machine.memory.is_freed(target):
                raise Missing(f"{label(machine.memory, target)} was freed")
        raise Missing(f"{shown(machine, target)} has no {name}")

    def freed(self, machine: Machine, target: struct) -> bool:
        """Whether a struct was freed."""
        return machine.memory.is_freed(target)

    def among(self, machine: Machine, targets: list[struct], name: str) -> None:
        """Say that one was looked for among all of these and those to be made, by a field."""
        del machine, name
        self.seen += len(targets)

    def elements(self, machine: Machine, head: Any) -> Iterator[Any]:
        """The elements of a list, first to last.

        Which field links them shows in the first: it leads back to the head.
        """
        if isinstance(head, tuple):
            self.seen += len(head)
            yield from head
            return
        first = "lh_first" if isinstance(head, LIST_HEAD) else "tqh_first"
        if not isinstance(head, (LIST_HEAD, TAILQ_HEAD)):
            raise Missing(f"{shown(machine, head)} is no list")
        element = self.field(machine, head, first)
        if element is None:
            return
        link = self._link(machine, head, element)
        for _ in range(_LONGEST_LIST):
            self.seen += 1
            yield element
            place = self.field(machine, element, link)
            element = place[1] if isinstance(place, tuple) else None
            if element is None:
                return
        raise Missing(f"{shown(machine, head)} goes in a circle")

    def _link(self, machine: Machine, head: struct, element: Any) -> str:
        if self.freed(machine, element):
            raise Missing(f"{label(machine.memory, element)} was freed, and is on a list")
        for name, value in element.__dict__.items():
            if type(value) is tuple and len(value) == 2 and value[0] is head:  # noqa: PLR2004
                return str(name)
        raise Missing(f"{label(machine.memory, head)} does not hang together")


class Watching(Look):
    """Reads as `Look` does, and keeps what was read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: dict[Read, None] = {}

    def field(self, machine: Machine, target: Any, name: str) -> Any:
        """As above."""
        self.note(machine, target, name)
        return super().field(machine, target, name)

    def freed(self, machine: Machine, target: struct) -> bool:
        """As above."""
        self.reads[target, FREED] = None
        return super().freed(machine, target)

    def among(self, machine: Machine, targets: list[struct], name: str) -> None:
        """As above."""
        self.reads[None, ALLOCATED] = None
        for target in targets:
            self.note(machine, target, name)

    def note(self, machine: Machine, target: Any, name: str) -> None:
        """A field was looked at; what is gone, or is freed, cannot be written any more."""
        if isinstance(target, struct):
            self.reads[target, FREED] = None
            if not machine.memory.is_freed(target):
                self.reads[target, name] = None


def shown(machine: Machine, value: Any, *, spelt: bool = False) -> str:
    """A value as text: a struct by its name, a text in quotes, a list by its elements if `spelt`.

    What is a list to look at is a mere address to a thread that sleeps on it.
    """
    match value:
        case Absent():
            return f"absent: {value.why}"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case LIST_HEAD() | TAILQ_HEAD() | tuple() if spelt:
            return _spelt(machine, value)
    return describe(machine.memory, value)


def _spelt(machine: Machine, row: Any) -> str:
    """The elements of a list, in brackets."""
    try:
        return f"[{', '.join(shown(machine, one) for one in Look().elements(machine, row))}]"
    except Missing as missing:
        return f"a broken list: {missing}"
