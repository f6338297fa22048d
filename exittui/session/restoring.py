"""Bringing a session to what a session file says, or refusing with the line that does not fit."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from exittui.errors import ExittuiError, UsageError
from exittui.machine import Schedule
from exittui.session.branches import Branch
from exittui.session.origin import Origin, look_from, revive

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.errors import SessionError
    from exittui.session.saved import Saved, SavedPlace
    from exittui.session.session import Session


def restore(session: Session, saved: Saved, error: Callable[..., SessionError]) -> None:
    """Bring a session that stands at its start to what was saved; raises SessionError."""
    _branch_out(session, saved, error)
    session.dialect = "gdb"
    positions = {branch: branch.position for branch in session.branches}
    for index, stop in enumerate(saved.stops):
        try:
            _look_from(session, stop.at)
            session.run_line(stop.command)
        except ExittuiError as problem:
            raise error(problem.message, "stops", index, "command") from None
        made = list(session.breakpoints)[-1]
        made.enabled, made.ignore = stop.enabled, stop.ignore
    for index, shown in enumerate(saved.displays):
        try:
            _look_from(session, shown.at)
            session.run_line(f"display {shown.expression}")
        except ExittuiError as problem:
            raise error(problem.message, "displays", index, "expression") from None
    _come_back(session, positions, saved.branch)
    session.history.clear()
    session.dialect = saved.dialect
    session.mover.locking = saved.locking
    session.layout = dict(saved.layout)
    session.output = ()
    for branch, position in saved.checkpoints:
        number = len(session.checkpoints) + 1
        session.checkpoints[number] = (session.branches.find(branch), position)
    if saved.focus >= session.machine.ncpu:
        raise error(f"{saved.focus}: 0 to {session.machine.ncpu - 1} are there", "focus")
    session.focus = saved.focus


def _look_from(session: Session, at: SavedPlace | None) -> None:
    """Go to where a variable of a function was meant; raises UsageError if it is not there."""
    if at is None:
        return
    branch = session.branches.find(at.branch)
    length = len(session.branches.line(branch))
    if at.position > length or at.cpu >= session.machine.ncpu:
        raise UsageError(f"no step {at.position} of cpu{at.cpu}: {at.branch} has {length} steps")
    if branch is not session.branches.current:
        session.branches.switch(branch)
    look_from(session, Origin(branch, at.position, at.cpu, at.tid, at.frame))


def _come_back(session: Session, positions: dict[Branch, int], name: str) -> None:
    """To the branch and the places that were saved, wherever that has led."""
    branch = session.branches.find(name)
    if branch is not session.branches.current:
        session.branches.switch(branch)
        revive(session)
    for one, position in positions.items():
        one.position = position
    session.machine.goto(min(branch.position, session.machine.recorded))


def _branch_out(session: Session, saved: Saved, error: Callable[..., SessionError]) -> None:
    """Make the branches, and play each once, so that one that does not fit is found now."""
    made: dict[str, Branch] = {}
    lengths: dict[str, int] = {}
    for index, one in enumerate(saved.branches):
        parent = made.get(one.parent)
        if parent is not None and one.at > lengths[parent.name]:
            raise error(
                f"{one.at}: {parent.name} has {lengths[parent.name]} steps", "branches", index, "at"
            )
        try:
            picks = Schedule.parse(one.schedule).picks
        except ExittuiError as problem:
            raise error(problem.message, "branches", index, "schedule") from None
        at = one.at if parent is not None else 0
        made[one.name] = Branch(
            len(made) + 1, one.name, parent, at, array("B", picks), one.position
        )
        lengths[one.name] = at + len(picks)
        if one.position > lengths[one.name]:
            raise error(
                f"{one.position}: the branch has {lengths[one.name]} steps",
                "branches",
                index,
                "position",
            )
    for index, branch in enumerate(made.values()):
        try:
            session.branches.restore(list(made.values()), branch)
        except ExittuiError as problem:
            raise error(problem.message, "branches", index, "schedule") from None
    session.branches.restore(list(made.values()), made[saved.branch])
    session.moved_from = session.machine.position
