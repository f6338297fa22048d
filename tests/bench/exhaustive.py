"""What an exhaustive search of an exit takes: `python -m tests.bench.exhaustive [SECONDS]`.

The process of `three-threads-exit` with its waiting parent, and the same with fewer threads, under
the kernel of the diff and the one with the reaper, on one CPU, two and three. Each search runs in a
process of its own, through all schedules or until it has used so many seconds of the processor
(120 if none are said); failures do not stop it. Printed are states, transitions, statements,
different ends, seconds of the processor, the largest resident size, how many times the states with
a thread less, and what is violated.
"""

from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final, NamedTuple

import attrs

from exittui.checker.check import Options, check
from exittui.checker.judge import ScenarioJudge
from exittui.checker.search import Bounds
from exittui.scenario.build import build
from exittui.scenario.library import find

KERNELS: Final = ("mpi-2025-05", "reaper")
PATIENCE: Final = 120.0


class Took(NamedTuple):
    """What one search has seen, and what it took."""

    complete: bool
    states: int
    transitions: int
    statements: int
    ends: int
    violated: tuple[str, ...]
    seconds: float
    megabytes: int


def search(kernel: str, threads: int, cpus: int, most: float) -> Took:
    """Search the exit of a process of so many threads, of which the last calls exit(3)."""
    scenario = find("three-threads-exit")
    sh, worker = scenario.process
    *others, last = worker.thread
    others = others[: threads - 1]
    if cpus == 1:  # where only one can run at the start
        others = [attrs.evolve(one, start="ready") for one in others]
    worker = attrs.evolve(worker, thread=(*others, last))
    scenario = attrs.evolve(scenario, cpus=cpus, process=(sh, worker))
    built = build(scenario, kernel)
    start = time.process_time()
    bounds = Bounds(stop=lambda _: "time" if time.process_time() - start > most else "")
    report = check(built.machine, ScenarioJudge(built), Options(bounds=bounds, simplify=False))
    outcome = report.outcome
    return Took(
        report.complete,
        outcome.states,
        outcome.transitions,
        outcome.steps,
        len(outcome.ends),
        tuple(sorted(one.name for one in report.findings)),
        time.process_time() - start,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def told(took: Took, before: Took | None) -> str:
    """A search in a line."""
    end = "all schedules" if took.complete else "not at its end"
    grown = ""
    if before is not None and before.complete and took.complete:
        grown = f", {took.states / before.states:.1f} times the states"
    return (
        f"{end}: {took.states:,} states, {took.transitions:,} transitions, "
        f"{took.statements:,} statements, {took.ends} ends, {took.seconds:.1f} s, "
        f"{took.megabytes} MB{grown}; violated: {'; '.join(took.violated) or 'nothing'}"
    )


def main(words: list[str]) -> None:
    """See above."""
    most = float(words[0]) if words else PATIENCE
    for kernel in KERNELS:
        for cpus in (1, 2, 3):
            before = None
            for threads in (1, 2, 3):
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                    took = pool.submit(search, kernel, threads, cpus, most).result()
                many = f"{threads} thread{'s' * (threads > 1)}, {cpus} CPU{'s' * (cpus > 1)}"
                print(f"{kernel}, {many}: {told(took, before)}", flush=True)
                before = took


if __name__ == "__main__":
    main(sys.argv[1:])
