"""Figures of a run in virtual time: measured, shown, asked, and claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.compare.outcome import measure, measuring
from exittui.compare.table import table
from exittui.errors import ScenarioError
from exittui.playback.checking import run_through
from exittui.playback.failure import ScriptFailed
from exittui.scenario.load import parse
from exittui.scenario.script import FIGURES
from exittui.tui.lesson import Lesson
from exittui.tui.lines import plain
from tests.playback.conftest import SITUATION, player_of

if TYPE_CHECKING:
    from exittui.playback.player import Player
    from exittui.scenario.model import Scenario

MEASURE = 'measure = ["context switches", "wakeups"]\nunder = ["reaper", "mpi-2025-05"]\n'


def played(cues: str) -> Player:
    player = player_of(cues)
    while player.forward():
        pass
    return player


def test_figures_are_those_of_a_comparison() -> None:
    player = played(f'[[script]]\n{MEASURE}\n[[script]]\nsay = "Look."\n')
    assert player.figures is not None
    scenario = parse(SITUATION, name="small", file="small.toml")
    outcomes = [measure(scenario, kernel) for kernel in player.figures.kernels]
    rows = {(row.group, row.name): row.values for row in table("", "", outcomes).rows}
    for row in player.figures.rows:
        assert row.values == rows[FIGURES[row.name]]
    assert [row.smallest for row in player.figures.rows] == [1, 1]


def test_every_figure_is_one_of_a_comparison() -> None:
    cues = "".join(
        f'[[script]]\nmeasure = ["{name}"]\nunder = ["reaper"]\n[[script]]\nsay = "Look."\n'
        for name in FIGURES
    )
    player = player_of(cues)
    while player.forward():
        assert player.figures is not None
        assert player.figures.rows[0].values[0] is not None


def test_the_caption_has_a_table_and_the_next_has_none() -> None:
    player = player_of(
        f'[[script]]\n{MEASURE}\n[[script]]\nsay = "Look."\n[[script]]\nsay = "On."\n'
    )
    lesson = Lesson(player)
    lesson.silent()
    player.forward()
    assert player.figures is not None
    (more, less), *_ = [row.words for row in player.figures.rows]
    lines = [line.strip("│ ") for line in plain(lesson.lines(80, 9)).splitlines()[1:5]]
    assert lines[0] == "Look."
    assert lines[1].split() == ["reaper", "mpi-2025-05"]
    assert lines[2].split() == ["context", "switches", more, less]
    player.forward()
    assert "reaper" not in plain(lesson.lines(80, 9))


@pytest.mark.parametrize(("kernel", "holds"), [("mpi-2025-05", True), ("reaper", False)])
def test_a_claim_about_the_least_is_checked(kernel: str, holds: bool) -> None:
    player = player_of(f'[[script]]\n{MEASURE}least = "{kernel}"\n[[script]]\nsay = "Look."\n')
    if holds:
        assert run_through(player).assertions == 1
        return
    with pytest.raises(ScriptFailed, match="reaper has not the least context switches: reaper "):
        run_through(player)


def test_questions_of_costs_have_their_answer_measured() -> None:
    player = player_of(
        '[[script]]\nask = "?"\nkind = "cost"\nof = "context switches"\nunder = ["reaper"]\n'
        '[[script]]\nask = "?"\nkind = "cost"\nof = "exit to return"\nunder = ["mpi-2025-05"]\n'
        '[[script]]\nask = "?"\nkind = "least"\nof = "wakeups"\nunder = ["reaper", "mpi-2025-05"]\n'
        '[[script]]\nask = "?"\nkind = "least"\nof = "user"\nunder = ["reaper", "mpi-2025-05"]\n'
    )
    outcome = measure(parse(SITUATION, name="small", file=""), "reaper")
    answers = []
    while player.forward():
        asked = player.question
        assert asked is not None
        assert asked.reason.startswith("Measured in virtual time: ")
        assert len(asked.choices) >= 3
        answers.append(asked.answer)
    assert answers[0] == str(outcome.counts["switches"])
    assert answers[1].endswith(" µs")
    assert answers[2:] == ["mpi-2025-05", "the same"]


@pytest.mark.parametrize(
    ("cue", "words"),
    [
        ('measure = ["wakeups"]', "under: missing: the kernels to measure"),
        ('measure = ["wakups"]\nunder = ["reaper"]', "accepted: real time, context switches"),
        ('measure = ["wakeups"]\nunder = ["raeper"]', "did you mean 'reaper'"),
        ('measure = ["wakeups"]\nunder = ["reaper", "reaper"]', "the same kernel twice"),
        ('measure = ["wakeups"]\nunder = ["reaper"]\nleast = "mpi-switch"', "none of the kernels"),
        ('say = "a"\nunder = ["reaper"]', "goes with 'measure' or 'ask', not with 'say'"),
        ('ask = "?"\nkind = "cost"\nof = "wakup"\nunder = ["reaper"]', "is no figure"),
        ('ask = "?"\nkind = "least"\nof = "wakeups"\nunder = ["reaper"]', "2 or 3"),
        (
            'ask = "?"\nkind = "cost"\nof = "wakeups"\nunder = ["reaper", "mpi-switch"]',
            "more than one kernel",
        ),
        ('ask = "?"\nkind = "sleep"\nof = "cpu0"\nunder = ["reaper"]', "goes with the kinds"),
    ],
)
def test_what_cannot_be_measured_is_told(cue: str, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        player_of(f"[[script]]\n{cue}\n")
    assert words in str(caught.value)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kernels of all runs that are begun."""
    kernels: list[str] = []

    def told(scenario: Scenario, kernel: str, *args: Any, **more: Any) -> Any:
        kernels.append(kernel)
        return measuring(scenario, kernel, *args, **more)

    monkeypatch.setattr("exittui.playback.measuring.measuring", told)
    return kernels


