"""Carrying out the commands for branches, checkpoints, settings, session files and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.errors import UsageError, did_you_mean
from exittui.session import telling
from exittui.session.commands.reading import read
from exittui.session.commands.table import BY_WORD, COMMANDS, DDB, DIALECTS, keys_of
from exittui.session.moving import LOCKING

if TYPE_CHECKING:
    from exittui.session.commands import Command, Order
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


def save(session: Session, order: Order) -> list[str]:
    """Write the session file."""
    from exittui.session.stored import write  # noqa: PLC0415 - on request

    path = order.argument or session.path
    if not path:
        raise UsageError("'save' needs FILE: this session has none yet")
    write(session.saved(), path)
    session.path = path
    return [f"session written to {path}"]


def record(session: Session, order: Order) -> list[str]:
    """Write the moves made so far as a script."""
    from exittui.session.recording import record as write  # noqa: PLC0415 - on request

    return write(session, order.argument)


def set_(session: Session, order: Order) -> list[str]:
    """`set NAME VALUE`."""
    name, _, value = order.argument.partition(" ")
    value = value.strip()
    if name == "dialect":
        session.dialect = _one_of(value, DIALECTS)
    elif name == "scheduler-locking":
        session.mover.locking = _one_of(value, LOCKING)
    else:
        known = ("dialect", "scheduler-locking")
        raise UsageError(
            f"no setting {name!r}{did_you_mean(name, known)}; accepted: {', '.join(known)}"
        )
    return []


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise UsageError(f"{value!r} is none of {', '.join(known)}{did_you_mean(value, known)}")
    return value


def settings(session: Session, order: Order) -> list[str]:
    """What is set."""
    del order
    return [
        f"dialect {session.dialect}",
        f"scheduler-locking {session.mover.locking}",
        f"chooser {session.chooser_name}",
    ]


def help_(session: Session, order: Order) -> list[str]:
    """All commands, or one."""
    if order.argument:
        return _help_of(session, order.argument)
    lines = []
    group = ""
    for command in COMMANDS:
        if command.group != group:
            group = command.group
            lines.append(f"{group}:")
        lines.append(f"  {command.usage:38} {command.help}")
    return lines


def _help_of(session: Session, text: str) -> list[str]:
    command = _found(session, text)
    lines = [command.usage, f"    {command.help}"]
    meant = [word for word in command.words if session.dialect != "ddb" or word not in DDB]
    meant += [
        word for word, name in DDB.items() if name == command.name and session.dialect == "ddb"
    ]
    lines.append(f"    words: {', '.join(meant)}")
    if command.keys:
        lines.append(f"    keys: {keys_of(command)}")
    if command.repeats:
        lines.append("    an empty line does it again")
    return lines


def _found(session: Session, text: str) -> Command:
    """The command of these words; those that need more are found without it."""
    words = {**BY_WORD}
    if session.dialect == "ddb":
        words.update(
            {word: next(one for one in COMMANDS if one.name == name) for word, name in DDB.items()}
        )
    known = words.get(" ".join(text.split()))
    if known is not None:
        return known
    try:
        return read(text, session.dialect).command
    except UsageError as error:
        if "needs" not in error.message:
            raise
        return read(f"{text} 1", session.dialect).command
