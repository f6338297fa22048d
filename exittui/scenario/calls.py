"""The system calls a program in a scenario can make, and what their arguments have to be.

A call is written as a list, its name first: `["wait4", "worker"]`. Arguments name processes by
their names, or by their pids where they are forked during the run; options and events are the words
of the kernel's headers, several joined by `|`. `checked` says what is wrong with a call, `encoded`
turns a good one into the numbers that the modelled user mode takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import Factory, frozen

from exittui.errors import did_you_mean
from exittui.kernel.sys import errno, event, ptrace, signal, sysctl, wait
from exittui.scenario.fault import NAME, Fault, kind, listed
from exittui.scenario.model import MAX_PID, MAX_PROGRAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from exittui.scenario.lines import Path
    from exittui.scenario.model import Call

ANY: Final = "any"


@frozen(eq=False, repr=False)
class Number:
    """A whole number from `low` to `high`."""

    low: int
    high: int


@frozen(eq=False, repr=False)
class Whose:
    """The name of a process, or its pid; `words` are those that stand for none or for several."""

    words: Mapping[str, int] = Factory(dict)
    numbers: Number = Number(1, MAX_PID)


@frozen(eq=False, repr=False)
class Word:
    """One of the kernel's words, with the number it stands for."""

    values: Mapping[str, int]


@frozen(eq=False, repr=False)
class WordOrNumber:
    """One of the kernel's words, or a number that need not mean anything."""

    words: Mapping[str, int]
    numbers: Number


@frozen(eq=False, repr=False)
class Flags:
    """Words joined by `|`, and the numbers they stand for."""

    values: Mapping[str, int]


@frozen(eq=False, repr=False)
class Name:
    """What a program will be called: the name of a file it could be."""


@frozen(eq=False, repr=False)
class Child:
    """The program of a new process or thread; `end` is what it does when it has done all."""

    end: Call


Accepts = Number | Whose | Word | WordOrNumber | Flags | Name | Child


@frozen(eq=False, repr=False)
class Argument:
    """One argument: what it is called in messages, what it can be, what it is when left out."""

    name: str
    accepts: Accepts
    default: int | None = None


_STATUS = Argument("status", Number(0, 255))
SIGNALS: Final[Mapping[str, int]] = {
    name: value
    for name, value in vars(signal).items()
    if name.startswith("SIG") and name[3:].isalnum()
}
ERRORS: Final[Mapping[str, int]] = {
    name: value for name, value in vars(errno).items() if name[:1] == "E" and value > 0
}
_ACTIONS = Word(
    {name: getattr(signal, name) for name in ("SIG_DFL", "SIG_IGN", "SIG_CATCH")},
)
_WAIT = ("WNOHANG", "WUNTRACED", "WCONTINUED")
_WAITID = ("WNOHANG", "WNOWAIT", "WEXITED", "WSTOPPED", "WCONTINUED", "WTRAPPED")
_NOTES = ("NOTE_EXIT", "NOTE_FORK", "NOTE_EXEC", "NOTE_TRACK")
_REQUESTS = ("PT_TRACE_ME", "PT_ATTACH", "PT_CONTINUE", "PT_DETACH", "PT_KILL")
_MASKS = ("SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK")
_ONE = Number(0, 99)


def _words(header: object, names: tuple[str, ...]) -> dict[str, int]:
    """Words of a header with what they stand for."""
    return {name: getattr(header, name) for name in names}


