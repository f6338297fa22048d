"""Why is this value here: the step that wrote it, by whom, from which statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.errors import UsageError
from exittui.machine import FREED, describe, struct
from exittui.scenario.expression.looking import shown
from exittui.session.views_moving import WhyView

if TYPE_CHECKING:
    from exittui.session.asking import Target
    from exittui.session.session import Session


def why_text(session: Session, text: str) -> WhyView:
    """Why the value of an expression is what it is: the last write to what it reads."""
    target = session.asking.target(text, session.scope())
    if target is not None:
        return _of_target(session, target)
    question = session.asking.compile(text, session.scope())
    machine = session.machine
    places = [(one, name) for one, name in question.reads(machine) if name != "(allocated)"]
    steps = {step: place for place in places for step in _writers(session, *place)[-1:]}
    what, now = text, question.words(machine)
    if not places:
        raise UsageError(f"{text!r} depends on nothing that is written")
    if not steps:
        return WhyView(what, now, now, None)
    last = max(steps)
    one, name = steps[last]
    told = _told(session, what, one, name, last)
    before = _words_at(session, question, last)
    return _with(told, what=what, old=before, new=now)


def why_field(session: Session, target: struct | None, field: str) -> WhyView:
    """Why a field of a struct, or a variable of the kernel, holds what it does."""
    name = describe(session.machine.memory, target) + "." + field if target else field
    steps = _writers(session, target, field)
    now = session.views.wider.inspector.text(_now(session, target, field), field)
    if not steps:
        return WhyView(name, now, now, None)
    told = _told(session, name, target, field, steps[-1])
    if target is not None and field != FREED and session.machine.memory.is_freed(target):
        return _with(told, old=now, new="freed")
    return told


def _writers(session: Session, target: struct | None, field: str) -> list[int]:
    history = session.machine.history
    if target is not None and (field == FREED or session.machine.memory.is_freed(target)):
        freer = history.freer(target)
        return [] if freer is None else [freer]
    return history.writers(target, field)


def _now(session: Session, target: struct | None, field: str) -> Any:
    if target is None:
        return session.machine.memory.variables[field]
    return session.views.things.read(target, field)


def _of_target(session: Session, target: Target) -> WhyView:
    if target.frame is None:
        told = why_field(session, target.struct, target.field)
        return _with(told, what=target.text)
    text = session.views.wider.inspector.text
    steps = session.machine.history.local_writers(target.frame, target.slot)
    now = text(target.frame[target.slot])
    if not steps:
        return WhyView(target.text, now, now, None)
    return _told(session, target.text, None, target.field, steps[-1])


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
    words = shown(machine, question(machine))
    machine.goto(position)
    return words


def _with(view: WhyView, **changed: Any) -> WhyView:
    return view._replace(**changed)
