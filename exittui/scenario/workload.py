"""Workloads: programs for many processes, made from distributions and a seed.

The children of a workload come in classes: so many sizes are drawn, in the order of their
quantiles, and children of one class share one program. Which child is of which class is drawn
from the seed too. Programs are made here instead of by the kernel's own user_program(), which
would take as long as the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.signal import SIGKILL
from exittui.kernel.sys.wait import WAIT_ANY
from exittui.scenario.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exittui.machine import Machine, struct
    from exittui.scenario.model import Scenario, Spread, Time, Workload

PAGE: Final = 4096
SLICE: Final = 1000
"""Microseconds that a program computes at a time before it looks for an AST."""

ROUNDS: Final = 3
"""A program touches its memory, computes and calls the kernel in so many rounds."""

SHELL_PAGES: Final = 64
EXEC_PAGES: Final = 128
"""What a process has mapped and touched when its program begins, ld.so and libc above all."""

Op = tuple[Any, ...]


def workloads(scenario: Scenario) -> Iterator[Fault]:
    """What is wrong with the workloads of a scenario."""
    if not scenario.process and not scenario.workload:
        yield Fault(("process",), "missing", "at least one [[process]] or [[workload]]")
    names = [workload.name for workload in scenario.workload]
    taken = {process.name for process in scenario.process}
    for index, workload in enumerate(scenario.workload):
        path = ("workload", index)
        if workload.name in taken or workload.name in names[:index]:
            yield Fault((*path, "name"), "is taken")
        for key in ("pages", "user", "locked", "unlocked"):
            yield from _spread(getattr(workload, key), (*path, key))
        yield from _memory(workload, scenario.time, path)


def _spread(spread: Spread, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if spread.low > spread.high:
        yield Fault((*path, "low"), "is more than `high`", f"0 to {spread.high}")
    elif spread.shape != "uniform" and not spread.low <= spread.median <= spread.high:
        yield Fault((*path, "median"), "out of range", f"{spread.low} to {spread.high}")


def _memory(workload: Workload, time: Time, path: tuple[str | int, ...]) -> Iterator[Fault]:
    """All that run at a time have to fit into the memory there is."""
    if workload.pages.low > workload.pages.high:
        return
    at_once = workload.processes if workload.kind == "late" else workload.jobs
    if workload.kind in ("threads", "kill"):
        at_once = 1
    largest = max(sizes(workload.pages, workload.classes))
    there = time.memory * (1 << 20) // PAGE
    if largest * at_once > there:
        yield Fault(
            (*path, "pages"),
            f"do not fit: {at_once} processes of up to {largest} pages, {there} pages of memory",
            f"at most {there // at_once} pages each",
        )


def sizes(spread: Spread, count: int) -> list[int]:
    """So many values of a distribution, in the middle of as many equal parts of it."""
    if spread.shape == "fixed":
        return [spread.median] * count
    parts = [(index + 0.5) / count for index in range(count)]
    return [min(spread.high, max(spread.low, round(_quantile(spread, part)))) for part in parts]


def _quantile(spread: Spread, part: float) -> float:
    # Costly to import, and most scenarios have no workload.
    from math import log, log2  # noqa: PLC0415
    from statistics import NormalDist  # noqa: PLC0415

    if spread.shape == "uniform":
        return spread.low + part * (spread.high - spread.low)
    if spread.shape == "exponential":
        return -spread.median * log2(1 - part)
    sigma = log(spread.spread / 100)
    value: float = spread.median * (spread.spread / 100) ** NormalDist().inv_cdf(part)
    return value if sigma else float(spread.median)


def install(machine: Machine, workload: Workload, time: Time) -> list[Any]:
    """Make the process of a workload; its threads, which are to be put on a run queue."""
    return _Maker(machine, workload, time).install()


class _Maker:
    """Makes the programs of one workload."""

    def __init__(self, machine: Machine, workload: Workload, time: Time) -> None:
        self._machine = machine
        self._workload = workload
        self._unit = time.page_unit
        self._calls: dict[str, Any] = {}
        import random  # noqa: PLC0415  # as above

        self._random = random.Random(workload.seed).random  # noqa: S311 - dice, not secrets

    def install(self) -> list[Any]:
        """The process, its program and its thread."""
        machine, workload = self._machine, self._workload
        init = machine.globals["initprocess"]
        pages = self._units(SHELL_PAGES)
        process = machine.call("boot_process", init, 0, workload.name, pages)
        if workload.kind == "kill":
            return self._killer(process)
        ops = self._parent()
        return [machine.call("boot_thread", process, 0, self._program(ops))]

    def _killer(self, process: Any) -> list[Any]:
        """The process and its victim, whose threads it makes itself."""
        machine, workload = self._machine, self._workload
        victim = machine.call("boot_process", process, 0, "victim", self._units(EXEC_PAGES))
        sleeper = self._program([("sigsuspend", 0), ("exit", 0)])
        ops: list[Op] = [*self._touch(sizes(workload.pages, 1)[0])]
        ops += [("tfork", sleeper)] * workload.processes + [("sigsuspend", 0), ("exit", 0)]
        killer: list[Op] = [
            *_compute(workload.before),
            ("kill", victim.ps_pid, SIGKILL),
            ("wait4", victim.ps_pid, 0),
            ("exit", 0),
        ]
        return [
            machine.call("boot_thread", process, 0, self._program(killer)),
            machine.call("boot_thread", victim, 0, self._program(ops)),
        ]

    def _parent(self) -> list[Op]:
        """What the process does that makes the others."""
        workload = self._workload
        children, count = self._children(), workload.processes
        picks = [children[int(self._random() * len(children))] for _ in range(count)]
        fork, wait = (
            ("tfork", ("sem_wait", 0))
            if workload.kind == "threads"
            else (
                "fork",
                ("wait4", WAIT_ANY, 0),
            )
        )
        ops: list[Op] = [*_compute(workload.before)]
        if workload.kind == "late":
            ops += [(fork, child) for child in picks]
            ops += [*_compute(workload.after), *([wait] * count)]
            return [*ops, ("exit", 0)]
        jobs = min(workload.jobs, count) if workload.kind != "storm" else 1
        for index, child in enumerate(picks):
            if index >= jobs:
                ops.append(wait)
            ops.append((fork, child))
        return [*ops, *([wait] * jobs), *_compute(workload.after), ("exit", 0)]

    def _children(self) -> list[struct]:
        """A program for each class."""
        workload, count = self._workload, self._workload.classes
        columns = [
            self._shuffled(sizes(spread, count))
            for spread in (workload.user, workload.locked, workload.unlocked)
        ]
        pages = sizes(workload.pages, count)
        # Large programs compute long: the classes of pages and of user time go together.
        columns[0] = sizes(workload.user, count)
        return [self._child(*row) for row in zip(pages, *columns, strict=True)]

    def _child(self, pages: int, user: int, locked: int, unlocked: int) -> struct:
        ops: list[Op] = []
        for _ in range(ROUNDS):
            ops += self._touch(max(0, pages - EXEC_PAGES) // ROUNDS)
            ops += _compute(user // ROUNDS)
            ops += [("open", 1, locked * 1000 // ROUNDS)] if locked >= ROUNDS else []
            ops += [("pread", 1, unlocked * 1000 // ROUNDS)] if unlocked >= ROUNDS else []
        if self._workload.kind == "threads":
            return self._program([*ops, ("sem_post", 0), ("threxit",)])
        program = self._program([*ops, ("exit", 0)])
        name = f"{self._workload.name}-job"
        return self._program([("execve", name, self._units(min(pages, EXEC_PAGES)), program)])

    def _touch(self, pages: int) -> list[Op]:
        units = round(pages / self._unit)
        return [("mmap", units)] if units else []

    def _units(self, pages: int) -> int:
        return max(1, round(pages / self._unit))

    def _shuffled(self, values: list[int]) -> list[int]:
        values = list(values)
        for index in range(len(values) - 1, 0, -1):
            other = int(self._random() * (index + 1))
            values[index], values[other] = values[other], values[index]
        return values

    def _program(self, ops: Sequence[Op]) -> struct:
        """A program as the kernel's user_program() makes them."""
        arguments = [
            tuple(rest[:1]) if name == "compute" else () if name in _WITH_CHILD else tuple(rest)
            for name, *rest in ops
        ]
        return self._machine.memory.allocate(
            "program",
            {
                "pg_ops": tuple(ops),
                "pg_callp": tuple(self._call(name) for name, *_ in ops),
                "pg_args": tuple(arguments),
                "pg_child": tuple(
                    op[-1] if op[0] in _WITH_CHILD or op[0] == "execve" else None for op in ops
                ),
            },
        )

    def _call(self, name: str) -> Any:
        if name in ("compute", "loop"):
            return None
        if name not in self._calls:
            self._calls[name] = self._machine.call("sysent_find", name)
        return self._calls[name]


_WITH_CHILD: Final = ("fork", "vfork", "tfork")


def _compute(microseconds: int) -> list[Op]:
    """Computing for so long, in equal slices."""
    if not microseconds:
        return []
    slices = -(-microseconds // SLICE)
    return [("compute", slices, microseconds * 1000 // slices)]
