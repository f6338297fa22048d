"""Carrying out the commands that set, change and list what stops a run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from exittui.errors import UsageError, did_you_mean
from exittui.session.breakpoints import Stop
from exittui.session.commands.reading import number
from exittui.session.doing.events import EVENTS, PLAIN, event, lock, state, watch

if TYPE_CHECKING:
    from exittui.session.commands import Order
    from exittui.session.places import Place
    from exittui.session.session import Session

_RANGE: Final = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")
_COUNTED: Final = re.compile(r"(.*\S)\s*,\s*([0-9]{1,7})")
_MOST: Final = 10_000
_CLAUSE: Final = re.compile(r"(?:^|\s)(if|cpu|thread)(?:\s+|$)")


def break_(session: Session, order: Order) -> list[str]:
    """`break PLACE[,COUNT] [cpu N] [thread T] [if EXPR]`."""
    return _told(session, _set(session, order.argument, temporary=False))


def tbreak(session: Session, order: Order) -> list[str]:
    """The same, gone with its first hit."""
    return _told(session, _set(session, order.argument, temporary=True))


def _told(session: Session, stop: Stop) -> list[str]:
    """What was set, and what had been set there before."""
    others = [
        str(one.number)
        for one in session.breakpoints
        if one is not stop and one.place is not None and one.place == stop.place
    ]
    if not others:
        return [described(session, stop)]
    word = "breakpoint" if len(others) == 1 else "breakpoints"
    return [f"Note: {word} {', '.join(others)} also set at {stop.what}.", described(session, stop)]


def described(session: Session, stop: Stop) -> str:
    """`Breakpoint 1 at kern/kern_exit.py:158`, as gdb says it; with a tree also the place there."""
    if stop.kind == "watchpoint":
        return f"Hardware watchpoint {stop.number}: {stop.what}"
    if stop.kind == "catchpoint":
        word = "Temporary catchpoint" if stop.temporary else "Catchpoint"
        return f"{word} {stop.number} ({stop.what})"
    word = "Temporary breakpoint" if stop.temporary else "Breakpoint"
    return f"{word} {stop.number} at {_what(session, stop)}"


def _what(session: Session, stop: Stop) -> str:
    """What stops there, in the words of a list."""
    return session.breakpoints.places.told(stop.place) if stop.place is not None else stop.what


def _set(session: Session, text: str, *, temporary: bool) -> Stop:
    stops = session.breakpoints
    what, clauses = _clauses(text)
    counted = _COUNTED.fullmatch(what)
    if counted is not None:
        what = counted[1]
    word, _, rest = what.partition(" ")
    if word == "lock" and rest:
        stop = lock(session, rest, stops.number())
        function = ""
    elif word == "state" and rest:
        stop = state(session, rest, stops.number())
        function = ""
    else:
        here = session.machine.next_statement(session.focus)
        place = stops.find(what or str(here.line), here)
        number_ = stops.number()
        stop = Stop(number_, "breakpoint", str(place), place=place, pcs=stops.pcs_of(place))
        function = stops.places.function_at(place)
    stop.temporary = temporary
    stop.ignore = max(int(counted[2]) - 1, 0) if counted is not None else 0
    _qualify(session, stop, clauses, function)
    return stops.add(stop)


def _clauses(text: str) -> tuple[str, dict[str, str]]:
    """A place and what must be so besides; `if` takes the rest of the line."""
    match = _CLAUSE.search(text)
    if match is None:
        return text.strip(), {}
    what, found = text[: match.start()].strip(), dict[str, str]()
    rest = text[match.start() :].strip()
    while rest:
        word, _, rest = rest.partition(" ")
        if word == "if":
            found["if"] = rest.strip()
            break
        if word not in {"cpu", "thread"}:
            raise UsageError(f"{word!r} is not understood here; accepted: cpu, thread, if")
        value, _, rest = rest.strip().partition(" ")
        found[word] = value
        rest = rest.strip()
    return what, found


def _qualify(session: Session, stop: Stop, clauses: dict[str, str], function: str) -> None:
    """Take in the clauses; raises before anything is set."""
    if "cpu" in clauses:
        stop.cpu = number(clauses["cpu"], "CPU")
        if stop.cpu >= session.machine.ncpu:
            raise UsageError(f"no cpu {stop.cpu}: 0 to {session.machine.ncpu - 1} are there")
    if "thread" in clauses:
        stop.thread = session.find_thread(clauses["thread"])
        stop.thread_name = session.views.naming.thread(stop.thread)
    if "if" in clauses:
        if not clauses["if"]:
            raise UsageError("'if' needs EXPR")
        _conditional(session, stop, clauses["if"], function)


def _conditional(session: Session, stop: Stop, text: str, function: str) -> None:
    """A condition; in that of a place, variables are those of its function."""
    machine = session.machine

    def cpu(_: object) -> int:
        step = machine.position - 1
        return machine.history.cpu(step) if step >= 0 else 0

    def here(_: object) -> object:
        return machine.stacks.cpus[cpu(None)][0] if function else None

    scope = session.asking.scope(function, here, cpu)
    stop.condition = session.asking.compile(text, scope)
    stop.condition_text = text


def watch_(session: Session, order: Order) -> list[str]:
    """`watch EXPR [cpu N] [thread T] [if EXPR]`; gdb's `-l` is what is done anyway."""
    what, clauses = _clauses(re.sub(r"^-(?:l|location)\s+", "", order.argument))
    stop = watch(session, what, session.breakpoints.number())
    _qualify(session, stop, clauses, "")
    return [described(session, session.breakpoints.add(stop))]


