"""Events that a run can be stopped at: what their names mean as writes of fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.errors import UsageError, did_you_mean
from exittui.kernel.sys.proc import SDEAD, SRUN, SSLEEP, SSTOP
from exittui.machine import FREED
from exittui.scenario.expression.looking import shown
from exittui.session.breakpoints import Stop
from exittui.session.naming import STATES
from exittui.session.origin import origin_of

if TYPE_CHECKING:
    from exittui.machine import Write, struct
    from exittui.session.asking import Scope, Target
    from exittui.session.session import Session

_OWNERS: Final = {"mutex": "mtx_owner", "rwlock": "rwl_owner", "mp_lock": "mpl_owner"}
PLAIN: Final = ("switch", "sleep", "wakeup", "free", "dead", "interrupt", "panic", "violation")
WITH_MORE: Final = ("lock", "change", "state")
EVENTS: Final = (*PLAIN, *WITH_MORE)


def event(session: Session, text: str, number: int) -> Stop:
    """The stop for `switch`, `lock kernel_lock`, `state worker.0 SDEAD`, `change EXPR`."""
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    if word not in EVENTS:
        raise UsageError(
            f"no event {word!r}{did_you_mean(word, EVENTS)}; accepted: {', '.join(EVENTS)}"
        )
    if word in PLAIN:
        if rest and word not in {"free", "switch", "sleep", "wakeup", "dead"}:
            raise UsageError(f"{word!r} takes nothing, not {rest!r}")
        return plain(session, word, rest, number)
    if not rest:
        what = {"lock": "NAME", "change": "EXPR", "state": "THREAD STATE"}[word]
        raise UsageError(f"{word!r} needs {what}")
    if word == "lock":
        return lock(session, rest, number, entry=False)
    if word == "state":
        return state(session, rest, number)
    return watch(session, rest, number)


def plain(session: Session, word: str, whom: str, number: int) -> Stop:
    """An event of the whole machine, or of one thread or object."""
    wanted = session.find_struct(whom) if whom else None
    what = f"{word} {whom}".strip()
    if word in {"panic", "violation"}:
        return Stop(number, "catchpoint", what)
    if word == "interrupt":
        return Stop(number, "catchpoint", what, interrupts=True)
    fields, hits = _PLAIN[word](session, wanted)
    return Stop(number, "catchpoint", what, fields=frozenset({fields}), trigger=hits)


def _switch(session: Session, wanted: struct | None) -> tuple[str, Any]:
    del session

    def hits(_: int, write: Write) -> bool:
        return write.old is not write.new and (wanted is None or wanted in (write.old, write.new))

    return "ci_curproc", hits


def _sleep(session: Session, wanted: struct | None) -> tuple[str, Any]:
    def hits(_: int, write: Write) -> bool:
        asleep = write.new in {SSLEEP, SSTOP} and write.old != write.new
        return asleep and _is(session, write.target, wanted)

    return "p_stat", hits


def _wakeup(session: Session, wanted: struct | None) -> tuple[str, Any]:
    def hits(_: int, write: Write) -> bool:
        woken = write.new == SRUN and write.old in {SSLEEP, SSTOP}
        return woken and _is(session, write.target, wanted)

    return "p_stat", hits


def _dead(session: Session, wanted: struct | None) -> tuple[str, Any]:
    def hits(_: int, write: Write) -> bool:
        return write.new == SDEAD and write.old != SDEAD and _is(session, write.target, wanted)

    return "p_stat", hits


def _free(session: Session, wanted: struct | None) -> tuple[str, Any]:
    del session

    def hits(_: int, write: Write) -> bool:
        if wanted is not None:
            return write.target is wanted
        return write.target is not None and write.target.embedded_in is None

    return FREED, hits


_PLAIN: Final[dict[str, Any]] = {
    "switch": _switch,
    "sleep": _sleep,
    "wakeup": _wakeup,
    "dead": _dead,
    "free": _free,
}


def _is(session: Session, p: struct | None, wanted: struct | None) -> bool:
    """Whether this is the thread meant: any but the idle ones, without one."""
    if wanted is not None:
        return p is wanted
    read = session.views.things.read
    spc = read(read(p, "p_cpu"), "ci_schedstate")
    return p is not None and read(spc, "spc_idleproc") is not p


def lock(session: Session, name: str, number: int, *, entry: bool = True) -> Stop:
    """The taking of a lock, `lock kernel_lock`; without `entry` its letting go as well."""
    found = session.find_struct(name)
    kind = type(found).__name__
    if kind not in _OWNERS:
        raise UsageError(f"{name!r} is no lock: it is a {kind}")

    def hits(_: int, write: Write) -> bool:
        if write.target is not found or write.new is write.old or write.new == write.old:
            return False
        return bool(write.new) or not entry

    fields = frozenset({_OWNERS[kind]})
    return Stop(number, "breakpoint", f"lock {name}", fields=fields, trigger=hits)


def state(session: Session, text: str, number: int) -> Stop:
    """A thread's coming to a state, `state worker.0 SDEAD`."""
    whom, _, word = text.rpartition(" ")
    values = {name: value for value, name in STATES.items()}
    if word not in values or not whom:
        raise UsageError(
            f"{word!r} is no state{did_you_mean(word, values)}; accepted: {', '.join(values)}"
        )
    wanted = session.find_struct(whom)
    if type(wanted).__name__ != "proc":
        raise UsageError(f"{whom!r} is no thread: it is a {type(wanted).__name__}")

    def hits(_: int, write: Write) -> bool:
        return write.target is wanted and write.new == values[word] != write.old

    return Stop(number, "breakpoint", f"state {text}", fields=frozenset({"p_stat"}), trigger=hits)


def watch(session: Session, text: str, number: int) -> Stop:
    """A change of a value: an expression, or a variable of the function one looks at."""
    scope = session.scope()
    target = session.asking.target(text, scope)
    stop = _watch(session, text, number, scope, target)
    stop.origin = origin_of(session, text)
    return stop


def _watch(session: Session, text: str, number: int, scope: Scope, target: Target | None) -> Stop:
    if target is not None and target.frame is not None:
        return Stop(number, "watchpoint", text, frame=target.frame, slot=target.slot)
    question = session.asking.compile(text, scope)
    if target is not None and target.struct is not None and not question.follows_writes:
        return _field(session, target.struct, target.field, text, number)
    stop = Stop(number, "watchpoint", text, watch=question)
    field = text.replace("->", ".").rpartition(".")[2].strip()
    if target is not None and field.isidentifier():
        stop.words = lambda value: _words(session, value, field)
    return stop


def _words(session: Session, value: Any, field: str) -> str:
    """A value of a field: flags and states by name."""
    if isinstance(value, int) and not isinstance(value, bool):
        return session.views.wider.inspector.text(value, field)
    return shown(session.machine, value)


def _field(session: Session, target: struct, field: str, text: str, number: int) -> Stop:
    """A field of what a variable pointed to when the watchpoint was set."""
    stop = Stop(number, "watchpoint", text, fields=frozenset({field}))

    def hits(_: int, write: Write) -> bool:
        if write.target is not target or write.old is write.new or write.old == write.new:
            return False
        words = session.views.wider.inspector.text
        stop.told = words(write.old, field), words(write.new, field)
        return True

    stop.trigger = hits
    return stop
