"""`exittui compare` and `exittui reproduce`: output, files, errors and exit codes."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from exittui.cli.main import main
from exittui.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


def test_compare_prints_a_table_and_writes_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lanes, trace = tmp_path / "lanes.svg", tmp_path / "trace.json"
    words = ["fork-and-wait", "--kernels", "reaper,mpi-2025-05"]
    code = main(["compare", *words, "--lanes", str(lanes), "--trace", str(trace)])
    out = capsys.readouterr().out
    assert code == ExitCode.OK
    assert "context switches" in out
    assert "first divergence: step" in out
    assert ET.parse(lanes).getroot().tag.endswith("svg")  # noqa: S314 - written here
    assert json.loads(trace.read_text())["traceEvents"]


def test_compare_as_csv_of_a_workload(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        'title = "t"\ndescription = "d"\nkernels = ["reaper", "purge-2025-08"]\n'
        '[[workload]]\nkind = "storm"\nprocesses = 5\n'
    )
    assert main(["compare", str(file), "--format", "csv"]) == ExitCode.OK
    rows = list(csv.reader(capsys.readouterr().out.splitlines()))
    assert rows[0] == ["group", "name", "unit", "reaper", "purge-2025-08"]
    assert ["run", "forks", "count", "5", "5"] in rows


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["compare"], "the following arguments are required"),
        (["compare", "nothing"], "no scenario 'nothing'"),
        (["compare", "mak"], "did you mean 'make'"),
        (["compare", "make", "--kernels", "reapr"], "no kernel 'reapr'; did you mean 'reaper'"),
        (["compare", "make", "--kernels", "reaper,reaper"], "named twice"),
        (["compare", "make", "--format", "xml"], "'xml' is not known"),
        (["compare", "fork-and-wait", "--lanes", "/nowhere/x.svg"], "/nowhere/x.svg: no such file"),
        (["compare", "fork-and-wait", "--screen"], "the screen needs a terminal"),
        (["compare", "make", "--screen", "--kernels", "reaper"], "not 1"),
        (["compare", "make", "--screen", "--lanes", "x"], "--lanes goes with the table"),
        (["compare", "make", "--screen", "--format", "csv"], "--format goes with the table"),
        (["compare", "make", "--schedule", "0"], "--schedule goes with --screen"),
        (["compare", "make", "--screen", "--schedule", "z"], "part 1, 'z', is not CPU"),
        (["reproduce", "mail-2025-05"], "known as 'mail-2025-05'; did you mean 'mail-2025-05-02'"),
        (["reproduce", "mail-2025-05-02", "--processes", "3"], "3 is out of range"),
        (
            ["reproduce", "mail-2025-05-02", "--no-sweep", "--picture", "x.svg"],
            "it does not go with --no-sweep",
        ),
    ],
)
def test_mistakes_are_told_in_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1


def test_reproduce_says_what_was_calibrated_and_how_far_off_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["reproduce", "mail-2025-05-02", "--processes", "50", "--no-sweep"]
    assert main(words) == ExitCode.OK
    out = capsys.readouterr().out
    assert "136.93   544.57   280.55" in out
    assert "125.83   538.58   249.35" in out
    assert "model, reaper (calibrated)" in out
    assert "model, mpi-2025-05 (predicted)" in out
    assert "Calibrated, to the baseline's three times only" in out
    assert "Of what the diff changed, the model misses" in out or "is far off" in out
