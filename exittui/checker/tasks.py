"""Checks as tasks: plain data in, plain data out, so that any executor can run them.

A task builds its own machine and searches it alone, so what it finds depends on nothing but the
task; the executor decides when and where it runs. Results come in the order of the tasks. So a
report is the same for any number of workers, and for any executor with the interface of
`concurrent.futures`, as that of a Dask client (`client.get_executor()`) has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from exittui.checker.check import Options, check
from exittui.checker.judge import ScenarioJudge
from exittui.checker.search import Bounds, Outcome
from exittui.checker.simplest import MOVES
from exittui.checker.telling import as_data
from exittui.errors import LinkError
from exittui.kernel.catalog import KERNELS
from exittui.scenario.build import build
from exittui.scenario.library import find, names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor
    from pathlib import Path


@attrs.frozen(kw_only=True)
class Task:
    """One scenario under one kernel, less some hunks, and how to search it."""

    scenario: str
    kernel: str
    without: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    states: int | None = None
    depth: int | None = None
    preemptions: int | None = None
    walks: int = 0
    seed: int = 0
    reduce: bool = True
    exact: bool = False
    breadth: bool = False
    simplify: bool = True
    moves: int = MOVES
    cache: Path | None = None

    @property
    def title(self) -> str:
        """What is searched, in a few words."""
        return f"{self.scenario} under {self.kernel}"

    def answer(self, stop: Callable[[Outcome], str], _: Callable[[str], None]) -> dict[str, Any]:
        """Its report."""
        return run(self, stop)


def run(task: Task, stop: Callable[[Outcome], str] = lambda _: "") -> dict[str, Any]:
    """The report of a task as plain data; a kernel that does not link has `unlinked` set."""
    about = {"scenario": task.scenario, "kernel": task.kernel, "without": list(task.without)}
    try:
        built = build(find(task.scenario), task.kernel, task.without, cache=task.cache)
    except LinkError as error:
        return {**about, "unlinked": error.message, "findings": [], "exit_code": 0}
    report = check(
        built.machine,
        ScenarioJudge(built, task.properties),
        Options(
            bounds=Bounds(
                states=task.states, depth=task.depth, preemptions=task.preemptions, stop=stop
            ),
            reduce=task.reduce,
            exact=task.exact,
            breadth=task.breadth,
            walks=task.walks,
            seed=task.seed,
            simplify=task.simplify,
            moves=task.moves,
        ),
    )
    return as_data(report, built.machine, about)


def run_all(tasks: Iterable[Task], executor: Executor | None = None) -> Iterator[dict[str, Any]]:
    """The reports in the order of the tasks; one after the other where there is no executor."""
    if executor is None:
        yield from map(run, tasks)
    else:
        yield from executor.map(run, tasks)


# -- the whole library -----------------------------------------------------------------------------


def library(**bounds: Any) -> list[Task]:
    """Every scenario under every kernel it names."""
    return [
        Task(scenario=name, kernel=kernel, **bounds)
        for name in names()
        for kernel in find(name).kernels
        if kernel in KERNELS
    ]
