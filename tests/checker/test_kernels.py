"""Real kernels, statement by statement."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import attrs
import pytest

import exittui
from exittui.checker.check import Options, Report, check
from exittui.checker.discipline import Discipline
from exittui.checker.judge import ScenarioJudge
from exittui.checker.search import Bounds, Graph
from exittui.checker.tasks import Task, run_all
from exittui.cli.searching import workers
from exittui.errors import UsageError
from exittui.kernel.catalog import KERNELS
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
    report = checked("thread-exit", "mpi-2025-05", states=100)
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
    for reduce, ahead in ((False, False), (True, False), (True, True)):
        built = tiny()
        options = Options(reduce=reduce, ahead=ahead, simplify=False)
        reports.append(check(built.machine, ScenarioJudge(built), options))
    full, reduced, ahead_too = reports
    for report in reports:
        assert report.complete
        assert report.outcome.ends == full.outcome.ends
        assert {one.name for one in report.findings} == {one.name for one in full.findings}
    assert reduced.outcome.states * 10 < full.outcome.states
    assert ahead_too.outcome.states <= reduced.outcome.states


def test_looking_ahead_leaves_out_states_and_no_end_and_no_failure() -> None:
    """The exit of a process on two CPUs, with the interrupts they send each other."""
    scenario = attrs.evolve(find("single-exit"), cpus=2)
    reports = []
    for ahead in (False, True):
        built = build(scenario, "mpi-2025-05")
        options = Options(ahead=ahead, simplify=False)
        reports.append(check(built.machine, ScenarioJudge(built), options))
    blind, ahead_too = reports
    assert blind.complete
    assert ahead_too.complete
    assert ahead_too.outcome.ends == blind.outcome.ends
    assert {one.name for one in ahead_too.findings} == {one.name for one in blind.findings}
    assert ahead_too.outcome.states < blind.outcome.states


@pytest.mark.parametrize("kernel", ["reaper", "mpi-2025-05"])
def test_the_number_of_a_state_kept_up_is_the_one_worked_out(kernel: str) -> None:
    """Along random moves of the reduced graph, interrupts included."""
    built = build(find("three-threads-exit"), kernel)
    machine, judge = built.machine, ScenarioJudge(built)
    graph = Graph(machine, judge, discipline=Discipline.of(machine, judge))
    graph.start()
    draw = random.Random(2)  # noqa: S311 - dice, not secrets
    compared = 0
    while graph.mover.choices() and graph.move(draw.choice(graph.mover.choices()), 0):
        assert graph.mover.fingerprint == graph.slice.whole()
        compared += 1
    assert compared > 20


def test_what_judges_look_at_is_told_apart() -> None:
    """No name that rules, expectations and ends look at is left out of states."""
    package = Path(exittui.__file__).parent
    looking = [
        package / "checker" / "judge.py",
        *(package / "kernel" / "invariants").glob("*.py"),
        *(package / "scenario").glob("*.py"),
    ]
    looked_at: set[str] = set()
    for path in looking:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                looked_at.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                looked_at.add(node.value)
    for kernel in KERNELS:
        built = build(attrs.evolve(find("single-exit"), kernels=(kernel,)), kernel)
        unread = built.machine.image.unread
        assert "swtch" in unread
        assert not unread & looked_at - ScenarioJudge(built).names


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
        Task(scenario="thread-exit", kernel=kernel, states=30, moves=10)
        for kernel in ("reaper", "mpi-2025-05")
    ]
    alone = list(run_all(tasks))
    with workers(2) as executor:
        assert list(run_all(tasks, executor)) == alone


def test_the_level_in_a_mutex_is_written_by_who_takes_it_before_it_is_read() -> None:
    """So that a state need not tell what the last owner has left there (see `slice.py`)."""
    statements = build(find("exit"), "mpi-2025-05").machine.image.statements
    places = [one for one in statements if "mtx_oldipl" in one.text]
    written = [one for one in places if one.text.startswith("mtx.mtx_oldipl = ")]
    assert {one.function for one in written} == {"mtx_enter", "mtx_enter_try"}
    for one in written:
        assert "atomic_cas(" in statements[one.pc - 1].text
    assert {one.function for one in places if one not in written} == {"mtx_leave"}
