"""Choosers and schedules: who goes next, as data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exittui.errors import ScheduleError
from exittui.machine import Machine, Random, RoundRobin, Schedule, Scripted, link
from tests.machine.machines import peterson
from tests.machine.test_interleavings import petersons, two_mutexes


@given(st.lists(st.integers(0, 15), max_size=200) | st.lists(st.integers(0, 1), max_size=200))
def test_a_schedule_survives_being_written(picks: list[int]) -> None:
    """Text and back: the same picks; runs are counted."""
    schedule = Schedule.of(picks)
    assert schedule == Schedule.parse(str(schedule))
    assert len(schedule) == len(picks)


def test_a_schedule_is_short() -> None:
    """Twelve steps of one CPU take four characters."""
    assert str(Schedule.of([0] * 12 + [1] * 3 + [0])) == "0x12/1x3/0"
    assert str(Schedule.of([0, 1] * 500 + [1] * 3)) == "(0/1)x499/0/1x4"
    assert str(Schedule.of([*range(16)] * 9)) == f"({'/'.join(map(str, range(16)))})x9"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0x12/frog/1", "part 2, 'frog', is not CPU or CPUxSTEPS"),
        ("0x12//1", "part 2, '', is not"),
        ("-1", "part 1, '-1', is not"),
        ("999", "part 1: there is no cpu999"),
        ("0x99999999", "longer than 10,000,000 steps"),
        ("0x9999999/1x9999999", "longer than 10,000,000 steps"),
        ("(0/1", "a bracket is not closed"),
        ("(0/(1)x2)x2", "a bracket inside a bracket"),
        ("0/1)x2", "part 2, '1)x2': a group is written (0/1)x20"),
        ("(0/1)", "part 2, '1)': a group is written (0/1)x20"),
        ("(0/1)x2x3", "a group is written"),
        ("(0x9999999)x2", "longer than 10,000,000 steps"),
        ("0" * 400, "is not CPU or CPUxSTEPS"),
    ],
)
def test_a_bad_schedule_names_the_part(text: str, reason: str) -> None:
    """One clear error, whatever the text, and no memory filled by a few bytes."""
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse(text)
    assert reason in caught.value.message
    assert len(caught.value.message) < 120


def test_a_schedule_that_does_not_fit_says_at_which_choice_and_why() -> None:
    """The two locks: after three steps each, neither CPU can go on."""
    machine = two_mutexes()
    with pytest.raises(ScheduleError) as caught:
        machine.run(Scripted(Schedule.parse("0x3/1x3/0")), 100)
    assert "choice 7 of the schedule is cpu0, which spins in while not" in caught.value.message
    assert "can go on: none" in caught.value.message
    machine = petersons()
    with pytest.raises(ScheduleError, match="cpu5, which does not exist"):
        machine.run(Scripted(Schedule.parse("5")), 100)


def test_stepping_a_cpu_that_cannot_go_on_is_refused_and_changes_nothing() -> None:
    """Nothing is written, nothing recorded."""
    machine = two_mutexes()
    machine.run(Scripted(Schedule.parse("0x3/1x3")), 100)
    before = machine.fingerprint()
    with pytest.raises(ScheduleError, match="cpu0 spins in"):
        machine.step(0)
    assert (before, 6, 6) == (machine.fingerprint(), machine.position, machine.recorded)


def test_round_robin_alternates() -> None:
    """Both can always go on at first: 0, 1, 0, 1."""
    machine = petersons()
    machine.run(RoundRobin(), 4)
    assert str(machine.schedule()) == "(0/1)x2"


def test_the_same_seed_throws_the_same_dice() -> None:
    """Known picks: they must never change, or old seeds lead elsewhere."""
    machine = petersons()
    machine.run(Random(42), 100)
    assert str(machine.schedule()) == "1/0x2/1/0x5/1x5"


def test_the_same_run_has_the_same_bytes_under_any_hash_seed() -> None:
    """States, labels and schedules of a random run, from two processes."""
    script = (
        "from tests.machine.test_journal import buffers\n"
        "from exittui.machine import Random\n"
        "machine = buffers()\n"
        "machine.run(Random(5), 1000)\n"
        "print(machine.schedule(), machine.fingerprint(), machine.result)\n"
        "print([machine.record(i).writes and machine.record(i).writes[0].name\n"
        "       for i in range(machine.position)])\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 200


def test_a_machine_that_stopped_offers_nothing() -> None:
    """After a panic no CPU is ready; going back before it, they are again."""
    machine = Machine(link("peterson", [peterson]), 2)
    left, right = machine.globals["left"], machine.globals["right"]
    machine.begin(0, "enter", left, right, 0)
    machine.begin(1, "enter", right, left, 0)  # both wait for turn 0: exclusion is broken
    machine.start()
    for cpu in (0, 0, 1, 1):
        machine.step(cpu)
    machine.poke(right, "wants", False)
    machine.step(0)
    machine.step(0)
    machine.poke(left, "wants", False)
    machine.step(1)
    machine.step(1)
    machine.step(1)
    assert machine.result
    assert machine.result.message == (
        'kernel diagnostic assertion "not other.inside" failed: file "peterson.py"'
    )
    assert machine.enabled() == ()
    assert not machine.able()
    machine.undo()
    assert machine.enabled() == (0, 1)
    assert machine.able()