CALLS: Final[Mapping[str, tuple[Argument, ...]]] = {
    "compute": (Argument("statements", Number(1, 1000)),),
    "exit": (_STATUS,),
    "threxit": (),
    "fork": (Argument("program", Child(end=("exit", 0))),),
    "vfork": (Argument("program", Child(end=("exit", 0))),),
    "tfork": (Argument("program", Child(end=("threxit",))),),
    "execve": (
        Argument("name", Name()),
        Argument("pages", Number(1, 64)),
        Argument("program", Child(end=("exit", 0))),
    ),
    "wait4": (
        Argument("process", Whose({ANY: wait.WAIT_ANY, "group": wait.WAIT_MYPGRP})),
        Argument("options", Flags(_words(wait, _WAIT)), default=0),
    ),
    "waitid": (
        Argument("process", Whose({ANY: wait.WAIT_ANY})),
        Argument("options", Flags(_words(wait, _WAITID))),
    ),
    "kill": (
        Argument("process", Whose({"group": 0, "all": -1})),
        Argument("signal", Word(SIGNALS)),
    ),
    "thrkill": (Argument("tid", Number(1, 999_999)), Argument("signal", Word(SIGNALS))),
    "sigaction": (Argument("signal", Word(SIGNALS)), Argument("action", _ACTIONS)),
    "sigprocmask": (
        Argument("how", Word(_words(signal, _MASKS))),
        Argument("signals", Flags({name: 1 << number - 1 for name, number in SIGNALS.items()})),
    ),
    "pause": (),
    "kqueue": (),
    "kevent_add": (
        Argument("process", Whose()),
        Argument("notes", Flags(_words(event, _NOTES))),
    ),
    "kevent_delete": (Argument("process", Whose()),),
    "kevent_signal": (Argument("signal", WordOrNumber(SIGNALS, Number(1, 99_999))),),
    "kevent_read": (Argument("events", Number(1, 8), default=1),),
    "close": (),
    "poll": (Argument("block", Number(0, 1), default=0),),
    "ptrace": (
        Argument("request", Word(_words(ptrace, _REQUESTS))),
        Argument("process", Whose(), default=0),
        Argument("signal", Word(SIGNALS), default=0),
    ),
    "read": (Argument("pipe", _ONE),),
    "write": (Argument("pipe", _ONE),),
    "sem_wait": (Argument("semaphore", _ONE),),
    "sem_post": (Argument("semaphore", _ONE),),
    "mmap": (Argument("pages", Number(1, 64)),),
    "munmap": (Argument("pages", Number(1, 64)),),
    "touch": (Argument("page", Number(0, 9_999)),),
    "nanosleep": (Argument("ticks", Number(1, 10_000)),),
    "sched_yield": (),
    "sysctl": (Argument("name", Word(_words(sysctl, ("KERN_PROC", "KERN_FILE")))),),
    "acct": (Argument("on", Number(0, 1), default=1),),
    "loop": (),
}
"""Each call with its arguments; `loop` goes back to the first.

`kevent_add`, `kevent_delete`, `kevent_signal`, `kevent_read` and `close` are about the newest
kqueue of the process. `poll` asks about no descriptor, and sleeps until a signal if it is to block.
`sysctl` asks about all processes, as ps(1) does, or about their files, as fstat(1) does. A signal
that is caught runs a handler that returns at once. A pipe connects all processes, a
semaphore the threads of one: pthread_join(3) is a `sem_wait` for what the other thread posts before
its `threxit`. A program that ends without saying how calls exit(0).
"""

RETURNING: Final = (*(name for name in CALLS if not name.startswith("kevent_")), "kevent")
"""What the calls that return are called by the kernel."""


def checked(call: Call, path: Path, processes: Mapping[str, int]) -> Iterator[Fault]:
    """What is wrong with one call; nothing if it can be made."""
    name = call[0]
    if name not in list(CALLS):
        hint = did_you_mean(name, CALLS) if isinstance(name, str) else ""
        yield Fault((*path, 0), f"is no system call{hint}", ", ".join(CALLS))
        return
    arguments = CALLS[name]
    given = len(call) - 1
    least = sum(argument.default is None for argument in arguments)
    if not least <= given <= len(arguments):
        form = _form(name, arguments)
        yield Fault(path, f"{name} has {given} argument{'s' * (given != 1)}", form)
        return
    for index, (argument, value) in enumerate(zip(arguments, call[1:], strict=False), start=1):
        if isinstance(argument.accepts, Child):
            yield from _checked_child(value, (*path, index), processes)
            continue
        problem = _problem(argument.accepts, value, processes)
        if problem is not None:
            yield Fault((*path, index), f"{argument.name} {problem[0]}", problem[1])


