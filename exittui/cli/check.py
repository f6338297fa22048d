"""`exittui check`: all schedules searched, each failure with its simplest schedule."""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import TYPE_CHECKING, Any

from exittui.checker.tasks import Task, explain, explained, library, run, run_all, table, workers
from exittui.checker.telling import as_text
from exittui.cli.arguments import check_parser
from exittui.cli.cache import cache_folder
from exittui.errors import UsageError
from exittui.kernel.catalog import KERNELS
from exittui.scenario.library import find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from exittui.checker.search import Outcome

_INTERVAL = 1.0
"""Seconds between two lines of progress."""

_LIBRARY_STATES = 2_000
"""States for each scenario where many are searched and no bound is given."""

_LIBRARY_MOVES = 300


def command(words: Sequence[str]) -> int:
    """Search, print, and say by the exit code what was found."""
    arguments = check_parser().read(words)
    if arguments.library:
        return _library(arguments)
    if arguments.scenario is None:
        raise UsageError("a scenario is missing; see 'exittui check --help'")
    if arguments.kernel and arguments.all_kernels:
        raise UsageError("--kernel and --all-kernels do not go together")
    scenario = find(arguments.scenario)
    chosen = arguments.kernel or scenario.kernels[0]
    if arguments.explain_hunks:
        return _explain(arguments, chosen)
    kernels = tuple(KERNELS) if arguments.all_kernels else (chosen,)
    if arguments.all_kernels and arguments.without:
        raise UsageError("--without names a hunk of one kernel: it does not go with --all-kernels")
    tasks = [_task(arguments, kernel) for kernel in kernels]
    reports = []
    if arguments.jobs == 1 or len(tasks) == 1:
        for task in tasks:
            reports.append(_timed(task, arguments.time))
            _show(reports[-1], arguments, first=len(reports) == 1)
    else:
        with workers(arguments.jobs) as executor:
            for data in run_all(tasks, executor):
                reports.append(data)
                _show(data, arguments, first=len(reports) == 1)
    if arguments.format == "json":
        print(json.dumps(reports if arguments.all_kernels else reports[0], indent=2))
    codes = [data["exit_code"] for data in reports]
    return next((code for code in (12, 11, 13, 14) if code in codes), 0)


def _task(arguments: argparse.Namespace, kernel: str) -> Task:
    properties = list(arguments.property)
    if arguments.reachable:
        properties.append(f"reachable {arguments.reachable}")
    return Task(
        scenario=arguments.scenario,
        kernel=kernel,
        without=tuple(dict.fromkeys(arguments.without)),
        properties=tuple(properties),
        states=arguments.max_states,
        depth=arguments.max_depth,
        preemptions=arguments.preemptions,
        walks=arguments.walks or 0,
        seed=arguments.seed or 0,
        reduce=not arguments.full,
        exact=arguments.exact,
        breadth=arguments.breadth_first,
        cache=cache_folder(),
    )


def _timed(task: Task, seconds: float | None) -> dict[str, Any]:
    """Run a task here, with its progress shown and its time and memory noted."""
    started = time.monotonic()
    progress = _Progress(seconds)
    data = run(task, progress.stop)
    progress.finish()
    data["seconds"] = round(time.monotonic() - started, 3)
    data["megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return data


def _show(data: dict[str, Any], arguments: argparse.Namespace, *, first: bool) -> None:
    if arguments.format == "json":
        return
    if not first:
        print()
    if data.get("unlinked"):
        print(f"{data['scenario']} under {data['kernel']}: does not link: {data['unlinked']}")
        return
    for line in as_text(data, without=tuple(data["without"])):
        print(line)
    if "seconds" in data:
        print(f"  {data['seconds']:.1f} s, {data['megabytes']:.0f} MB", flush=True)


def _bounds(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "states": arguments.max_states or _LIBRARY_STATES,
        "depth": arguments.max_depth,
        "moves": _LIBRARY_MOVES,
        "cache": cache_folder(),
    }


def _library(arguments: argparse.Namespace) -> int:
    """The table of the README."""
    with workers(arguments.jobs) as executor:
        reports = list(run_all(library(**_bounds(arguments)), executor))
    if arguments.format == "json":
        print(json.dumps(reports, indent=2))
    else:
        for line in table(reports):
            print(line)
    return 0


def _explain(arguments: argparse.Namespace, kernel: str) -> int:
    """Why each hunk is there."""
    if not KERNELS[kernel].hunks:
        raise UsageError(f"kernel {kernel} has no hunks")
    with workers(arguments.jobs) as executor:
        found = list(explain(arguments.scenario, kernel, executor, **_bounds(arguments)))
    if arguments.format == "json":
        print(json.dumps(found, indent=2))
    else:
        for one in found:
            for line in explained(one, kernel):
                print(line)
    return 0


class _Progress:
    """Says on standard error how far the search is, and stops it when its time is up."""

    def __init__(self, seconds: float | None) -> None:
        self._begin = self._last = time.monotonic()
        self._seconds = seconds
        self._shown = sys.stderr.isatty()
        self._written = False

    def stop(self, outcome: Outcome) -> str:
        """Asked by the search now and then."""
        now = time.monotonic()
        if self._shown and now - self._last >= _INTERVAL:
            self._last = now
            rate = outcome.states / (now - self._begin)
            sys.stderr.write(
                f"\r\x1b[K{outcome.states:,} states, {rate:,.0f}/s, {outcome.frontier:,} open, "
                f"{outcome.depth:,} deep, {len(outcome.seen)} violated"
            )
            sys.stderr.flush()
            self._written = True
        if self._seconds is not None and now - self._begin >= self._seconds:
            return f"{self._seconds:g} seconds"
        return ""

    def finish(self) -> None:
        """Take the line of progress away."""
        if self._written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
