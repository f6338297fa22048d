"""What an expression can hold, as far as that is known before it is evaluated.

A field says by its annotation what it holds: `p_p: process | Any` a pointer to a struct process,
`ps_threads: TAILQ_HEAD[proc]` a list of threads. Where the kernel itself does not say (`p_wchan:
Any`) the kind is ANY, and what does not fit shows when it is evaluated.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from exittui.machine.lang import Embedded, struct

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen
class Kind:
    """A kind of value: `name` tells them apart.

    `struct` is what a pointer points to, what a list is of, if known. `words` are the only texts
    there are of this kind, if they are few.
    """

    name: str
    struct: str = ""
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        """In words, as the end of a sentence: `is a number`."""
        if self.name == "pointer":
            return _STRUCTS.get(self.struct, f"a struct {self.struct}")
        if self.name in ("list", "tuple") and self.struct:
            return f"a list of {_PLURALS.get(self.struct, self.struct)}"
        return _WORDS.get(self.name, self.name)


NUMBER: Final = Kind("number")
TRUTH: Final = Kind("truth")
TEXT: Final = Kind("text")
NULL: Final = Kind("null")
LIST: Final = Kind("list")
"""The head of a queue."""
TUPLE: Final = Kind("tuple")
"""Values one after the other, to be had by number too."""
LINK: Final = Kind("link")
"""The place of a struct in a queue; NULL while it is on none."""
ANY: Final = Kind("any")

_WORDS: Final = {
    "number": "a number",
    "truth": "true or false",
    "text": "a text",
    "null": "NULL",
    "list": "a list",
    "tuple": "a list",
    "link": "a place in a list",
    "any": "any value",
}
_STRUCTS: Final = {"proc": "a thread", "process": "a process", "cpu_info": "a CPU"}
_PLURALS: Final = {"proc": "threads", "process": "processes", "cpu_info": "CPUs"}
_PLAIN: Final = {"int": NUMBER, "bool": TRUTH, "str": TEXT}
_HEADS: Final = ("LIST_HEAD", "TAILQ_HEAD")
_GENERIC = re.compile(r"(\w+)\[(\w+)")


def pointer(name: str) -> Kind:
    """A pointer to a struct, which may be NULL."""
    return Kind("pointer", struct=name)


def comparable(left: Kind, right: Kind) -> bool:
    """Whether values of the two kinds can be equal at all."""
    if "any" in (left.name, right.name):
        return True
    if "null" in (left.name, right.name):
        both = {left.name, right.name}
        return not both & {"number", "truth", "list"}
    if left.name == right.name == "pointer":
        return left.struct == right.struct
    return left.name == right.name and left.name != "list"


def field_kind(structs: Mapping[str, type[struct]], owner: str, field: str) -> Kind:
    """The kind of a field of a struct."""
    cls = structs[owner]
    default = cls.fields[field]
    if isinstance(default, Embedded) and default.cls.__name__ not in _HEADS:
        return pointer(default.cls.__name__)
    for base in cls.__mro__:
        annotation = inspect.get_annotations(base).get(field)
        if annotation is not None:
            return annotated(structs, annotation)
    return ANY


def annotated(structs: Mapping[str, type[struct]], annotation: Any) -> Kind:
    """The kind that an annotation of the kernel's source asks for."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    match = _GENERIC.match(text)
    if match:
        return _generic(structs, match[1], match[2])
    named = [part for part in text.split(" | ") if part not in ("Any", "None")]
    if len(named) != 1:
        return ANY
    if named[0] in structs:
        return pointer(named[0])
    return _PLAIN.get(named[0], ANY)


def _generic(structs: Mapping[str, type[struct]], outer: str, inner: str) -> Kind:
    of = inner if inner in structs else ""
    if outer in _HEADS:
        return Kind("list", struct=of)
    if outer == "tuple":
        return Kind("tuple", struct=of)
    return LINK if outer == "LINK" else ANY


def value_kind(value: object) -> Kind:
    """The kind of a variable of which only the value is known."""
    if isinstance(value, struct):
        name = type(value).__name__
        return LIST if name in _HEADS else pointer(name)
    if isinstance(value, int):
        return TRUTH if isinstance(value, bool) else NUMBER
    return TEXT if isinstance(value, str) else ANY
