"""Carrying out the commands that ask: values, why they are what they are, stacks, the source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from exittui.errors import AssertionFailedError, UsageError
from exittui.machine import struct
from exittui.scenario.expression import Absent
from exittui.session import ddb, telling
from exittui.session.commands.reading import number
from exittui.session.why import why_text

if TYPE_CHECKING:
    from exittui.scenario.expression import Expression
    from exittui.session.commands import Order
    from exittui.session.session import Session

_AROUND: Final = 5
_FORMAT: Final = re.compile(r"/([a-z0-9]*)\s*")
_LETTERS: Final = "xde"


def say(session: Session, order: Order) -> list[str]:
    """The sentence."""
    del order
    return [session.views.sentence().text]


def when(session: Session, order: Order) -> list[str]:
    """Where in the run."""
    del order
    machine = session.machine
    schedule = str(machine.schedule()) or "the start"
    branch = session.branches.current.name
    on = f" of {branch}" if len(session.branches) > 1 else ""
    return [f"step {machine.position} of {machine.recorded}{on}: {schedule}"]


# -- values ----------------------------------------------------------------------------------------


def print_(session: Session, order: Order) -> list[str]:
    """`print[/x|/d|/e] EXPR`."""
    letter, text = _formatted(order.argument)
    if letter and letter not in _LETTERS:
        raise UsageError(f"no format {letter!r}; accepted: /x, /d, /e")
    if not text:
        raise UsageError("'print' needs EXPR")
    question = session.asking.compile(text, session.scope())
    if letter == "e":
        parts = question.explain(session.machine)
        return [f"{'  ' * part.depth}{part.text} = {part.shown}" for part in parts]
    return [f"{text} = {words(session, question, letter)}"]


def _formatted(text: str) -> tuple[str, str]:
    match = _FORMAT.match(text)
    if match is None:
        return "", text.strip()
    return match[1], text[match.end() :].strip()


def words(session: Session, question: Expression, letter: str = "") -> str:
    """The value of an expression as text: flags and states by name, where it is such a field."""
    value = question(session.machine)
    if isinstance(value, bool) or not isinstance(value, int):
        return question.words(session.machine)
    if letter == "x":
        return f"{value:#x}"
    field = question.text.replace("->", ".").rpartition(".")[2].strip()
    if letter == "d" or not field.isidentifier():
        return str(value)
    return session.views.wider.inspector.text(value, field)


def examine(session: Session, order: Order) -> list[str]:
    """`x EXPR`: an object, field by field; another value as `print` has it."""
    _, text = _formatted(order.argument)
    if not text:
        raise UsageError("'x' needs EXPR")
    question = session.asking.compile(text, session.scope())
    value = question(session.machine)
    if isinstance(value, struct):
        return fields(session, value)
    return [f"{text}: {words(session, question)}"]


def fields(session: Session, value: struct) -> list[str]:
    """The fields of an object, one a line."""
    view = session.views.wider.object(session.views.wider.inspector.number(value))
    if view is None:
        return []
    head = f"struct {view.kind} {view.name}"
    if view.freed:
        head = f"{head} (freed by {view.freed_by})"
    width = max((len(one.name) for one in view.fields), default=0)
    lines = [f"{head}:"]
    for one in view.fields:
        since = f"  (step {one.written})" if one.written is not None else ""
        lines.append(f"    {one.name:{width}} = {one.value.text}{since}")
    return lines


def display(session: Session, order: Order) -> list[str]:
    """Print an expression now and after every move."""
    if not order.argument:
        return displayed(session)
    _, text = _formatted(order.argument)
    question = session.asking.compile(text, session.scope())
    wanted = max(session.displays, default=0) + 1
    session.displays[wanted] = question
    return [f"{wanted}: {text} = {words(session, question)}"]


def displayed(session: Session) -> list[str]:
    """What is displayed after every move."""
    return [
        f"{wanted}: {question.text} = {words(session, question)}"
        for wanted, question in session.displays.items()
    ]


def undisplay(session: Session, order: Order) -> list[str]:
    """Stop displaying."""
    if not order.argument:
        session.displays.clear()
        return []
    wanted = number(order.argument, "display number")
    if wanted not in session.displays:
        raise UsageError(f"no display number {wanted}")
    del session.displays[wanted]
    return []


def assert_(session: Session, order: Order) -> list[str]:
    """Fail unless it holds."""
    question = session.asking.compile(order.argument, session.scope())
    if question.holds(session.machine):
        return []
    parts = question.explain(session.machine)
    told = ", ".join(f"{part.text} is {part.shown}" for part in parts[1:4])
    step = session.machine.position
    value = question(session.machine)
    why = f": {value.why}" if isinstance(value, Absent) else f": {told}" if told else ""
    raise AssertionFailedError(f"assertion failed at step {step}: {order.argument}{why}")


def echo(session: Session, order: Order) -> list[str]:
    """The text itself."""
    del session
    return [order.argument]


# -- why, and the list of jumps --------------------------------------------------------------------


def why(session: Session, order: Order) -> list[str]:
    """Who wrote it, and when."""
    session.why = why_text(session, order.argument)
    lines = [session.why.sentence]
    if session.why.step is not None:
        lines.append(f"`there` goes to step {session.why.step}; `older` comes back")
    return lines


def there(session: Session, order: Order) -> list[str]:
    """To the step that `why` named."""
    del order
    if session.why is None or session.why.step is None:
        raise UsageError("`why EXPR` first: there is no step to go to")
    if session.why.step > session.machine.recorded:
        raise UsageError(f"step {session.why.step} is not recorded any more")
    _remember(session)
    session.turn_to(session.why.step)
    _remember(session, add=True)
    return telling.stopped(session, moved=False)


def _remember(session: Session, *, add: bool = False) -> None:
    """Put this place into the list of jumps, behind the one that is current."""
    machine = session.machine
    place = (session.branches.current, machine.position, session.focus)
    if add or not session.jumps or session.jumps[session.jump] != place:
        del session.jumps[session.jump + 1 :]
        session.jumps.append(place)
        session.jump = len(session.jumps) - 1


def older(session: Session, order: Order) -> list[str]:
    """To the place before in the list of jumps."""
    del order
    if session.jump == 0:
        raise UsageError("this is the oldest place in the list of jumps")
    return _jump(session, session.jump - 1)


def newer(session: Session, order: Order) -> list[str]:
    """To the place behind in the list of jumps."""
    del order
    if session.jump + 1 >= len(session.jumps):
        raise UsageError("this is the newest place in the list of jumps")
    return _jump(session, session.jump + 1)


def _jump(session: Session, to: int) -> list[str]:
    branch, position, cpu = session.jumps[to]
    if branch is not session.branches.current:
        session.branches.switch(branch)
    session.turn_to(min(position, session.machine.recorded))
    session.focus = cpu
    session.jump = to
    return telling.stopped(session, moved=False)


def jumps(session: Session, order: Order) -> list[str]:
    """The list."""
    del order
    lines = [
        f"{'>' if here else ' '} step {position} on {branch}, cpu{cpu}"
        for branch, position, cpu, here in session.visits()
    ]
    return lines or ["no jump has been made"]


# -- stacks and source -----------------------------------------------------------------------------


def trace(session: Session, order: Order) -> list[str]:
    """The stack: of the thread one looks at, or of that named."""
    words_ = order.argument.split()
    if words_ and words_[0].startswith("/"):
        words_ = words_[1:]
        if not words_:
            raise UsageError("'trace /t' needs a thread: 0t and its tid, or its name")
    if len(words_) > 1:
        raise UsageError(f"'trace' takes one thread, not {words_[1]!r}")
    if words_:
        p = session.find_thread(words_[0])
        frames = session.views.wider.inspector.frames(p)
        if not frames:
            return [session.views.wider.inspector.stack(p, session.views.values).why]
    else:
        frames = session.frames()
    if session.dialect == "ddb":
        return ddb.trace_of(session, frames)
    return [f"{'#' + str(at):3} {_gdb_frame(session, frame)}" for at, frame in enumerate(frames)]


def _gdb_frame(session: Session, frame: Any) -> str:
    statement = session.machine.image.statements[frame[0]]
    given = telling.arguments(session, frame, named=True)
    return f"{statement.function} ({given}) at {statement.file}:{statement.line}"


def frame(session: Session, order: Order) -> list[str]:
    """Look at a function of the stack."""
    if order.argument:
        _look(session, number(order.argument, "frame"))
    return telling.looking_at(session)


def _look(session: Session, wanted: int) -> None:
    frames = session.frames()
    if wanted >= len(frames):
        raise UsageError(f"no frame {wanted}: 0 to {len(frames) - 1} are there")
    session.frame = wanted


def up(session: Session, order: Order) -> list[str]:
    """Look at the caller."""
    last = len(session.frames()) - 1
    if session.frame >= last:
        raise UsageError("initial frame selected; you can't go up")
    session.frame = min(session.frame + order.count, last)
    return telling.looking_at(session)


def down(session: Session, order: Order) -> list[str]:
    """Look at the called."""
    if session.frame == 0:
        raise UsageError("bottom (innermost) frame selected; you can't go down")
    session.frame = max(session.frame - order.count, 0)
    return telling.looking_at(session)


def locals_(session: Session, order: Order) -> list[str]:
    """All variables of the frame that are no parameters."""
    del order
    return _variables(session, parameters=False) or ["No locals."]


def args(session: Session, order: Order) -> list[str]:
    """The parameters of the frame."""
    del order
    return _variables(session, parameters=True) or ["No arguments."]


def _variables(session: Session, *, parameters: bool) -> list[str]:
    inspector = session.views.wider.inspector
    rows = inspector.rows(session.frames(), session.views.values)
    if not rows:
        raise UsageError("this thread has no stack")
    row = rows[min(session.frame, len(rows) - 1)]
    count = len(row.arguments)
    shown = row.locals[:count] if parameters else row.locals[count:]
    return [f"{one.name} = {one.value.text}" for one in shown]


def list_(session: Session, order: Order) -> list[str]:
    """The source around a place."""
    here = session.machine.next_statement(session.focus)
    if not order.argument and session.frame:
        here = session.machine.image.statements[session.frames()[session.frame][0]]
    source, line = session.views.text_of(here), here.line
    if order.argument:
        place = session.breakpoints.find(order.argument, here)
        line = place.line
        statement = next(one for one in session.machine.image.statements if one.file == place.file)
        source = session.views.text_of(statement)
    first = max(line - _AROUND, 1)
    last = min(line + _AROUND, len(source.lines))
    mark = here.line if source.path == here.file else 0
    return [
        f"{at}{'>' if at == mark else ''}\t{source.lines[at - 1]}".rstrip()
        for at in range(first, last + 1)
    ]
