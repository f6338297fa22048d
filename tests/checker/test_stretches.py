"""Stretches that are made again at once: they come to what their steps come to, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.checker import stretches
from exittui.checker.bare import Bare
from exittui.checker.check import Options, Report, check
from exittui.checker.discipline import Discipline
from exittui.checker.judge import ScenarioJudge
from exittui.checker.reduced import ReducedMover
from exittui.checker.search import Bounds
from exittui.machine import Machine, link
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker import asking
from tests.checker.dice import thrown
from tests.checker.machines import stretched

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.checker.stretches import Stretch, Stretches

SCENARIO = "ignored-sigchld"
"""Under mpi-2025-05 all its schedules are soon gone through."""

NEVER = 10**9
"""Steps that no stretch has."""

MANY = 150


def told(report: Report) -> tuple[int, int, set[int], list[tuple[str, str]]]:
    """What must not depend on whether steps are made or remembered."""
    outcome = report.outcome
    return (
        outcome.states,
        outcome.transitions,
        outcome.ends,
        [(one.name, one.schedule) for one in report.findings],
    )


@pytest.mark.parametrize("ahead", [False, True], ids=["blind", "ahead"])
@pytest.mark.parametrize("seed", [*range(8), 125, 409])
def test_a_search_that_remembers_goes_through_the_same_graph(
    seed: int, ahead: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(ahead=ahead, simplify=False)
    monkeypatch.setattr(stretches, "SHORTEST", NEVER)
    plain = check(thrown(seed, tmp_path), Bare(), options)
    monkeypatch.setattr(stretches, "SHORTEST", 1)
    quick = check(thrown(seed, tmp_path), Bare(), options)
    assert told(quick) == told(plain)
    assert quick.outcome.steps <= plain.outcome.steps


@pytest.mark.parametrize("seed", [14, 23])
def test_so_it_does_where_handlers_interrupt_user_mode(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are gone through around a CPU that stands still, on that CPU."""
    options = Options(simplify=False)
    monkeypatch.setattr(stretches, "SHORTEST", NEVER)
    plain = check(asking.thrown(seed, tmp_path), Bare(), options)
    monkeypatch.setattr(stretches, "SHORTEST", 1)
    made: list[bool] = []
    stays_above = stretches.Stretch.stays_above

    def noted(self: Stretch, floor: Any, frame: Any) -> bool:
        made.append(stays_above(self, floor, frame))
        return made[-1]

    monkeypatch.setattr(stretches.Stretch, "stays_above", noted)
    quick = check(asking.thrown(seed, tmp_path), Bare(), options)
    assert told(quick) == told(plain)
    assert any(made)


def test_one_stays_above_a_frame_that_it_only_returns_into() -> None:
    user: list[Any] = [0, None]
    handler: list[Any] = [0, user]
    inner: list[Any] = [0, handler]
    made = stretches.Stretch()
    made.returns = 1
    made.slots = [(0, 5)]
    assert made.stays_above(user, inner)
    assert not made.stays_above(user, handler)
    made.slots = []
    assert made.stays_above(user, handler)
    assert not made.stays_above(user, user)
    made.frames = [(7,)]
    assert not made.stays_above(user, handler)
    made.returns, made.frames = 2, []
    assert made.stays_above(user, inner)
    assert not made.stays_above(handler, inner)


def test_so_it_does_with_a_kernel_and_makes_far_fewer_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reports = []
    for shortest in (NEVER, 3):
        monkeypatch.setattr(stretches, "SHORTEST", shortest)
        built = build(find(SCENARIO), "mpi-2025-05")
        reports.append(check(built.machine, ScenarioJudge(built), Options(simplify=False)))
    plain, quick = reports
    assert plain.complete
    assert told(quick) == told(plain)
    assert quick.outcome.steps < plain.outcome.steps * 0.6