def _checked_child(value: object, path: Path, processes: Mapping[str, int]) -> Iterator[Fault]:
    """What is wrong with the program of a child."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_PROGRAM:
        yield Fault(path, "is no program", f"a list of 1 to {MAX_PROGRAM} calls")
        return
    for index, call in enumerate(value):
        if isinstance(call, list) and call:
            yield from checked(tuple(call), (*path, index), processes)
        else:
            yield Fault((*path, index), "is no call", 'a list, as ["exit", 0]')


def encoded(call: Call, processes: Mapping[str, int]) -> tuple[Any, ...]:
    """A checked call as the model's user mode takes it: names and words are numbers there."""
    name, *values = call
    if name == "pause":
        return ("sigsuspend", -1)
    arguments: list[Any] = []
    for index, argument in enumerate(CALLS[name]):
        given = index < len(values)
        arguments.append(
            _encoded(argument.accepts, values[index], processes) if given else argument.default
        )
    return _AS_THE_MODEL_HAS_IT.get(name, _as_it_is)(name, arguments)


def _encoded(accepts: Accepts, value: Any, processes: Mapping[str, int]) -> Any:
    match accepts:
        case Whose(words):
            return value if isinstance(value, int) else {**processes, **words}[value]
        case Word(words):
            return words[value]
        case WordOrNumber(words):
            return value if isinstance(value, int) else words[value]
        case Flags(words):
            return sum({words[word.strip()] for word in value.split("|")})
        case Child(end):
            return tuple(encoded(inner, processes) for inner in (*value, end))
    return value


def _as_it_is(name: str, arguments: list[Any]) -> tuple[Any, ...]:
    return (name, *arguments)


def _waitid(name: str, arguments: list[Any]) -> tuple[Any, ...]:
    whose, options = arguments
    kind_of_id = wait.P_ALL if whose == wait.WAIT_ANY else wait.P_PID
    return (name, kind_of_id, whose, options)


_AS_THE_MODEL_HAS_IT: Final[Mapping[str, Callable[[str, list[Any]], tuple[Any, ...]]]] = {
    "waitid": _waitid,
    "sigaction": lambda name, arguments: (name, *arguments, 0),  # no flags
    "kevent_signal": lambda _, arguments: ("kevent_add", *arguments, "EVFILT_SIGNAL", 0),
    "close": lambda name, _: (name, -1),
}
"""Calls whose arguments the modelled user mode takes in another form."""


def _problem(
    accepts: Accepts, value: object, processes: Mapping[str, int]
) -> tuple[str, str] | None:
    """What is wrong with one argument, and what it could be."""
    if isinstance(accepts, Whose | WordOrNumber) and type(value) is int:
        accepts = accepts.numbers
    match accepts:
        case Number(low, high):
            return _number_problem(value, low, high)
        case Name():
            fits = isinstance(value, str) and NAME.fullmatch(value)
            return None if fits else ("is no name", "a letter, then letters, digits, - or _")
        case Flags(words):
            known, what = list(words), "is not known"
            if isinstance(value, str):
                parts = [part.strip() for part in value.split("|")]
                value = next((part for part in parts if part not in words), parts[0])
        case Whose(words):
            known, what = [*processes, *words], "names no process"
        case Word(words) | WordOrNumber(words):
            known, what = list(words), "is not known"
        case Child():
            return None  # looked at by its own rules
    if not isinstance(value, str):
        return f"is {kind(value)}", listed(known)
    return None if value in known else (f"{what}{did_you_mean(value, known)}", listed(known))


def _number_problem(value: object, low: int, high: int) -> tuple[str, str] | None:
    if type(value) is not int:
        return f"is {kind(value)}", f"{low} to {high}"
    return None if low <= value <= high else ("out of range", f"{low} to {high}")


def _form(name: str, arguments: tuple[Argument, ...]) -> str:
    """How the call is written: `["wait4", process, option?]`."""
    words = [f"{a.name}?" if a.default is not None else a.name for a in arguments]
    return "[" + ", ".join([f'"{name}"', *words]) + "]"
