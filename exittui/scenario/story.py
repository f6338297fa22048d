"""A schedule told in sentences: one for each time another CPU goes on.

Each says which thread ran on which CPU, from where to where, and what it did to whom as far as it
matters to others: whom it put to sleep, woke or killed, what it freed, to whom it switched. Where a
sentence would get too long, what matters least is left out and counted. Threads have the names they
had then, also where they are freed by now. The last sentence says what went wrong.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.kernel.sys.proc import PS_EXITING, PS_ZOMBIE, SDEAD, SRUN, SSLEEP, SSTOP
from exittui.machine import FREED, describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine, StepRecord, Write

_FIELDS: Final = frozenset({"ci_curproc", "p_stat", "ps_flags", "p_addr", FREED})
_LOCKS: Final = frozenset({"kern/kern_lock.c", "kern/kern_rwlock.c"})
"""What happens in there is told with whoever called it."""
_KINDS: Final = {
    "proc": "thread {}",
    "process": "process {}",
    "user": "the stack of {}",
    "pmap": "{}",
    "vmspace": "{}",
    "filedesc": "its filedesc",
    "knote": "a knote",
    "kqueue": "a kqueue",
}
"""What is told of when it is freed, and in which words."""

_MOST: Final = 7
"""As many doings as a sentence can hold."""

_WEIGHTS: Final = {"frees": 0, "dies": 0, "zombie": 0, "exits": 1, "sleeps": 2, "wakes": 2}
"""What matters more has the smaller number; what is not named here goes first."""


@attrs.frozen
class _Doing:
    """Something a thread did: `words` follow its name."""

    who: str
    kind: str
    words: str


def story(machine: Machine) -> list[str]:
    """The sentences for the run up to where the machine stands."""
    choices = list(machine.schedule().picks)
    running = _Running(machine)
    told = []
    first = 0
    for choice, group in itertools.groupby(choices):
        last = first + len(list(group))
        told.append(_sentence(machine, running, choice, first, last))
        first = last
    if machine.result is not None and told:
        told[-1] += f" That is the {machine.result.kind}: {machine.result.message}."
    return told


class _Running:
    """Who ran on which CPU, and what every step did that is worth telling."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._now = [info.ci_curproc for info in machine.infos]
        self._cpus = {id(info): number for number, info in enumerate(machine.infos)}
        changes = machine.history.changes(0, machine.position, _FIELDS)
        self._stacks: dict[int, Any] = {}
        """By the number of a stack, whose it is or was."""
        for one in machine.memory.heap.values():
            if one is not None and type(one).__name__ == "proc":
                self._stacks[id(machine.memory.fields(one)["p_addr"])] = one
        for _, write in reversed(changes):
            if write.field == "ci_curproc" and id(write.target) in self._cpus:
                self._now[self._cpus[id(write.target)]] = write.old
            elif write.field == "p_addr" and write.old is not None:
                self._stacks[id(write.old)] = write.target
        self._changes = [one for one in changes if one[1].field != "p_addr"]
        self._at = 0

    def name(self, cpu: int) -> str:
        """The thread that runs on a CPU at this point of the story."""
        return describe(self._machine.memory, self._now[cpu])

    def doings(self, cpu: int, last: int) -> Iterator[_Doing]:
        """What is done up to step `last`, by this CPU."""
        while self._at < len(self._changes) and self._changes[self._at][0] < last:
            write = self._changes[self._at][1]
            self._at += 1
            who = self.name(cpu)
            if write.field == "ci_curproc":
                if id(write.target) in self._cpus and write.new is not write.old:
                    self._now[self._cpus[id(write.target)]] = write.new
                    yield _Doing(who, "switch", self.name(cpu))
                continue
            done = self._done(write, who)
            if done is not None:
                yield done

    def _done(self, write: Write, who: str) -> _Doing | None:
        machine, target = self._machine, write.target
        kind = type(target).__name__
        name = "" if target is None else describe(machine.memory, target)
        match write.field:
            case "p_stat" if kind == "proc" and not _is_idle(machine, target):
                return _state(who, name, write.old, write.new)
            case "ps_flags":
                new = (write.new or 0) & ~(write.old or 0)
                if new & PS_ZOMBIE:
                    return _Doing(who, "zombie", f"makes process {name} a zombie")
                if new & PS_EXITING:
                    return _Doing(who, "exits", f"begins the exit of process {name}")
            case "(freed)" if kind in _KINDS:
                owner = self._stacks.get(id(target))
                if owner is not None:
                    name = describe(machine.memory, owner)
                return _Doing(who, "frees", f"frees {_KINDS[kind].format(name)}")
        return None


