"""The reduced search against the one that goes through every schedule, on machines at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checker.dice import thrown
from tests.checker.whole import names, searched

if TYPE_CHECKING:
    from pathlib import Path

FOUND = (13, 125, 206, 409, 495)
"""Seeds on which a search once left something out."""

SEEDS = (*range(12), *FOUND)

OF_THREE = (*range(5), 130)
"""Seeds of machines of three CPUs; on the last one a search once left something out."""


@pytest.mark.parametrize("ahead", [False, True], ids=["blind", "ahead"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reduced_search_leaves_out_no_end_and_no_failure(
    seed: int, ahead: bool, tmp_path: Path
) -> None:
    full = searched(thrown(seed, tmp_path), reduce=False)
    reduced = searched(thrown(seed, tmp_path), ahead=ahead)
    assert reduced.outcome.ends == full.outcome.ends
    assert names(reduced) == names(full)
    assert reduced.outcome.states <= full.outcome.states


@pytest.mark.parametrize("seed", OF_THREE)
def test_nor_does_it_with_three_cpus(seed: int, tmp_path: Path) -> None:
    """What two of them do beside a third may let one of the two go on."""
    full = searched(thrown(seed, tmp_path, 3), reduce=False)
    reduced = searched(thrown(seed, tmp_path, 3))
    assert reduced.outcome.ends == full.outcome.ends
    assert names(reduced) == names(full)


def test_the_machines_have_failures_and_ends_of_all_sorts(tmp_path: Path) -> None:
    """So that it says something if the two searches agree on them."""
    reports = [searched(thrown(seed, tmp_path)) for seed in range(40)]
    kinds = {one.kind for report in reports for one in report.findings}
    assert len(kinds) > 1
    assert any(len(report.outcome.ends) > 3 for report in reports)
    assert any(not report.findings for report in reports)
