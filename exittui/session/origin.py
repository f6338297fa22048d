"""Where something was asked that means something only there: a variable of a function.

A watchpoint on a variable, or an expression that is displayed and has one in it, belongs to a
frame. The frame is the same again whenever the run comes to the same place, so what is kept is
the place: the branch, the step, and whom one looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from exittui.errors import ExittuiError

if TYPE_CHECKING:
    from exittui.session.branches import Branch
    from exittui.session.session import Session


@frozen
class Origin:
    """A place of a run and the frame one looked at there."""

    branch: Branch
    position: int
    cpu: int
    tid: int
    """The thread one looked at, by its number; -1 for that of the CPU."""
    frame: int

    def is_there(self, session: Session) -> bool:
        """Whether its branch is kept, and long enough."""
        branches = session.branches
        return self.branch in list(branches) and self.position <= len(branches.line(self.branch))

    def is_on(self, session: Session) -> bool:
        """Whether the branch that one is on leads through it."""
        branches = session.branches
        line = branches.line(branches.current)
        return branches.line(self.branch)[: self.position] == line[: self.position]


def origin_of(session: Session, text: str) -> Origin | None:
    """Where an expression is asked, if it has variables of a function in it; None if it has not."""
    bare = session.asking.scope("", lambda _: None, lambda _: 0)
    try:
        session.asking.compile(text, bare)
    except ExittuiError:
        cpu, thread, frame = session.looking
        tid = -1 if thread is None else session.views.things.read(thread, "p_tid", -1)
        return Origin(session.branches.current, session.machine.position, cpu, tid, frame)
    return None


def look_from(session: Session, origin: Origin) -> None:
    """Go there, the branch that one is on leading through it, and look at the frame."""
    session.machine.goto(origin.position)
    session.focus = origin.cpu
    if origin.tid >= 0:
        session.look_at(session.find_thread(f"0t{origin.tid}"))
    session.frame = origin.frame


def revive(session: Session) -> None:
    """After another branch was played, find the frames of what is watched and displayed again."""
    stops = [one for one in session.breakpoints if one.origin is not None and one.watch is None]
    shown = [number for number in session.displays if number in session.origins]
    if not stops and not shown:
        return
    position, looking = session.machine.position, session.looking
    for stop in stops:
        assert stop.origin is not None  # noqa: S101 - only such were taken
        if stop.origin.is_there(session) and stop.origin.is_on(session):
            look_from(session, stop.origin)
            target = session.asking.target(stop.what, session.scope())
            if target is not None and target.frame is not None:
                stop.frame, stop.slot = target.frame, target.slot
    for number in shown:
        origin = session.origins[number]
        if origin.is_there(session) and origin.is_on(session):
            look_from(session, origin)
            text = session.displays[number].text
            session.displays[number] = session.asking.compile(text, session.scope())
    session.machine.goto(position)
    session.looking = looking
