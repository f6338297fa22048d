"""Carrying out the commands that ask for values, and why they are what they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from exittui.errors import AssertionFailedError, UsageError
from exittui.machine import struct
from exittui.scenario.expression import Absent
from exittui.session import ddb, telling
from exittui.session.commands.reading import number
from exittui.session.origin import origin_of
from exittui.session.why import why_text

if TYPE_CHECKING:
    from exittui.scenario.expression import Expression
    from exittui.session.commands import Order
    from exittui.session.session import Session

_FORMAT: Final = re.compile(r"/([a-z0-9]*)\s*")
_COUNTED: Final = re.compile(r"(.*\S)\s*,\s*([0-9]{1,4})")
_LETTERS: Final = "xzduotesaci"
"""Of the formats of gdb and ddb those that mean something here, and `e`, the parts of a value."""
_SIZES: Final = "bhlgw"
"""Sizes of memory: accepted, for whoever is used to them, and of no effect."""
_NUMBERS: Final = {"x": "#x", "z": "#x", "d": "d", "u": "d", "o": "#o", "t": "#b"}


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
    """`print[/FORMAT] EXPR`."""
    letter, _, text = _formatted(order.argument, "print")
    if text in _REGISTERS:
        return [f"{text} = {_REGISTERS[text](session)}"]
    if text.startswith("*"):
        return fields(session, session.find_struct(text[1:].strip()), letter)
    if text.startswith("&"):
        found = session.find_struct(text[1:].strip())
        return [f"{text} = (struct {type(found).__name__} *) {ddb.pointer(found)}"]
    question = session.asking.compile(text, session.scope())
    if letter == "e":
        parts = question.explain(session.machine)
        return [f"{'  ' * part.depth}{part.text} = {part.shown}" for part in parts]
    value = question(session.machine)
    where = ""
    if isinstance(value, struct):
        where = f" (struct {type(value).__name__} at {ddb.pointer(value)})"
    return [f"{text} = {words(session, question, letter)}{where}"]


def _place(session: Session) -> str:
    frames = session.frames()
    if not frames:
        return "none: no stack"
    frame = frames[min(session.frame, len(frames) - 1)]
    return telling.location(session, session.machine.image.statements[frame[0]])


def _page_table(session: Session) -> str:
    return session.views.cpus()[session.focus].cr3.text or "none"


_REGISTERS: Final = {"$pc": _place, "$rip": _place, "$cr3": _page_table}


def output(session: Session, order: Order) -> list[str]:
    """The value alone."""
    letter, _, text = _formatted(order.argument, "output")
    return [words(session, session.asking.compile(text, session.scope()), letter)]


def whatis(session: Session, order: Order) -> list[str]:
    """The kind of a value."""
    question = session.asking.compile(order.argument, session.scope())
    value = question(session.machine)
    kind = f"a struct {type(value).__name__}" if isinstance(value, struct) else str(question.kind)
    return [f"{order.argument} is {kind}"]


def _formatted(text: str, word: str) -> tuple[str, int, str]:
    """`/4x EXPR,2` as a letter, a count (0 if none is given) and the expression."""
    match = _FORMAT.match(text)
    letters, rest = (match[1], text[match.end() :]) if match else ("", text)
    digits = "".join(one for one in letters if one.isdigit())
    named = [one for one in letters if one not in digits and one not in _SIZES]
    for one in named:
        if one not in _LETTERS:
            raise UsageError(f"no format {one!r}; accepted: {', '.join(f'/{x}' for x in _LETTERS)}")
    counted = _COUNTED.fullmatch(rest.strip())
    if counted is not None:
        rest, digits = counted[1], counted[2]
    if not rest.strip():
        raise UsageError(f"{word!r} needs EXPR")
    return named[-1] if named else "", int(digits or 0), rest.strip()


def words(session: Session, question: Expression, letter: str = "") -> str:
    """The value of an expression as text: flags and states by name, where it is such a field."""
    value = question(session.machine)
    if isinstance(value, bool) or not isinstance(value, int):
        return question.words(session.machine)
    if letter in _NUMBERS:
        return format(value, _NUMBERS[letter])
    field = question.text.replace("->", ".").rpartition(".")[2].strip()
    if not field.isidentifier():
        return str(value)
    return session.views.wider.inspector.text(value, field)


def examine(session: Session, order: Order) -> list[str]:
    """`x EXPR`: an object, field by field; another value as `print` has it."""
    letter, count, text = _formatted(order.argument, "x")
    functions = session.machine.image.functions
    if text in functions:
        return _instructions(session, functions[text].entry, count)
    question = session.asking.compile(text, session.scope())
    value = question(session.machine)
    if isinstance(value, struct):
        lines = fields(session, value, letter)
        return lines[: count + 1] if count else lines
    return [f"{text}: {words(session, question, letter)}"]


def _instructions(session: Session, entry: int, count: int) -> list[str]:
    """The statements of a function from its first, as `x/i` shows instructions."""
    statements = session.machine.image.statements
    function = statements[entry].function
    shown = []
    for statement in statements[entry : entry + (count or 1)]:
        if statement.function != function:
            break
        shown.append(f"{telling.location(session, statement)}:\t{telling.one_line(statement.text)}")
    return shown


def fields(session: Session, value: struct, letter: str = "") -> list[str]:
    """The fields of an object, one a line."""
    view = session.views.wider.object(session.views.wider.inspector.number(value))
    if view is None:
        return []
    head = f"struct {view.kind} {view.name}"
    if view.freed:
        head = f"{head} (freed by {view.freed_by})"
    width = max((len(one.name) for one in view.fields), default=0)
    lines = [f"{head}:"]
    held = session.machine.memory.fields(value)
    for one in view.fields:
        number_ = held.get(one.name)
        is_number = isinstance(number_, int) and not isinstance(number_, bool)
        text = format(number_, _NUMBERS[letter]) if is_number and letter in _NUMBERS else ""
        since = f"  (step {one.written})" if one.written is not None else ""
        lines.append(f"    {one.name:{width}} = {text or one.value.text}{since}")
    return lines


def display(session: Session, order: Order) -> list[str]:
    """Print an expression now and after every move."""
    if not order.argument:
        return displayed(session)
    _, _, text = _formatted(order.argument, "display")
    question = session.asking.compile(text, session.scope())
    wanted = max(session.displays, default=0) + 1
    session.displays[wanted] = question
    origin = origin_of(session, text)
    if origin is not None:
        session.origins[wanted] = origin
    return [f"{wanted}: {text} = {words(session, question)}"]


def displayed(session: Session) -> list[str]:
    """What is displayed after every move."""
    return [
        f"{wanted}: {question.text} = {words(session, question)}"
        for wanted, question in session.displays.items()
    ]


def displays(session: Session, order: Order) -> list[str]:
    """The list of them, without their values."""
    del order
    lines = [f"{wanted}: {question.text}" for wanted, question in session.displays.items()]
    return lines or ["There are no auto-display expressions now."]


def undisplay(session: Session, order: Order) -> list[str]:
    """Stop displaying."""
    if not order.argument:
        session.displays.clear()
        session.origins.clear()
        return []
    wanted = number(order.argument, "display number")
    if wanted not in session.displays:
        raise UsageError(f"no display number {wanted}")
    del session.displays[wanted]
    session.origins.pop(wanted, None)
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
