"""Why is this value here: the step that wrote it, by whom, from which statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.errors import UsageError
from exittui.machine import ALLOCATED, FREED, describe, struct
from exittui.scenario.expression.looking import shown
from exittui.session.views_moving import WhyView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.session.asking import Target
    from exittui.session.session import Session

_LISTS: Final = frozenset({"TAILQ_HEAD", "LIST_HEAD"})


def why_text(session: Session, text: str) -> WhyView:
    """Why the value of an expression is what it is: the last write to what it reads.

    Of a list that is the last thing that was put on it or taken off; of another struct, as a lock,
    the last of its fields to be written, or its end; of `owner(lock)`, who took or left the lock.
    """
    machine, scope = session.machine, session.scope()
    target = session.asking.target(text, scope)
    if target is not None and target.frame is not None:
        return _of_local(session, target)
    question = session.asking.compile(text, scope)
    value = question(machine)
    if type(value).__name__ in _LISTS:
        listed = session.asking.compile(f"len({text})", scope)
        return _of_reads(session, text, question.words(machine), question, listed)
    looked_up = isinstance(value, struct) and not session.asking.computes(text)
    if looked_up and (target is None or value.embedded_in is target.struct):
        return _of_object(session, text, value)
    if target is not None:
        told = why_field(session, target.struct, target.field)
        return _with(told, what=target.text)
    return _of_reads(session, text, question.words(machine), question, question)


def _of_reads(session: Session, text: str, now: str, question: Any, read: Any) -> WhyView:
    """By the last write to what was read to find a value out."""
    places = [(one, name) for one, name in read.reads(session.machine) if name != "(allocated)"]
    steps = {step: place for place in places for step in writers(session, *place)[-1:]}
    if not places:
        raise UsageError(f"{text!r} depends on nothing that is written")
    if not steps:
        return WhyView(text, now, now, None)
    last = max(steps)
    one, name = steps[last]
    told = _told(session, text, one, name, last)
    before = _words_at(session, question, last)
    return _with(told, what=text, old=before, new=now)


def _of_object(session: Session, text: str, value: struct) -> WhyView:
    """By the last write to any field of a struct and of those within it, or by its end."""
    memory = session.machine.memory
    if memory.is_freed(value):
        told = why_field(session, value, FREED)
        return _with(told, what=text, old="alive", new="freed")
    last: tuple[int, struct, str, str] | None = None
    for path, one, name in _parts(session, text, value):
        steps = writers(session, one, name)
        if steps and (last is None or steps[-1] > last[0]):
            last = (steps[-1], one, name, path)
    if last is None:
        return WhyView(text, now := describe(memory, value), now, None)
    step, one, name, path = last
    return _told(session, path, one, name, step)


def _parts(session: Session, text: str, value: struct) -> Iterator[tuple[str, struct, str]]:
    """All fields of a struct and of the structs within it, with how one would write them."""
    for name, held in session.machine.memory.fields(value).items():
        path = f"{text}.{name}"
        if isinstance(held, struct) and held.embedded_in is value:
            yield from _parts(session, path, held)
        elif not name.startswith("_"):
            yield path, value, name


def why_field(session: Session, target: struct | None, field: str) -> WhyView:
    """Why a field of a struct, or a variable of the kernel, holds what it does."""
    name = describe(session.machine.memory, target) + "." + field if target else field
    steps = writers(session, target, field)
    now = session.views.wider.inspector.text(_now(session, target, field), field)
    if not steps:
        return WhyView(name, now, now, None)
    told = _told(session, name, target, field, steps[-1])
    if target is not None and field != FREED and session.machine.memory.is_freed(target):
        return _with(told, old=now, new="freed")
    return told


def writers(session: Session, target: struct | None, field: str) -> list[int]:
    """The steps that wrote a place; of a struct that is gone, the one that freed it."""
    history = session.machine.history
    if field == ALLOCATED:
        return []
    if target is not None and (field == FREED or session.machine.memory.is_freed(target)):
        freer = history.freer(target)
        return [] if freer is None else [freer]
    return history.writers(target, field)


def _now(session: Session, target: struct | None, field: str) -> Any:
    if target is None:
        return session.machine.memory.variables[field]
    return session.views.things.read(target, field)


def _of_local(session: Session, target: Target) -> WhyView:
    """A variable of a function; before its first value it has none."""
    text = session.views.wider.inspector.text
    steps = session.machine.history.local_writers(target.frame, target.slot)
    now = text(target.frame[target.slot])
    if not steps:
        return WhyView(target.text, now, now, None)
    told = _told(session, target.text, None, target.field, steps[-1])
    return _with(told, old="unset") if len(steps) == 1 and told.old == "NULL" else told


def _told(session: Session, what: str, target: struct | None, field: str, step: int) -> WhyView:
    """The step in words."""
    machine = session.machine
    record = machine.record(step)
    write = next(
        (
            one
            for one in reversed(record.writes)
            if one.field == field and (target is None or one.target is target)
        ),
        None,
    )
    text = session.views.wider.inspector.text
    statement = record.statement
    return WhyView(
        what=what,
        old="" if write is None else text(write.old, field),
        new="" if write is None else text(write.new, field),
        step=step + 1,
        cpu=record.cpu,
        thread=session.thread_at_step(step),
        function=statement.function,
        file=statement.file,
        line=statement.line,
        text=" ".join(statement.text.split()),
        path=record.stack,
    )


def _words_at(session: Session, question: Any, step: int) -> str:
    """What an expression was before a step."""
    machine = session.machine
    position = machine.position
    machine.goto(step)
    words = shown(machine, question(machine), spelt=True)
    machine.goto(position)
    return words


def _with(view: WhyView, **changed: Any) -> WhyView:
    return view._replace(**changed)
