"""I6, I8, I9, I10, I13, I18 and I19: what is to be so when nothing more can happen.

`standing` looks at a machine on which no CPU can go on, and gives a sentence for each rule that
does not hold. That somebody waits for a child means here that he sleeps in wait4() now: a parent
that never asks leaves a zombie, and that is his right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.proc import PS_EXITING, PS_NOZOMBIE, PS_SYSTEM, PS_ZOMBIE, SDEAD
from exittui.kernel.sys.wait import P_ALL, P_PID
from exittui.machine import describe, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine

_STOPPED = 0x7F
_CONTINUED = 0xFFFF
_TICK = 10_000_000
"""Nanoseconds a tick, as in calcru()."""


def standing(machine: Machine) -> tuple[str, ...]:
    """A sentence for each rule that is broken, beginning with its number."""
    return tuple(
        sentence
        for rule in (_freed, _collected, _reaped, _counted, _locked, _kept)
        for sentence in rule(machine)
    )


def give_ticks(machine: Machine) -> int:
    """Let every user thread have run for a while, each for another; how many ticks these are.

    Time does not pass by itself, so that I8 would have nothing to look at.
    """
    threads = list(walk(machine.globals["allproc"], "p_list"))
    for number, p in enumerate(threads, start=1):
        if not p.p_p.ps_flags & PS_SYSTEM:
            machine.poke(p.p_tu, "tu_uticks", 10 + number)
    return user_ticks(machine)


def user_ticks(machine: Machine) -> int:
    """The ticks of user time that are known: of threads, of processes and as reported.

    It stays the same but for what threads run, and for children that nobody waits for, whose time
    is reported to nobody.
    """
    threads = sum(p.p_tu.tu_uticks for p in _living(machine, "proc"))
    processes = sum(
        pr.ps_tu.tu_uticks + pr.ps_cru.ru_utime // _TICK for pr in _living(machine, "process")
    )
    return int(threads + processes)


def conserved(machine: Machine, ticks: int) -> Iterator[str]:
    """I8: of the ticks that threads were given none is lost, and none is counted twice.

    What a child has used that leaves no zombie is reported to nobody.
    """
    known = user_ticks(machine)
    unreported = 0 if known == ticks else _unreported(machine)
    if not known <= ticks <= known + unreported:
        yield f"I8: of {ticks} ticks that the threads ran, {known} are accounted for"


def _unreported(machine: Machine) -> int:
    """The ticks of freed processes that left no zombie."""
    memory = machine.memory
    freed = (memory.fields(one) for one in _all(machine, "process") if memory.is_freed(one))
    return sum(
        memory.fields(fields["ps_tu"])["tu_uticks"]
        for fields in freed
        if fields["ps_flags"] & PS_NOZOMBIE
    )


def _freed(machine: Machine) -> Iterator[str]:
    for pr in _living(machine, "process"):
        gone = pr.ps_flags & PS_EXITING and not pr.ps_flags & PS_ZOMBIE
        if gone and all(p.p_stat == SDEAD for p in walk(pr.ps_threads, "p_thr_link")):
            parent = pr.ps_pptr
            if any(True for _ in _waiting(parent)):
                name, waits = describe(machine.memory, pr), describe(machine.memory, parent)
                when = _since(machine, pr, "ps_xexit")
                yield f"I6: {name} has exited{when} and is never freed, though {waits} waits"


def _collected(machine: Machine) -> Iterator[str]:
    for waiter in _living(machine, "proc"):
        if waiter.p_wmesg != "wait" or waiter.p_stat == SDEAD:
            continue
        for child in walk(waiter.p_p.ps_children, "ps_sibling"):
            if child.ps_flags & PS_ZOMBIE and _asks_for(machine, waiter, child):
                name, zombie = (describe(machine.memory, one) for one in (waiter, child))
                when = _since(machine, child, "ps_flags")
                yield f"I9: {name} sleeps in wait4() while {zombie} is a zombie{when}"


def _asks_for(machine: Machine, waiter: Any, child: Any) -> bool:
    """Whether the call that a thread sleeps in is for this child."""
    for frame in machine.saved_frames(waiter.p_addr):
        if frame.function == "dowait6":
            idtype, number = frame.variables["idtype"], frame.variables["id"]
            if idtype == P_ALL:
                return True
            wanted = child.ps_pid if idtype == P_PID else child.ps_pgrp.pg_id
            return bool(wanted == number)
    return False


def _reaped(machine: Machine) -> Iterator[str]:
    for waiter in _living(machine, "proc"):
        pr = waiter.p_p
        if waiter.p_wmesg == "wait" and not (pr.ps_children.lh_first or pr.ps_orphans.lh_first):
            name = describe(machine.memory, waiter)
            when = _since(machine, waiter, "p_wchan")
            yield f"I10: {name} sleeps in wait4() and has no children{when}"
    if machine.past:  # else nothing is known of the processes that were freed
        yield from _reaped_again(machine)


def _reaped_again(machine: Machine) -> Iterator[str]:
    owners: dict[int, int] = {}
    for made in _all(machine, "process"):
        pid = machine.memory.fields(made)["ps_pid"]
        owners[pid] = owners.get(pid, 0) + 1
    reaped: dict[tuple[Any, int], int] = {}
    read: set[int] = set()
    for thread in _all(machine, "proc"):
        fields = machine.memory.fields(thread)
        program = fields["p_program"]
        if program is None or id(program) in read:
            continue
        read.add(id(program))  # a thread that never ran its own still has that of its maker
        for entry in machine.memory.fields(program)["pg_log"]:
            name, error, value, out = entry[:4]
            if name == "wait4" and error == 0 and value > 0 and _ended(out):
                by = (fields["p_p"], value)  # a debugger and a parent are told of one end each
                reaped[by] = reaped.get(by, 0) + 1
    for (by, pid), times in reaped.items():
        if times > owners.get(pid, 0):
            yield f"I10: {describe(machine.memory, by)} reaped pid {pid} {times} times"


def _ended(status: object) -> bool:
    return isinstance(status, int) and status & _STOPPED != _STOPPED and status != _CONTINUED


def _counted(machine: Machine) -> Iterator[str]:
    for variable, kind in (("nthreads", "proc"), ("nprocesses", "process")):
        there = sum(1 for _ in _living(machine, kind))
        count = machine.globals[variable]
        if there != count:
            when = _since(machine, None, variable)
            yield f"I13: {variable} is {count}{when}, and there are {there}"


def _locked(machine: Machine) -> Iterator[str]:
    for cpu in range(machine.ncpu):
        wait = machine.wait(cpu)
        if wait is not None and wait.kind == "spin":
            name = describe(machine.memory, machine.infos[cpu].ci_curproc)
            yield f"I18: cpu{cpu} ({name}) spins for ever in {wait.text}"
    for sleeper in _living(machine, "proc"):
        held = _lock_of(sleeper)
        seen = {id(sleeper)}
        while held is not None and id(held) not in seen:
            seen.add(id(held))
            if held.p_stat == SDEAD:
                break
            held = _lock_of(held)
        if held is not None:
            name, owner = (describe(machine.memory, one) for one in (sleeper, held))
            when = _since(machine, sleeper.p_wchan[0], "rwl_owner")
            yield f"I18: {name} sleeps for ever for a lock that {owner} will not release{when}"


def _lock_of(sleeper: Any) -> Any:
    """Who has the reader/writer lock that a thread sleeps for, if a writer has it."""
    match sleeper.p_wchan:
        case (lock, "rwl_waiters" | "rwl_readers") if not isinstance(lock.rwl_owner, int):
            return lock.rwl_owner
    return None


def _kept(machine: Machine) -> Iterator[str]:
    kept: dict[int, list[Any]] = {}
    for p in _living(machine, "proc"):
        if p.p_stat == SDEAD and not p.p_p.ps_flags & PS_EXITING:
            kept.setdefault(p.p_p.ps_pid, []).append(p)
    for pid, dead in kept.items():
        when = _since(machine, dead[0], "p_stat")
        yield f"I19: {len(dead)} dead threads of pid {pid}, which lives, are kept{when}"


def _since(machine: Machine, target: Any, field: str) -> str:
    """Who has last written a field, and when, if the machine knows its past."""
    step = machine.history.last_writer(target, field) if machine.past else None
    if step is None:
        return ""
    record = machine.record(step)
    return f" (cpu{record.cpu} in {record.statement.function} at step {step + 1})"


def _waiting(pr: Any) -> Iterator[Any]:
    """The threads of a process that sleep in wait4()."""
    return (p for p in walk(pr.ps_threads, "p_thr_link") if p.p_wmesg == "wait")


def _living(machine: Machine, kind: str) -> Iterator[Any]:
    return (one for one in _all(machine, kind) if not machine.memory.is_freed(one))


def _all(machine: Machine, kind: str) -> Iterator[Any]:
    for one in list(machine.memory.heap.values()):
        if one is not None and type(one).__name__ == kind:
            yield one
