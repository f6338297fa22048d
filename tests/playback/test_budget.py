"""What a script asks for besides steps is counted as so many: large machines, looks, runs."""

from __future__ import annotations

import pytest

from exittui.errors import UsageError
from exittui.playback.budget import MEASURED, MOST_WORK, Budget, booted
from exittui.playback.checking import run_through
from exittui.playback.failure import ScriptFailed
from exittui.playback.tour import toured
from exittui.scenario.load import parse
from tests.playback.conftest import SITUATION, player_of
from tests.playback.test_hostile import SPINNING

HEAD = 'title = "t"\ndescription = "d"\nkernels = ["reaper"]\n'
CROWD = SPINNING.replace('["wait4", "worker"], ', "") + (
    '[[process]]\nname = "m"\ncount = 160\n[[process.thread]]\nprogram = [["loop"]]\n'
)
"""A few that spin and many that wait for their turn."""
BUILD = HEAD + (
    '[run]\nchooser = "timed"\n[[workload]]\nkind = "make"\nprocesses = {}\njobs = 4\n'
    "user = {{ median = {} }}\n"
)


def cost(cues: str, situation: str) -> int:
    """What a script takes besides what its machine costs, though it may fail."""
    before = player_of(cues, situation)
    had = before.work_left
    run_through(before)
    return had - before.work_left


@pytest.mark.parametrize(
    ("change", "more"),
    [(("cpus = 2", "cpus = 64"), 3000), (('name = "m"\ncount = 160', 'name = "m"'), -6000)],
)
def test_a_machine_costs_by_what_it_begins_with(change: tuple[str, str], more: int) -> None:
    small = parse(CROWD, name="t", file="t")
    other = parse(CROWD.replace(*change), name="t", file="t")
    costs = booted(other) - booted(small)
    assert costs >= more if more > 0 else costs <= more
    say = '[[script]]\nsay = "a"\n'
    assert player_of(say, CROWD).work_left == MOST_WORK - booted(small)


def test_the_classes_of_a_workload_are_part_of_it() -> None:
    text = BUILD.format(9, 9)
    few, many = (parse(f"{text}classes = {n}\n", name="t", file="t") for n in (8, 512))
    assert booted(many) - booted(few) >= 512 - 8


def test_a_machine_that_costs_all_there_is_fails_at_the_first_cue() -> None:
    player = player_of('[[script]]\nsay = "a"\n[[script]]\ndo = ["step"]\n', CROWD, work=500)
    with pytest.raises(ScriptFailed, match="--work N allows more") as caught:
        run_through(player)
    assert (caught.value.cue, caught.value.key) == (1, "do")


@pytest.mark.parametrize(
    ("chooser", "cpus", "each"), [("timed", 64, 5), ("round-robin", 64, 2), ("timed", 16, 2)]
)
def test_a_step_costs_more_where_many_cpus_are_asked(chooser: str, cpus: int, each: int) -> None:
    """Every CPU has a clock; and all of them are asked where one alone can go on."""
    many = SPINNING.replace("cpus = 2", f'cpus = {cpus}\n[run]\nchooser = "{chooser}"')
    assert cost('[[script]]\ndo = ["any 300"]\n', many) >= 300 * each


@pytest.mark.parametrize(
    "cue",
    [
        "assert = 'len(allproc) > 0 and len(allprocess) > 0'",
        'show = ["len(allproc)", "len(allprocess)"]',
        'do = ["thread m.9", "thread m.9"]',
        'ask = "?"\nkind = "value"\nof = "len(allproc)"',
    ],
)
def test_what_goes_through_all_threads_counts(cue: str) -> None:
    """Of 160 threads it is at least twenty times what a step is."""
    assert cost(f"[[script]]\n{cue}\n", CROWD) >= 20


def test_a_question_late_in_a_run_costs_more_than_at_its_start() -> None:
    ask = '[[script]]\nask = "?"\nkind = "value"\nof = "nthreads"\n'
    step = '[[script]]\ndo = ["step 6000"]\n'
    assert cost(step + ask, SPINNING) - cost(step, SPINNING) >= cost(ask, SPINNING) + 60


@pytest.mark.parametrize("kind", ["measure", "ask"])
def test_a_run_that_is_measured_is_ended_when_the_work_is_done(kind: str) -> None:
    """256 programs take two million steps to their end."""
    cue = {
        "measure": 'measure = ["real time"]\nunder = ["reaper"]',
        "ask": 'ask = "?"\nkind = "cost"\nof = "real time"\nunder = ["reaper"]',
    }[kind]
    player = player_of(f"[[script]]\n{cue}\n", BUILD.format(256, 1000), work=3000)
    with pytest.raises(ScriptFailed, match="more than the work of 3000 steps in all") as caught:
        run_through(player)
    assert caught.value.key == ("measure" if kind == "measure" else "of")
    assert player.work_left > -2000


def test_a_clock_that_ticks_for_nobody_is_work_as_well() -> None:
    """One call takes a hundred virtual seconds, in which the clocks of 64 CPUs tick."""
    few = BUILD.format(1, 1) + "unlocked = { median = 100_000_000 }\n"
    many = few.replace('kernels = ["reaper"]', 'kernels = ["reaper"]\ncpus = 64')
    cue = '[[script]]\nmeasure = ["real time"]\nunder = ["reaper"]\n'
    assert cost(cue, many) - cost(cue, few) > 6000


def test_a_run_that_is_measured_costs_by_its_steps() -> None:
    """And once for each kernel, however often its figures are asked for."""
    cue = '[[script]]\nmeasure = ["real time"]\nunder = ["reaper"]\n[[script]]\nsay = "a"\n'
    short, long = (cost(cue, BUILD.format(n, 1000)) for n in (2, 12))
    assert long - short > 10 * 3000 // MEASURED
    assert cost(cue * 3, BUILD.format(2, 1000)) - short < 50


def test_a_goal_that_was_passed_is_looked_for_as_far_as_that_is_quick() -> None:
    found = []
    for until in ("step == 3", "len(allproc) > 0 and len(allproc) > 0 and step == 3"):
        goal = f'[[script]]\ngoal = "!"\nuntil = "{until}"\nsolution = ["step 3"]\n'
        player = player_of(goal, CROWD)
        player.forward()
        player.session.run_line("step 900")
        found.append(player.went_past())
        assert player.session.machine.position == 900
    assert found == [3, None]


def test_a_tour_is_made_with_what_the_person_allows() -> None:
    scenario = parse(SITUATION, name="t", file="t")
    assert toured(scenario, None, MOST_WORK).script
    with pytest.raises(UsageError, match="--work N allows more"):
        toured(scenario, None, 600)


def test_nothing_left_is_an_error_that_says_what_to_do() -> None:
    budget = Budget(5)
    budget.spend(5)
    with pytest.raises(UsageError, match="of 5 steps in all; --work N allows more"):
        budget.moved(-1)
