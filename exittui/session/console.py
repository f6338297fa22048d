"""The console: what the kernel has written there, up to the present step.

No function of the model writes on the console but panic(9). What stands there after a panic is
what ddb(4) shows when it is entered: the message, what runs on each CPU, and the trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.session.views_things import ConsoleLine

if TYPE_CHECKING:
    from exittui.session.session import Session


def console(session: Session) -> tuple[ConsoleLine, ...]:
    """All lines, oldest first."""
    from exittui.session.ddb import ps, stopped_at, trace  # noqa: PLC0415 - on a panic only

    machine = session.machine
    result = machine.result
    if result is None:
        return ()
    cpu = result.cpu
    word = "panic" if result.kind == "panic" else "exittui: violation"
    lines = [f"{word}: {result.message}", stopped_at(session, cpu), *ps(session, "o")]
    lines += trace(session, cpu)
    return tuple(ConsoleLine(machine.position, cpu, line) for line in lines)
