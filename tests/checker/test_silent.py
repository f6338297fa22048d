"""To write what is there already is to read it: nobody minds who reads it as well."""

from __future__ import annotations

import pytest

from exittui.machine import Machine, link
from tests.checker.machines import silent
from tests.checker.whole import searched

IMAGE = link("silent", [silent], cpu_struct=("cpu", "number"))


def machine(*others: int, work: str = "clear") -> Machine:
    """A CPU for each, that sets it or not."""
    made = Machine(IMAGE, len(others))
    for cpu, sets in enumerate(others):
        made.begin(cpu, work, sets)
    made.start()
    return made


@pytest.mark.parametrize("cpus", [2, 3])
def test_those_who_clear_what_is_clear_have_nothing_in_common(cpus: int) -> None:
    none = [0] * cpus
    report, apart = searched(machine(*none)), searched(machine(*none, work="apart"))
    assert report.outcome.states == apart.outcome.states
    assert report.outcome.transitions == apart.outcome.transitions
    assert report.outcome.ends == searched(machine(*none), reduce=False).outcome.ends


@pytest.mark.parametrize("others", [(1, 0), (0, 1), (1, 1), (1, 0, 0)])
def test_who_sets_it_comes_before_or_after(others: tuple[int, ...]) -> None:
    full = searched(machine(*others), reduce=False)
    assert len(full.outcome.ends) > 1
    assert searched(machine(*others)).outcome.ends == full.outcome.ends