def dwatch(session: Session, order: Order) -> list[str]:
    """Clear watchpoints by their expression, or one by its number."""
    stops, text = session.breakpoints, order.argument
    gone = [
        stop
        for stop in stops
        if stop.kind == "watchpoint" and text in {stop.what, str(stop.number)}
    ]
    if not gone:
        raise UsageError(f"no watchpoint of {text!r}")
    for stop in gone:
        stops.remove(stop.number)
    return [f"watchpoint {stop.number} cleared: {stop.what}" for stop in gone]


def read_watch(session: Session, order: Order) -> NoReturn:
    """Refuse, and say what does."""
    del session, order
    raise UsageError("what is read is not recorded: `watch EXPR` stops where it is written")


def catch(session: Session, order: Order) -> list[str]:
    """`catch EVENT [cpu N] [thread T] [if EXPR]`."""
    return [described(session, session.breakpoints.add(_caught(session, order)))]


def tcatch(session: Session, order: Order) -> list[str]:
    """The same, gone with its first hit."""
    stop = _caught(session, order)
    stop.temporary = True
    return [described(session, session.breakpoints.add(stop))]


def _caught(session: Session, order: Order) -> Stop:
    what, clauses = _clauses(order.argument)
    word = what.partition(" ")[0]
    if word not in PLAIN:
        hint = did_you_mean(word, PLAIN)
        also = f"; `break {word} …` does that" if word in EVENTS else ""
        raise UsageError(f"no event {word!r}{hint}{also}; accepted: {', '.join(PLAIN)}")
    stop = event(session, what, session.breakpoints.number())
    _qualify(session, stop, clauses, "")
    return stop


def break_here(session: Session, order: Order) -> list[str]:
    """Set a plain breakpoint at a place, or clear what is there."""
    here = session.machine.next_statement(session.focus)
    place = session.breakpoints.find(order.argument or str(here.line), here)
    is_set = session.breakpoints.toggle(place)
    told = session.breakpoints.places.told(place)
    return [f"breakpoint {'set' if is_set else 'cleared'}: {told}"]


def delete(session: Session, order: Order) -> list[str]:
    """By numbers, by place, or all; with a word before them, displays or checkpoints."""
    stops = session.breakpoints
    word, _, rest = order.argument.partition(" ")
    if word in _OF_SESSION:
        return _forget(session, word, rest)
    text = rest.strip() if word == "breakpoints" else order.argument
    if not text:
        return [f"{stops.clear(None)} breakpoints cleared"]
    wanted = _numbers(text)
    if wanted and (len(wanted) > 1 or wanted[0] in stops or not _is_place(session, text)):
        missing = next((one for one in wanted if one not in stops), None)
        if missing is not None:
            raise UsageError(f"no breakpoint number {missing}")
        gone = [stops[one] for one in wanted]
        for stop in gone:
            stops.remove(stop.number)
        return [f"{stop.kind} {stop.number} cleared: {stop.what}" for stop in gone]
    place = stops.find(text, session.machine.next_statement(session.focus))
    if not stops.clear(place):
        raise UsageError(f"no breakpoint at {place}")
    return [f"breakpoint cleared: {place}"]


_OF_SESSION: Final = ("display", "checkpoint", "bookmark")


def _forget(session: Session, word: str, text: str) -> list[str]:
    """Displays or checkpoints, those of these numbers or all."""
    known: dict[int, Any] = session.displays if word == "display" else session.checkpoints
    wanted = _numbers(text) if text else list(known)
    missing = next((one for one in wanted if one not in known), None)
    if missing is not None or (text and not wanted):
        raise UsageError(f"no {word} number {text if missing is None else missing}")
    for one in wanted:
        del known[one]
    plural = "" if len(wanted) == 1 else "s"
    return [f"{len(wanted)} {word}{plural} cleared"]


def _numbers(text: str) -> list[int]:
    """`1 3-5` as numbers; none if the text is anything else."""
    found: dict[int, None] = {}
    for word in text.split():
        match = _RANGE.fullmatch(word)
        if match is None:
            return []
        first = int(match[1])
        last = int(match[2] or first)
        found.update(dict.fromkeys(range(first, min(last, first + _MOST) + 1)))
    return list(found)


