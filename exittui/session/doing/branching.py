"""Carrying out the commands for branches and checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.errors import UsageError
from exittui.session import telling
from exittui.session.origin import revive

if TYPE_CHECKING:
    from exittui.session.commands import Order
    from exittui.session.session import Session


def branch(session: Session, order: Order) -> list[str]:
    """Begin a branch here, or rename one."""
    words = order.argument.split()
    if not words:
        return branches(session, order)
    if len(words) > 2:  # noqa: PLR2004 - old and new name
        raise UsageError(f"'branch' takes [NAME] [NEW], not {words[2]!r}")
    if len(words) == 2:  # noqa: PLR2004 - as above
        found = session.branches.find(words[0])
        session.branches.rename(found, words[1])
        return [f"branch {found.number} is {found.name} now"]
    made = session.branches.name(words[0])
    return [f"branch {made.name} begins at step {made.at}"]


def branches(session: Session, order: Order) -> list[str]:
    """The tree."""
    del order
    lines = []
    for view in session.branches.views():
        mark = "*" if view.current else " "
        end = f", {view.end}" if view.end else ""
        where = f"from step {view.at}, " if view.parent is not None else ""
        lines.append(
            f"{mark} {'  ' * view.depth}{view.name}: {where}{view.length} steps, "
            f"at step {view.position}{end}"
        )
    return lines


def switch(session: Session, order: Order) -> list[str]:
    """Go to another branch."""
    session.branches.switch(session.branches.find(order.argument))
    revive(session)
    session.turn_to(session.machine.position)
    return [f"on branch {session.branches.current.name}", *telling.stopped(session, moved=False)]


def compare(session: Session, order: Order) -> list[str]:
    """Where two branches part, and what each does there."""
    words = order.argument.split()
    if len(words) > 2:  # noqa: PLR2004 - two branches
        raise UsageError(f"'compare' takes BRANCH [BRANCH], not {words[2]!r}")
    first = session.branches.find(words[0])
    second = session.branches.find(words[1]) if len(words) > 1 else session.branches.current
    if first is second:
        raise UsageError(f"{first.name} is one branch: name another")
    at = session.branches.divergence(first, second)
    machine = session.machine
    lengths = [len(session.branches.line(one)) for one in (first, second)]
    if at is None:
        short, long = (first, second) if lengths[0] < lengths[1] else (second, first)
        return [f"{long.name} goes on where {short.name} ends, at step {min(lengths)}"]
    lines = [f"{first.name} and {second.name} are the same up to step {at}, then choose"]
    here, shared = machine.position, session.branches.line(session.branches.current)
    if shared[:at] == session.branches.line(first)[:at]:
        machine.goto(at)
        lines += [
            f"  {one.name}: {_choice(session, session.branches.line(one)[at])}"
            for one in (first, second)
        ]
        machine.goto(here)
    else:
        lines += [
            f"  {one.name}: {machine.choice(session.branches.line(one)[at])}"
            for one in (first, second)
        ]
    return lines


def _choice(session: Session, choice: int) -> str:
    machine = session.machine
    statement = machine.next_statement(choice)
    thread = session.views.naming.thread(machine.infos[choice % machine.ncpu].ci_curproc)
    text = telling.one_line(statement.text)
    return f"{machine.choice(choice)} ({thread}) in {statement.function}(): {text}"


def drop(session: Session, order: Order) -> list[str]:
    """Forget a branch."""
    found = session.branches.find(order.argument)
    session.branches.remove(found)
    session.jumps = [one for one in session.jumps if one[0] is not found]
    session.jump = max(len(session.jumps) - 1, 0)
    session.checkpoints = {
        number: place for number, place in session.checkpoints.items() if place[0] is not found
    }
    return [f"branch {found.name} dropped"]


def checkpoint(session: Session, order: Order) -> list[str]:
    """Remember this place."""
    del order
    number = max(session.checkpoints, default=0) + 1
    session.checkpoints[number] = (session.branches.current, session.machine.position)
    return [f"Checkpoint {number} at step {session.machine.position}"]


def checkpoints(session: Session, order: Order) -> list[str]:
    """The places remembered."""
    del order
    lines = [
        f"{number} step {position} on {branch.name}"
        for number, (branch, position) in session.checkpoints.items()
    ]
    return lines or ["No checkpoints."]
