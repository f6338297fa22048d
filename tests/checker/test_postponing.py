"""Arrivals of interrupts that can wait, against the search that lets none wait."""

from __future__ import annotations

import attrs
import pytest

from exittui.checker import looking, postponing
from exittui.checker.bare import Bare
from exittui.checker.check import Options, Report, check
from exittui.checker.judge import ScenarioJudge
from exittui.machine import Machine, link
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.machine.machines import interrupts, late

LATE = link("late", [late], cpu_struct=("cpu", "number"))
INTERRUPTS = link("interrupts", [interrupts], cpu_struct=("cpu", "number"))


def racing(zero: int, one: int) -> Machine:
    """CPU 0 asks and adds, CPU 1 adds and looks whether it was asked."""
    machine = Machine(LATE, 2)
    machine.begin(0, "ask", zero)
    machine.begin(1, "race", one)
    machine.start()
    return machine


def working(zero: int, one: int) -> Machine:
    """CPU 0 waits for each interrupt to be handled, CPU 1 turns interrupts off and on."""
    machine = Machine(INTERRUPTS, 2)
    machine.begin(0, "ask", zero)
    machine.begin(1, "work", one)
    machine.start()
    return machine


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The arrivals that could wait, filled while searches are made."""
    found: list[int] = []

    def noted(mover: looking.LookingMover, choices: tuple[int, ...]) -> tuple[int, ...]:
        tried = postponing.pressing(mover, choices)
        found.extend(one for one in choices if one not in tried)
        return tried

    monkeypatch.setattr(looking, "pressing", noted)
    return found


def searched(machine: Machine, options: Options) -> Report:
    report = check(machine, Bare(), attrs.evolve(options, simplify=False))
    assert report.complete
    return report


@pytest.mark.parametrize(("zero", "one"), [(1, 1), (2, 1), (1, 3), (3, 3)])
def test_what_waits_is_tried_where_it_matters(zero: int, one: int, waited: list[int]) -> None:
    """All sums of the race, each with and without the interrupt seen."""
    full = searched(racing(zero, one), Options(reduce=False))
    ahead = searched(racing(zero, one), Options())
    assert waited
    assert ahead.outcome.ends == full.outcome.ends
    blind = searched(racing(zero, one), Options(ahead=False))
    assert ahead.outcome.states < blind.outcome.states < full.outcome.states


@pytest.mark.parametrize(("zero", "one"), [(1, 1), (1, 3), (3, 2)])
def test_an_interrupt_that_somebody_waits_for_has_all_its_ends(zero: int, one: int) -> None:
    full = searched(working(zero, one), Options(reduce=False))
    ahead = searched(working(zero, one), Options())
    assert ahead.outcome.ends == full.outcome.ends
    assert {one.name for one in ahead.findings} == {one.name for one in full.findings}


@pytest.mark.parametrize("kernel", ["reaper", "purge-2025-08"])
def test_an_exit_on_two_cpus_ends_as_without_looking_ahead(kernel: str, waited: list[int]) -> None:
    scenario = attrs.evolve(find("single-exit"), cpus=2)
    reports = []
    for ahead in (False, True):
        built = build(scenario, kernel)
        options = Options(ahead=ahead, simplify=False)
        reports.append(check(built.machine, ScenarioJudge(built), options))
    blind, ahead_too = reports
    assert blind.complete
    assert ahead_too.complete
    assert waited
    assert ahead_too.outcome.ends == blind.outcome.ends
    assert ahead_too.outcome.states * 10 < blind.outcome.states
