"""What a search asks of a machine over and over, against the machine itself."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from exittui.checker.bare import Bare
from exittui.checker.discipline import Discipline
from exittui.checker.guards import Guards
from exittui.checker.looking import LookingMover
from exittui.checker.tokens import encode
from exittui.scenario.build import build
from exittui.scenario.library import find

if TYPE_CHECKING:
    from exittui.checker.mover import Spot
    from exittui.machine import Machine


@pytest.fixture
def machine() -> Machine:
    return build(find("three-threads-exit"), "reaper").machine


@pytest.fixture
def mover(machine: Machine) -> LookingMover:
    made = LookingMover(machine, Discipline.of(machine, Bare()))
    made.begin()
    return made


@pytest.mark.parametrize("seed", range(3))
def test_what_can_be_chosen_is_what_the_machine_says(
    machine: Machine, mover: LookingMover, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - a run at random
    made = 0
    while machine.result is None and machine.enabled() and made < 2_000:
        enabled = machine.enabled()
        assert set(mover.choices()) == set(enabled)
        for choice in range(machine.choices):
            assert mover.ready(choice) == machine.ready(choice)
            assert mover.able(choice) == (choice in enabled)
        mover.follow(random.choice(enabled))
        made += 1
    assert made > 1_000


def test_back_is_where_it_was(machine: Machine, mover: LookingMover) -> None:
    random = Random(4)  # noqa: S311 - a run at random
    spots: list[tuple[Spot, bytes]] = []
    while machine.enabled() and len(spots) < 40:
        spots.append((mover.spot(), encode(machine)))
        for _ in range(1 + len(spots)):
            mover.follow(random.choice(machine.enabled()))
    for spot, whole in reversed(spots):
        mover.back(spot)
        assert encode(machine) == whole


def test_what_lets_an_interrupt_arrive_is_what_is_read_for_it(
    machine: Machine, mover: LookingMover
) -> None:
    """Mostly without reading it."""
    random, guards = Random(5), Guards(machine, mover.discipline)  # noqa: S311 - as above
    asked = read = 0
    for _ in range(1_500):
        for line in range(machine.ncpu, machine.choices):
            c = machine._cpus[line]
            places = [*mover.discipline.read_before(c[0], c, c[0][0])]
            known = sum(map(len, guards._known.values()))
            guard = guards.of(line)
            read += sum(map(len, guards._known.values())) != known
            asked += 1
            assert guard.places == places
        mover.follow(random.choice(machine.enabled()))
    assert read * 20 < asked
