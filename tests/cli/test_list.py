"""`exittui list`: everything there is to choose from, one line each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from exittui.cli.main import main
from exittui.kernel.catalog import KERNELS
from exittui.scenario.library import lessons, names, workloads

if TYPE_CHECKING:
    import pytest


def test_text_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    words = [line.split()[0] for line in lines if line.startswith("  ")]
    hunks = [hunk.name for kernel in KERNELS.values() for hunk in kernel.hunks]
    taught = words[len(names()) + len(workloads()) :][: len(lessons())]
    assert sorted(taught) == lessons()
    assert taught[0] == "process"
    assert words == [*names(), *workloads(), *taught, *KERNELS, *hunks]
    assert all(len(line.split(maxsplit=1)) == 2 for line in lines if line.startswith("  "))
    assert max(map(len, lines)) <= 120


def test_json_has_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["scenarios"]] == names()
    assert [one["name"] for one in found["workloads"]] == workloads()
    assert {one["name"] for one in found["lessons"]} == set(lessons())
    assert all(one["questions"] for one in found["lessons"])
    assert [one["name"] for one in found["kernels"]] == list(KERNELS)
    assert all(one["hunks"] for one in found["kernels"] if one["name"] == "mpi-2025-05")
