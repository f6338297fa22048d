"""Carrying out `compare`: other kernels beside the session's, or two of its branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.errors import UsageError, did_you_mean
from exittui.kernel.catalog import KERNELS
from exittui.session.doing import branching
from exittui.session.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.session.commands import Order
    from exittui.session.lockstep import Lockstep
    from exittui.session.outcome import Telling
    from exittui.session.session import Session
    from exittui.session.views_lockstep import LockstepView

_NAME = 42
_COLUMN = 16


def kernels_named(session: Session, argument: str) -> tuple[str, ...]:
    """The kernels that the argument of `compare` names; nothing if it names branches.

    Raises UsageError for what is neither.
    """
    words = argument.replace(",", " ").split()
    branches = [one.name for one in session.branches]
    numbers = [str(one.number) for one in session.branches]
    if all(word in branches or word in numbers for word in words[:2]):
        return ()
    for word in words:
        if word in branches:
            raise UsageError(f"{word} is a branch: kernels and branches do not go together")
        if word not in KERNELS:
            known = (*KERNELS, *branches)
            hint = did_you_mean(word, known)
            raise UsageError(f"no kernel or branch {word!r}{hint}; known: {', '.join(known)}")
        if word == session.kernel and not session.built.without:
            raise UsageError(f"{word} is the kernel of this session: name another")
    return tuple(words)


def compare(session: Session, order: Order) -> Telling:
    """Beside each other: the points of each exit in steps and in time, and where they part."""
    names = kernels_named(session, order.argument)
    if not names:
        lines = branching.compare(session, order)
        return Outcome(tuple(lines), lines[0] if len(lines) == 1 else "")
    from exittui.session.lockstep import Lockstep  # noqa: PLC0415 - on request

    lockstep = Lockstep.of_session(session, names)
    said: list[str] = []
    for own_time in (False, True):
        if lockstep.own_time is not own_time:
            lockstep.switch()
        doing = lockstep.begin()
        while doing.advance():
            if doing.progress is not None:
                yield doing.progress
        if doing.error is not None:
            raise doing.error
        said += _told(lockstep, lockstep.looker.view())
    return Outcome(tuple(said))


def _told(lockstep: Lockstep, view: LockstepView) -> Iterator[str]:
    own, unit = view.own_time, "ns" if view.own_time else "steps"
    head = "each in its own time, ns after exit()" if own else "one schedule, steps after exit()"
    yield f"{head:{_NAME}}" + "".join(f"{kernel.label:>{_COLUMN}}" for kernel in lockstep.kernels)
    for row in view.points:
        cells = "".join(
            f"{'-' if one.after is None else f'{one.after:,}':>{_COLUMN}}" for one in row.reached
        )
        yield f"{f'  {row.process} {row.title}':{_NAME}}{cells}"
    ends = "".join(f"{take.end if own else take.recorded:>{_COLUMN},}" for take in lockstep.takes)
    yield f"{f'  the whole run, {unit}':{_NAME}}{ends}"
    for side in view.sides:
        if side.left is not None:
            yield f"  {side.kernel} leaves the schedule at step {side.left}: it does not fit there"
    for parting in view.partings:
        if parting is None:
            yield "  they do the same from beginning to end"
            continue
        yield f"  first divergence: step {parting.position}"
        for kernel, cpu, function, text in parting.stands:
            where = f"cpu{cpu} {function}(): " if function else ""
            yield f"    {kernel}: {where}{text}"
