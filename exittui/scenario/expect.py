"""Whether a run ended as its scenario says it should.

What was seen is taken from the machine: exit statuses and events from what the system calls of
the programs returned, processes and threads from the kernel's own lists and counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from exittui.kernel.invariants.standing import conserved, standing
from exittui.kernel.sys import event
from exittui.kernel.sys.event import EVFILT_SIGNAL, NOTE_CHILD, NOTE_EXIT
from exittui.kernel.sys.proc import PS_SYSTEM
from exittui.machine import walk
from exittui.machine.queue import TAILQ_HEAD
from exittui.scenario.calls import ERRORS, SIGNALS
from exittui.scenario.copies import table
from exittui.scenario.model import Exit, Expectation, Note, Return

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exittui.machine import Machine
    from exittui.scenario.build import Built
    from exittui.scenario.model import Scenario

_SIGNALS = {number: name for name, number in SIGNALS.items()}
_NOTES = {
    name: getattr(event, name)
    for name in ("NOTE_EXIT", "NOTE_FORK", "NOTE_EXEC", "NOTE_TRACKERR", "NOTE_CHILD")
}
_UNSAID = (
    ("signal", ""),
    ("error", ""),
    ("parent", ""),
    ("times", 1),
    ("count", 0),
    ("notes", ()),
)
"""What need not be said of an exit, a note or a return; a scenario leaves it out."""

_STOPPED = 0x7F
"""The low bits of a wait status that tells of a stop, not of an end."""

_ERRORS = {value: name for name, value in reversed([*ERRORS.items()])}


def expected(scenario: Scenario, kernel: str) -> Expectation:
    """What a scenario expects of a kernel; nothing of one that it does not name."""
    if kernel not in scenario.kernels:
        return Expectation()
    own = scenario.expect_under.get(kernel, Expectation())
    changes = {name: value for name, value in _items(own) if value is not None}
    return attrs.evolve(scenario.expect, **changes)


def unmet(built: Built, result: str, message: str) -> tuple[str, ...]:
    """A sentence for each expectation that does not hold at the end of a run."""
    expect = expected(built.scenario, built.kernel)
    seen: dict[str, Any] = {"result": result, "message": message}
    sentences = list(_broken(built, expect, result))
    for name, wanted in _items(expect):
        if wanted is None:
            continue
        if name == "broken":
            continue
        if name == "empty":
            sentences += _not_empty(built.machine, wanted)
            continue
        if name == "returns":
            sentences += _not_returned(built, wanted)
            continue
        got = seen[name] if name in seen else _SEEN[name](built)
        wanted_words, got_words = _words(wanted), _words(got)
        if wanted_words != got_words:
            sentences.append(f"{name} {wanted_words}, not {got_words}")
    return tuple(sentences)


def _broken(built: Built, expect: Expectation, result: str) -> Iterator[str]:
    """Rules that do not hold where nothing more can happen, and those that do after all."""
    if expect.result is None or result not in ("done", "deadlock"):
        return
    if expect.broken is None and result != "done":
        return
    sentences = (*standing(built.machine), *conserved(built.machine, built.ticks))
    found = {sentence.partition(":")[0]: sentence for sentence in sentences}
    wanted = expect.broken or ()
    yield from (sentence for rule, sentence in found.items() if rule not in wanted)
    yield from (f"{rule} broken, but it holds" for rule in wanted if rule not in found)


def _merged(seen: Iterable[Exit]) -> list[Exit]:
    """The same exit seen several times as one that says how often."""
    times: dict[Exit, int] = {}
    for one in seen:
        key = attrs.evolve(one, times=1)
        times[key] = times.get(key, 0) + one.times
    return [attrs.evolve(one, times=number) for one, number in times.items()]


def exits(built: Built) -> Iterator[Exit]:
    """Every exit status that a wait4() returned."""
    for by, name, value, out in _returned(built):
        if name == "wait4" and value > 0:
            of, number = table(built.name(value)), out & 0x7F
            if number == _STOPPED:
                continue
            yield Exit(by=by, of=of, status=out >> 8 & 0xFF, signal=_SIGNALS.get(number, ""))


def notes(built: Built) -> Iterator[Note]:
    """Every event that a kevent() returned."""
    for by, name, _, out in _returned(built):
        if name != "kevent":
            continue
        for ident, kind, fflags, data in out or ():
            if kind == EVFILT_SIGNAL:
                yield Note(by=by, of=_SIGNALS[ident], count=data)
                continue
            words = tuple(word for word, flag in _NOTES.items() if fflags & flag)
            status = data >> 8 & 0xFF if fflags & NOTE_EXIT else 0
            child = fflags & NOTE_CHILD and not fflags & NOTE_EXIT
            parent = table(built.name(data)) if child else ""
            of = table(built.name(ident))
            yield Note(by=by, of=of, notes=words, status=status, parent=parent)


def alive(built: Built) -> Iterator[str]:
    """The user processes on allprocess."""
    yield from _named(built, "allprocess")


def zombies(built: Built) -> Iterator[str]:
    """The processes on zombprocess."""
    yield from _named(built, "zombprocess")


def threads(built: Built) -> int:
    """How many user threads the kernel counts, dead ones that nobody collected included."""
    machine = built.machine
    of_kernel = sum(
        bool(thread.p_p.ps_flags & PS_SYSTEM)
        for thread in walk(machine.globals["allproc"], "p_list")
    )
    count: int = machine.globals["nthreads"]
    return count - of_kernel


def kthreads(built: Built) -> Iterator[str]:
    """The kernel's own processes on allprocess: proc0, the idle threads, perhaps the reaper."""
    found = walk(built.machine.globals["allprocess"], "ps_list")
    yield from (process.ps_comm for process in found if process.ps_flags & PS_SYSTEM)


