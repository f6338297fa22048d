"""States that differ only in what nobody reads again are gone through once, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.checker import live, reduced, stretches
from exittui.checker.check import Options, Report, check
from exittui.checker.discipline import Discipline
from exittui.checker.judge import ScenarioJudge
from exittui.checker.live import LiveValues, wanted
from exittui.checker.places import Place
from exittui.checker.requests import BY_OTHERS, NOBODY, Minded
from exittui.checker.search import Graph
from exittui.machine import Machine, link
from exittui.machine.frames import SAVED
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker.dice import thrown
from tests.checker.machines import overwritten
from tests.checker.whole import names, searched

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = link("overwritten", [overwritten], cpu_struct=("cpu", "number"))

ALL = frozenset(("a", "b", "c", "seen", "requests"))
"""The shared fields and variables of the machines at random."""

REFUTED = (9, 30)
"""Seeds of machines of three CPUs on which a state stands for another for a while only."""


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trace of the small machine is tracked, and nothing else."""
    monkeypatch.setattr(live, "TRACKED", frozenset(("trace",)))


def machine(late: int = 0) -> Machine:
    """Two CPUs that leave a trace; the first may look at it later."""
    made = Machine(IMAGE, 2)
    made.begin(0, "leave", late)
    made.begin(1, "leave", 0)
    made.start()
    return made