def _is_place(session: Session, text: str) -> bool:
    """Whether a number is that of a line that has a breakpoint."""
    if not text.isdigit():
        return False
    here = session.machine.next_statement(session.focus)
    return int(text[:9]) in session.breakpoints.lines(here.file)


def _numbered(session: Session, text: str) -> list[Stop]:
    stops = session.breakpoints
    if not text:
        return list(stops)
    found = []
    for word in text.split():
        wanted = number(word, "breakpoint number")
        if wanted not in stops:
            raise UsageError(f"no breakpoint number {wanted}")
        found.append(stops[wanted])
    return found


def enable(session: Session, order: Order) -> list[str]:
    """Switch on."""
    for stop in _numbered(session, order.argument):
        stop.enabled = True
    return []


def disable(session: Session, order: Order) -> list[str]:
    """Switch off."""
    for stop in _numbered(session, order.argument):
        stop.enabled = False
    return []


def ignore(session: Session, order: Order) -> list[str]:
    """Pass over so many hits."""
    which, _, count = order.argument.partition(" ")
    if not count:
        raise UsageError("'ignore' needs NUMBER COUNT")
    (stop,) = _numbered(session, which)
    stop.ignore = number(count.strip(), "count")
    if not stop.ignore:
        return [f"Will stop next time {stop.kind} {stop.number} is reached."]
    return [f"Will ignore next {stop.ignore} crossings of {stop.kind} {stop.number}."]


def condition(session: Session, order: Order) -> list[str]:
    """Set or clear a condition."""
    which, _, text = order.argument.partition(" ")
    (stop,) = _numbered(session, which)
    if not text.strip():
        stop.condition, stop.condition_text = None, ""
        return [f"{stop.kind.capitalize()} {stop.number} now unconditional."]
    function = session.breakpoints.places.function_at(stop.place) if stop.place else ""
    _conditional(session, stop, text.strip(), function)
    return []


def breaks(session: Session, order: Order) -> list[str]:
    """The list, as gdb prints it or as ddb does."""
    del order
    if session.dialect == "ddb":
        return _ddb_list(session, [one for one in session.breakpoints if one.kind != "watchpoint"])
    return _gdb_list(session, list(session.breakpoints), _NONE)


def watches(session: Session, order: Order) -> list[str]:
    """Watchpoints alone."""
    del order
    found = [one for one in session.breakpoints if one.kind == "watchpoint"]
    if session.dialect == "gdb":
        return _gdb_list(session, found, "No watchpoints.")
    lines = [
        f"{'*' if stop.enabled else ' '}{stop.number:<8} {stop.hits:5}    {stop.what}"
        for stop in found
    ]
    return [" Watch    Count    Expression", *lines] if lines else ["No watchpoints set"]


_NONE: Final = "No breakpoints, watchpoints, tracepoints, or catchpoints."


def _gdb_list(session: Session, stops: list[Stop], none: str) -> list[str]:
    if not stops:
        return [none]
    lines = ["Num     Type           Disp Enb What"]
    for stop in stops:
        kind = "hw watchpoint" if stop.kind == "watchpoint" else stop.kind
        disp, on = "del" if stop.temporary else "keep", "y" if stop.enabled else "n"
        where = f"in {_function(session, stop.number)} at " if stop.line else ""
        what = f"{where}{_what(session, stop)}"
        lines.append(f"{stop.number:<7} {kind:<14} {disp:<4} {on:<3} {what}")
        lines += _more(stop)
    return lines


def _function(session: Session, wanted: int) -> str:
    place: Place | None = session.breakpoints[wanted].place
    return session.breakpoints.places.function_at(place) if place is not None else ""


def _more(stop: Stop) -> list[str]:
    """The lines below a breakpoint: filters, condition, hits."""
    lines = []
    if stop.cpu is not None:
        lines.append(f"\tstop only on cpu{stop.cpu}")
    if stop.thread is not None:
        lines.append(f"\tstop only in thread {stop.thread_name}")
    if stop.condition_text:
        lines.append(f"\tstop only if {stop.condition_text}")
    if stop.hits:
        plural = "" if stop.hits == 1 else "s"
        lines.append(f"\t{stop.kind} already hit {stop.hits} time{plural}")
    if stop.ignore:
        lines.append(f"\tignore next {stop.ignore} hits")
    return lines


def _ddb_list(session: Session, stops: list[Stop]) -> list[str]:
    if not stops:
        return ["No breakpoints set"]
    lines = [" Map      Count    Address"]
    for stop in stops:
        where = f"{_function(session, stop.number)} " if stop.place else ""
        what = f"{where}{_what(session, stop)}"
        lines.append(f"{'*' if stop.enabled else ' '}{stop.number:<8} {stop.hits:5}    {what}")
        lines += _more(stop)
    return lines