def _is_idle(machine: Machine, thread: Any) -> bool:
    return any(info.ci_schedstate.spc_idleproc is thread for info in machine.infos)


def _state(who: str, name: str, old: Any, new: Any) -> _Doing | None:
    itself = who == name
    if new == SSLEEP and old != SSTOP:
        return _Doing(who, "sleeps", "goes to sleep" if itself else f"puts {name} to sleep")
    if new == SRUN and old in (SSLEEP, SSTOP):
        return _Doing(who, "wakes", f"wakes {name}")
    if new == SDEAD:
        return _Doing(who, "dies", "is dead (SDEAD)")
    if new == SSTOP:
        return _Doing(who, "stops", "stops" if itself else f"stops {name}")
    return None


def _sentence(machine: Machine, running: _Running, choice: int, first: int, last: int) -> str:
    cpu = choice % machine.ncpu
    steps = f"step {last}" if last - first == 1 else f"steps {first + 1}-{last}"
    who = running.name(cpu)
    begin, end = machine.record(first), machine.record(last - 1)
    if begin.statement.kind == "interrupt":
        list(running.doings(cpu, last))
        kind = machine.choice(choice).partition(" ")[0]
        return f"{steps}: cpu{cpu}: an interrupt ({kind}) arrives while {who} runs."
    doings = list(dict.fromkeys(running.doings(cpu, last)))
    where = f"in {_function(end)}"
    if begin.statement.function != end.statement.function:
        where = f"from {begin.statement.function}() to {_function(end)}"
    file = end.statement.upstream or end.statement.file
    statement = " ".join(end.statement.text.split())
    return f"{steps}: cpu{cpu}, {where}: {_in_order(doings, who)}; last: {statement} ({file})."


def _function(record: StepRecord) -> str:
    """Where a step was made; of locks also for whom."""
    function = record.statement.function
    callers = [one for one in record.stack if one != function]
    if record.statement.upstream in _LOCKS and callers:
        return f"{function}() in {callers[-1]}()"
    return f"{function}()"


def _in_order(doings: list[_Doing], who: str) -> str:
    """What was done, each with its thread where that is not the one before."""
    kept, left = _shorter(doings)
    words: list[str] = []
    for name, group in itertools.groupby(kept, key=lambda one: one.who):
        if not words and name != who:
            words.append(f"{who} runs")
        done = ", ".join(one.words for one in group)
        words.append(f"then {name} {done}" if words else f"{name} {done}")
    more = f"; and {left} more" if left else ""
    return f"{'; '.join(words) or f'{who} runs'}{more}"


def _shorter(doings: list[_Doing]) -> tuple[list[_Doing], int]:
    """Those that fit into a sentence, in their order, and how many do not.

    A switch shows by the name of the next thread that does something; only the last is told.
    """
    told = [one for one in doings if one.kind != "switch"]
    if doings and doings[-1].kind == "switch":
        last = doings[-1]
        told.append(attrs.evolve(last, words=f"switches to {last.words}"))
    if len(told) <= _MOST:
        return told, 0
    heaviest = sorted(range(len(told)), key=lambda at: (_WEIGHTS.get(told[at].kind, -1), -at))
    keep = sorted(heaviest[:_MOST])
    return [told[at] for at in keep], len(told) - _MOST
