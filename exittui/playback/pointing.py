"""What a pointer of a script points to: a pane, or what an expression names, as views name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from exittui.errors import ExittuiError, UsageError
from exittui.machine import struct
from exittui.scenario.expression import Absent
from exittui.scenario.expression.parser import parse
from exittui.scenario.expression.tree import Member, Name, Nth
from exittui.scenario.script import MEASURED
from exittui.scenario.script_check import PANES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exittui.scenario.expression import Expression
    from exittui.scenario.expression.tree import Node
    from exittui.scenario.script import Cue
    from exittui.session.session import Session

OBJECTS: Final = "objects"
_PANE_OF = {
    "proc": "threads",
    "process": "lists",
    "cpu_info": "cpus",
    "mutex": "locks",
    "mp_lock": "locks",
    "rwlock": "locks",
    "LIST_HEAD": "lists",
    "TAILQ_HEAD": "lists",
}


@frozen
class Pointer:
    """A pane, and the words in it that are meant; without words, the whole of it."""

    pane: str
    words: str = ""
    opened: int | None = None
    """The number of the object that its pane shows."""


def asked_about(cue: Cue, *, opened: bool) -> tuple[str, ...]:
    """What a question is about, to be pointed to; never what its answer is.

    With `opened` the pane of objects shows it, and fields are pointed to in there.
    """
    if cue.of is None or cue.kind in MEASURED:
        return ()
    tree = parse(cue.of)
    if cue.kind == "owner":
        return (tree.text,)
    found = tuple(dict.fromkeys(_named(tree, opened=opened)))
    return (OBJECTS, *found) if opened and found else found


def _named(node: Node, *, opened: bool) -> Iterator[str]:
    """What has the fields that an expression asks for, or else what it names."""
    if isinstance(node, (Name, Nth)):
        if not node.word.isupper():
            yield node.text
    elif isinstance(node, Member):
        root = node.target
        if opened and not isinstance(root, Member):
            yield node.text
            return
        while isinstance(root, Member):
            root = root.target
        yield from _named(root, opened=opened)
    else:
        for part in node.parts():
            yield from _named(part, opened=opened)


def pointers(session: Session, texts: tuple[str, ...]) -> list[Pointer]:
    """Where the pointers of a moment point now, those that have something to point to."""
    found = []
    for text in texts:
        if text == OBJECTS and len(texts) > 1:
            continue  # it says where the others are shown
        try:
            found.append(pointed(session, text, opened=OBJECTS in texts))
        except ExittuiError:
            continue
    return found


def pointed(
    session: Session,
    text: str,
    *,
    opened: bool = False,
    spent: Callable[[Expression], None] | None = None,
) -> Pointer:
    """Where a pointer points now; raises ExittuiError where there is nothing.

    With `opened` an object is shown in its own pane, a field in that of its object. `spent` is told
    of what was evaluated for it, and may raise.
    """
    if text in PANES:
        return Pointer(text)
    expression = session.asking.compile(text)
    value = expression(session.machine)
    if spent is not None:
        spent(expression)
    if isinstance(value, Absent):
        raise UsageError(f"{text!r} points to nothing here: {value}")
    owner, _, field = text.replace("->", ".").rpartition(".")
    owner = "" if field.isdigit() else owner  # worker.0 is a thread, and no field
    found = session.asking.compile(owner)(session.machine) if owner else None
    if isinstance(value, struct) and (not opened or not isinstance(found, struct)):
        at = _struct(session, value)
        if opened or at.pane == OBJECTS:
            return Pointer(OBJECTS, opened=value.__dict__["_oid"])
        return at
    if not isinstance(found, struct):
        return Pointer(OBJECTS if owner else "lists", field)
    at = _struct(session, found)
    if opened or at.pane == OBJECTS:
        return Pointer(OBJECTS, field, found.__dict__["_oid"])
    return Pointer(at.pane, at.words)


def _struct(session: Session, value: struct) -> Pointer:
    naming = session.views.naming
    kind = type(value).__name__
    pane = _PANE_OF.get(kind, "objects")
    for number, info in enumerate(session.machine.infos):
        if value is info:
            return Pointer("cpus", str(number))
    if pane == "locks":
        return Pointer(pane, naming.lock(value))
    if kind == "process":
        return Pointer(pane, naming.process(value))
    return Pointer(pane, naming.thing(value))
