"""Searches around a CPU that stands still: those that would come to nothing are left out."""

from __future__ import annotations

from typing import Any

import pytest

from exittui.checker import check as checking
from exittui.checker import surveying
from exittui.checker.bare import Bare
from exittui.checker.check import Options, Report, check
from exittui.checker.judge import ScenarioJudge
from exittui.machine import Machine, link
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker.machines import marked as machines
from tests.checker.whole import names

MARKED = link("marked", [machines], cpu_struct=("cpu", "number"))


def searched() -> Report:
    built = build(find("thread-exit"), "mpi-2025-05")
    return check(built.machine, ScenarioJudge(built), Options(simplify=False))


def test_where_there_were_conflicts_fewer_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[bool] = []
    search = surveying.Surveyor._searched

    def noted(self: surveying.Surveyor, *words: Any) -> Any:
        found = search(self, *words)
        met.append(found[1])
        return found

    monkeypatch.setattr(surveying.Surveyor, "_searched", noted)
    few = searched()
    left = sum(met)
    met.clear()
    monkeypatch.setattr(surveying, "LONGEST_TRUCE", 0)
    all_ = searched()
    assert 0 < left < sum(met)
    assert few.complete
    assert few.outcome.ends == all_.outcome.ends
    assert names(few) == names(all_)
    assert few.outcome.steps < all_.outcome.steps


def marked(zero: str, one: str) -> Machine:
    machine = Machine(MARKED, 2)
    machine.begin(0, zero)
    machine.begin(1, one)
    machine.start()
    return machine


@pytest.mark.parametrize(
    ("zero", "one"), [("stand", "blink"), ("stand", "circle"), ("watch", "circle")]
)
def test_interrupts_wait_beside_a_cpu_only_where_that_is_no_matter(
    zero: str, one: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handler sets the mark before who stands still there does, or after."""
    passed: list[bool] = []
    waits = surveying.Surveyor._others_wait

    def noted(self: surveying.Surveyor, *words: Any) -> bool:
        passed.append(waits(self, *words))
        return passed[-1]

    monkeypatch.setattr(surveying.Surveyor, "_others_wait", noted)
    monkeypatch.setattr(checking, "LESSON", 1_000)  # who goes in a circle may do so for long
    full = check(marked(zero, one), Bare(), Options(reduce=False, simplify=False))
    reduced = check(marked(zero, one), Bare(), Options(simplify=False))
    assert passed
    assert full.complete
    assert reduced.outcome.ends == full.outcome.ends
    assert reduced.outcome.states < full.outcome.states
