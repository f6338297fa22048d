"""Carrying out the commands that move: forwards, backwards, to places and to events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.errors import UsageError
from exittui.session import telling
from exittui.session.commands.reading import number
from exittui.session.doing.events import event
from exittui.session.moving import LARGEST_SLICE
from exittui.session.outcome import Outcome
from exittui.session.scanning import Scanner
from exittui.session.views_moving import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine import Statement
    from exittui.session.commands import Order
    from exittui.session.moving import Move
    from exittui.session.outcome import Telling
    from exittui.session.session import Session
    from exittui.session.views_moving import ChoiceView

_PERCENT = 100
_DECIMALS = 6
_SOME_MOVES = 64


def arrived(session: Session, *, moved: bool = True) -> Outcome:
    """What to say after a move: where, why, and what is displayed."""
    from exittui.session.doing.asking import displayed  # noqa: PLC0415 - circular

    hits = session.mover.hits if moved else []
    lines = [*telling.stopped(session, moved=moved), *displayed(session)]
    words = [telling.hit_words(stop) for stop in hits]
    note = session.mover.note if moved else ""
    for stop in hits:
        if stop.temporary and stop.number in session.breakpoints:
            session.breakpoints.remove(stop.number)
    return Outcome(tuple(lines), "; ".join([*words, *([note] if note else [])]))


def _travel(session: Session, move: Move) -> Telling:
    """Let a move run, and look at the CPU that got there."""
    cpu = yield from move
    if cpu is not None:
        session.focus = cpu
    result = session.machine.result
    if result is not None:
        session.focus = result.cpu
    return arrived(session)


def _times(
    session: Session, order: Order, check: Callable[[], None], make: Callable[[], Move]
) -> Telling:
    """A move so many times, or until something stops it."""
    outcome = Outcome()
    first = session.machine.position
    for done in range(order.count):
        try:
            check()
        except UsageError as error:
            if not done:
                raise
            session.mover.note = error.message
            return arrived(session)
        outcome = yield from _travel(session, make())
        if session.mover.note or session.mover.hits or session.ended() is not None:
            break
        if done % _SOME_MOVES == _SOME_MOVES - 1:
            here = session.machine.position
            yield Progress(here, abs(here - first))
    return outcome


# -- forwards --------------------------------------------------------------------------------------


def step(session: Session, order: Order) -> Telling:
    """The chosen CPU runs one statement, so many times."""
    mover, machine = session.mover, session.machine
    mover.note, mover.hits = "", []
    scanner = Scanner(machine, session.breakpoints.active(), session.mover.meter)
    passed = []
    for count in range(order.count):
        try:
            session.need_ready()
        except UsageError as error:
            if not count:
                raise
            mover.note = error.message
            break
        first = machine.position
        if "p" in order.modifiers:
            passed.append(_passing(session, machine.next_statement(session.focus)))
        mover.step(session.focus)
        mover.others(session.focus)
        if not scanner.idle:
            mover.hits = scanner.forward(first)
        if mover.hits or session.ended() is not None:
            break
        if count % LARGEST_SLICE == LARGEST_SLICE - 1:
            yield Progress(machine.position, count + 1, order.count)
    if machine.result is not None:
        session.focus = machine.result.cpu
    return _behind(passed, arrived(session))


def _passing(session: Session, statement: Statement) -> str:
    """A statement that is passed, as ddb's /p prints it."""
    return f"{telling.location(session, statement)}:\t{telling.one_line(statement.text)}"


def _behind(lines: list[str], outcome: Outcome) -> Outcome:
    return Outcome((*lines, *outcome.lines), outcome.note)


def _calls(session: Session, order: Order, move: Move) -> Telling:
    """Let a move run; with /p, say the calls and returns of the thread that it passes."""
    machine = session.machine
    first, area, depth = machine.position, machine.area(session.focus), 0
    outcome = yield from _travel(session, move)
    if "p" not in order.modifiers:
        return outcome
    lines = []
    for step in range(first, machine.position):
        record = machine.record(step)
        if record.area is not area or record.statement.kind not in {"call", "return"}:
            continue
        depth = max(len(record.stack) - 1, 0)
        lines.append(f"{'  ' * depth}{_passing(session, record.statement)}")
    return _behind(lines, outcome)


def any_step(session: Session, order: Order) -> Telling:
    """Whoever comes next runs one statement, so many times."""
    mover, machine = session.mover, session.machine
    mover.note, mover.hits = "", []
    session.need_anyone()
    for count in range(order.count):
        cpu = mover.step_any()
        if cpu is None:
            break
        session.focus = cpu
        if count % LARGEST_SLICE == LARGEST_SLICE - 1:
            yield Progress(machine.position, count + 1, order.count)
    if machine.result is not None:
        session.focus = machine.result.cpu
    return arrived(session)


