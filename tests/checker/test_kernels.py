"""Real kernels, statement by statement."""

from __future__ import annotations

import pytest

from exittui.checker.check import Options, Report, check
from exittui.checker.judge import ScenarioJudge
from exittui.checker.search import Bounds
from exittui.checker.tasks import Task, run_all
from exittui.cli.searching import workers
from exittui.errors import UsageError
from exittui.machine import Schedule, Scripted
from exittui.scenario.build import Built, build
from exittui.scenario.library import find
from exittui.scenario.load import parse

TINY = """
title = "Two processes that do little"
description = "Two CPUs, one thread each, from the end of their computing to the first sleep."
kernels = ["reaper"]
cpus = 2
[[process]]
name = "a"
waits = true
[[process.thread]]
program = [["compute", 2], ["pause"]]
start = "cpu0"
[[process]]
name = "b"
waits = true
[[process.thread]]
program = [["compute", 1], ["pause"]]
start = "cpu1"
"""


def checked(name: str, kernel: str, *properties: str, states: int | None = None) -> Report:
    built = build(find(name), kernel)
    options = Options(bounds=Bounds(states=states), moves=400)
    return check(built.machine, ScenarioJudge(built, properties), options)


def test_a_stack_is_freed_under_the_thread_that_exits() -> None:
    """The parent may collect the zombie while its last thread has not left its stack."""
    report = checked("thread-exit", "mpi-2025-05", states=1500)
    found = {one.name: one for one in report.findings}
    finding = found["violation: runs on a freed stack"]
    again = build(find("thread-exit"), "mpi-2025-05").machine
    again.run(Scripted(Schedule.parse(finding.schedule)), finding.steps)
    assert again.result is not None
    assert again.result.kind == "violation"
    assert again.result.message == finding.message.removeprefix("violation: ")


@pytest.mark.parametrize("kernel", ["reaper", "mpi-2025-05"])
def test_one_cpu_has_one_schedule(kernel: str) -> None:
    report = checked("single-exit", kernel)
    assert report.complete
    assert not report.findings
    assert (report.outcome.states, report.outcome.transitions) == (2, 1)


def test_the_reduced_graph_of_a_kernel_ends_as_the_full_one() -> None:
    def tiny() -> Built:
        return build(parse(TINY, name="tiny", file="tiny.toml"), "reaper")

    reports = []
    for reduce in (False, True):
        built = tiny()
        limits = Bounds(states=200_000)
        options = Options(bounds=limits, reduce=reduce, simplify=False)
        reports.append(check(built.machine, ScenarioJudge(built), options))
    full, reduced = reports
    assert full.complete
    assert reduced.complete
    assert reduced.outcome.ends == full.outcome.ends
    assert {one.name for one in reduced.findings} == {one.name for one in full.findings}
    assert reduced.outcome.states * 10 < full.outcome.states


def test_a_schedule_that_gets_somewhere_is_shown() -> None:
    report = checked("single-exit", "reaper", "reachable PS_ZOMBIE in worker.ps_flags")
    assert [str(one.kind) for one in report.findings] == ["reached"]


def test_claims_are_judged_on_every_schedule() -> None:
    report = checked(
        "single-exit",
        "reaper",
        "never PS_ZOMBIE in worker.ps_flags",
        "always nthreads < 100",
        "eventually nthreads > 100",
    )
    assert sorted(str(one.kind) for one in report.findings) == ["liveness", "safety"]


def test_a_property_nobody_knows_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'always'"):
        checked("single-exit", "reaper", "alway nthreads < 9")


def test_any_number_of_workers_gives_the_same_reports() -> None:
    tasks = [
        Task(scenario="thread-exit", kernel=kernel, states=150, moves=20)
        for kernel in ("reaper", "mpi-2025-05")
    ]
    alone = list(run_all(tasks))
    with workers(2) as executor:
        assert list(run_all(tasks, executor)) == alone
