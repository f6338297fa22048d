"""`exittui run`: what it prints, that it can be replayed, and what it ends with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from exittui.cli.main import main
from exittui.errors import ExitCode

PROGRAM = [sys.executable, "-c", "from exittui.cli.main import entry; raise SystemExit(entry())"]


def output(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    """What the program prints for these arguments."""
    assert main(words) == code
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize("kernel", ["mpi-2025-05", "reaper"])
def test_jsonl_has_an_object_for_each_step_and_one_for_the_end(
    kernel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", "three-threads-exit", "--kernel", kernel, "--format", "jsonl"]
    *steps, end = map(json.loads, output(words, capsys).splitlines())
    assert end["result"] == "done"
    assert end["kernel"] == kernel
    assert end["steps"] == len(steps)
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        assert list(step) == [
            *("step", "cpu", "pid", "tid", "thread", "function", "file", "line", "text"),
            *("stack", "writes"),
        ]
        assert step["stack"][-1] == step["function"]
    assert {"exit1", "dowait6", "cpu_switchto"} <= {step["function"] for step in steps}
    assert "kern/kern_exit.c" in {step["file"] for step in steps}
    writes = [write for step in steps for write in step["writes"]]
    assert {tuple(write) for write in writes} == {("object", "field", "old", "new")}
    changed = {write["field"] for write in writes}
    assert {"ps_exitcnt", "p_stat", "ci_cr3"} <= changed


@pytest.mark.parametrize("kernel", ["mpi-2025-05", "reaper"])
@pytest.mark.parametrize("limit", [[], ["--max-steps", "100"]], ids=["whole", "part"])
def test_the_schedule_replays_to_the_same_bytes(
    kernel: str, limit: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", "three-threads-exit", "--kernel", kernel, "--format", "jsonl"]
    code = ExitCode.LIMIT if limit else ExitCode.OK
    first = output([*words, "--seed", "7", *limit], capsys, code)
    schedule = json.loads(first.splitlines()[-1])["schedule"]
    assert output([*words, "--schedule", schedule], capsys, code) == first
    path = tmp_path / "schedule"
    path.write_text(f"{schedule}\n")
    assert output([*words, "--schedule", f"@{path}"], capsys, code) == first


@pytest.mark.parametrize("form", ["text", "jsonl", "summary"])
def test_the_same_bytes_under_every_hash_seed(form: str) -> None:
    def run(seed: str) -> bytes:
        return subprocess.run(
            [*PROGRAM, "run", "three-threads-exit", "--format", form, "--seed", "5"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout

    assert run("1") == run("2")


def test_a_summary_says_how_to_repeat_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(["run", "single-exit", "--format", "summary"], capsys).splitlines()
    assert [line.split()[0] for line in lines] == [
        "scenario",
        "kernel",
        "result",
        "steps",
        "schedule",
    ]


def test_text_has_a_line_for_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "single-exit", "--max-steps", "20"]
    lines = output(words, capsys, ExitCode.LIMIT).splitlines()
    steps = lines[: lines.index("")]
    assert [line.split()[0] for line in steps] == [str(n) for n in range(1, 21)]
    assert "result    limit: stopped after 20 steps; can go on: cpu0" in lines


def test_a_reader_that_has_seen_enough() -> None:
    """As `exittui run … | head -1`: no traceback, and the usual exit code."""
    with subprocess.Popen(
        [*PROGRAM, "run", "three-threads-exit"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == ExitCode.BROKEN_PIPE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_an_output_that_is_full() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "run", "single-exit"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == "exittui: output: no space left on device\n"
    assert done.returncode == ExitCode.INTERNAL


def test_an_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: object) -> int:
        signal.raise_signal(signal.SIGINT)
        return 0

    monkeypatch.setattr("exittui.cli.run.command", interrupted)
    assert main(["run", "single-exit"]) == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == "exittui: interrupted\n"


def test_an_unmet_expectation_has_its_own_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        'title = "t"\ndescription = "d"\nkernels = ["reaper"]\n'
        '[[process]]\nname = "w"\n[[process.thread]]\nprogram = [["exit", 1]]\n'
        '[expect]\nexits = [{ by = "init", of = "w", status = 2 }]\n'
    )
    out = output(["run", str(path), "--format", "summary"], capsys, ExitCode.UNMET)
    assert (
        'expected  exits [{ by = "init", of = "w", status = 2 }], '
        'not [{ by = "init", of = "w", status = 1 }]'
    ) in out


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["list", "-h"], ["--version"]])
def test_help_and_version(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "exittui" in output(words, capsys).splitlines()[0]