def next_(session: Session, order: Order) -> Telling:
    """One statement of this function, its calls included."""
    return (
        yield from _times(
            session, order, session.need_anyone, lambda: session.mover.over(session.focus)
        )
    )


def finish(session: Session, order: Order) -> Telling:
    """Until this function has returned."""
    del order
    session.need_anyone()
    if session.mover.depth(session.focus) <= 1:
        raise UsageError("this is the outermost function: it does not return")
    outcome = yield from _travel(session, session.mover.out(session.focus))
    return outcome if session.mover.hits else _with_value(session, outcome)


def _with_value(session: Session, outcome: Outcome) -> Outcome:
    """With what the function gave its caller, if that keeps it."""
    record = session.machine.record(session.machine.position - 1)
    kept = [write.new for write in record.writes if write.target is None]
    if record.statement.kind != "return" or len(kept) != 1:
        return outcome
    told = session.views.wider.inspector.text(kept[0])
    return Outcome((*outcome.lines, f"Value returned is {told}"), outcome.note)


def match(session: Session, order: Order) -> Telling:
    """Until this function is about to return."""
    session.need_anyone()
    return (yield from _calls(session, order, session.mover.matching(session.focus)))


def call_or_return(session: Session, order: Order) -> Telling:
    """Until the next call or return."""
    session.need_anyone()
    return (yield from _calls(session, order, session.mover.call_or_return(session.focus)))


def until(session: Session, order: Order) -> Telling:
    """Until the chosen CPU stands before a place; without one, as `next`, but out of a loop."""
    session.need_anyone()
    if not order.argument:
        return (yield from _travel(session, session.mover.past(session.focus)))
    pcs = _pcs(session, order)
    return (yield from _travel(session, session.mover.until(session.focus, pcs)))


def _pcs(session: Session, order: Order) -> frozenset[int]:
    here = session.machine.next_statement(session.focus)
    stops = session.breakpoints
    return stops.pcs_of(stops.find(order.argument, here))


def proceed(session: Session, order: Order) -> Telling:
    """On, up to a stop or the end; a count passes over hits of what stopped last."""
    session.need_anyone()
    count, told = order.count, []
    last = [stop for stop in session.mover.hits if stop.number in session.breakpoints]
    if count > 1 and last:
        last[0].ignore = count - 1
        told.append(
            f"Will ignore next {count - 1} crossings of {last[0].kind} {last[0].number}.  "
            "Continuing."
        )
    first = session.machine.position
    outcome = yield from _travel(session, session.mover.onward(session.limit, session.focus))
    if "c" in order.modifiers:
        told.append(f"{session.machine.position - first} statements executed")
    return _behind(told, outcome)


def rerun(session: Session, order: Order) -> Telling:
    """From the start, up to a stop or the end."""
    del order
    session.turn_to(0)
    session.need_anyone()
    return (yield from _travel(session, session.mover.onward(session.limit, session.focus)))


def solo(session: Session, order: Order) -> Telling:
    """The chosen CPU alone."""
    del order
    session.need_ready()
    return (yield from _travel(session, session.mover.alone(session.limit, session.focus)))


def run_to_end(session: Session, order: Order) -> Telling:
    """To the end, whatever is set."""
    del order
    session.need_anyone()
    outcome = yield from _travel(session, session.mover.to_end(session.limit))
    return Outcome(outcome.lines, session.mover.note)


def seek(session: Session, order: Order) -> Telling:
    """To the next event of a kind."""
    session.need_anyone()
    stop = event(session, order.argument, 0)
    move = session.mover.onward(session.limit, session.focus, [stop])
    return _unless_found(session, order, (yield from _travel(session, move)))


def _unless_found(session: Session, order: Order, outcome: Outcome) -> Outcome:
    """Say that what was sought has not come."""
    if session.mover.hits:
        return outcome
    told = f"not found: {order.argument}"
    note = f"{told}; {outcome.note}" if outcome.note else told
    return Outcome((told, *outcome.lines), note)


# -- backwards -------------------------------------------------------------------------------------


def back_step(session: Session, order: Order) -> Telling:
    """The last statements taken back."""
    session.need_past()
    session.machine.undo(order.count)
    session.focus = session.machine.history.cpu(session.machine.position)
    return arrived(session, moved=False)
    yield


def back_next(session: Session, order: Order) -> Telling:
    """Back over the calls."""
    return (
        yield from _times(
            session, order, session.need_past, lambda: session.mover.back_over(session.focus)
        )
    )