LOOK = f'[[script]]\n{MEASURE}\n[[script]]\nsay = "Look."\n'


def test_an_interrupted_measurement_costs_nothing_and_what_was_run_is_kept(
    begun: list[str],
) -> None:
    whole, player = played(LOOK), player_of(LOOK)
    begun.clear()
    left, going = player.work_left, player.going()
    for progress in going:
        if progress.text == "mpi-2025-05, 2 of 2":
            break
    going.close()
    assert (player.at, player.work_left, player.figures) == (-1, left, None)
    assert begun == ["reaper"]
    player.forward()
    assert begun == ["reaper", "mpi-2025-05"]
    assert player.figures == whole.figures
    assert player.work_left == whole.work_left


def test_who_measures_is_told_how_far_that_is() -> None:
    told = list(player_of(LOOK).going())
    assert told[0][1:] == (0, 2000, "reaper, 1 of 2")
    assert {one.text for one in told} == {"reaper, 1 of 2", "mpi-2025-05, 2 of 2"}
    assert [one.steps for one in told] == sorted(one.steps for one in told)


def test_of_a_workload_it_is_told_how_many_have_exited() -> None:
    build = (
        'title = "t"\ndescription = "d"\nkernels = ["reaper"]\ncpus = 2\n'
        '[run]\nchooser = "timed"\n[[workload]]\nkind = "make"\nprocesses = 60\njobs = 4\n'
    )
    cue = '[[script]]\nmeasure = ["wakeups"]\nunder = ["reaper"]\n'
    shares = {one.steps for one in player_of(cue, build).going()}
    assert {share for share in shares if 0 < share < 1000}
    assert shares <= {done * 1000 // 60 for done in range(61)}


@pytest.mark.parametrize(("pages", "runs"), [("", 0), ("pages = 9\n", 2)])
def test_a_script_with_new_words_has_what_was_measured(
    begun: list[str], pages: str, runs: int
) -> None:
    """Another situation has to be measured anew; and both cost the same as at first."""
    before = played(LOOK)
    situation = SITUATION.replace('parent = "sh"\n', f'parent = "sh"\n{pages}')
    changed = LOOK.replace("Look.", "See.")
    player, whole = player_of(changed, situation), player_of(changed, situation)
    whole.forward()
    begun.clear()
    player.continue_from(before)
    assert len(begun) == runs
    assert player.figures == whole.figures
    assert player.work_left == whole.work_left
