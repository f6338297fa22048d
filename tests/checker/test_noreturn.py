"""Who called what never returns goes on no more: where that was is no part of a state."""

from __future__ import annotations

import pytest

from exittui.checker.slice import Slice
from exittui.machine import Machine, link
from tests.checker.machines import for_good
from tests.checker.whole import searched

IMAGE = link("for_good", [for_good], cpu_struct=("cpu", "number"))


def machine(*work: str) -> Machine:
    made = Machine(IMAGE, len(work))
    for cpu, name in enumerate(work):
        made.begin(cpu, name)
    made.start()
    return made


@pytest.fixture
def returning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every function is taken to return."""
    begin = Slice.__init__

    def begun(self: Slice, machine: Machine, unread: set[str]) -> None:
        begin(self, machine, unread)
        self.noreturn = frozenset()

    monkeypatch.setattr(Slice, "__init__", begun)


@pytest.mark.parametrize("reduce", [False, True], ids=["full", "reduced"])
def test_by_which_way_a_thread_has_left_does_not_count(reduce: bool) -> None:
    assert len(searched(machine("leave", "say"), reduce=reduce).outcome.ends) == 1


@pytest.mark.usefixtures("returning")
@pytest.mark.parametrize("reduce", [False, True], ids=["full", "reduced"])
def test_it_would_if_it_could_come_back(reduce: bool) -> None:
    assert len(searched(machine("leave", "say"), reduce=reduce).outcome.ends) == 2


@pytest.mark.parametrize("reduce", [False, True], ids=["full", "reduced"])
def test_who_does_come_back_knows_where(reduce: bool) -> None:
    assert len(searched(machine("look", "say"), reduce=reduce).outcome.ends) == 2


@pytest.mark.parametrize("others", [("leave",), ("look",), ("go",), ("look", "say")])
def test_nothing_that_can_happen_is_left_out(others: tuple[str, ...]) -> None:
    full = searched(machine("leave", "say", *others), reduce=False)
    assert searched(machine("leave", "say", *others)).outcome.ends == full.outcome.ends
