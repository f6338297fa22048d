"""Carrying out the commands that ask what all schedules do from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.errors import UsageError
from exittui.session.ahead import Known
from exittui.session.commands.reading import number
from exittui.session.doing.moves import arrived
from exittui.session.outcome import Outcome
from exittui.session.views_moving import Progress

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from exittui.session.ahead import Fate
    from exittui.session.commands import Order
    from exittui.session.outcome import Telling
    from exittui.session.session import Session

MOVES: Final = 20_000
"""Moves of the search where no other bound is given."""

_FEW: Final = 12
_SLICE: Final = 4096


def _search(session: Session, picks: bytes, first: int, most: int) -> Generator[Progress, None]:
    """Search; what is known so far stays known if somebody ends it."""
    if session.searcher is None:
        raise UsageError("this session was opened without a search")
    machine = session.machine
    for sight in session.searcher.search(picks, first, most):
        session.known = Known(picks, sight)
        places = len(sight.fates)
        text = f"{sight.states:,} states, {places:,} places known, {len(sight.failing)} violated"
        yield Progress(machine.position, sight.states, None, text)
    if session.known is not None:
        session.known.whole = True


def _most(order: Order) -> int:
    return number(order.argument, "number of moves") if order.argument else MOVES


def check(session: Session, order: Order) -> Telling:
    """`check [MOVES]`: all schedules that go on from here."""
    machine = session.machine
    position = machine.position
    known = session.known
    if order.argument or known is None or known.fate(machine, position) is None:
        picks = machine.history.choices(0, position)
        yield from _search(session, picks, position, _most(order))
        known = session.known
    assert known is not None  # noqa: S101 - a search says something, if only that it has begun
    fate = known.fate(machine, position)
    lines = [f"step {position}: {_verdict(session, fate)}", *_failures(session, fate)]
    return Outcome(tuple(lines), lines[0])


def _verdict(session: Session, fate: Fate | None) -> str:
    known = session.known
    assert known is not None  # noqa: S101 - as above
    sight = known.sight
    if fate is not None:
        endless = "; ways that go in circles are not counted" if fate.endless else ""
        return f"{fate.words} (exhaustive{endless})"
    many = len(sight.failing)
    found = f"{many} violated" if many else "nothing violated so far"
    return f"{found} (bounded: {sight.bound}; not every schedule was covered)"


def _failures(session: Session, fate: Fate | None) -> Iterator[str]:
    known = session.known
    if known is None:
        return
    times = dict(fate.by) if fate is not None else {}
    for at, one in enumerate(known.sight.failing, start=1):
        if fate is not None and one.name not in times:
            continue
        often = f" in {times[one.name]:,} schedules" if one.name in times else ""
        further = len(one.picks) - session.machine.position
        yield f"{at}. {one.message}{often}; `witness {at}` goes there, {further:,} steps on"


def shares(session: Session, order: Order) -> Telling:
    """`shares [MOVES]`: how many schedules fail from each place of the recorded run."""
    machine = session.machine
    picks = machine.history.choices(0, machine.recorded)
    yield from _search(session, picks, 0, _most(order))
    lines = list(_shares(session))
    return Outcome(tuple(lines), lines[0])


def _shares(session: Session) -> Iterator[str]:
    known = session.known
    assert known is not None  # noqa: S101 - as above
    fates = known.sight.fates
    if not fates:
        yield f"nothing is known (bounded: {known.sight.bound})"
        return
    yield _no_return(session)
    least = min(fates)
    if least:
        yield f"before step {least} nothing is known (bounded: {known.sight.bound})"
    changes = [
        position
        for position in sorted(fates)
        if position == least or fates[position] != fates.get(position - 1)
    ]
    for position in changes[-_FEW:]:
        yield f"step {position}: {fates[position].words}"
    if len(changes) > _FEW:
        yield f"and {len(changes) - _FEW} places before; the timeline has them all"


def _no_return(session: Session) -> str:
    """The sentence on the point of no return."""
    known, machine = session.known, session.machine
    assert known is not None  # noqa: S101 - as above
    fates = known.sight.fates
    last = max(fates)
    if fates[last].failing < fates[last].schedules or not fates[last].schedules:
        return f"step {last}: {fates[last].words}"
    point = last
    while point - 1 in fates and fates[point - 1].failing == fates[point - 1].schedules:
        point -= 1
    if not point or point - 1 not in fates:
        return f"from step {point} on every schedule fails"
    record = machine.record(point - 1)
    statement = " ".join(record.statement.text.split())
    return (
        f"the point of no return is step {point}, cpu{record.cpu} in "
        f"{record.statement.function}(): {statement}; before it "
        f"{fates[point - 1].share:.1%} of the schedules fail, from there on all"
    )


def witness(session: Session, order: Order) -> Telling:
    """`witness [N]`: make the choices of a schedule that fails, to its end."""
    known = session.known
    if known is None or not known.sight.failing:
        raise UsageError("`check` first: no schedule that fails is known")
    failing = known.sight.failing
    wanted = number(order.argument, "failure") if order.argument else 1
    if not 1 <= wanted <= len(failing):
        raise UsageError(f"no failure {wanted}; known: 1 to {len(failing)}")
    picks, machine = failing[wanted - 1].picks, session.machine
    begin = Known(picks, known.sight).common(machine)
    machine.goto(begin)
    for at in range(begin, len(picks)):
        session.mover.step(picks[at])
        if at % _SLICE == 0:
            yield Progress(machine.position, at - begin, len(picks) - begin)
    session.turn_to(machine.position)
    return arrived(session, moved=False)


def differ(session: Session, order: Order) -> Telling:
    """`differ`: on to the next place from which schedules end otherwise than from here."""
    del order
    return (yield from _differing(session, 1))


def back_differ(session: Session, order: Order) -> Telling:
    """`back-differ`: back to the last place from which schedules end otherwise."""
    del order
    return (yield from _differing(session, -1))


def _differing(session: Session, by: int) -> Telling:
    machine = session.machine
    here = machine.position
    known, recorded = session.known, machine.history.choices(0, machine.recorded)
    if known is None or known.picks != recorded or not known.whole:
        yield from _search(session, recorded, 0, MOVES)
        known = session.known
    assert known is not None  # noqa: S101 - as above
    fate = known.fate(machine, here)
    if fate is None:
        raise UsageError(
            f"of step {here} nothing is known (bounded: {known.sight.bound}); shares N goes farther"
        )
    position = here + by
    while 0 <= position <= machine.recorded:
        other = known.fate(machine, position)
        if other is None:
            raise UsageError(f"of step {position} nothing is known; shares N goes farther")
        if other.outcomes != fate.outcomes:
            session.turn_to(position)
            told = f"step {position}: {other.words}"
            return Outcome((told, *_failures(session, other)), told)
        position += by
    end = "end of what is recorded" if by > 0 else "start"
    raise UsageError(f"up to the {end} the schedules end as they do from here: {fate.words}")
