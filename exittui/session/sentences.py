"""The sentence under the panes: what just happened, or what blocks whom, in plain words.

The order is that of what a person must not miss: how the run ended, then why the chosen CPU
cannot go on, then what the last step did, then who waits for whom elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from exittui.machine import ALLOCATED, FREED
from exittui.scenario.play import verdict
from exittui.session.naming import P_FLAGS, PS_FLAGS, flags
from exittui.session.views import EventView, Sentence
from exittui.session.waiting import awaited, waiting_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.machine import Statement, StepRecord, Write, struct
    from exittui.session.session import Session
    from exittui.session.viewer import Viewer

Part = tuple[str, str]
_OWNERS: Final = frozenset({"mtx_owner", "mpl_owner", "rwl_owner"})
_FLAGS: Final = {"p_flag": P_FLAGS, "ps_flags": PS_FLAGS}
_CONDITION: Final = re.compile(r"(?:el)?(?:if|while) (.+)")
_ASSERTION: Final = re.compile(r"KASSERT\((.+)\)")
_SAME_PLACE: Final = re.compile(r" \(cpu\d+ in [^()]* at step \d+\)$")
"""How a broken rule ends: with the place that the sentence names anyway."""
_CALLERS: Final = 4
_NAMED: Final = 3
_LIFE: Final = {FREED: "freed", ALLOCATED: "made"}
_HEADS: Final = frozenset({"TAILQ_HEAD", "LIST_HEAD"})
_HEAD_FIELDS: Final = frozenset({"lh_first", "tqh_first", "tqh_last"})
_ONE_OF_MANY: Final = {"prochead": "a run queue", "slpquehead": "a sleep queue"}
_BY_LINK: Final = {
    "p_runq": "its run or sleep queue",
    "p_hash": "the hash of thread numbers",
    "p_list": "allproc",
    "p_thr_link": "ps_threads",
    "ps_list": "the list of processes",
    "ps_hash": "the hash of process numbers",
    "ps_sibling": "the children of its parent",
    "kn_selnext": "its klist",
    "ci_mplc_link": "the queue for the kernel lock",
}


class Speaker:
    """Puts a session's present moment into words."""

    def __init__(self, session: Session, viewer: Viewer) -> None:
        self._session = session
        self._machine = session.machine
        self._viewer = viewer

    def result(self) -> str:
        """How the run has ended here: a word, or nothing while it can go on."""
        machine = self._machine
        if machine.result is not None:
            return machine.result.kind
        return "" if machine.enabled() else verdict(self._session.built)[0]

    def sentence(self) -> Sentence:
        """The sentence for now."""
        machine = self._machine
        if machine.result is not None:
            return self._ended_by(machine.result.kind, machine.result.message)
        if not machine.enabled():
            kind, message = verdict(self._session.built)
            tone = "plain" if kind == "done" else "alert"
            told = "The run is done" if kind == "done" else kind.capitalize()
            return Sentence(((f"{told}: {message}.", ""),), tone)
        focus = self._session.focus
        if not machine.ready(focus):
            return Sentence(tuple(self._blocked(focus)), "waits")
        parts = [*self._just_happened(), *self._adrift(), *self._others_blocked(focus)]
        return Sentence(tuple(parts))

    def _ended_by(self, kind: str, message: str) -> Sentence:
        """What happened, then where: the end of a long line may be cut."""
        record = self._machine.record(self._machine.position - 1)
        cpu, thread = self._cpu(record.cpu), self._thread_on(record.cpu)
        told = _SAME_PLACE.sub("", message.removesuffix("."))
        innermost, *callers = [f"{name}()" for name in reversed(record.stack[-_CALLERS:])]
        where = ", called by ".join([innermost, *callers])
        who = f"{thread} was" if thread else "It was"
        words = f": {told}. {who} in {where}."
        return Sentence(((f"{kind.capitalize()} on ", ""), cpu, (words, "")), "alert")

    def _cpu(self, number: int) -> Part:
        return (f"cpu{number}", f"cpu{number % 8}")

    def _thread_on(self, cpu: int) -> str:
        p = self._viewer.things.read(self._machine.infos[cpu], "ci_curproc")
        return "" if p is None else self._viewer.naming.thread(p)

    def _blocked(self, cpu: int) -> Iterable[Part]:
        """What a CPU waits for, who has it, and since when."""
        lock = awaited(self._machine, cpu)
        yield self._cpu(cpu)
        if lock is None:
            wait = self._machine.wait(cpu)
            kind = "" if wait is None else wait.kind
            if kind == "halt":
                yield (" is idle: no thread is ready to run on it.", "")
            elif kind == "finished":
                yield (" has nothing left to run.", "")
            else:
                yield (f" waits: {waiting_words(self._machine, cpu).split(' ', 1)[1]}.", "")
            return
        yield (" spins", "")
        yield from self._owned(lock)

    def _owned(self, lock: struct) -> Iterable[Part]:
        """For which lock: ` for kernel_lock, held by cpu0 (sh, exit1) since step 9.`."""
        view = self._viewer.lock_view(lock)
        yield (f" for {view.name}", "")
        if view.owner_cpu is not None:
            yield (", held by ", "")
            yield self._cpu(view.owner_cpu)
            here = self._machine.next_statement(view.owner_cpu).function
            thread = self._thread_on(view.owner_cpu)
            yield (f" ({thread}, {here})", "")
            if view.since is not None:
                yield (f" since step {view.since}", "")
        elif view.waiting_cpus:
            yield (", which nobody has taken yet", "")
        yield (".", "")

    def _others_blocked(self, focus: int) -> Iterable[Part]:
        """Who else spins, and for what; those that spin for the same lock in one breath."""
        machine = self._machine
        spinning: dict[int, list[int]] = {}
        for cpu in range(machine.ncpu):
            lock = awaited(machine, cpu) if cpu != focus else None
            if lock is not None:
                spinning.setdefault(id(lock), []).append(cpu)
        for cpus in spinning.values():
            yield (" ", "")
            for at, cpu in enumerate(cpus[:-1][:_NAMED]):
                yield (", ", "") if at else ("", "")
                yield self._cpu(cpu)
            if len(cpus) > _NAMED + 1:
                yield (f" and {len(cpus) - _NAMED} others", "")
            elif len(cpus) > 1:
                yield (" and ", "")
                yield self._cpu(cpus[-1])
            else:
                yield self._cpu(cpus[0])
            lock = awaited(machine, cpus[0])
            assert lock is not None  # noqa: S101 - it was, just now
            yield (" spins" if len(cpus) == 1 else " spin", "")
            yield from self._owned(lock)

    def _adrift(self) -> Iterable[Part]:
        """Who stands on a stack that is gone: the next step there breaks the rule."""
        for view in self._viewer.cpus():
            if view.adrift:
                yield (" ", "")
                yield self._cpu(view.number)
                yield (f" ({view.thread}) stands on a stack that is freed.", "danger")

    def _just_happened(self) -> Iterable[Part]:
        machine = self._machine
        if not machine.position:
            yield ("The run begins: ", "")
            yield self._cpu(self._session.focus)
            yield (f" goes next ({self._thread_on(self._session.focus)}). ", "")
            yield ("s runs one statement of it, 0-9 choose another CPU.", "")
            return
        record = machine.record(machine.position - 1)
        yield self._cpu(record.cpu)
        events = [_event(event) for event in self._viewer.events_of_last_step()]
        thread = self._thread_on(record.cpu)
        if events:
            colon = "" if events[0].startswith("switched") else ":"
            yield (f"{colon} {', '.join(events)}.", "")
            return
        yield (f" ({thread}) {self._deed(record)}.", "")

    def _deed(self, record: StepRecord) -> str:
        """What a step did, from its writes or its kind."""
        moved = self._of_queue(record)
        if moved:
            return moved
        told = [said for write in record.writes if (said := self._of_write(write))]
        if told:
            return " and ".join(dict.fromkeys(told[:2]))
        here = self._machine.next_statement(record.cpu)
        if record.statement.kind == "call" and here.function != record.statement.function:
            return f"called {here.function}()"
        if record.statement.kind == "return":
            return f"returned from {record.statement.function}()"
        return _tested(record.statement, here) or f"ran {_one_line(record.statement.text)}"

    def _of_write(self, write: Write) -> str:
        """A write in words; nothing for what is not worth any."""
        if write.target is not None and write.field in _LIFE:
            return f"{_LIFE[write.field]} {write.name}"
        if write.target is None or write.old is write.new or write.old == write.new:
            return ""
        if write.field in _OWNERS:
            return self._of_lock(write.target, write)
        if write.field in _FLAGS:
            return self._bits(write, _FLAGS[write.field])
        return self._of_field(write)

    def _of_field(self, write: Write) -> str:
        """Old and new value of any other field."""
        naming, owner = self._viewer.naming, self._owner(write.target)
        if write.field == "p_stat":
            return f"set {owner} from {naming.state(write.old)} to {naming.state(write.new)}"
        old, new = (naming.thing(_plain(one)) or "NULL" for one in (write.old, write.new))
        if old == new:
            return f"set {write.field} of {owner} to another {new}"
        return f"set {write.field} of {owner} from {old} to {new}"

    def _of_lock(self, lock: struct, write: Write) -> str:
        name = self._viewer.naming.lock(lock)
        return f"took {name}" if write.new else f"let go of {name}"

    def _of_queue(self, record: StepRecord) -> str:
        """A queue operation in words: the element is what went from or to no link at all."""
        head = next((one.target for one in record.writes if one.field in _HEAD_FIELDS), None)
        for write in record.writes:
            if write.target is None or not (
                isinstance(write.old, tuple) or isinstance(write.new, tuple)
            ):
                continue
            queue = self._queue(head) if head is not None else _BY_LINK.get(write.field, "")
            queue = queue or f"the queue of its {write.field}"
            if write.old is None:
                return f"put {self._owner(write.target)} on {queue}"
            if write.new is None:
                return f"took {self._owner(write.target)} off {queue}"
        return ""

    def _queue(self, head: struct) -> str:
        """A queue by its name, and whose it is."""
        naming = self._viewer.naming
        owner = head.embedded_in
        if type(head).__name__ not in _HEADS or owner is None:
            return naming.thing(head)
        kind = type(owner).__name__
        return _ONE_OF_MANY.get(kind) or naming.lock(head)

    def _bits(self, write: Write, known: tuple[tuple[int, str], ...]) -> str:
        old, new = write.old or 0, write.new or 0
        owner = self._owner(write.target)
        said = []
        if new & ~old:
            said.append(f"set {flags(new & ~old, known)}")
        if old & ~new:
            said.append(f"cleared {flags(old & ~new, known)}")
        return f"{' and '.join(said)} on {owner}" if said else ""

    def _owner(self, target: Any) -> str:
        naming = self._viewer.naming
        if type(target).__name__ == "process":
            return naming.process(target)
        return naming.thing(target)


def _event(event: EventView) -> str:
    """An event of the log; a switch, which has an arrow there, in words."""
    old, arrow, new = event.text.partition(" → ")
    if event.kind == "switch" and arrow:
        return f"switched from {old or 'nothing'} to {new or 'nothing'}"
    return event.text


def _plain(value: Any) -> Any:
    """A truth as the number that C has for it."""
    return int(value) if isinstance(value, bool) else value


def _one_line(text: str) -> str:
    """A statement as one line, without the colon of its block."""
    return " ".join(text.split()).removesuffix(":")


def _tested(statement: Statement, following: Statement) -> str:
    """What a condition was found to be: its block stands right behind it."""
    text = _one_line(statement.text)
    match = _CONDITION.fullmatch(text)
    if match is None:
        asserted = _ASSERTION.fullmatch(text)
        return f"asserted {asserted[1]}" if asserted else ""
    if following.line == statement.line and following.pc != statement.pc:
        return f"looked at {match[1]}"
    return f"found {match[1]} {'true' if following.pc == statement.pc + 1 else 'false'}"
