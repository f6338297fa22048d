"""Checks as tasks: plain data in, plain data out, so that any executor can run them.

A task builds its own machine and searches it alone, so what it finds depends on nothing but the
task; the executor decides when and where it runs. Results come in the order of the tasks. So a
report is the same for any number of workers, and for any executor with the interface of
`concurrent.futures`, as that of a Dask client (`client.get_executor()`) has.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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


@contextlib.contextmanager
def workers(jobs: int) -> Iterator[Executor | None]:
    """An executor with so many processes; none for one job."""
    if jobs == 1:
        yield None
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as executor:
        yield executor


# -- the whole library -----------------------------------------------------------------------------


def library(**bounds: Any) -> list[Task]:
    """Every scenario under every kernel it names."""
    return [
        Task(scenario=name, kernel=kernel, **bounds)
        for name in names()
        for kernel in find(name).kernels
        if kernel in KERNELS
    ]


def table(reports: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A Markdown table: scenario by kernel, the simplest failure or how much holds."""
    cells: dict[str, dict[str, str]] = {}
    for data in reports:
        cells.setdefault(data["scenario"], {})[data["kernel"]] = cell(data)
    yield f"| scenario | {' | '.join(f'`{kernel}`' for kernel in KERNELS)} |"
    yield f"|---|{'---|' * len(KERNELS)}"
    for name, row in cells.items():
        yield f"| {name} | {' | '.join(row.get(kernel, '') for kernel in KERNELS)} |"


def cell(data: dict[str, Any]) -> str:
    """One report in a few words: its simplest finding first."""
    if data.get("unlinked"):
        return "does not link"
    if not data["findings"]:
        return "holds" if data["complete"] else f"nothing in {data['states']:,} states"
    first = min(data["findings"], key=lambda one: (one["preemptions"], one["steps"]))
    more = len(data["findings"]) - 1
    name = first["property"].replace("violation: ", "")
    if len(name) > 60:  # noqa: PLR2004 - what a cell can hold
        name = name[:57] + "…"
    return f"{name.replace('|', '/')} ({first['preemptions']} pre., {first['steps']:,} steps)" + (
        f" +{more}" if more else ""
    )


# -- why each hunk is there ------------------------------------------------------------------------


def explain(
    scenario: str, kernel: str, executor: Executor | None, **bounds: Any
) -> Iterator[dict[str, Any]]:
    """For each hunk: what breaks without it in this scenario, or else in another of the library.

    `breaks` has the findings that the whole kernel does not have in the same scenario.
    """
    hunks = [hunk.name for hunk in KERNELS[kernel].hunks]
    everywhere = [scenario, *(name for name in names() if name != scenario)]
    everywhere = [name for name in everywhere if kernel in find(name).kernels]
    open_ = list(hunks)
    known: dict[str, dict[str, Any]] = {}
    for name in everywhere:
        whole, *less = run_all(
            [
                Task(scenario=name, kernel=kernel, **bounds),
                *(Task(scenario=name, kernel=kernel, without=(hunk,), **bounds) for hunk in open_),
            ],
            executor,
        )
        usual = {finding["property"] for finding in whole["findings"]}
        for hunk, data in zip(list(open_), less, strict=True):
            breaks = [one for one in data["findings"] if one["property"] not in usual]
            if data.get("unlinked") or breaks:
                open_.remove(hunk)
                known[hunk] = {
                    "hunk": hunk,
                    "scenario": name,
                    "unlinked": data.get("unlinked", ""),
                    "breaks": breaks,
                }
        if not open_:
            break
    for hunk in hunks:
        yield known.get(hunk, {"hunk": hunk, "scenario": "", "unlinked": "", "breaks": []})


def explained(one: dict[str, Any], kernel: str) -> Iterator[str]:
    """What is known of a hunk, for people."""
    if one["unlinked"]:
        yield f"{one['hunk']}: the kernel does not link without it: {one['unlinked']}"
    elif not one["breaks"]:
        yield f"{one['hunk']}: nothing in the library was seen to need it"
    else:
        first = min(one["breaks"], key=lambda found: (found["preemptions"], found["steps"]))
        yield f"{one['hunk']}: in {one['scenario']}, {first['message']}"
        yield (
            f"   exittui run {one['scenario']} --kernel {kernel} --without {one['hunk']} "
            f"--schedule '{first['schedule']}'"
        )
