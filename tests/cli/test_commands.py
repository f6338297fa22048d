"""`exittui run --commands`, session files and `--linear` on the command line."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from exittui.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = [sys.executable, "-c", "from exittui.cli.main import entry; raise SystemExit(entry())"]
SCRIPT = """\
# The third thread comes to exit1() with the status 3.
break exit1
continue
print xexit
assert worker.ps_threadcnt == 3
"""


def run(
    words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0
) -> tuple[list[str], list[str]]:
    """What the program prints and complains of for these arguments."""
    assert main(words) == code
    captured = capsys.readouterr()
    return captured.out.splitlines(), captured.err.splitlines()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A file of commands."""
    path = tmp_path / "exit1.ddb"
    path.write_text(SCRIPT)
    return path


def test_a_command_file_is_carried_out(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told, complaints = run(["run", "three-threads-exit", "--commands", str(script)], capsys)
    assert told[1:] == ["Breakpoint at   exit1: wakeinit = 0", "xexit = 3"]
    assert complaints == []


def test_a_failed_assertion_ends_with_14(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(f"{SCRIPT}assert nthreads == 0\necho not reached\n")
    told, complaints = run(["run", "three-threads-exit", "--commands", str(script)], capsys, 14)
    assert told[-1] == "xexit = 3"
    assert len(complaints) == 1
    assert complaints[0].startswith(f"exittui: {script}:6: assertion failed at step ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("frob\n", ":1: no command 'frob'"),
        ("\n\nbreak nosuch\n", ":3: no function 'nosuch'"),
        ("assert frob\n", ":1: column 1: 'frob' is not known"),
        ("step 0\n", ":1: '0' is no count"),
    ],
)
def test_a_bad_command_is_named_with_its_file_and_line(
    script: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    script.write_text(text)
    told, complaints = run(["run", "three-threads-exit", "--commands", str(script)], capsys, 2)
    assert told == []
    assert complaints[0].startswith(f"exittui: {script}{said}")


def test_commands_come_from_the_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("echo hello  there\nfrob\n"))
    told, complaints = run(["run", "three-threads-exit", "--commands", "-"], capsys, 2)
    assert told == ["hello  there"]
    assert complaints[0].startswith("exittui: <stdin>:2: no command")


def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "three-threads-exit", "--commands", str(tmp_path / "none")]
    assert run(words, capsys, 2)[1] == [f"exittui: {tmp_path / 'none'}: no such file or directory"]


def test_a_session_is_saved_and_opened_from_the_command_line(
    tmp_path: Path, script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "mine"
    script.write_text(f"{SCRIPT}save {saved}\nwhen\n")
    first, _ = run(["run", "three-threads-exit", "--commands", str(script)], capsys)
    script.write_text("when\nshow breaks\n")
    again, _ = run(["run", f"{saved}", "--commands", str(script)], capsys)
    assert again[0] == first[-1]
    saved.rename(tmp_path / "mine.session")
    again, _ = run(["run", f"{saved}.session", "--commands", str(script)], capsys)
    assert again[0] == first[-1]
    assert again[2].endswith(first[0].removeprefix("Breakpoint 1 at "))
    words = ["run", f"{saved}.session", "--kernel", "reaper", "--commands", str(script)]
    assert run(words, capsys, 2)[1] == [
        "exittui: --kernel goes with a scenario: the session has its own"
    ]


def test_the_output_is_the_same_under_every_hash_seed(script: Path) -> None:
    script.write_text(
        "break mtx_enter\ncontinue\nps\nbt\nx worker\npick\ndelete\nrun\nshow witness\nwhen\n"
    )
    words = [*PROGRAM, "run", "three-threads-exit", "--commands", str(script)]
    outputs = {
        subprocess.run(
            words, capture_output=True, check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert b"kernel_lock" in outputs.pop()


def test_linear_mode_needs_no_terminal_and_draws_nothing() -> None:
    done = subprocess.run(
        [*PROGRAM, "three-threads-exit", "--linear"],
        input="cpu 0\nstep\n\nwhen\n",
        capture_output=True,
        check=True,
        text=True,
    )
    told = done.stdout.splitlines()
    assert told[-2:] == ["step 2 of 2: 0x2", ""]
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


ENDLESS = """\
title = "Two that compute"
description = "Nobody ever ends."
kernels = ["mpi-2025-05"]
cpus = 2

[run]
max-steps = 9000000

[[process]]
name = "a"
[[process.thread]]
program = [["compute", 9], ["loop"]]
start = "cpu0"
"""


def test_control_c_ends_a_long_move_between_two_steps(tmp_path: Path) -> None:
    path = tmp_path / "endless.toml"
    path.write_text(ENDLESS)
    with subprocess.Popen(
        [*PROGRAM, str(path), "--linear"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("continue\n")
        process.stdin.flush()
        while not process.stdout.readline().startswith("At step "):
            pass
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.stdin.write("assert step > 50000\nback 9\nwhen\nquit\n")
        process.stdin.close()
        told = process.stdout.read().splitlines()
        assert process.wait() == 0
    said = [line for line in told if line.startswith("interrupted at step ")]
    end = int(said[0].rpartition(" ")[2])
    assert any(line.startswith(f"step {end - 9} of {end}: ") for line in told)