def _named(built: Built, head: str) -> Iterator[str]:
    found = walk(built.machine.globals[head], "ps_list")
    users = (process for process in found if not process.ps_flags & PS_SYSTEM)
    yield from dict.fromkeys(table(built.name(process.ps_pid)) for process in users)


def _not_empty(machine: Machine, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if name not in machine.globals:
            yield f"{name} empty, but this kernel has no such list"
        elif _first(machine.globals[name]) is not None:
            yield f"{name} empty, but it is not"


def _not_returned(built: Built, wanted: tuple[Return, ...]) -> Iterator[str]:
    for one in wanted:
        got = sum(
            (by, name, _ERRORS.get(error, "")) == (one.by, one.call, one.error)
            for by, name, error, _, _ in _calls(built)
        )
        if got != one.times:
            yield f"returns {_words(one)}, not {got} times"


def _first(head: Any) -> Any:
    """The first element of a list or a tail queue: kernels differ in which one they use."""
    return head.tqh_first if isinstance(head, TAILQ_HEAD) else head.lh_first


def _returned(built: Built) -> Iterator[tuple[str, str, int, Any]]:
    """Each system call that returned without an error: by whom, its name, its results."""
    for by, name, error, value, out in _calls(built):
        if error == 0:
            yield by, name, value, out


def _calls(built: Built) -> Iterator[tuple[str, str, int, int, Any]]:
    """Each system call that returned: by whom, its name, its error, its results."""
    for by, programs in built.programs.items():
        for program in programs:
            for name, error, value, out in program.pg_log:
                yield table(by), name, error, value, out


def _items(expect: Expectation) -> Iterator[tuple[str, Any]]:
    for field in attrs.fields(Expectation):
        value = getattr(expect, field.name)
        yield field.name, _merged(value) if field.name == "exits" and value else value


def _words(value: Any) -> str:
    """A value of an expectation as a scenario writes it; the order of a list means nothing."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int):
        return str(value)
    if attrs.has(type(value)):
        pairs = attrs.asdict(value, recurse=False).items()
        said = [(key, one) for key, one in pairs if (key, one) not in _UNSAID]
        return "{ " + ", ".join(f"{key} = {_words(one)}" for key, one in said) + " }"
    return "[" + ", ".join(sorted(map(_words, value))) + "]"


_SEEN = {
    "exits": lambda built: _merged(exits(built)),
    "notes": notes,
    "alive": alive,
    "zombies": zombies,
    "threads": threads,
    "kthreads": kthreads,
}
