"""The reduced search against the one that goes through every schedule, on machines at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.checker.bare import Bare
from exittui.checker.check import Options, Report, check
from tests.checker.dice import thrown

if TYPE_CHECKING:
    from pathlib import Path

FOUND = (13, 125, 206, 409, 495)
"""Seeds on which a search once left something out."""

SEEDS = (*range(12), *FOUND)

OF_THREE = (*range(5), 130)
"""Seeds of machines of three CPUs; on the last one a search once left something out."""


def names(report: Report) -> set[str]:
    return {one.name for one in report.findings}


@pytest.mark.parametrize("ahead", [False, True], ids=["blind", "ahead"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reduced_search_leaves_out_no_end_and_no_failure(
    seed: int, ahead: bool, tmp_path: Path
) -> None:
    full = check(thrown(seed, tmp_path), Bare(), Options(reduce=False, simplify=False))
    reduced = check(thrown(seed, tmp_path), Bare(), Options(ahead=ahead, simplify=False))
    assert full.complete
    assert reduced.complete
    assert reduced.outcome.ends == full.outcome.ends
    assert names(reduced) == names(full)
    assert reduced.outcome.states <= full.outcome.states


@pytest.mark.parametrize("seed", OF_THREE)
def test_nor_does_it_with_three_cpus(seed: int, tmp_path: Path) -> None:
    """What two of them do beside a third may let one of the two go on."""
    full = check(thrown(seed, tmp_path, 3), Bare(), Options(reduce=False, simplify=False))
    reduced = check(thrown(seed, tmp_path, 3), Bare(), Options(simplify=False))
    assert full.complete
    assert reduced.complete
    assert reduced.outcome.ends == full.outcome.ends
    assert names(reduced) == names(full)


def test_the_machines_have_failures_and_ends_of_all_sorts(tmp_path: Path) -> None:
    """So that it says something if the two searches agree on them."""
    reports = [check(thrown(seed, tmp_path), Bare(), Options(simplify=False)) for seed in range(40)]
    kinds = {one.kind for report in reports for one in report.findings}
    assert len(kinds) > 1
    assert any(len(report.outcome.ends) > 3 for report in reports)
    assert any(not report.findings for report in reports)
