"""What is wrong with a scenario whose every value is well formed: the parts that do not fit.

Each check yields faults with the path of the key to blame; none stops the others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from exittui.errors import ScheduleError, did_you_mean
from exittui.kernel.catalog import KERNELS
from exittui.machine import Schedule
from exittui.scenario.calls import ERRORS, RETURNING, SIGNALS, checked
from exittui.scenario.copies import INIT, counts, names, pids, start_cpu, table, tids
from exittui.scenario.fault import Fault, listed
from exittui.scenario.model import SYSCTLS
from exittui.scenario.script_check import script
from exittui.scenario.workload import workloads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from exittui.scenario.lines import Path
    from exittui.scenario.model import Expectation, Note, Scenario

_FORKED = re.compile(r"pid [0-9]{1,5}")
"""How a process is named that a program forks."""


def check(scenario: Scenario) -> Iterator[Fault]:
    """Every misfit of a scenario, in the order of its sections."""
    too_many = list(counts(scenario))
    yield from too_many
    if too_many:
        return
    for section in (
        _kernels,
        _sysctl,
        _processes,
        _threads,
        _programs,
        workloads,
        _run,
        _expectations,
        script,
    ):
        yield from section(scenario)


def _kernels(scenario: Scenario) -> Iterator[Fault]:
    for index, name in enumerate(scenario.kernels):
        yield from _known(name, KERNELS, ("kernels", index), "is no kernel")
    yield from _once(scenario.kernels, lambda index: ("kernels", index), "is named twice")
    for name in scenario.expect_under:
        if name not in scenario.kernels:
            yield Fault(
                ("expect-under", name),
                f"is no kernel of this scenario{did_you_mean(name, scenario.kernels)}",
                ", ".join(scenario.kernels),
            )


def _sysctl(scenario: Scenario) -> Iterator[Fault]:
    for name in scenario.sysctl:
        yield from _known(name, SYSCTLS, ("sysctl", name), "cannot be set")


def _processes(scenario: Scenario) -> Iterator[Fault]:
    seen = [INIT]
    for index, process in enumerate(scenario.process):
        yield from _known(
            process.parent, seen, ("process", index, "parent"), "names no process above it"
        )
        seen.extend(names(process))
    tables = [process.name for process in scenario.process]
    yield from _once([INIT, *tables], lambda index: ("process", index - 1, "name"), "is taken")
    owners = [index for index, one in enumerate(scenario.process) for _ in range(one.count)]
    numbers = [1, *(pid for name, pid in pids(scenario).items() if name != INIT)]
    yield from _once(numbers, lambda index: ("process", owners[index - 1], "pid"), "is taken")


def _threads(scenario: Scenario) -> Iterator[Fault]:
    paths: list[Path] = []
    starts: list[str] = []
    for p, process in enumerate(scenario.process):
        for t, thread in enumerate(process.thread):
            path = ("process", p, "thread", t)
            cpu = start_cpu(thread.start)
            last = scenario.cpus - 1
            if thread.start not in ("ready", "asleep") and (cpu is None or cpu > last):
                places = "ready, asleep, cpu0" + (f" to cpu{last}" if last else "")
                yield Fault((*path, "start"), "is no place to start", places)
            paths.append(path)
            starts.append(thread.start)
    taken = [start if start_cpu(start) is not None else None for start in starts]
    yield from _once(taken, lambda index: (*paths[index], "start"), "is taken by another thread")
    yield from _tids(scenario)


def _tids(scenario: Scenario) -> Iterator[Fault]:
    numbers: list[int] = []
    paths: list[Path] = []
    known = pids(scenario)
    for p, process in enumerate(scenario.process):
        for name in names(process):
            numbers.extend(tids(process, known[name]))
            for t, thread in enumerate(process.thread):
                paths.extend([("process", p, "thread", t, "tid")] * thread.count)
    yield from _once(numbers, lambda index: paths[index], "is taken")


def _programs(scenario: Scenario) -> Iterator[Fault]:
    known = pids(scenario)
    for p, process in enumerate(scenario.process):
        for t, thread in enumerate(process.thread):
            for index, call in enumerate(thread.program):
                yield from checked(call, ("process", p, "thread", t, "program", index), known)


def _run(scenario: Scenario) -> Iterator[Fault]:
    run = scenario.run
    if (run.schedule is None) == (run.chooser == "scripted"):
        key = "schedule" if run.schedule is not None else "chooser"
        yield Fault(
            ("run", key), "chooser = 'scripted' and schedule need each other", "both or neither"
        )
    if run.schedule is not None:
        try:
            Schedule.parse(run.schedule)
        except ScheduleError as error:
            yield Fault(("run", "schedule"), error.message)


def _expectations(scenario: Scenario) -> Iterator[Fault]:
    yield from _expectation(scenario, scenario.expect, ("expect",))
    for name, expectation in scenario.expect_under.items():
        yield from _expectation(scenario, expectation, ("expect-under", name))


def _expectation(scenario: Scenario, expect: Expectation, path: Path) -> Iterator[Fault]:
    named: list[tuple[str, Path]] = []
    for index, seen in enumerate(expect.exits or ()):
        if seen.signal and seen.signal not in SIGNALS:
            hint = did_you_mean(seen.signal, SIGNALS)
            place = (*path, "exits", index, "signal")
            yield Fault(place, f"is no signal{hint}", ", ".join(SIGNALS))
    for index, exit_ in enumerate(expect.exits or ()):
        named += [(getattr(exit_, one), (*path, "exits", index, one)) for one in ("by", "of")]
    for index, note in enumerate(expect.notes or ()):
        named += [(who, (*path, "notes", index, key)) for key, who in _whose(note)]
    for index, returned in enumerate(expect.returns or ()):
        place = (*path, "returns", index)
        named.append((returned.by, (*place, "by")))
        yield from _known(returned.call, RETURNING, (*place, "call"), "is no system call")
        if returned.error:
            yield from _known(returned.error, ERRORS, (*place, "error"), "is no error")
    for key in ("alive", "zombies"):
        for index, name in enumerate(getattr(expect, key) or ()):
            named.append((name, (*path, key, index)))
    known = list(dict.fromkeys(map(table, pids(scenario))))
    for name, place in named:
        if not _FORKED.fullmatch(name):
            yield from _known(name, known, place, "names no process")


def _whose(note: Note) -> Iterator[tuple[str, str]]:
    """The processes that an event is about; a signal is nobody's."""
    yield "by", note.by
    if note.of not in SIGNALS:
        yield "of", note.of
    if note.parent:
        yield "parent", note.parent


def _known(name: str, known: Iterable[str], path: Path, problem: str) -> Iterator[Fault]:
    words = list(known)
    if name not in words:
        yield Fault(path, f"{problem}{did_you_mean(name, words)}", listed(words))


def _once(values: Iterable[object], path: Callable[[int], Path], problem: str) -> Iterator[Fault]:
    """A fault for each value that stood before; None may stand any number of times."""
    seen: set[object] = {None}
    told: set[Path] = set()
    for index, value in enumerate(values):
        if value in seen and value is not None and path(index) not in told:
            told.add(path(index))
            yield Fault(path(index), problem, "each one once")
        seen.add(value)
