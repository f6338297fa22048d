"""How a run has ended: the message, the backtrace, and the steps that led there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.scenario.play import verdict
from exittui.session.telling import one_line
from exittui.session.views_things import EndingView, Led

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.session.session import Session

_EVENTS: Final = 8
"""Events of all CPUs that are told."""
_STATEMENTS: Final = 5
"""Statements of the CPU that ended the run, the last ones."""
_FARTHEST: Final = 400
"""Steps that are looked through for them."""


def ending(session: Session) -> EndingView | None:
    """The end of the run, if this is it."""
    machine = session.machine
    if machine.result is None and machine.enabled():
        return None
    kind, message = verdict(session.built)
    if machine.result is None:
        return EndingView(kind, tuple(message.split("; ")), led=_led(session, None))
    cpu = machine.result.cpu
    inspector, naming = session.views.wider.inspector, session.views.naming
    statements = machine.image.statements
    frames = []
    for frame in inspector.cpu_frames(cpu):
        statement = statements[frame[0]]
        place = session.breakpoints.places.name(statement)
        frames.append((statement.function, place.rpartition("/")[2]))
    return EndingView(
        kind=kind,
        message=(message,),
        cpu=cpu,
        thread=naming.thread(machine.infos[cpu].ci_curproc),
        step=machine.position,
        frames=tuple(frames),
        led=_led(session, cpu),
    )


def _led(session: Session, cpu: int | None) -> tuple[Led, ...]:
    """Events and statements that came before, in their order."""
    kinds = {"panic", "violation", "deadlock"}
    events = [one for one in session.views.events(_EVENTS + 1) if one.kind not in kinds]
    told = [Led(one.step, one.cpu, one.kind, one.text) for one in events[-_EVENTS:]]
    known = {(one.step, one.cpu) for one in told}
    told += [one for one in _ran(session, cpu) if (one.step, one.cpu) not in known]
    return tuple(sorted(told, key=lambda one: one.step))


def _ran(session: Session, cpu: int | None) -> Iterator[Led]:
    """The last statements of a CPU, the latest first."""
    machine = session.machine
    if cpu is None:
        return
    found = 0
    for step in range(machine.position - 1, max(machine.position - _FARTHEST, 0) - 1, -1):
        if machine.history.cpu(step) != cpu:
            continue
        statement = machine.record(step).statement
        text = f"{statement.function}: {one_line(statement.text)}"
        yield Led(step + 1, cpu, "ran", text)
        found += 1
        if found == _STATEMENTS:
            return
