"""Completion at the prompt: commands, then what each command takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from exittui.kernel.catalog import KERNELS
from exittui.session.commands.dialects import DIALECTS
from exittui.session.commands.table import BY_WORD
from exittui.session.moving import LOCKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.session.session import Session

_MOST: Final = 200
_EVENTS: Final = ("switch", "sleep", "wakeup", "free", "dead", "interrupt", "panic", "violation")
_PLACES: Final = frozenset(
    {
        "break",
        "tbreak",
        "until",
        "back_until",
        "delete",
        "list",
        "break_here",
        "line_info",
    }
)
_EXPRESSIONS: Final = frozenset(
    {
        "print",
        "output",
        "whatis",
        "examine",
        "display",
        "watch",
        "dwatch",
        "why",
        "assert",
        "condition",
        "show_process",
        "show_lock",
        "show_map",
    }
)
_THREADS: Final = frozenset({"thread", "trace", "show_proc", "show_locks", "thread_find"})
_BRANCHES: Final = frozenset({"switch", "compare", "drop", "branch"})


def complete(session: Session, text: str) -> tuple[str, ...]:
    """What the last word of a text could be, sorted."""
    before, _, word = text.lstrip().rpartition(" ")
    before = " ".join(before.split())
    found = {
        candidate for candidate in _candidates(session, before, word) if candidate.startswith(word)
    }
    return tuple(sorted(found)[:_MOST])


def _candidates(session: Session, before: str, word: str) -> Iterable[str]:
    """All that could stand here, whatever the word begins with."""
    if not before:
        return [text.partition(" ")[0] for text in BY_WORD]
    following = [
        text[len(before) + 1 :].partition(" ")[0]
        for text in BY_WORD
        if text.startswith(f"{before} ")
    ]
    words = before.split(" ")
    command = None
    for size in range(min(3, len(words)), 0, -1):
        command = BY_WORD.get(" ".join(words[:size]))
        if command is not None:
            break
    if command is None:
        return following
    return [*following, *_arguments(session, command.name, words[size:], word)]


def _arguments(  # noqa: PLR0911 - one return a kind of argument
    session: Session, name: str, given: list[str], word: str
) -> Iterable[str]:
    if "if" in given or name in _EXPRESSIONS:
        return expressions(session, word)
    if name in _PLACES:
        image = session.machine.image
        files = {f"{one.upstream or one.file}:" for one in image.functions.values()}
        if given[:1] in (["lock"], ["state"]):
            return _event_arguments(session, given[0], given[1:], word)
        return [*image.functions, *files, "lock", "state", "if", "cpu", "thread"]
    if name in {"source", "save", "record"}:
        return _files(word)
    if name in {"catch", "tcatch", "seek", "back_seek"}:
        if given:
            return _event_arguments(session, given[0], given[1:], word)
        return _EVENTS if name in {"catch", "tcatch"} else (*_EVENTS, "lock", "change", "state")
    if name in _THREADS:
        return _threads(session)
    if name in _BRANCHES:
        kernels = [one for one in KERNELS if one != session.kernel] if name == "compare" else []
        return [*(branch.name for branch in session.branches), *kernels]
    simple = {
        "help": ["all", *(text.partition(" ")[0] for text in BY_WORD)],
        "thread_apply": ["all"],
        "functions": list(session.machine.image.functions),
        "frame": _frames(session),
        "focus": [str(cpu) for cpu in range(session.machine.ncpu)],
        "show_struct": list(session.machine.image.structs),
        "set": _settings(given),
        "ps": ["/a", "/n", "/o", "/w"],
    }
    return simple.get(name, ())


def _event_arguments(session: Session, event: str, given: list[str], word: str) -> Iterable[str]:
    from exittui.session.naming import STATES  # noqa: PLC0415 - on a key

    if event == "lock":
        locks = [view.name for view in session.views.locks() if " " not in view.name]
        return [*locks, *expressions(session, word)]
    if event == "state":
        return STATES.values() if given else expressions(session, word)
    return expressions(session, word)


def _files(word: str) -> list[str]:
    """The files and folders that a word could become."""
    folder, slash, begun = word.rpartition("/")
    try:
        found = sorted(Path(folder or slash or ".").iterdir())
    except (OSError, ValueError):
        return []
    return [
        f"{folder}{slash}{one.name}{'/' if one.is_dir() else ''}"
        for one in found
        if one.name.startswith(begun) and (begun.startswith(".") or not one.name.startswith("."))
    ]


def _frames(session: Session) -> list[str]:
    return [session.machine.image.statements[one[0]].function for one in session.frames()]


def _settings(given: list[str]) -> list[str]:
    if not given:
        return ["dialect", "scheduler-locking", "listsize"]
    return list({"dialect": DIALECTS, "scheduler-locking": LOCKING}.get(given[0], ()))


def _threads(session: Session) -> list[str]:
    naming, read = session.views.naming, session.views.things.read
    threads = session.views.listed_threads()
    return [*(naming.thread(p) for p in threads), *(f"0t{read(p, 'p_tid')}" for p in threads)]


def expressions(session: Session, word: str) -> Iterable[str]:
    """Names that an expression could go on with: fields behind a dot, else what has a name."""
    at = max(word.rfind(sign) for sign in (".", "->", "(", "!", "=", "&", "|"))
    if at < 0:
        scope = session.scope()
        return [*session.asking.names.known(), *scope.slots]
    head, dot = word[: at + 1], word[at]
    if word.startswith("->", at):
        head, dot = word[: at + 2], "."
    if dot != ".":
        return [head + name for name in session.asking.names.known()]
    return [head + name for name in _fields(session, head.removesuffix(".").removesuffix("->"))]


def _fields(session: Session, text: str) -> Iterable[str]:
    from exittui.errors import ExittuiError  # noqa: PLC0415 - on a key

    start = max(text.rfind(sign) for sign in ("(", "!", "=", "&", "|", " ")) + 1
    try:
        value = session.asking.compile(text[start:], session.scope())(session.machine)
    except ExittuiError:
        return ()
    kind = type(value).__name__
    structs = session.machine.image.structs
    return session.asking.names.fields(kind) if kind in structs else ()
