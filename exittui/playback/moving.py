"""Carrying out the commands of a script, so that they do the same whoever watches.

A person may have set breakpoints, a dialect and scheduler-locking: a script is played without
them, and they are there again after it. Breakpoints that a script sets are gone with the cue.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final

from exittui.errors import UsageError
from exittui.session.commands import COMMANDS, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.playback.budget import Budget
    from exittui.session.commands import Order
    from exittui.session.session import Session

DIALECT: Final = "gdb"
_STOPPING: Final = frozenset({"break", "tbreak", "watch", "catch"})
_MOVING: Final = frozenset(
    {"step", "next", "finish", "proceed", "any_step", "until", "run_to_end", "match"}
    | {"call_or_return", "solo", "pick", "seek", "back_step", "back_next", "back_finish"}
    | {"back_proceed", "back_until", "back_seek", "goto", "redo", "restart", "focus", "thread"}
)
_BY_VALUE: Final = _STOPPING | {"seek", "back_seek"}
_STEP: Final = re.compile(r"\bstep\b")
ALLOWED: Final = _STOPPING | _MOVING
"""What a script may do: move, choose and stop. It writes no files and asks nothing."""


def order(line: str) -> Order:
    """The order in a line of a script; raises UsageError for what no script may say."""
    found = read(line)
    if found.command.name not in ALLOWED:
        word = found.command.words[0]
        known = " ".join(one.words[0] for one in COMMANDS if one.name in ALLOWED)
        raise UsageError(f"{word!r} is not for scripts; accepted: {known}")
    if found.command.name in _BY_VALUE and _STEP.search(found.argument):
        # It would be looked at after every single step.
        raise UsageError("a script cannot wait for a value of 'step'; `step N` makes N steps")
    return found


@contextlib.contextmanager
def undisturbed(session: Session, budget: Budget) -> Iterator[None]:
    """The session without what the person has set, for as long as a script moves it."""
    session.mover.meter = budget.spend
    stops = session.breakpoints
    before = {stop.number: stop.enabled for stop in stops}
    locking, session.mover.locking = session.mover.locking, "step"
    dialect, session.dialect = session.dialect, DIALECT
    for stop in stops:
        stop.enabled = False
    try:
        yield
    finally:
        session.mover.meter = None
        for stop in list(stops):
            if stop.number in before:
                stop.enabled = before[stop.number]
            else:
                stops.remove(stop.number)
        session.mover.locking, session.dialect = locking, dialect


def perform(session: Session, lines: tuple[str, ...], budget: Budget) -> None:
    """Carry out the commands of one cue; raises ExittuiError for the first that fails."""
    machine = session.machine
    with undisturbed(session, budget):
        for line in lines:
            try:
                budget.commanded()
                doing = session.begin(order(line))
                at = machine.position
                while doing.advance():
                    budget.moved(machine.position - at)
                    at = machine.position
                doing.finish()
                budget.moved(machine.position - at)
            except UsageError as error:
                raise UsageError(f"{line!r}: {error.message}") from None
