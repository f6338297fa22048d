"""A small script, and a player of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.playback.budget import MOST_WORK
from exittui.playback.player import Player
from exittui.scenario.build import build
from exittui.scenario.load import parse
from exittui.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

SITUATION = """
title = "A process exits"
description = "sh waits for worker."
kernels = ["reaper"]
cpus = 2

[[process]]
name = "sh"
waits = true

[[process.thread]]
program = [["wait4", "worker"], ["pause"]]
start = "asleep"

[[process]]
name = "worker"
parent = "sh"

[[process.thread]]
program = [["compute", 3], ["exit", 3]]
start = "cpu0"
"""

SCRIPT = """
[[script]]
chapter = "One"

[[script]]
say = "Look."

[[script]]
do = ["tbreak exit1", "continue"]

[[script]]
assert = 'at(cpu0, "exit1")'

[[script]]
ask = "Who has it?"
kind = "owner"
of = "kernel_lock"

[[script]]
chapter = "Two"

[[script]]
do = ["seek dead worker.0"]

[[script]]
show = ["worker.0", "threads"]

[[script]]
say = "Dead."

[[script]]
goal = "Make worker a zombie."
until = 'state(worker) == "zombie"'
hints = ["Go on.", "Press c."]
solution = ['watch worker.ps_flags if state(worker) == "zombie"', "continue"]
"""


def player_of(script: str, situation: str = SITUATION, work: int = MOST_WORK) -> Player:
    """A player of a script over a situation."""
    scenario = parse(situation + script, name="small", file="small.toml")
    return Player(Session(build(scenario, scenario.kernels[0])), work=work)


@pytest.fixture
def make() -> Callable[..., Player]:
    """Makes players."""
    return player_of


@pytest.fixture
def player() -> Player:
    """A player of the small script, before its first moment."""
    return player_of(SCRIPT)
