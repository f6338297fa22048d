"""Carrying out the commands for stacks, their frames, and the source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from exittui.errors import UsageError, did_you_mean
from exittui.session import ddb, telling
from exittui.session.commands.reading import number

if TYPE_CHECKING:
    from exittui.machine import Statement
    from exittui.session.commands import Order
    from exittui.session.places import Place
    from exittui.session.session import Session
    from exittui.session.views import SourceText

_COUNT: Final = re.compile(r"(-?)([0-9]{1,4})")
_MODIFIERS: Final = frozenset("tpua")


# -- stacks ----------------------------------------------------------------------------------------


def trace(session: Session, order: Order) -> list[str]:
    """`trace /t 0t3002,4`, `bt 4`, `bt full`: of the thread one looks at, or of that named."""
    words, full, count = _split(order.argument, session.dialect)
    if len(words) > 1:
        raise UsageError(f"'trace' takes one thread, not {words[1]!r}")
    if words:
        p = session.find_thread(words[0])
        frames = session.views.wider.inspector.frames(p)
        if not frames:
            return [session.views.wider.inspector.stack(p, session.views.values).why]
    else:
        frames = session.frames()
    first, last = _part(len(frames), count)
    if session.dialect == "ddb" and not full:
        whole = ddb.trace_of(session, frames)
        return whole if count is None else [*whole[first:last], whole[-1]]
    lines = []
    for at in range(first, last):
        lines.append(f"{'#' + str(at):3} {_gdb_frame(session, frames[at])}")
        if full:
            lines += [f"        {line}" for line in _variables(session, frames, at)]
    more = "(More stack frames follow...)"
    return [*lines, more] if last < len(frames) else lines or ["No stack."]


def _split(text: str, dialect: str) -> tuple[list[str], bool, int | None]:
    """The words that name a thread; whether variables are wanted; how many frames."""
    rest, comma, counted = text.partition(",")
    words, full = rest.split(), False
    of_thread = False
    if words and words[0].startswith("/"):
        letters = words.pop(0)[1:]
        if not letters or set(letters) - _MODIFIERS:
            raise UsageError(f"'trace' has no /{letters}; accepted: /t")
        of_thread = bool(set(letters) & set("tp"))
        if of_thread and not words:
            raise UsageError("'trace /t' needs a thread: 0t and its tid, or its name")
    if "full" in words:
        words.remove("full")
        full = True
    count = None
    if comma:
        count = number(counted.strip(), "count")
    elif dialect == "gdb" and not of_thread and len(words) == 1:
        match = _COUNT.fullmatch(words[0])
        if match is not None and not words[0].startswith("0"):
            count = int(words.pop())
    return words, full, count


def _part(length: int, count: int | None) -> tuple[int, int]:
    """Which frames are meant: the innermost of so many, or the outermost."""
    if count is None:
        return 0, length
    return (0, min(count, length)) if count >= 0 else (max(length + count, 0), length)


def _gdb_frame(session: Session, frame: Any) -> str:
    statement = session.machine.image.statements[frame[0]]
    given = telling.arguments(session, frame, named=True)
    return f"{statement.function} ({given}) at {statement.file}:{statement.line}"


def frame(session: Session, order: Order) -> list[str]:
    """Look at a function of the stack, by its number or its name."""
    words = order.argument.split()
    if words[:1] in (["function"], ["level"]):
        words = words[1:]
    if len(words) > 1:
        raise UsageError(f"'frame' takes [NUMBER|FUNCTION], not {words[1]!r}")
    if words:
        session.frame = _frame(session, words[0])
    return telling.looking_at(session)


def _frame(session: Session, word: str) -> int:
    frames = session.frames()
    names = [session.machine.image.statements[one[0]].function for one in frames]
    if not word[:1].isdigit():
        name = word.removesuffix("()")
        if name not in names:
            raise UsageError(f"no frame of {name!r}: there are {', '.join(names) or 'none'}")
        return names.index(name)
    wanted = number(word, "frame")
    if wanted >= len(frames):
        raise UsageError(f"no frame {wanted}: 0 to {len(frames) - 1} are there")
    return wanted


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
    return _looked_at(session, parameters=False) or ["No locals."]


def args(session: Session, order: Order) -> list[str]:
    """The parameters of the frame."""
    del order
    return _looked_at(session, parameters=True) or ["No arguments."]


def _looked_at(session: Session, *, parameters: bool) -> list[str]:
    frames = session.frames()
    if not frames:
        raise UsageError("this thread has no stack")
    at = min(session.frame, len(frames) - 1)
    return _variables(session, frames, at, parameters=parameters)


def _variables(
    session: Session, frames: list[Any], at: int, *, parameters: bool = False
) -> list[str]:
    """`name = value` of the parameters of one frame, or of its other variables."""
    row = session.views.wider.inspector.rows(frames, session.views.values)[at]
    count = len(row.arguments)
    shown = row.locals[:count] if parameters else row.locals[count:]
    return [f"{one.name} = {one.value.text}" for one in shown]


def frame_info(session: Session, order: Order) -> list[str]:
    """`info frame`."""
    del order
    frames = session.frames()
    if not frames:
        raise UsageError("this thread has no stack")
    at = min(session.frame, len(frames) - 1)
    statements = session.machine.image.statements
    here = statements[frames[at][0]]
    thread = session.views.naming.thread(session.thread)
    lines = [
        f"Stack level {at} of {len(frames)}, on the stack of {thread}:",
        f" in {telling.location(session, here)} at {here.file}:{here.line}",
    ]
    if at + 1 < len(frames):
        lines.append(f" called by {telling.location(session, statements[frames[at + 1][0]])}")
    if at:
        lines.append(f" calls {statements[frames[at - 1][0]].function}")
    return [*lines, *(f" {one}" for one in _looked_at(session, parameters=True))]


def thread_apply(session: Session, order: Order) -> list[str]:
    """`thread apply all bt`, `thread apply 1 3 print p`."""
    threads, line = _threads(session, order.argument)
    asked = session.read(line, kept=False)
    if asked.command.group not in {"asking", "showing", "choosing"}:
        raise UsageError(
            f"'thread apply' looks, and {asked.command.words[0]!r} does more than that"
        )
    looking, lines = session.looking, list[str]()
    numbers = {id(p): at for at, p in enumerate(session.views.listed_threads(), 1)}
    try:
        for p in threads:
            session.look_at(p)
            name = f"{session.views.naming.thread(p)}, tid {session.views.things.read(p, 'p_tid')}"
            try:
                told = session.begin(asked).finish().lines
            except UsageError as error:
                told = (error.message,)
            lines += [f"Thread {numbers[id(p)]} ({name}):", *told, ""]
    finally:
        session.looking = looking
    return lines[:-1]


def _threads(session: Session, text: str) -> tuple[list[Any], str]:
    """The threads that a line begins with, and what follows them."""
    words = text.split()
    known = [p for p in session.views.listed_threads() if not session.views.things.freed(p)]
    if words and words[0] == "all":
        return known, _need(" ".join(words[1:]))
    found = []
    while words and words[0][:1].isdigit():
        found.append(session.find_thread(words.pop(0)))
    if not found:
        raise UsageError("'thread apply' needs THREAD...|all COMMAND")
    return found, _need(" ".join(words))


def _need(line: str) -> str:
    if not line:
        raise UsageError("'thread apply' needs COMMAND behind the threads")
    return line


def thread_find(session: Session, order: Order) -> list[str]:
    """`thread find worker`."""
    naming, read = session.views.naming, session.views.things.read
    lines = [
        f"Thread {at} has name {naming.thread(p)!r}, tid {read(p, 'p_tid', 'of one freed')}"
        for at, p in enumerate(session.views.listed_threads(), 1)
        if order.argument in naming.thread(p)
    ]
    return lines or [f"No threads match {order.argument!r}"]


# -- source ----------------------------------------------------------------------------------------


def list_(session: Session, order: Order) -> list[str]:
    """The source around a place; once more, what follows it; `-`, what stands before it."""
    here = _here(session)
    text, mark, place = order.argument, here, None
    source = session.views.text_of(here)
    half = session.listsize // 2
    first, last = here.line - half, here.line + half
    before = session.listed
    if text in {"", "-"} and before is not None and before[0] == (here.file, here.line):
        _, file, top, end = before
        source = _source(session, file)
        first = end + 1 if not text else top - session.listsize
        last = first + session.listsize - 1
        if first > len(source.lines):
            raise UsageError(f"line {end} is the last of {source.path}")
        if last < 1:
            raise UsageError(f"line {top} is the first of {source.path}")
    elif "," in text:
        begin, _, until = text.partition(",")
        place = session.breakpoints.find(begin.strip(), here)
        source = _source(session, place.file)
        first = int(begin) if begin.strip().isdigit() else place.line
        last = number(until.strip(), "line") if until.strip() else first + session.listsize - 1
    elif text not in {"", "-"}:
        place = session.breakpoints.find(text, here)
        source = _source(session, place.file)
        first, last = place.line - half, place.line + half
    first, last = max(first, 1), min(last, len(source.lines))
    session.listed = ((here.file, here.line), source.path, first, last)
    at_mark = mark.line if source.path == mark.file else 0
    return [
        f"{at}{'>' if at == at_mark else ''}\t{source.lines[at - 1]}".rstrip()
        for at in range(first, last + 1)
    ]


def _here(session: Session) -> Statement:
    """The statement that one looks at."""
    frames = session.frames()
    if not frames:
        return session.machine.next_statement(session.focus)
    pc: int = frames[min(session.frame, len(frames) - 1)][0]
    return session.machine.image.statements[pc]


def _source(session: Session, file: str) -> SourceText:
    statement = next(one for one in session.machine.image.statements if one.file == file)
    return session.views.text_of(statement)


def _place(session: Session, text: str) -> Place:
    here = _here(session)
    return session.breakpoints.find(text or str(here.line), here)


def line_info(session: Session, order: Order) -> list[str]:
    """`info line 151`."""
    place = _place(session, order.argument)
    pcs = sorted(session.breakpoints.pcs_of(place))
    statements = session.machine.image.statements
    first, last = (telling.location(session, statements[pc]) for pc in (pcs[0], pcs[-1]))
    span = f"is {first}" if first == last else f"is {first} to {last}"
    text = telling.one_line(statements[pcs[0]].text)
    lines = [f"Line {place.line} of {place.file} {span}: {text}"]
    real = session.beside.of(statements[pcs[0]]) if session.beside is not None else None
    if real is not None:
        lines.append(f"{real.place} {real.text}" if real.found else f"({real.text})")
    return lines


def source_info(session: Session, order: Order) -> list[str]:
    """`info source`."""
    del order
    here = _here(session)
    function = session.machine.image.functions.get(here.function)
    lines = [f"Current source file is {here.file}"]
    if function is not None and function.upstream:
        lines.append(f"It models {function.upstream} {function.revision}".rstrip())
    if function is not None and function.patch is not None:
        lines.append(f"{here.function}() comes from hunk {function.patch} of the diff")
    lines.append(f"Contains {len(session.views.text_of(here).lines)} lines")
    return lines


def functions(session: Session, order: Order) -> list[str]:
    """`info functions exit`."""
    lines, file = list[str](), ""
    known = sorted(session.machine.image.functions.values(), key=lambda one: (one.file, one.line))
    for one in known:
        if order.argument not in one.name:
            continue
        if one.file != file:
            file = one.file
            lines.append(f"{file}:")
        lines.append(f"{one.line}\t{one.name}({', '.join(one.parameters)})")
    return lines or [f"no function has {order.argument!r} in its name"]


def variables(session: Session, order: Order) -> list[str]:
    """`info variables proc`."""
    text = session.views.wider.inspector.text
    lines = [
        f"{name} = {text(session.machine.globals[name], name)}"
        for name in session.machine.image.variables
        if order.argument in name
    ]
    return lines or [f"no variable has {order.argument!r} in its name"]


def types(session: Session, order: Order) -> list[str]:
    """`info types lock`."""
    lines = [f"struct {name}" for name in session.machine.image.structs if order.argument in name]
    return lines or [f"no struct has {order.argument!r} in its name"]


def scope_info(session: Session, order: Order) -> list[str]:
    """`info scope exit1`."""
    known = session.machine.image.functions
    function = known.get(order.argument.removesuffix("()"))
    if function is None:
        raise UsageError(f"no function {order.argument!r}{did_you_mean(order.argument, known)}")
    count = len(function.parameters)
    own = [name for name in function.variables[count:] if not name.startswith(".")]
    return [
        f"{function.name}() has the parameters {', '.join(function.parameters) or '-'}",
        f"and the variables {', '.join(own) or '-'}",
    ]
