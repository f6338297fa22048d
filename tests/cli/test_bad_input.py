"""Nonsense on the command line: one clear line, exit code 2, no traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.cli.main import main
from exittui.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

HELP = "see 'exittui run --help'"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run"], f"the following arguments are required: SCENARIO; {HELP}"),
        (
            ["run", "three-thread-exit"],
            "no scenario 'three-thread-exit'; did you mean 'three-threads-exit'?; known: ",
        ),
        (["rum", "single-exit"], "unknown argument 'single-exit'; see 'exittui --help'"),
        (["lst"], "no scenario 'lst'; did you mean 'list'?; known: "),
        (["run", "./none.toml"], "none.toml: no such file or directory"),
        (["run", "/"], "/: is a directory"),
        (["run", "single-exit", "--kernel", "repear"], "no kernel 'repear'; did you mean 'reaper'"),
        (
            ["run", "single-exit", "--kernel", "mpi-2025-05", "--without", "kern/kern_exit"],
            "no hunk 'kern/kern_exit' in kernel mpi-2025-05; did you mean 'kern/kern_exit.c'?",
        ),
        (
            ["run", "single-exit", "--kernel", "reaper", "--without", "kern/kern_exit.c"],
            "no hunk 'kern/kern_exit.c' in kernel reaper; known: none",
        ),
        (
            ["run", "single-exit", "--chooser", "randem"],
            "argument --chooser: 'randem' is not known; did you mean 'random'?; known: "
            f"round-robin, random, timed, scripted; {HELP}",
        ),
        (
            ["run", "single-exit", "--seed", "-1"],
            f"argument --seed: '-1' is no whole number; 0 to 4294967295; {HELP}",
        ),
        (
            ["run", "single-exit", "--seed=x"],
            f"argument --seed: 'x' is no whole number; 0 to 4294967295; {HELP}",
        ),
        (
            ["run", "single-exit", "--max-steps", "0"],
            f"argument --max-steps: 0 is out of range; 1 to 50000000; {HELP}",
        ),
        (["run", "single-exit", "--kernal=reaper"], "unknown argument '--kernal'; did you mean "),
        (["run", "single-exit", "--format", "xml"], "argument --format: 'xml' is not known; known"),
        (["run", "single-exit", "--chooser", "scripted"], "the scripted chooser needs --schedule"),
        (
            ["run", "single-exit", "--schedule", "0", "--chooser", "random"],
            "--schedule replays choices: it does not go with --chooser random",
        ),
        (
            ["run", "single-exit", "--schedule", "0", "--seed", "1"],
            "--seed goes with the random chooser only",
        ),
        (["run", "single-exit", "--schedule", "0/x"], "schedule: part 2, 'x', is not CPU or CPUx"),
        (["run", "single-exit", "--schedule", "7"], "choice 1 of the schedule is cpu7, which does"),
        (["run", "single-exit", "--schedule", "0x9999999"], "of the schedule is cpu0, which "),
        (["run", "single-exit", "--schedule", "@/"], "argument --schedule: /: is a directory"),
        (["list", "--format", "jsonn"], "argument --format: 'jsonn' is not known; did you mean"),
        (["list", "more"], "unknown argument 'more'; see 'exittui list --help'"),
        (["single-exit"], "the screen needs a terminal"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_one_clear_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == ExitCode.USAGE
    complaint = capsys.readouterr().err
    assert complaint.startswith("exittui: ")
    assert message in complaint
    assert complaint.count("\n") == 1


def test_all_faults_of_a_scenario_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("title = 3\nkernels = []\n[[process]]\nname = 'x'\n")
    assert main(["run", str(path)]) == ExitCode.USAGE
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        f"exittui: {path}:1: title: 3 is a number; accepted: text",
        f"exittui: {path}:1: description: missing",
        f"exittui: {path}:2: kernels: [] has 0 elements; accepted: 1 to 16 elements",
        f"exittui: {path}:3: process[0].thread: missing",
    ]
