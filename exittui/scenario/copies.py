"""Tables that stand for many: `count = 300` on a process or a thread makes that many of it.

The checks look at the tables as they are written; whoever builds a machine looks at `expanded`,
where each process and each thread is one. The copies of `worker` are `worker.1`, `worker.2` and so
on. What a run is expected to do is said of all copies together, by the name of the table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from exittui.scenario.fault import Fault
from exittui.scenario.model import MAX_ALL_CALLS, MAX_ALL_PROCESSES, MAX_ALL_THREADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exittui.scenario.model import Process, Scenario, Thread

_CPU: Final = re.compile(r"cpu([0-9]{1,2})")

INIT: Final = "init"
SHELL: Final = "sh"
FIRST_PID: Final = 3000
SHELL_PID: Final = 2000
APART: Final = 1000
"""Pids of processes are so far apart, that of a copy ten from the next where that is enough."""


def expanded(scenario: Scenario) -> Scenario:
    """The scenario with every copy written out."""
    processes = tuple(
        attrs.evolve(process, name=name, pid=pid, count=1, thread=tuple(threads(process)))
        for process, numbers in _pids(scenario)
        for name, pid in zip(names(process), numbers, strict=True)
    )
    return attrs.evolve(scenario, process=processes)


def names(process: Process) -> Iterator[str]:
    """What the copies of a process are called."""
    if process.count == 1:
        yield process.name
        return
    for number in range(1, process.count + 1):
        yield f"{process.name}.{number}"


def table(name: str) -> str:
    """The name of the table that a copy is of."""
    return name.partition(".")[0]


def threads(process: Process) -> Iterator[Thread]:
    """The threads of a process, each copy one; a tid that is given is that of the first copy."""
    for thread in process.thread:
        for number in range(thread.count):
            tid = None if thread.tid is None else thread.tid + number
            yield attrs.evolve(thread, count=1, tid=tid)


def pids(scenario: Scenario) -> dict[str, int]:
    """The pid of each process by name: the given one, else 2000 for the shell, 3000 and so on."""
    numbers = {INIT: 1}
    for process, its in _pids(scenario):
        numbers.update(zip(names(process), its, strict=True))
    return numbers


def _pids(scenario: Scenario) -> Iterator[tuple[Process, range]]:
    """The tables, each with the pids of its copies: the given one is the first copy's."""
    free = FIRST_PID
    for process in scenario.process:
        size = sum(thread.count for thread in process.thread)
        step = APART if process.count == 1 else -(-size // 10) * 10
        first = SHELL_PID if process.name == SHELL else free
        if process.pid is not None:
            first = process.pid
        yield process, range(first, first + process.count * step, step)
        if process.name != SHELL:
            free += -(-max(size, process.count * step) // APART) * APART


def calls(process: Process) -> int:
    """How many system calls the programs of a process have, all copies, with those of children."""
    return process.count * sum(thread.count * _calls(thread.program) for thread in process.thread)


def _calls(program: Iterable[object]) -> int:
    """The calls of a program, and of the programs that its calls have as arguments."""
    return sum(
        1 + sum(_calls(argument) for argument in call if isinstance(argument, list))
        for call in program
        if isinstance(call, (list, tuple))
    )


def counts(scenario: Scenario) -> Iterator[Fault]:
    """What is wrong with the counts of a scenario: too many in all, or copies in one place."""
    total = processes = made = 0
    for p, process in enumerate(scenario.process):
        path = ("process", p, "count") if process.count > 1 else ("process", p)
        processes += process.count
        if processes > MAX_ALL_PROCESSES:
            yield Fault(path, f"makes {processes} processes in all", f"up to {MAX_ALL_PROCESSES}")
            return
        total += process.count * sum(thread.count for thread in process.thread)
        if total > MAX_ALL_THREADS:
            yield Fault(path, f"makes {total} threads in all", f"up to {MAX_ALL_THREADS}")
            return
        made += calls(process)
        if made > MAX_ALL_CALLS:
            yield Fault(path, f"makes programs of {made} calls in all", f"up to {MAX_ALL_CALLS}")
            return
        for t, thread in enumerate(process.thread):
            if process.count * thread.count > 1 and thread.start.startswith("cpu"):
                place = ("process", p, "thread", t, "start")
                yield Fault(place, "is one place for several threads", "ready, asleep")
            if process.count > 1 and thread.tid is not None:
                yield Fault(("process", p, "thread", t, "tid"), "is one id for several threads")


def tids(process: Process, pid: int) -> Iterator[int]:
    """The ids of the threads of a process, all copies: the given, else the pid and its place."""
    for place, thread in enumerate(threads(process)):
        yield pid + place if thread.tid is None else thread.tid


def start_cpu(start: str) -> int | None:
    """The CPU that `start` puts a thread on, or None if it names none."""
    match = _CPU.fullmatch(start)
    return int(match[1]) if match else None
