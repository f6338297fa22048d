"""Every scenario that comes with the program ends as it says, whoever chooses."""

from __future__ import annotations

import attrs
import pytest

from exittui.machine import RoundRobin
from exittui.scenario.build import build
from exittui.scenario.expect import expected, unmet
from exittui.scenario.library import DEFAULT, folder, names
from exittui.scenario.load import load
from exittui.scenario.model import Run
from exittui.scenario.play import Play, verdict
from tests.bench.storm import sized

LARGE = ("storm", "thousand-threads")
"""They take seconds: run without a past, and whole by tests/bench/storm.py."""

SCENARIOS = {name: load(folder() / f"{name}.toml") for name in names() if name not in LARGE}
CASES = [(name, kernel) for name, scenario in SCENARIOS.items() for kernel in scenario.kernels]
CHOOSERS = [Run(), *(Run(chooser="random", seed=seed) for seed in range(2))]


def test_the_default_scenario_is_among_them() -> None:
    assert DEFAULT in SCENARIOS
    assert SCENARIOS[DEFAULT].kernels[0] == "mpi-2025-05"


@pytest.mark.parametrize("run", CHOOSERS, ids=lambda run: f"{run.chooser}-{run.seed}")
@pytest.mark.parametrize(("name", "kernel"), CASES)
def test_it_ends_as_expected(name: str, kernel: str, run: Run) -> None:
    end = Play(build(SCENARIOS[name], kernel), run).end()
    assert (end.result, end.unmet) == (expected(SCENARIOS[name], kernel).result, ())


@pytest.mark.parametrize(("name", "kernel"), CASES)
def test_it_says_what_can_be_seen(name: str, kernel: str) -> None:
    """Each scenario judges what the waiters got, who is left, and the kernel's own lists."""
    expect = SCENARIOS[name].expect
    judged = {
        field
        for field in ("result", "exits", "alive", "zombies", "threads")
        if getattr(expect, field) is not None
        or all(getattr(one, field) is not None for one in SCENARIOS[name].expect_under.values())
    }
    assert judged == {"result", "exits", "alive", "zombies", "threads"}
    assert kernel in SCENARIOS[name].kernels


@pytest.mark.parametrize("name", SCENARIOS)
def test_its_schedule_leads_to_the_same_end(name: str) -> None:
    kernel = SCENARIOS[name].kernels[0]
    first = Play(build(SCENARIOS[name], kernel), Run(chooser="random", seed=3)).end()
    again = Run(chooser="scripted", schedule=first.schedule)
    assert Play(build(SCENARIOS[name], kernel), again).end() == first


@pytest.mark.parametrize(
    ("shape", "threads", "kernel"),
    [("one", 1_000, "mpi-2025-05"), ("one", 1_000, "reaper"), ("ten", 500, "mpi-2025-05")],
)
def test_many_threads_end_as_expected(shape: str, threads: int, kernel: str) -> None:
    """`thousand-threads`, and the processes of ten of a smaller `storm`."""
    scenario = sized(shape, threads)
    assert kernel in scenario.kernels
    built = build(scenario, kernel, past=False)
    assert built.machine.run(RoundRobin(), scenario.run.max_steps) < scenario.run.max_steps
    result, message = verdict(built)
    assert (result, unmet(built, result, message)) == ("done", ())


def test_an_expectation_that_does_not_hold_is_told() -> None:
    scenario = SCENARIOS[DEFAULT]
    wrong = attrs.evolve(scenario.expect, result="panic", threads=77, zombies=("worker",), exits=())
    changed = attrs.evolve(scenario, expect=wrong, expect_under={})
    end = Play(build(changed, "reaper"), Run()).end()
    assert end.unmet[0] == 'result "panic", not "done"'
    assert end.unmet[1].startswith("exits [], not [{ by = ")
    assert end.unmet[2] == 'zombies ["worker"], not []'
    assert end.unmet[3].startswith("threads 77, not ")


def test_a_kernel_the_scenario_does_not_name_is_not_judged() -> None:
    scenario = attrs.evolve(SCENARIOS[DEFAULT], kernels=("mpi-2025-05",))
    wrong = attrs.evolve(scenario.expect, result="panic")
    changed = attrs.evolve(scenario, expect=wrong, expect_under={})
    assert Play(build(changed, "reaper"), Run()).end().unmet == ()
