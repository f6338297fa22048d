"""Searches around a CPU that stands still: those that would come to nothing are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.checker import surveying
from exittui.checker.check import Options, Report, check
from exittui.checker.judge import ScenarioJudge
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker.whole import names

if TYPE_CHECKING:
    import pytest


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
