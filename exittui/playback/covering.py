"""Which places of the screen would give the answer of a question away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.errors import ExittuiError
from exittui.machine import struct
from exittui.scenario.expression.functions import FUNCTIONS
from exittui.scenario.expression.parser import parse
from exittui.scenario.expression.tree import Call, Literal, Member, Name
from exittui.scenario.script import MEASURED
from exittui.session.curtain import SELF, STACK, Curtain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.scenario.expression.tree import Node
    from exittui.scenario.script import Cue
    from exittui.session.session import Session

    Place = tuple[struct, str]

_HEADS: Final = ("allprocess", "zombprocess", "deadproc")
_FIELDS: Final = {
    "state": ("ps_flags",),
    "status": ("ps_xexit", "ps_xsig", "ps_flags"),
    "wchan": ("p_wchan", "p_wmesg"),
    "sleeping": ("p_stat",),
    "at": (STACK,),
}
"""What the functions of the language look at, of what they are asked about."""
_COUNTED: Final = {"nthreads": "threads", "nprocesses": "lists"}
"""Variables of the kernel, and the panes that have a row for each that they count."""


def curtain(session: Session, cue: Cue) -> Curtain | None:
    """What to cover while the question of a cue is open; None if it is about nothing seen.

    Who has to think of what comes next, or of a run elsewhere, may look at all of this moment.
    """
    if cue.kind in MEASURED:
        return None
    if cue.after is not None or cue.kind == "next":
        return Curtain()
    words = {node.word for node in _names(parse(str(cue.of)))}
    panes = frozenset(pane for word, pane in _COUNTED.items() if word in words)
    return Curtain(_places(session, cue), panes)


def _names(node: Node) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node
    for part in node.parts():
        yield from _names(part)


def _places(session: Session, cue: Cue) -> Iterator[Place]:
    of = str(cue.of)
    if cue.kind == "sleep":
        yield from _of(session, parse(f"{of}.ci_curproc.p_stat"))
        yield from _of(session, parse(f"{of}.ci_mutex_level"))
        return
    if cue.kind == "list":
        found = _found(session, of)
        if type(found).__name__ == "proc":
            yield found, "p_stat"
            yield found, "p_runq"
        yield from _heads(session)
        return
    yield from _of(session, parse(of))


def _of(session: Session, node: Node) -> Iterator[Place]:
    """The places that a part of an expression names."""
    if isinstance(node, Call) and node.word in FUNCTIONS:
        yield from _of_call(session, node)
        return
    if isinstance(node, Member) and node.word == "p_p":
        yield from _of(session, node.target)  # a thread is named by its process
        return
    if isinstance(node, (Member, Name)):
        value = _found(session, node.text)
        if type(value).__name__ in _SPEAKING:
            yield value, SELF
        elif isinstance(node, Member):
            owner = _found(session, node.target.text)
            if isinstance(owner, struct):
                yield owner, node.word
        return
    for part in node.parts():
        yield from _of(session, part)


_SPEAKING: Final = frozenset({"mutex", "mp_lock", "rwlock", "LIST_HEAD", "TAILQ_HEAD"})
"""Structs that have a row of their own."""


def _of_call(session: Session, node: Call) -> Iterator[Place]:
    """What a function looks at, and what it is asked about."""
    for argument in node.arguments:
        if isinstance(argument, Literal):
            continue
        yield from _of(session, argument)
        found = _found(session, argument.text)
        if isinstance(found, struct):
            yield from ((found, field) for field in _FIELDS.get(node.word, ()))
            if node.word in {"exists", "freed"}:
                yield found, SELF
                yield from _heads(session)
    if node.word in {"running", "sleeping"}:
        yield from ((info, "ci_curproc") for info in session.machine.infos)


def _heads(session: Session) -> Iterator[Place]:
    """The lists of processes, and of the dead."""
    machine = session.machine
    yield from ((machine.globals[name], SELF) for name in _HEADS if name in machine.globals)


def _found(session: Session, text: str) -> Any:
    """What a text names here; None where that is nothing."""
    try:
        return session.asking.compile(text)(session.machine)
    except ExittuiError:
        return None
