"""Figures of a run in virtual time: measured, shown, asked, and claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.compare.outcome import measure
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