def untracked(made: Machine, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The reduced search, every value told apart."""
    with monkeypatch.context() as patch:
        patch.setattr(live, "TRACKED", frozenset())
        return searched(made)


@pytest.mark.usefixtures("traces")
def test_what_is_written_over_before_anybody_looks_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full = searched(machine(), reduce=False)
    report = searched(machine())
    assert report.outcome.ends == full.outcome.ends
    assert report.outcome.states < untracked(machine(), monkeypatch).outcome.states


@pytest.mark.usefixtures("traces")
def test_what_somebody_looks_at_later_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not note what is read first leaves something out."""
    full = searched(machine(1), reduce=False)
    assert len(full.outcome.ends) > len(searched(machine(), reduce=False).outcome.ends)
    assert searched(machine(1)).outcome.ends == full.outcome.ends

    def blind(
        _: object, writes: list[Place], before: int, written: int, minded: Minded
    ) -> tuple[int, int]:
        return wanted((), writes, before, written, minded)

    monkeypatch.setattr(reduced, "wanted", blind)
    monkeypatch.setattr(stretches, "wanted", blind)
    assert searched(machine(1)).outcome.ends < full.outcome.ends


def test_what_is_read_behind_a_write_is_not_wanted() -> None:
    whole = Place({}, "whole")
    whole.live = 1
    part = Place({}, "part", whole)
    part.live = 1
    other = Place({}, "other")
    other.live = 2
    assert wanted([whole], [other], 0, 0, NOBODY) == (1, 2)
    assert wanted([other], [], *wanted([whole], [other], 0, 0, NOBODY), NOBODY) == (1, 2)
    assert wanted([part], [part], 0, 0, NOBODY) == (1, 0)
    assert wanted([whole], [], *wanted([], [part], 0, 0, NOBODY), NOBODY) == (1, 0)
    assert wanted([part], [], *wanted([], [whole], 0, 0, NOBODY), NOBODY) == (0, 1)


def test_who_enters_a_stack_goes_on_with_what_was_saved_there() -> None:
    """That it was saved is taken away by that, not written over."""
    built = build(find("exit"), "reaper")
    judge = ScenarioJudge(built)
    graph = Graph(built.machine, judge, discipline=Discipline.of(built.machine, judge))
    graph.start()
    mover, discipline = graph.mover, graph.discipline
    assert discipline is not None
    entered = left = 0
    while (choices := mover.choices()) and entered < 4:
        mover.follow(choices[0])
        for place in discipline.wrote:
            if place.key == SAVED and SAVED in place.target:  # it lives
                assert place.live
                enters = place.target[SAVED] is None
                wants, writes = wanted(discipline.reads, discipline.wrote, 0, 0, NOBODY)
                assert bool(wants & place.live) is enters
                assert writes & place.live
                entered += enters
                left += not enters
    assert entered == left == 4


@pytest.mark.parametrize("seed", [*range(6), 33, 178])
def test_no_end_and_no_failure_is_left_out(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TRACKED", ALL)
    full = searched(thrown(seed, tmp_path), reduce=False)
    report = searched(thrown(seed, tmp_path))
    assert report.outcome.ends == full.outcome.ends
    assert names(report) == names(full)


@pytest.mark.parametrize("seed", REFUTED)
def test_where_more_turns_out_to_be_wanted_the_move_is_made_again(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TRACKED", ALL)
    wrong: list[int] = []
    refuted = LiveValues.refuted

    def noted(values: LiveValues) -> list[int]:
        found = refuted(values)
        wrong.extend(found)
        return found

    monkeypatch.setattr(LiveValues, "refuted", noted)
    report = searched(thrown(seed, tmp_path, 3))
    plain = untracked(thrown(seed, tmp_path, 3), monkeypatch)
    assert wrong
    assert report.outcome.ends == plain.outcome.ends
    assert names(report) == names(plain)


@pytest.mark.parametrize(
    ("scenario", "kernel"), [("poll-exit", "mpi-2025-05"), ("wait", "mpi-switch")]
)
def test_an_exit_has_the_same_ends_and_failures_with_fewer_states(
    scenario: str, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = []
    for tracked in (live.TRACKED, frozenset[str]()):
        monkeypatch.setattr(live, "TRACKED", tracked)
        built = build(find(scenario), kernel)
        reports.append(check(built.machine, ScenarioJudge(built), Options(simplify=False)))
    fewer, all_ = reports
    assert fewer.complete
    assert fewer.outcome.ends == all_.outcome.ends
    assert names(fewer) == names(all_)
    assert fewer.outcome.states < all_.outcome.states


def test_what_a_property_looks_at_is_told_apart_everywhere() -> None:
    built = build(find("exit"), "reaper")
    discipline = Discipline.of(built.machine, ScenarioJudge(built))
    discipline.read_before(*standing(built.machine))
    assert "p_flag" in discipline.tracked
    discipline.guesses.renew()
    discipline.observe({"p_flag"})
    assert "p_flag" not in discipline.tracked
    assert discipline.guesses.misread
    places = [one for one in discipline.tracked_places if one is not None]
    assert all(one.key != "p_flag" for one in places)


@pytest.mark.parametrize("name", ["ci_cr3", "ci_curproc", "p_fd"])
def test_so_is_what_a_rule_looks_at_where_a_struct_ends(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TRACKED", live.TRACKED | {name})
    built = build(find("exit"), "reaper")
    discipline = Discipline.of(built.machine, ScenarioJudge(built))
    assert name not in discipline.tracked
    assert discipline.tracked <= live.TRACKED


def standing(made: Machine) -> tuple[object, list[object], int]:
    """Where the first CPU stands."""
    cpu = made.stacks.cpus[0]
    return cpu[0], cpu, cpu[0][0]


def test_who_writes_what_somebody_minds_wants_the_requests() -> None:
    """As long as it is set by that, and not behind a request that he sends himself."""
    minded, request = Place({"k": 1}, "k"), Place({}, "r")
    minded.minds, request.request = BY_OTHERS, 4
    two, three = Minded(6, 4, 6), Minded(0, 4, 6)
    assert wanted([], [minded], 0, 0, two) == (4, 0)
    assert wanted([], [minded], *wanted([], [request], 0, 0, two), two) == (0, 4)
    assert wanted([], [minded], *wanted([], [request], 0, 0, three), three) == (4, 0)
    minded.target["k"] = 0
    assert wanted([], [minded], 0, 0, two) == (0, 0)
