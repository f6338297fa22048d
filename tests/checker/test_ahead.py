"""Schedules counted from the places of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.checker.ahead import Ahead
from exittui.checker.bare import Bare
from exittui.checker.judge import ScenarioJudge
from exittui.machine import Schedule, Scripted
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker.test_known import SMALL, lost_wakeup, naive, philosophers

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine import Machine

FREED = "1x233/0x949/1x323/0"
"""Of thread-exit: a stack is freed under the thread that stands on it."""


def ahead(machine: Machine, schedule: str = "", most: int = 100_000) -> Ahead:
    """All places of a run, counted."""
    made = Ahead(machine, Bare())
    for _ in made.search(bytes(Schedule.parse(schedule).picks), 0, most):
        pass
    return made


def one_by_one(made: Ahead) -> tuple[int, int]:
    """The schedules of the same reduced graph from its start, each gone through on its own."""
    graph = made._graph
    mover, machine = graph.mover, graph.machine

    def counted() -> tuple[int, int]:
        if machine.result is not None:
            return 1, 1
        choices = mover.choices()
        if not choices:
            return 1, int(bool(graph.judge.end(machine, 0)))
        schedules = failing = 0
        spot = mover.spot()
        for choice in choices:
            mover.back(spot)
            mover.move(choice)
            found = counted()
            schedules, failing = schedules + found[0], failing + found[1]
        return schedules, failing

    return counted()


@pytest.mark.parametrize("name", [name for name in SMALL if "two" not in name and "3" not in name])
def test_the_numbers_are_those_of_going_through_every_schedule(name: str) -> None:
    if name in ("peterson", "one place"):
        pytest.skip("its busy waits make too many schedules to go through one by one")
    made = ahead(SMALL[name]())
    tally = made.tallies[0]
    assert not tally.endless
    assert (tally.schedules, tally.failing) == one_by_one(made)


@pytest.mark.parametrize(
    ("machine", "schedule", "point"),
    [
        (lambda: philosophers(3), "0/1/2", 3),  # as soon as the third has its fork
        (naive, "0/1x3/0x3", 6),  # both are inside
        (lost_wakeup, "0/1x2/0", 3),  # the wakeup is over, and the sleeper has looked
    ],
)
def test_from_the_point_of_no_return_on_every_schedule_fails(
    machine: Callable[[], Machine], schedule: str, point: int
) -> None:
    tallies = ahead(machine(), schedule).tallies
    assert sorted(tallies) == list(range(len(Schedule.parse(schedule)) + 1))
    failing = [place for place, one in tallies.items() if one.failing == one.schedules]
    assert min(failing) == point
    assert sorted(failing) == list(range(point, len(tallies)))
    assert all(0 < one.failing <= one.schedules for one in tallies.values())


@pytest.mark.parametrize(("many", "orders"), [(2, 2), (3, 6), (4, 24)])
def test_philosophers_fail_in_as_many_ways_as_they_can_take_their_forks(
    many: int, orders: int
) -> None:
    """In every order in which each takes its left fork before anybody takes a right one."""
    assert ahead(philosophers(many)).tallies[0].failing == orders


def test_a_bound_is_said_and_what_was_counted_stays() -> None:
    made = ahead(philosophers(4), "0/1/2/3", most=4)
    assert made.bound == "4 moves"
    assert 4 in made.tallies
    assert 0 not in made.tallies


def test_one_can_go_away_and_come_back() -> None:
    made = Ahead(philosophers(3), Bare())
    for _ in made.search(b"\0\1\2", 0, 10_000):
        break
    for _ in made.search(b"\0\1\2", 0, 10_000):
        pass
    assert made.tallies == ahead(philosophers(3), "0/1/2").tallies


def test_a_kernel_passes_the_point_of_no_return_when_it_frees_the_stack() -> None:
    built = build(find("thread-exit"), "mpi-2025-05")
    made = Ahead(built.machine, ScenarioJudge(built))
    picks = bytes(Schedule.parse(FREED).picks)
    for _ in made.search(picks, 1500, 5_000):
        pass
    assert made.bound == ""
    assert made.tallies[1505].failing == made.tallies[1505].schedules == 1
    assert 0 < made.tallies[1504].failing < made.tallies[1504].schedules
    assert built.machine.position == 0
    again = build(find("thread-exit"), "mpi-2025-05").machine
    (failure,) = made.failures.values()
    again.run(Scripted(Schedule.of(failure.picks)), len(failure.picks))
    assert again.result is not None
    assert "freed stack" in again.result.message
