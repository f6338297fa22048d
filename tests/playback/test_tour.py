"""A scenario without a script has a tour, which ends as the scenario expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.errors import UsageError
from exittui.playback.checking import run_through
from exittui.playback.failure import ScriptFailed
from exittui.playback.player import Player
from exittui.playback.tour import toured
from exittui.scenario.build import build
from exittui.scenario.library import find, names
from exittui.scenario.load import parse
from exittui.session.session import Session
from tests.playback.conftest import SITUATION

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.scenario.model import Scenario

LARGE = frozenset({"storm", "thousand-threads"})


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for linked kernels."""
    return tmp_path_factory.mktemp("kernels")


def player_of(scenario: Scenario, kernels: Path) -> Player:
    made = toured(scenario, kernels)
    return Player(Session(build(made, made.kernels[0], cache=kernels)))


@pytest.mark.parametrize("name", sorted(set(names()) - LARGE))
def test_every_scenario_there_is_can_be_toured(name: str, kernels: Path) -> None:
    player = player_of(find(name), kernels)
    passed = run_through(player)
    assert passed.chapters == 3
    assert passed.steps > 0
    lesson = player.session.built.scenario.lesson
    assert lesson is not None
    assert lesson.group == "reference"


@pytest.mark.parametrize("name", sorted(LARGE))
def test_what_is_too_large_is_not(name: str) -> None:
    with pytest.raises(UsageError, match=f"'exittui run {name}' runs it"):
        toured(find(name))


def test_it_stops_where_a_thread_ends_and_is_taken_away() -> None:
    script = toured(parse(SITUATION, name="small", file="")).script
    told = [cue.say.replace("\n", " ") for cue in script if cue.say is not None]
    assert told[0] == "A process exits. sh waits for worker."
    assert told[1].startswith("cpu0 (worker) called exit1(). Every thread that ends")
    assert told[2] == "cpu0: worker is dead: it may not sleep any more."
    assert "proc_finish_wait()" in told[3]
    assert told[-1] == "The run is done."


def test_an_expectation_that_does_not_hold_is_a_failure(kernels: Path) -> None:
    wrong = SITUATION + '[expect]\nexits = [{ by = "sh", of = "worker", status = 9 }]\n'
    with pytest.raises(ScriptFailed, match="does not end as expected: exits"):
        run_through(player_of(parse(wrong, name="small", file=""), kernels))


def test_of_what_is_never_stopped_at_there_is_a_tour() -> None:
    """It comes to as many steps as it may make before anything ends."""
    text = (
        'title = "t"\ndescription = "d"\nkernels = ["reaper"]\n[run]\nmax-steps = 50\n'
        '[[process]]\nname = "w"\n[[process.thread]]\nprogram = [["compute", 900], ["exit", 0]]\n'
    )
    made = toured(parse(text, name="t", file="t"))
    assert 'result == "limit"' in [cue.assert_ for cue in made.script]
