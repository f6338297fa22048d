"""To write what is there already is to read it: nobody minds who reads it as well."""

from __future__ import annotations

import pytest

from exittui.checker.bare import Bare
from exittui.checker.check import Options, Report, check
from exittui.machine import Machine, link
from tests.checker.machines import silent

IMAGE = link("silent", [silent], cpu_struct=("cpu", "number"))


def searched(*others: int, reduce: bool = True, work: str = "clear") -> Report:
    made = Machine(IMAGE, len(others))
    for cpu, sets in enumerate(others):
        made.begin(cpu, work, sets)
    made.start()
    report = check(made, Bare(), Options(reduce=reduce, simplify=False))
    assert report.complete
    return report


@pytest.mark.parametrize("cpus", [2, 3])
def test_those_who_clear_what_is_clear_have_nothing_in_common(cpus: int) -> None:
    none = [0] * cpus
    report, apart = searched(*none), searched(*none, work="apart")
    assert report.outcome.states == apart.outcome.states
    assert report.outcome.transitions == apart.outcome.transitions
    assert report.outcome.ends == searched(*none, reduce=False).outcome.ends


@pytest.mark.parametrize("others", [(1, 0), (0, 1), (1, 1), (1, 0, 0)])
def test_who_sets_it_comes_before_or_after(others: tuple[int, ...]) -> None:
    full = searched(*others, reduce=False)
    assert len(full.outcome.ends) > 1
    assert searched(*others).outcome.ends == full.outcome.ends
