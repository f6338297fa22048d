"""`record` writes a script that goes where the person stands, by the moves the person made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.errors import UsageError
from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.scenario.load import load
from exittui.session.recording import recorded
from exittui.session.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.scenario.script import Cue


def session_of(name: str, *lines: str, kernel: str = "", without: tuple[str, ...] = ()) -> Session:
    scenario = find(name)
    session = Session(build(scenario, kernel or scenario.kernels[0], without))
    for line in lines:
        session.run_line(line)
    return session


def moves(script: tuple[Cue, ...]) -> list[tuple[str, ...]]:
    return [cue.do for cue in script if cue.do is not None]


WAYS = {
    "steps are counted": (["s", "s", "s", "cpu 1", "s"], [("step 3",), ("cpu 1", "step")]),
    "what is taken back is left out": (["s", "s", "over", "rs 2", "s"], [("step 2",)]),
    "breakpoints are there where they matter": (
        ["b exit1", "s", "c", "delete", "seek dead"],
        [("step",), ("break exit1", "continue"), ("seek dead",)],
    ),
    "a move of ddb is written in gdb's words": (
        ["tbreak exit1", "c", "n"],
        [("tbreak exit1", "continue"), ("match",)],
    ),
    "another branch is written as its steps": (
        ["s", "cpu 1", "s", "branch a", "restart", "cpu 1", "s", "switch a", "goto 100%"],
        [("cpu 0", "step 1", "cpu 1", "step 1")],
    ),
    "with all moving, as they moved": (
        ["set scheduler-locking off", "s", "s"],
        [("cpu 0", "step 1", "cpu 1", "step 1", "cpu 0", "step 1", "cpu 1", "step 1")],
    ),
    "to the end": (["r"], [("run",)]),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_script_has_the_moves_and_ends_where_they_did(way: str) -> None:
    lines, _ = WAYS[way]
    session = session_of("three-threads-exit", *lines)
    scenario = recorded(session)
    again = Session(build(scenario, scenario.kernels[0]))
    for commands in moves(scenario.script):
        for line in commands:
            again.dialect = "gdb"
            again.run_line(line)
        for stop in list(again.breakpoints):
            again.breakpoints.remove(stop.number)
    assert again.machine.schedule() == session.machine.schedule()
    assert again.machine.fingerprint() == session.machine.fingerprint()


@pytest.mark.parametrize("way", WAYS)
def test_moves_are_written_as_they_were_made(way: str) -> None:
    lines, expected = WAYS[way]
    found = moves(recorded(session_of("three-threads-exit", *lines)).script)
    assert [tuple(_plain(line) for line in one) for one in found] == expected


def _plain(line: str) -> str:
    """Breakpoints are written by file and line."""
    word, _, place = line.partition(" ")
    return f"{word} exit1" if place.startswith("kern/kern_exit") else line


def test_the_file_is_a_scenario_with_the_same_kernel_and_hunks(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    session = session_of("single-exit", kernel="mpi-2025-05", without=("kern/kern_event.c",))
    session.run_line("run")
    assert session.machine.result is not None
    told = session.run_line(f"record {path}").lines
    assert told == (f"1 moves written to {path}; `exittui play` plays the file",)
    scenario = load(path)
    assert scenario.kernels[0] == "mpi-2025-05"
    assert scenario.lesson is not None
    assert scenario.lesson.without == ("kern/kern_event.c",)
    assert scenario.script[-1].assert_ == 'result == "panic"'
    with pytest.raises(UsageError, match="is there already"):
        session.run_line(f"record {path}")


@pytest.mark.parametrize(
    ("file", "words"),
    [("x", "does not end in .toml"), ("none/x.toml", "no such file"), ("\0.toml", "cannot be")],
)
def test_what_cannot_be_written_is_said(file: str, words: str) -> None:
    session = session_of("single-exit", "step")
    with pytest.raises(UsageError, match=words):
        session.run_line(f"record {file}")


def test_without_a_move_there_is_nothing_to_record() -> None:
    with pytest.raises(UsageError, match="no step was made"):
        session_of("single-exit", "record x.toml")
