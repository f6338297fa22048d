"""Every lesson and demo holds, whatever seeds Python's hashes, and is made for beginners."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exittui.kernel.catalog import KERNELS
from exittui.scenario.library import LESSONS, folder, lessons, names
from exittui.scenario.load import load

ROOT = Path(__file__).parents[2]
TOO_MUCH = frozenset({"storm", "thousand-threads"})
"""Scenarios of thousands of threads, which nobody watches: they have no tour."""
TOURS = [name for name in names() if name not in TOO_MUCH]
ALL = {name: load(folder() / LESSONS / f"{name}.toml") for name in lessons()}
SCRIPT = """
import sys
from exittui.cli.main import main
work = "27000"  # a tenth of what they may make is left for what is changed
sys.exit(max([main(["play", "--check", name, "--work", work]) for name in sys.argv[1:]]))
"""


def checked(seed: str, names: list[str]) -> list[str]:
    """What `play --check` says of these lessons and tours, one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *names],
        capture_output=True,
        text=True,
        timeout=110,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_they_all_hold_and_do_the_same_under_two_hash_seeds() -> None:
    """All under one, every third under another."""
    names = [*ALL, *TOURS]
    told = checked("1", names)
    assert len(told) == len(names)
    assert told[::3] == checked("4242", names[::3])


def test_there_are_enough_of_them() -> None:
    course = [
        one for one in ALL.values() if one.lesson is not None and one.lesson.group == "course"
    ]
    questions = sum(cue.ask is not None for one in course for cue in one.script)
    assert len(course) >= 12
    assert questions >= 40
    demos = {one.title for one in ALL.values() if one.lesson is not None} - {
        one.title for one in course
    }
    assert demos == {
        "The life of an exit",
        "R.I.P. the reaper",
        "Whose stack is this?",
        "What the reaper costs, in a build",
    }


def test_the_course_is_in_an_order() -> None:
    numbers = [
        one.lesson.number for one in ALL.values() if one.lesson and one.lesson.group == "course"
    ]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_every_hunk_of_the_diff_has_its_lesson() -> None:
    taught = " ".join(
        f"{one.lesson.teaches} {one.description} {' '.join(one.lesson.without)}"
        for one in ALL.values()
        if one.lesson is not None and one.lesson.group == "course"
    )
    for hunk in KERNELS["mpi-2025-05"].hunks:
        assert hunk.name in taught or hunk.name.rpartition("/")[2] in taught


@pytest.mark.parametrize("name", ALL)
def test_every_lesson_says_what_it_teaches_and_asks_something(name: str) -> None:
    one = ALL[name]
    assert one.lesson is not None
    assert any(cue.ask is not None for cue in one.script)
    assert any(cue.assert_ is not None for cue in one.script)
    assert one.script[0].chapter is not None
