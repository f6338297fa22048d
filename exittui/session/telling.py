"""Where a run has stopped and why, as ddb(4) or gdb would put it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.machine import describe
from exittui.scenario.play import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Statement
    from exittui.session.breakpoints import Stop
    from exittui.session.session import Session


def location(session: Session, statement: Statement) -> str:
    """`exit1+0x2f`: the statement's number in its function."""
    known = session.machine.image.functions.get(statement.function)
    offset = statement.pc - known.entry if known is not None else 0
    return f"{statement.function}+{offset:#x}" if offset else statement.function


def one_line(text: str) -> str:
    """A statement on one line."""
    return " ".join(text.split())


def arguments(session: Session, frame: Any, *, named: bool) -> str:
    """The parameters of a frame: `p=worker, 0`."""
    image = session.machine.image
    function = image.functions[image.statements[frame[0]].function]
    values = frame[4 : 4 + len(function.parameters)]
    words = [describe(session.machine.memory, value) for value in values]
    if not named:
        return ",".join(words)
    pairs = zip(function.parameters, words, strict=True)
    return ", ".join(f"{name}={word}" for name, word in pairs)


def hit_words(stop: Stop) -> str:
    """A stop that was hit, in a few words; one without a number was sought."""
    told = f": {stop.told[0]}→{stop.told[1]}" if stop.told is not None else ""
    if not stop.number:
        return f"found {'change of ' if told else ''}{stop.what}{told}"
    return f"{stop.kind} {stop.number}: {stop.what}{told}"


def _capital(text: str) -> str:
    """The text with its first letter large and the others as they are."""
    return text[:1].upper() + text[1:]


def stopped(session: Session, *, moved: bool = True) -> list[str]:
    """Where the chosen CPU stands after a move, and what it was stopped by."""
    tell = _ddb if session.dialect == "ddb" else _gdb
    lines = [*tell(session, session.mover.hits if moved else [])]
    lines += [f"note: {session.mover.note}"] if moved and session.mover.note else []
    lines += ended(session, fully=moved)
    return lines


def ended(session: Session, *, fully: bool = False) -> list[str]:
    """How the run has ended, if it has; `fully` with what led there and who waits for whom."""
    machine = session.machine
    if machine.result is not None:
        head = f"{machine.result.kind}: {machine.result.message}"
        return [head, *_what_led_there(session)] if fully else [head]
    if machine.enabled():
        return []
    kind, message = verdict(session.built)
    lines = [f"the run has ended: {kind}: {message}"]
    if fully and kind == "deadlock":
        lines += [f"  {line}" for line in session.views.wider.waits().lines]
    return lines


def _what_led_there(session: Session) -> Iterator[str]:
    """The backtrace of a panic or a broken rule, and the events and steps before it."""
    from exittui.session import ddb  # noqa: PLC0415 - circular
    from exittui.session.ending import ending  # noqa: PLC0415 - circular

    view = ending(session)
    if view is None or view.cpu is None:
        return
    yield from ddb.trace(session, view.cpu)
    yield "What led there:"
    for led in view.led:
        yield f"  step {led.step} cpu{led.cpu} {led.kind}: {led.text}"


def _ddb(session: Session, hits: list[Stop]) -> Iterator[str]:
    statement = session.machine.next_statement(session.focus)
    word = "Stopped at"
    for stop in hits:
        if stop.kind == "breakpoint" and stop.number:
            word = "Breakpoint at"
        if stop.kind != "breakpoint" or stop.place is None:
            yield _capital(hit_words(stop))
    yield f"{word:15} {location(session, statement)}: {one_line(statement.text)}"


def _gdb(session: Session, hits: list[Stop]) -> Iterator[str]:
    statement = session.machine.next_statement(session.focus)
    frames = session.frames()
    head = ""
    for stop in hits:
        if stop.number and stop.kind == "watchpoint" and stop.told is not None:
            yield f"Hardware watchpoint {stop.number}: {stop.what}"
            yield f"Old value = {stop.told[0]}"
            yield f"New value = {stop.told[1]}"
        elif stop.place is not None:
            word = "Temporary breakpoint" if stop.temporary else "Breakpoint"
            head = f"{word} {stop.number}, "
        else:
            yield _capital(hit_words(stop))
    if frames:
        given = arguments(session, frames[0], named=True)
        yield f"{head}{statement.function} ({given}) at {statement.file}:{statement.line}"
    yield f"{statement.line}\t{one_line(statement.text)}"


def looking_at(session: Session) -> list[str]:
    """The frame one looks at, as gdb's `frame` prints it."""
    frames = session.frames()
    if not frames:
        name = session.views.naming.thread(session.thread)
        return [f"{name} has no stack"]
    number = min(session.frame, len(frames) - 1)
    frame = frames[number]
    statement = session.machine.image.statements[frame[0]]
    given = arguments(session, frame, named=True)
    place = f"{statement.file}:{statement.line}"
    return [
        f"#{number}  {statement.function} ({given}) at {place}",
        f"{statement.line}\t{one_line(statement.text)}",
    ]
