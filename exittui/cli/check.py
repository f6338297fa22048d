"""`exittui check`: all schedules searched, each failure with its simplest schedule."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from exittui.checker.explaining import MOVES, STATES, explained, questions, table
from exittui.checker.table import by_property, by_scenario
from exittui.checker.tasks import Task, library
from exittui.checker.telling import as_text
from exittui.cli.arguments import check_parser
from exittui.cli.cache import cache_folder
from exittui.cli.searching import all_searched, workers
from exittui.errors import ExitCode, UsageError, did_you_mean
from exittui.kernel.catalog import KERNELS
from exittui.scenario.library import find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_GRAVEST = (ExitCode.VIOLATION, ExitCode.DEADLOCK, ExitCode.LIVENESS, ExitCode.UNMET)

_LIBRARY_STATES = 1_000
"""States for each scenario where many are searched and no bound is given."""

_LIBRARY_MOVES = 300


def command(words: Sequence[str]) -> int:
    """Search, print, and say by the exit code what was found."""
    arguments = check_parser().read(words)
    _refuse(arguments)
    if arguments.library:
        return _library(arguments)
    scenario = find(arguments.scenario)
    chosen = arguments.kernel or scenario.kernels[0]
    if arguments.explain_hunks:
        return _explain(arguments, chosen)
    kernels = tuple(KERNELS) if arguments.all_kernels else (chosen,)
    tasks = [_task(arguments, kernel) for kernel in kernels]
    jobs = 1 if len(tasks) == 1 else arguments.jobs
    reports: list[dict[str, Any]] = []
    with workers(jobs, arguments.executor) as executor:
        for data in all_searched(tasks, executor, arguments.time, jobs=arguments.jobs):
            if data.get("unlinked"):
                raise UsageError(f"{chosen} does not link: {data['unlinked']}")
            reports.append(data)
            if arguments.format == "text":
                _show(data, first=len(reports) == 1)
    if arguments.format == "json":
        print(json.dumps(reports if arguments.all_kernels else reports[0], indent=2))
    return _code(reports)


def _refuse(arguments: argparse.Namespace) -> None:
    """What cannot be asked for together."""
    if arguments.library and arguments.scenario is not None:
        raise UsageError("--library searches all scenarios: it does not go with one")
    if not arguments.library and arguments.scenario is None:
        raise UsageError("a scenario is missing; see 'exittui check --help'")
    if arguments.kernel and arguments.all_kernels:
        raise UsageError("--kernel and --all-kernels do not go together")
    if arguments.kernel and arguments.kernel not in KERNELS and arguments.library:
        raise UsageError(f"no kernel {arguments.kernel!r}; known: {', '.join(KERNELS)}")
    many = "--all-kernels" if arguments.all_kernels else "--library" if arguments.library else ""
    if arguments.without and many:
        raise UsageError(f"--without names a hunk of one kernel: it does not go with {many}")
    asks = arguments.property or arguments.reachable
    if asks and (arguments.library or arguments.explain_hunks):
        raise UsageError("--property and --reachable are asked of one scenario")


def _code(reports: Sequence[dict[str, Any]]) -> int:
    """That of the gravest violation; if there is none, whether the user has ended the search."""
    codes = [data["exit_code"] for data in reports]
    if any(data["interrupted"] for data in reports):
        codes.append(ExitCode.INTERRUPTED)
    return next((code for code in (*_GRAVEST, ExitCode.INTERRUPTED) if code in codes), ExitCode.OK)


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


def _show(data: dict[str, Any], *, first: bool) -> None:
    if not first:
        print()
    for line in as_text(data, without=tuple(data["without"])):
        print(line, flush=True)


def _bounds(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "states": arguments.max_states or _LIBRARY_STATES,
        "depth": arguments.max_depth,
        "preemptions": arguments.preemptions,
        "moves": _LIBRARY_MOVES,
        "cache": cache_folder(),
    }


def _library(arguments: argparse.Namespace) -> int:
    """The tables of the README."""
    tasks = library(**_bounds(arguments))
    if arguments.kernel:
        tasks = [task for task in tasks if task.kernel == arguments.kernel]
    reports: list[dict[str, Any]] = []
    with (
        workers(arguments.jobs, arguments.executor) as executor,
        contextlib.suppress(KeyboardInterrupt),  # what is known by then is told
    ):
        reports.extend(all_searched(tasks, executor, arguments.time, jobs=arguments.jobs))
    if arguments.format == "json":
        print(json.dumps(reports, indent=2))
        return ExitCode.OK
    for line in (*by_scenario(reports), "", *by_property(reports)):
        print(line)
    if len(reports) < len(tasks):
        print(f"\ninterrupted: {len(reports)} of {len(tasks)} searches were made")
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def _explain(arguments: argparse.Namespace, kernel: str) -> int:
    """Why each hunk is there; each is told as soon as it is known."""
    if kernel not in KERNELS:
        hint = did_you_mean(kernel, KERNELS)
        raise UsageError(f"no kernel {kernel!r}{hint}; known: {', '.join(KERNELS)}")
    if not KERNELS[kernel].hunks:
        raise UsageError(f"kernel {kernel} has no hunks")
    asked = questions(
        arguments.scenario,
        kernel,
        states=arguments.max_states or STATES,
        depth=arguments.max_depth,
        preemptions=arguments.preemptions,
        moves=MOVES,
        cache=cache_folder(),
    )
    found: list[dict[str, Any]] = []
    with (
        workers(arguments.jobs, arguments.executor) as executor,
        contextlib.suppress(KeyboardInterrupt),  # what is known by then is told
    ):
        for one in all_searched(asked, executor, arguments.time, jobs=arguments.jobs):
            found.append(one)
            if arguments.format == "text":
                for line in explained(one, kernel):
                    print(line, flush=True)
                print()
    if arguments.format == "json":
        print(json.dumps(found, indent=2))
    else:
        for line in table(found, kernel):
            print(line)
    if len(found) == len(asked) and not any(one["interrupted"] for one in found):
        return ExitCode.OK
    if arguments.format == "text":
        print(f"\ninterrupted: {len(found)} of {len(asked)} hunks were begun")
    return ExitCode.INTERRUPTED
