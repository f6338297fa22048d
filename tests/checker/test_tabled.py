"""Small machines, searched by tables of what their statements do."""

from __future__ import annotations

import pytest

from exittui.checker.bare import Bare
from exittui.checker.check import Options, check
from exittui.checker.learning import tables_of
from exittui.checker.tabled import DEADLOCK, Tables, Unfit
from exittui.machine import Schedule, Scripted
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker.test_known import SMALL
from tests.checker.yardstick import machine as yardstick

QUEUES = ("one place", "two consumers", "two of each")
"""Machines whose steps are not functions of a few places."""

FIT = [name for name in SMALL if name not in QUEUES]


@pytest.mark.parametrize("name", FIT)
def test_tables_give_the_counts_of_the_machine_itself(name: str) -> None:
    found = tables_of(SMALL[name]()).search()
    report = check(SMALL[name](), Bare(), Options(reduce=False, simplify=False))
    outcome = report.outcome
    assert (found.states, found.transitions) == (outcome.states, outcome.transitions)
    assert len(found.ends) == len(outcome.ends)
    assert len(found.failures) == len(report.findings)


@pytest.mark.parametrize("name", FIT)
def test_their_reduced_graph_has_the_same_ends_and_failures(name: str) -> None:
    full, reduced = tables_of(SMALL[name]()).search(), tables_of(SMALL[name]()).search(reduce=True)
    assert reduced.states <= full.states
    assert reduced.ends == full.ends
    assert sorted(reduced.failures) == sorted(full.failures)
    for words, way in full.failures.items():
        assert len(way) <= len(reduced.failures[words])


@pytest.mark.parametrize("reduce", [False, True])
@pytest.mark.parametrize("name", FIT)
def test_every_failure_comes_with_a_schedule_that_gets_there(name: str, *, reduce: bool) -> None:
    for words, way in tables_of(SMALL[name]()).search(reduce=reduce).failures.items():
        machine = SMALL[name]()
        machine.run(Scripted(Schedule.of(bytes(way))), len(way))
        assert machine.position == len(way)
        if words == DEADLOCK:
            assert not machine.enabled()
        else:
            assert machine.result is not None
            assert f"{machine.result.kind}: {machine.result.message}" == words


@pytest.mark.parametrize(
    ("threads", "states"), [(2, 187), (3, 842), (4, 3_922), (5, 18_882), (6, 94_466)]
)
def test_the_yardstick_has_the_states_that_other_checkers_count(threads: int, states: int) -> None:
    found = tables_of(yardstick(threads)).search()
    assert found.states == states
    assert len(found.ends) == 1
    assert not found.failures


@pytest.mark.parametrize(("threads", "states"), [(2, 106), (3, 389), (4, 1_789)])
def test_the_corrected_yardstick_has_the_states_that_tlc_counts(threads: int, states: int) -> None:
    assert tables_of(yardstick(threads, "FIXED")).search().states == states


@pytest.mark.parametrize(
    ("threads", "stored"), [(2, 202), (3, 703), (4, 2_545), (5, 9_872), (6, 41_630)]
)
def test_it_stores_fewer_states_than_spins_reduction(threads: int, stored: int) -> None:
    assert tables_of(yardstick(threads)).search(reduce=True).states < stored


@pytest.mark.parametrize("mode", ["", "FIXED", "NOASSERT"])
def test_tables_that_were_kept_find_the_same_without_the_machine(mode: str) -> None:
    tables = tables_of(yardstick(3, mode))
    found = tables.search(reduce=True)
    again = Tables.load(tables.dump()).search(reduce=True)
    assert (again.states, again.transitions) == (found.states, found.transitions)
    assert (again.ends, again.failures) == (found.ends, found.failures)


def test_tables_that_lack_a_step_say_so() -> None:
    empty = Tables.load(tables_of(yardstick(2)).dump())
    with pytest.raises(Unfit, match="lack"):
        empty.search()


def test_a_kernel_does_not_fit_into_tables() -> None:
    with pytest.raises(Unfit, match="interrupts"):
        tables_of(build(find("single-exit"), "reaper").machine)


@pytest.mark.parametrize("name", QUEUES)
def test_queues_do_not_fit_into_tables(name: str) -> None:
    with pytest.raises(Unfit):
        tables_of(SMALL[name]()).search()


def test_a_stored_state_takes_less_than_a_hundred_bytes() -> None:
    found = tables_of(yardstick(5)).search()
    assert found.bytes < 100 * found.states
