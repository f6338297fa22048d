"""What a pointer of a script points to: a pane, or what an expression names, as views name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from exittui.errors import UsageError
from exittui.machine import struct
from exittui.scenario.expression import Absent
from exittui.scenario.script_check import PANES

if TYPE_CHECKING:
    from exittui.session.session import Session

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


def pointed(session: Session, text: str) -> Pointer:
    """Where a pointer points now; raises ExittuiError where there is nothing."""
    if text in PANES:
        return Pointer(text)
    value = session.asking.compile(text)(session.machine)
    if isinstance(value, Absent):
        raise UsageError(f"{text!r} points to nothing here: {value}")
    if isinstance(value, struct):
        return _struct(session, value)
    owner, _, field = text.replace("->", ".").rpartition(".")
    if not owner:
        return Pointer("lists", field)
    found = session.asking.compile(owner)(session.machine)
    if isinstance(found, struct):
        at = _struct(session, found)
        return Pointer(at.pane, at.words)
    return Pointer("objects", field)


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
