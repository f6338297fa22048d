"""CPUs that sleep while others are tried: fewer ways, and nothing left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.checker import depth
from exittui.checker.check import Options, check
from exittui.checker.judge import ScenarioJudge
from exittui.checker.lookahead import Path
from exittui.checker.looking import LookingMover
from exittui.checker.places import Place
from exittui.checker.sleeping import Sleepers
from exittui.machine import Machine, link
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker.dice import thrown
from tests.checker.machines import interrupted
from tests.checker.test_known import SMALL
from tests.checker.whole import searched

if TYPE_CHECKING:
    from pathlib import Path as File

INTERRUPTED = link("interrupted", [interrupted], cpu_struct=("cpu", "number"))
AGAIN = (18, 33, 42, 48)
"""Seeds of machines on which states are met again with other sleepers."""


def nobody_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LookingMover, "sleeper", lambda *_: None)


def path(reads: list[Place], writes: list[Place]) -> Path:
    made = Path()
    made.add(reads, writes)
    return made


def test_who_conflicts_is_woken_and_nobody_else() -> None:
    one, other = Place({}, "one"), Place({}, "other")
    sleepers = Sleepers()
    sleepers.put({0: path([one], []), 1: path([], [one]), 2: path([other], [])})
    assert sleepers.mask() == 0b111
    sleepers.disturb([one], [])
    assert sleepers.mask() == 0b101
    sleepers.disturb([], [one])
    assert sleepers.mask() == 0b100
    sleepers.wake(2)
    sleepers.wake(2)
    assert sleepers.mask() == 0


@pytest.mark.parametrize("wakes", [True, False])
def test_who_is_interrupted_wakes(monkeypatch: pytest.MonkeyPatch, *, wakes: bool) -> None:
    """Else the handler would not go on, and its code never see what it has written."""

    def looking() -> Machine:
        machine = Machine(INTERRUPTED, 2)
        machine.begin(0, "look")
        machine.begin(1, "insist")
        machine.start()
        return machine

    if not wakes:
        monkeypatch.setattr(Sleepers, "wake", lambda *_: None)
    full = searched(looking(), reduce=False)
    assert len(full.outcome.ends) == 2
    assert (searched(looking()).outcome.ends == full.outcome.ends) is wakes


@pytest.mark.parametrize("name", [name for name in SMALL if name != "two of each"])
def test_small_machines_have_the_same_ends_in_fewer_moves(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = searched(SMALL[name]())
    nobody_sleeps(monkeypatch)
    awake = searched(SMALL[name]())
    assert asleep.outcome.ends == awake.outcome.ends
    assert {one.name for one in asleep.findings} == {one.name for one in awake.findings}
    assert asleep.outcome.states <= awake.outcome.states
    assert asleep.outcome.transitions <= awake.outcome.transitions


@pytest.mark.parametrize("seed", AGAIN)
def test_a_state_met_again_with_other_sleepers_is_tried_for_those_who_woke(
    seed: int, tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = searched(thrown(seed, tmp_path), reduce=False)
    missed: list[depth._Level] = []
    again = depth._Search._missed

    def noted(search: depth._Search, *rest: Any) -> depth._Level:
        level = again(search, *rest)
        assert sum(1 << cpu for cpu in level.choices) == rest[1]
        missed.append(level)
        return level

    monkeypatch.setattr(depth._Search, "_missed", noted)
    reduced = searched(thrown(seed, tmp_path))
    assert missed
    assert all(level.at == len(level.choices) for level in missed)
    assert reduced.outcome.ends == full.outcome.ends


@pytest.mark.parametrize(
    ("scenario", "kernel"), [("ignored-sigchld", "mpi-2025-05"), ("single-exit", "reaper")]
)
def test_an_exit_has_the_same_ends_and_failures(
    scenario: str, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = []
    for _ in range(2):
        built = build(find(scenario), kernel)
        reports.append(check(built.machine, ScenarioJudge(built), Options(simplify=False)))
        nobody_sleeps(monkeypatch)
    asleep, awake = reports
    assert asleep.complete
    assert awake.complete
    assert asleep.outcome.ends == awake.outcome.ends
    assert {one.name for one in asleep.findings} == {one.name for one in awake.findings}
    assert asleep.outcome.transitions <= awake.outcome.transitions


@pytest.mark.parametrize("seed", [27, 54])
def test_what_is_the_same_but_for_what_waits_is_left_out_without_loss(
    seed: int, tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state whose interrupt has been handled, where the one in which it waits is gone through."""
    fewer = searched(thrown(seed, tmp_path))
    monkeypatch.setattr(LookingMover, "without", lambda *_: [])
    all_of_them = searched(thrown(seed, tmp_path))
    assert fewer.outcome.states < all_of_them.outcome.states
    assert fewer.outcome.ends == all_of_them.outcome.ends
    assert {one.name for one in fewer.findings} == {one.name for one in all_of_them.findings}
