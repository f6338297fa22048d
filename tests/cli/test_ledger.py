"""`exittui ledger` and `exittui diff`: what they print, for people and for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from exittui.cli.main import main
from exittui.errors import ExitCode
from exittui.kernel.catalog import KERNELS

PROGRAM = [sys.executable, "-c", "from exittui.cli.main import entry; raise SystemExit(entry())"]


def printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that the program prints for these arguments."""
    assert main(words) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out.splitlines()


def test_the_ledger_fits_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(["ledger"], capsys)
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "\nkern/kern_exit.c 1.245: " in text
    assert "\nkern/kern_exit.c 1.245 in mpi-2025-05, mpi-switch: " in text
    assert "\n  exit1()  " in text
    assert "Simplified: " in text


def test_a_function_in_the_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(" ".join(printed(["ledger", "cpu_switchto"], capsys)).split())
    assert "arch/amd64/amd64/locore.S 1.150: " in text
    assert "replaced in mpi-2025-05 (arch/amd64/amd64/locore.S 1.150), " in text
    assert "1 function and no macros of 1 upstream file; not as in the base: 1 in mpi-" in text


@pytest.mark.parametrize(
    "words", [[], ["pmap_purge"], ["exit1"], ["--kernel", "purge-2025-08"], ["kern/kern_sched.c"]]
)
def test_the_sum_of_the_ledger_is_of_all_that_is_listed(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    files = json.loads("".join(printed(["ledger", "--format", "json", *words], capsys)))
    said = " ".join(" ".join(printed(["ledger", *words], capsys)).split())
    many = len({one["upstream"] for one in files})
    added = sum(entry["added"] for one in files if one["hunk"] for entry in one["entries"])
    more = f", {added} more in hunks," if added else ""
    assert f"{more} of {many} upstream file{'s' * (many > 1)}" in said


def test_the_ledger_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    files = json.loads("".join(printed(["ledger", "--format", "json"], capsys)))
    (exit_file,) = [
        one for one in files if one["upstream"] == "kern/kern_exit.c" and one["file"] == EXIT
    ]
    assert exit_file["revision"] == "1.245"
    assert exit_file["functions"] == len(exit_file["entries"])
    entry = next(one for one in exit_file["entries"] if one["name"] == "exit1")
    assert {one["kernel"] for one in entry["differs"]} == set(KERNELS) - {"reaper"}
    only = json.loads(
        "".join(printed(["ledger", "--kernel", "reaper", "--format", "json", "exit1"], capsys))
    )
    assert [one["hunk"] for one in only] == [""]


EXIT = "kern/kern_exit.py"


@pytest.mark.parametrize("width", [40, 80, 119, 120, 130, 200])
def test_the_difference_fits_its_width(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(["diff", "reaper", "mpi-2025-05", "--width", str(width)], capsys)
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("reaper → mpi-2025-05: ")
    text = " ".join(" ".join(lines).split())
    assert "fields removed: process.ps_mainproc" in text
    assert "removed function exit2()" in text
    assert "changed function cpu_switchto()" in text


def test_one_below_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(["diff", "reaper", "mpi-2025-05", "cpu_switchto", "--width", "80"], capsys)
    assert lines[:5] == [
        "reaper → mpi-2025-05: 1 changed",
        "",
        "changed function cpu_switchto()",
        "- arch/amd64/amd64/locore.S 1.150",
        "+ arch/amd64/amd64/locore.S 1.150, hunk arch/amd64/amd64/locore.S",
    ]
    marked = [line for line in lines[5:] if not line.startswith("  ")]
    assert marked == [
        "-         curcpu().ci_proc_pmap = newpmap",
        "+     curcpu().ci_proc_pmap = newpmap",
    ]
    assert not any("the same" in line for line in lines), "one function is shown whole"


def test_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(["diff", "reaper", "mpi-2025-05", "cpu_switchto", "--width", "120"], capsys)
    assert "        curcpu().ci_proc_pmap = newpmap                    <" in lines
    assert " " * 59 + ">     curcpu().ci_proc_pmap = newpmap" in lines


def test_what_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(["diff", "reaper", "reaper"], capsys) == ["reaper and reaper: no difference"]
    assert printed(["diff", "reaper", "mpi-2025-05", "fork1"], capsys) == [
        "reaper and mpi-2025-05: no difference"
    ]


def test_the_difference_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["diff", "reaper", "mpi-2025-05", "--format", "json"]
    told = json.loads("".join(printed(words, capsys)))
    assert (told["from"], told["to"]) == ("reaper", "mpi-2025-05")
    changes = {one["name"]: one for one in told["changes"]}
    assert changes["exit2"]["change"] == "removed"
    assert changes["exit2"]["new"] is None
    assert changes["process"]["fields_removed"] == ["ps_mainproc"]
    for mark, old, new in changes["exit1"]["rows"]:
        assert mark == (" " if old == new else "<" if new is None else ">" if old is None else "|")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ledger", "exti1"], "no function or file 'exti1' in the ledger; did you mean 'exit1'?"),
        (["ledger", "--kernel", "x"], "no kernel 'x'; known: reaper, "),
        (["ledger", "--format", "xml"], "argument --format: 'xml' is not known; known: text, json"),
        (["diff"], "the following arguments are required: KERNEL, KERNEL; see "),
        (["diff", "reaper"], "the following arguments are required: KERNEL; see "),
        (["diff", "reaper", "mpi-2025-06"], "no kernel 'mpi-2025-06'; did you mean 'mpi-2025-05'?"),
        (["diff", "reaper", "reaper", "exti1"], "has 'exti1'; did you mean 'exit1'?"),
        (["diff", "reaper", "reaper", "--width", "7"], "argument --width: 7 is out of range; 40 "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_nonsense(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == ExitCode.USAGE
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("words", [["ledger"], ["diff", "reaper", "mpi-2025-05"]])
def test_nobody_has_to_read_to_the_end(words: list[str]) -> None:
    with subprocess.Popen(
        [*PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.readline()
        run.stdout.close()
        assert run.wait(60) in (ExitCode.BROKEN_PIPE, ExitCode.OK)
        assert run.stderr.read() == b""


@pytest.mark.parametrize("plain", ["NO_COLOR=1", "TERM=dumb"])
def test_colour_is_for_terminals_that_want_it(plain: str) -> None:
    words = ["diff", "reaper", "mpi-2025-05", "cpu_switchto"]
    assert b"\x1b[" in on_terminal(words, {"TERM": "xterm-256color"})
    name, _, value = plain.partition("=")
    shown = on_terminal(words, {"TERM": "xterm-256color", name: value})
    assert b"\x1b[" not in shown
    assert b"cpu_switchto" in shown


def on_terminal(words: list[str], settings: dict[str, str]) -> bytes:
    """What the program writes to a terminal."""
    ours, theirs = os.openpty()
    kept = {name: text for name, text in os.environ.items() if name not in ("NO_COLOR", "CI")}
    with subprocess.Popen([*PROGRAM, *words], stdout=theirs, env=kept | settings) as run:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        assert run.wait(60) == 0
    os.close(ours)
    return shown