def test_each_leaves_the_machine_as_its_steps_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stretch of a search is made step by step, taken back, and made at once."""
    made: list[int] = []
    make_again = ReducedMover._make_again

    def compared(self: ReducedMover, cpu: int, stretch: Stretch) -> None:
        spot, looking = self.spot(), self._looking
        before, live = self.fingerprint, list(self.held)
        for _ in range(stretch.steps):
            assert not self._step(cpu)
        stepped = (self.slice.exact(), list(self.held))
        change = self.fingerprint ^ before
        self.back(spot)
        assert live == self.held
        make_again(self, cpu, stretch)
        assert (self.slice.exact(), list(self.held)) == stepped
        assert looking or change == stretch.change
        assert len(self._marks) == len(self._picks) == spot.position + stretch.steps
        self._looking = looking
        made.append(stretch.steps)

    monkeypatch.setattr(ReducedMover, "_make_again", compared)
    built = build(find("three-threads-exit"), "mpi-2025-05")
    most = Bounds(stop=lambda _: "enough" if len(made) > MANY else "")
    check(built.machine, ScenarioJudge(built), Options(bounds=most, simplify=False))
    assert len(made) > MANY


def test_a_stretch_is_forgotten_with_the_guess_that_it_rests_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So no search makes one again that relies on a guess known to be wrong."""
    monkeypatch.setattr(stretches, "SHORTEST", 1)
    asked = {"good": 0, "wrong": 0}
    good = stretches.Stretches._good

    def checked(self: Stretches, stretch: Stretch, waited: Any) -> bool:
        found = good(self, stretch, waited)
        right = self._discipline.guesses.refuted.isdisjoint(stretch.used)
        assert right or not found
        asked["good" if right else "wrong"] += 1
        return found

    monkeypatch.setattr(stretches.Stretches, "_good", checked)
    for seed in range(12):
        check(thrown(seed, tmp_path), Bare(), Options(simplify=False, learning=0))
    assert min(asked.values()) > 0


def recorded(steps: int) -> ReducedMover:
    """At the start of a stretch that is known: weight() from its first step on."""
    machine = Machine(link("stretched", [stretched], cpu_struct=("cpu", "number")), 1)
    machine.begin(0, "work", 5)
    machine.start()
    mover = ReducedMover(machine, Discipline.of(machine, Bare()))
    while machine.next_statement(0).function != "weight":
        mover._step(0)
    start = mover.spot()
    for _ in range(steps):  # now it is known which bits are looked at
        mover._step(0)
    mover.back(start)
    assert mover._known(0) is None
    for _ in range(steps):
        before = mover._before(0)
        mover._note(0, before, visible=mover._step(0))
    mover._close(0)
    mover.back(start)
    return mover


ALL = 6
"""Steps from the first of weight() to the last of work() but one."""


def test_a_stretch_is_what_its_steps_are() -> None:
    mover = recorded(ALL)
    stretch = mover._known(0)
    assert stretch is not None
    assert stretch.steps == ALL
    mover._make_again(0, stretch)
    variables = mover.machine.memory.variables
    assert variables["total"] == 1 + 5
    assert mover.machine.next_statement(0).text.startswith("if one.b_used")


@pytest.mark.parametrize(
    ("name", "value", "same"),
    [
        ("b_flags", stretched.FLAG, False),
        ("b_flags", ~stretched.FLAG, True),
        ("b_size", 1, False),
        ("b_label", "other", True),
        ("limit", 4, False),
    ],
)
def test_it_holds_where_what_it_depends_on_is_the_same(
    name: str, value: object, same: bool
) -> None:
    mover = recorded(ALL)
    memory = mover.machine.memory
    place = memory.structs["one"].__dict__ if name.startswith("b_") else memory.variables
    place[name] = value
    assert (mover._known(0) is not None) is same


@pytest.mark.parametrize(("steps", "same"), [(ALL, False), (3, True)])
def test_the_caller_counts_if_it_is_returned_into(steps: int, same: bool) -> None:
    mover = recorded(steps)
    caller = mover._threads[0][0][1]
    caller[caller.index(5)] = 6
    assert (mover._known(0) is not None) is same


def test_it_is_forgotten_when_somebody_waits_for_what_it_writes() -> None:
    mover = recorded(ALL)
    stretch = mover._known(0)
    assert stretch is not None
    mover._waited.update(stretch.accesses.writes)
    assert mover._known(0) is None
