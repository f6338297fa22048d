"""Names for people: structs, values and printf."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from exittui.machine.lang import struct

if TYPE_CHECKING:
    from exittui.machine.memory import Memory

_CONVERSION = re.compile(r"%(?:l|ll|z)?([a-zA-Z%])")


def describe(memory: Memory, value: object) -> str:
    """A short name for any value a machine holds: a struct by its label, NULL, a number."""
    if isinstance(value, struct):
        return label(memory, value)
    if value is None:
        return "NULL"
    if isinstance(value, tuple):
        return _pair(memory, value)
    if isinstance(value, list):
        return "a stack"
    return str(value)


def label(memory: Memory, target: struct) -> str:
    """The short name of a struct, also of a freed one."""
    given = target.__dict__.get("_name")
    if given is not None and target.embedded_in is None:
        return str(given)  # most of all by far; what is freed has left its name in the graveyard
    fields = memory.graveyard[target] or target.__dict__
    name = fields.get("_name")
    if target.embedded_in is not None:
        return f"{name} of {label(memory, target.embedded_in)}"
    if name is not None:
        return str(name)
    if len(fields) == 1:  # freed, on a machine without a past
        return struct.label(target)
    if fields is target.__dict__:
        return target.label()
    shade = type(target).__new__(type(target))
    shade.embedded_in = None
    shade.__dict__.update(fields)
    return shade.label()


def _pair(memory: Memory, value: tuple[Any, ...]) -> str:
    match value:
        case (struct() as owner, str() as field):
            return f"&{label(memory, owner)}.{field}"
        case (struct() as previous, (struct() | None) as following):
            return f"{describe(memory, previous)} ↔ {describe(memory, following)}"
    return "(" + ", ".join(describe(memory, item) for item in value) + ")"


def printf(memory: Memory, template: str, args: tuple[object, ...]) -> str:
    """Format a message as the kernel's printf would: %d %u %x %c %s %p."""
    values = iter(args)

    def one(match: re.Match[str]) -> str:
        kind = match[1]
        if kind == "%":
            return "%"
        value = next(values, None)
        if kind in "xp" and isinstance(value, int):
            return f"{value:#x}" if kind == "p" else f"{value:x}"
        return describe(memory, value)

    return _CONVERSION.sub(one, template)
