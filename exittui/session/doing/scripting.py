"""Carrying out the commands for files, settings, the history and help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from exittui.errors import ExittuiError, UsageError, did_you_mean
from exittui.machine import struct
from exittui.session import ddb
from exittui.session.commands import COMMANDS, DIALECTS, keys_of, meaning, number, read, words_of
from exittui.session.doing.asking import words
from exittui.session.moving import LOCKING
from exittui.session.outcome import Outcome

if TYPE_CHECKING:
    from exittui.session.commands import Command, Order
    from exittui.session.outcome import Telling
    from exittui.session.session import Session

_DEEPEST: Final = 8
_LONGEST_LIST: Final = 1000
_FORMAT: Final = re.compile(r"%[-0]?[0-9]{0,3}l{0,2}[duxoscp%]")
_ESCAPES: Final = {r"\n": "\n", r"\t": "\t", r"\"": '"', r"\\": "\\"}
_NAMES: Final = ("dialect", "scheduler-locking", "listsize")
_WITHOUT_EFFECT: Final = {
    "pagination": "nothing is paged here",
    "confirm": "nothing is asked here",
    "height": "nothing is paged here",
    "width": "lines are not folded here",
    "print": "values are printed in one way",
    "logging": "save keeps the session, and `run --commands` prints to a file",
    "verbose": "there is nothing more to say",
    "history": "every session keeps its history",
    "style": "colours are the screen's: theme",
    "can-use-hw-watchpoints": "watchpoints cost the same everywhere",
    "$lines": "nothing is paged here",
    "$maxwidth": "lines are not folded here",
    "$maxoff": "offsets count statements",
    "$tabstops": "there are no tabs",
    "$radix": "0t is decimal, 0x is hexadecimal, and digits alone are decimal",
    "$console": "there is one console",
    "$log": "dmesg shows the console",
    "$panic": "a panic always ends in the debugger",
}
"""Settings of gdb and ddb that scripts begin with, and why they change nothing here."""


# -- files -----------------------------------------------------------------------------------------


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


def source(session: Session, order: Order) -> Telling:
    """The commands of a file, up to the first that cannot be carried out."""
    from exittui.session.script import lines_of, placed  # noqa: PLC0415 - on request

    name, said = order.argument, list[str]()
    if len(session.sourcing) >= _DEEPEST:
        raise UsageError(f"files that source each other, {_DEEPEST} deep: {name}")
    lines = lines_of(name)
    session.sourcing.append(name)
    try:
        for at, line in lines:
            asked = None
            with placed(name, at):
                asked = session.read(line, kept=False)
            if asked.command.name == "quit":
                break
            with placed(name, at):
                outcome = yield from session.telling(asked)
            said += outcome.lines
    except ExittuiError:
        session.unsaid[:0] = said
        raise
    finally:
        session.sourcing.pop()
    return Outcome(tuple(said), said[0] if len(said) == 1 else "")


def echo(session: Session, order: Order) -> list[str]:
    r"""The text itself; `\n` begins another line, and at the end is none."""
    del session
    text = order.argument
    return text.removesuffix(r"\n").split(r"\n")


def printf(session: Session, order: Order) -> list[str]:
    r"""`printf "%d threads\n", nthreads`."""
    match = re.fullmatch(r'"((?:[^"\\]|\\.)*)"\s*(?:,(.*))?', order.argument, re.DOTALL)
    if match is None:
        raise UsageError("'printf' needs \"FORMAT\"[, EXPR]...: the format in quotes")
    values = iter(_apart(match[2])) if match[2] is not None else iter(())
    text = _FORMAT.sub(lambda one: _formatted(session, one[0], values), match[1])
    if "%" in _FORMAT.sub("", match[1]):
        raise UsageError("'printf' knows %d, %u, %x, %o, %s, %c, %p and %%")
    surplus = next(values, None)
    if surplus is not None:
        raise UsageError(f"'printf' has no place in its format for {surplus!r}")
    text = re.sub(r'\\[nt"\\]', lambda one: _ESCAPES[one[0]], text)
    return text.removesuffix("\n").split("\n")


def _apart(text: str) -> list[str]:
    """Expressions at the commas that stand in no brackets and no quotes."""
    parts, depth, quote = [""], 0, ""
    for one in text:
        if quote:
            quote = "" if one == quote else quote
        elif one in "\"'":
            quote = one
        depth += (one in "([") - (one in ")]")
        if one == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += one
    return [part.strip() for part in parts]


def _formatted(session: Session, form: str, values: Any) -> str:
    if form == "%%":
        return "%"
    text = next(values, None)
    if text is None:
        raise UsageError(f"'printf' has no value for {form}")
    question = session.asking.compile(text, session.scope())
    value = question(session.machine)
    shape, kind = form[1:-1].rstrip("l"), form[-1]
    if kind == "p":
        return f"{ddb.pointer(value):>{shape or 0}}"
    if kind in "sc":
        told = value if isinstance(value, str) else words(session, question)
        return f"{told:{shape.replace('-', '<')}}" if shape else told
    if isinstance(value, bool) or not isinstance(value, int):
        what = f"a struct {type(value).__name__}" if isinstance(value, struct) else "no number"
        raise UsageError(f"{text!r} is {what}, where {form} takes a number")
    return format(value, shape.replace("-", "<") + kind.replace("u", "d"))


# -- settings --------------------------------------------------------------------------------------


def set_(session: Session, order: Order) -> list[str]:
    """`set NAME VALUE`; a name may be cut short."""
    name, _, value = order.argument.partition(" ")
    value = value.strip().removeprefix("=").strip()
    if name in _WITHOUT_EFFECT:
        return [f"{name} changes nothing: {_WITHOUT_EFFECT[name]}"]
    found = [one for one in _NAMES if one.startswith(name)]
    if len(found) != 1:
        hint = did_you_mean(name, _NAMES)
        raise UsageError(f"no setting {name!r}{hint}; accepted: {', '.join(_NAMES)}")
    if found[0] == "dialect":
        session.dialect = _one_of(value, DIALECTS)
    elif found[0] == "scheduler-locking":
        session.mover.locking = _one_of(value, LOCKING)
    else:
        session.listsize = max(number(value, "number of lines", _LONGEST_LIST), 1)
    return []


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise UsageError(f"{value!r} is none of {', '.join(known)}{did_you_mean(value, known)}")
    return value


def settings(session: Session, order: Order) -> list[str]:
    """What is set."""
    from importlib.metadata import version  # noqa: PLC0415 - on request

    del order
    return [
        f"dialect {session.dialect}",
        f"scheduler-locking {session.mover.locking}",
        f"listsize {session.listsize}",
        f"chooser {session.chooser_name}",
        f"exittui {version('exittui')}, kernel {session.kernel}",
    ]


def history(session: Session, order: Order) -> list[str]:
    """What was typed, numbered."""
    count = order.count if order.argument else len(session.history)
    first = max(len(session.history) - count, 0)
    return [f"{at:5}  {line}" for at, line in enumerate(session.history[first:], first + 1)]


# -- help ------------------------------------------------------------------------------------------


def help_(session: Session, order: Order) -> list[str]:
    """The groups with their commands, all commands, those of one group, or one."""
    groups = dict.fromkeys(command.group for command in COMMANDS)
    asked = " ".join(order.argument.split())
    if asked == "all":
        return [line for group in groups for line in _of_group(session, group)]
    if asked in groups:
        command = _help_of(session, asked) if meaning(asked, session.dialect) else []
        return [*command, *_of_group(session, asked)]
    if asked:
        return _help_of(session, asked)
    lines = []
    for group in groups:
        firsts = [_usual(session, one) for one in COMMANDS if one.group == group]
        lines.append(f"{group}: {', '.join(one for one in firsts if one)}")
    return [
        *lines,
        "`help COMMAND` says what one does, `help GROUP` what those do; `apropos WORD` finds one",
    ]


def _usual(session: Session, command: Command) -> str:
    """The first word for a command in this dialect; nothing if it has none."""
    return next(iter(words_of(command, session.dialect)), "")


def _usage(session: Session, command: Command) -> str:
    return f"{_usual(session, command)} {command.argument}".strip()


def _of_group(session: Session, group: str) -> list[str]:
    return [
        f"{group}:",
        *(
            f"  {_usage(session, command):38} {command.help}"
            for command in COMMANDS
            if command.group == group and _usual(session, command)
        ),
    ]


def _help_of(session: Session, text: str) -> list[str]:
    command = meaning(text, session.dialect) or _found(session, text)
    lines = [_usage(session, command), f"    {command.help}"]
    lines.append(f"    words: {', '.join(words_of(command, session.dialect))}")
    if command.keys:
        lines.append(f"    keys: {keys_of(command)}")
    if command.repeats:
        lines.append("    an empty line does it again")
    return lines


def _found(session: Session, text: str) -> Command:
    """The command that these words are short for; those that need more are found without it."""
    try:
        return read(text, session.dialect).command
    except UsageError as error:
        if "needs" not in error.message:
            raise
        return read(f"{text} 1", session.dialect).command


def apropos(session: Session, order: Order) -> list[str]:
    """All commands that have a text in their words or their help."""
    wanted = order.argument.lower()
    lines = [
        f"{_usage(session, one)}: {one.help}"
        for one in COMMANDS
        if _usual(session, one) and wanted in f"{' '.join(one.words)} {one.help}".lower()
    ]
    return lines or [f"nothing has to do with {order.argument!r}"]


def complete(session: Session, order: Order) -> list[str]:
    """What a beginning could become, as whole lines."""
    head = order.argument.rpartition(" ")[0]
    blank = f"{head} " if head else ""
    return [f"{blank}{word}" for word in session.complete(order.argument)]