def back_finish(session: Session, order: Order) -> Telling:
    """Back to the call of this function."""
    del order
    session.need_past()
    return (yield from _travel(session, session.mover.back_out(session.focus)))


def back_until(session: Session, order: Order) -> Telling:
    """Back to where the chosen CPU stood before a place."""
    session.need_past()
    pcs = _pcs(session, order)
    return (yield from _travel(session, session.mover.back_until(session.focus, pcs)))


def back_proceed(session: Session, order: Order) -> Telling:
    """Back to a stop, or to the start."""
    del order
    session.need_past()
    return (yield from _travel(session, session.mover.back_onward()))


def back_seek(session: Session, order: Order) -> Telling:
    """Back to the last event of a kind."""
    session.need_past()
    stop = event(session, order.argument, 0)
    stop.lands_after = True
    outcome = yield from _travel(session, session.mover.back_onward([stop]))
    return _unless_found(session, order, outcome)


def restart(session: Session, order: Order) -> Telling:
    """To the start, or to a checkpoint."""
    if order.argument:
        wanted = number(order.argument, "checkpoint")
        if wanted not in session.checkpoints:
            known = ", ".join(str(one) for one in session.checkpoints) or "none"
            raise UsageError(f"no checkpoint {wanted}: there are {known}")
        branch, position = session.checkpoints[wanted]
        if branch is not session.branches.current:
            session.branches.switch(branch)
        session.turn_to(min(position, session.machine.recorded))
    else:
        session.turn_to(0)
    return arrived(session, moved=False)
    yield


def boot(session: Session, order: Order) -> Telling:
    """The machine starts again; how does not matter."""
    del order
    session.turn_to(0)
    outcome = arrived(session, moved=False)
    return Outcome(("rebooting...", *outcome.lines), "rebooting...")
    yield


def goto(session: Session, order: Order) -> Telling:
    """To a recorded step, by number, by percent, or counted from here."""
    text, machine = order.argument, session.machine
    here, last = machine.position, machine.recorded
    if text.endswith("%"):
        target = _percentage(text[:-1], last)
    elif text[:1] in {"+", "-"}:
        by = number(text[1:], "number of steps")
        target = here + by if text[0] == "+" else here - by
    else:
        target = number(text, "step")
    if not 0 <= target <= last:
        raise UsageError(f"no step {target}: 0 to {last} are recorded")
    session.turn_to(target)
    return arrived(session, moved=False)
    yield


def _percentage(text: str, last: int) -> int:
    """So many percent of the recorded run, `37` or `37.5`."""
    whole, point, part = text.partition(".")
    if point and (not part.isascii() or not part.isdigit() or len(part) > _DECIMALS):
        raise UsageError(f"{text!r} is no percentage: 0 to 100 is, as 37.5")
    scale = 10 ** len(part)
    value = number(whole, "percentage", _PERCENT) * scale + int(part or 0)
    if value > _PERCENT * scale:
        raise UsageError(f"percentage {text} is too large: at most {_PERCENT}")
    return int(value * last // (_PERCENT * scale))


def redo(session: Session, order: Order) -> Telling:
    """Recorded steps again."""
    machine = session.machine
    if machine.position == machine.recorded:
        raise UsageError("nothing is recorded beyond this step; s, n, f, c, r go on")
    session.turn_to(min(machine.position + order.count, machine.recorded))
    return arrived(session, moved=False)
    yield


# -- choosing --------------------------------------------------------------------------------------


def pick(session: Session, order: Order) -> Telling:
    """List what can go next, or let one go."""
    views = session.views.wider.choices()
    if not order.argument:
        return Outcome(tuple(line for view in views for line in _choice(view)))
    wanted = number(order.argument.removeprefix("cpu"), "choice")
    view = next((one for one in views if one.number == wanted), None)
    able = ", ".join(str(one.number) for one in views if one.enabled) or "none"
    if view is None:
        raise UsageError(f"no choice {wanted}; can go on: {able}")
    if not view.enabled:
        raise UsageError(f"{view.why_not}; can go on: {able}")
    session.mover.note, session.mover.hits = "", []
    session.mover.step(wanted)
    session.focus = view.cpu
    return arrived(session, moved=False)
    yield


def _choice(view: ChoiceView) -> list[str]:
    mark = ">" if view.recorded else " "
    if not view.enabled:
        return [f"{mark}{view.number:3} {view.name:6} {view.thread}: cannot go on: {view.why_not}"]
    head = f"{mark}{view.number:3} {view.name:6} {view.thread}: {view.function}() {view.text}"
    return [head, *(f"           {line}" for line in view.writes)]
