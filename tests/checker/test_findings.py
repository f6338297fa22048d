"""Which violations are the same, and which are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.checker.check import Options, check
from exittui.checker.findings import Kind, of_stop
from exittui.checker.judge import ScenarioJudge
from exittui.checker.search import Bounds
from exittui.machine import Schedule
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker import recording

if TYPE_CHECKING:
    from exittui.machine import Machine


def stopped(scenario: str, kernel: str, name: str) -> Machine:
    """The machine where it stops by the schedule that is recorded for a violation."""
    (report,) = (
        one for one in recording.read() if (one["scenario"], one["kernel"]) == (scenario, kernel)
    )
    (finding,) = (one for one in report["findings"] if one["property"] == name)
    built = build(find(scenario), kernel)
    ScenarioJudge(built, ("safety",))
    for choice in Schedule.parse(finding["schedule"]).picks:
        built.machine.step(choice)
    return built.machine


@pytest.mark.parametrize(
    ("scenario", "kernel", "user", "field"),
    [
        ("three-threads-exit", "reaper", "exit2", "mtx_"),
        ("kqueue-late", "reaper", "filt_procprocess", "ps_mtx"),
    ],
)
def test_a_use_after_free_has_the_name_of_who_uses_it(
    scenario: str, kernel: str, user: str, field: str
) -> None:
    """Not of the lock that is used, nor of its field."""
    name = f"violation: use after free in {user}()"
    found = of_stop(stopped(scenario, kernel, name))
    assert (found.kind, found.name) == (Kind.SAFETY, name)
    assert found.message.startswith(f"violation: use after free: {field}")
    assert "of worker, freed by cpu" in found.message or "of sh, freed by cpu" in found.message


def test_two_who_use_what_was_freed_are_told_apart_and_each_once() -> None:
    """Under the diff two functions of an event take the mutex of a process, field by field."""
    built = build(find("note-exit"), "mpi-2025-05")
    options = Options(bounds=Bounds(states=300), simplify=False)
    report = check(built.machine, ScenarioJudge(built), options)
    used = {one.name: one for one in report.findings if "use after free" in one.name}
    assert {*used} == {
        "violation: use after free in filt_procdetach()",
        "violation: use after free in filt_procprocess()",
    }
    assert sum(one.seen for one in used.values()) > len(used)
    assert all("freed by cpu0 in pool_put < process_zap" in one.message for one in used.values())
