"""Outcomes, tables and pictures of a comparison."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import attrs
import pytest

from exittui.compare.divergence import aligned, diverge
from exittui.compare.outcome import measure
from exittui.compare.parallel import Task, run_all
from exittui.compare.places import COUNTED, POINTS
from exittui.compare.table import table
from exittui.export.lanes import svg
from exittui.export.tables import FORMATS
from exittui.kernel.catalog import KERNELS, link_kernel
from exittui.kernel.costs import prices
from exittui.kernel.costs import table as costs
from exittui.scenario.library import find, folder, workloads
from tests.compare.worlds import ALL, MAKE, STORM, workload

if TYPE_CHECKING:
    from exittui.compare.outcome import Outcome


@pytest.fixture(scope="module")
def pair() -> list[Outcome]:
    scenario = workload(MAKE, cpus=3)
    return [measure(scenario, kernel, segments=5000) for kernel in ("reaper", "mpi-2025-05")]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("text", ALL, ids=lambda text: text.split('"')[1])
def test_every_workload_ends_under_every_kernel(text: str, kernel: str) -> None:
    outcome = measure(workload(text, cpus=3), kernel)
    assert (outcome.result, outcome.message) == ("done", "every program has ended")


def test_the_same_run_gives_the_same_outcome(pair: list[Outcome]) -> None:
    again = measure(workload(MAKE, cpus=3), "reaper", segments=5000)
    assert again == pair[0]


def test_processes_of_their_own_change_nothing() -> None:
    scenario = workload(STORM.replace("= 6", "= 120"))
    tasks = [Task(kernel, scenario, kernel) for kernel in ("reaper", "mpi-2025-05")]
    assert run_all(tasks, workers=2) == run_all(tasks, workers=1)


def test_a_second_seed_is_another_run() -> None:
    one, other = (measure(workload(f"{MAKE}\nseed = {seed}", cpus=3), "reaper") for seed in (1, 2))
    assert one.end != other.end


def test_each_kernel_comes_to_the_points_in_its_own_order(pair: list[Outcome]) -> None:
    """The reaper unmaps after SDEAD, the diff before."""
    reaper, changed = (one.endings[0].points for one in pair)
    assert set(reaper) == set(changed) == set(POINTS)
    assert reaper["dead"] < reaper["unmapped"] < reaper["sigchld"] < reaper["return"]
    assert changed["unmapped"] < changed["dead"] < changed["sigchld"] < changed["return"]


def test_fewer_switches_and_wakeups_without_the_reaper(pair: list[Outcome]) -> None:
    for what in ("switches", "wakeups"):
        assert pair[1].counts[what] < pair[0].counts[what]


def test_threads_pile_up_until_their_process_exits() -> None:
    """As Claudio Jeker said of the diff: what a pool has joined is freed only at its end."""
    text = 'kind = "threads"\njobs = 2\nprocesses = 30\nuser = { median = 50 }'
    before, after = (measure(workload(text), kernel) for kernel in ("reaper", "mpi-2025-05"))
    assert before.peaks["procs"] < 15
    assert after.peaks["procs"] > 30


def test_the_table_as_csv_json_and_text(pair: list[Outcome]) -> None:
    made = table("make", "a title", pair)
    rows = list(csv.reader(FORMATS["csv"](made, pair)))
    assert rows[0] == ["group", "name", "unit", "reaper", "mpi-2025-05"]
    assert {len(row) for row in rows} == {5}
    known = {row[1]: row[3:] for row in rows[1:]}
    assert known["context switches"] == [str(one.counts["switches"]) for one in pair]
    document = json.loads("".join(FORMATS["json"](made, pair)))
    assert document["kernels"] == ["reaper", "mpi-2025-05"]
    assert len(document["rows"]) == len(made.rows)
    assert len(rows) - 1 == len(made.rows) + len(aligned(pair))
    assert [known["make-job calls exit()"], known["make-job is SDEAD"][0]] == [
        ["0", "0"],
        str(aligned(pair)[1][2][0]),
    ]
    for number, one in enumerate(pair):
        spent = [
            sum(
                int(known[f"cpu{cpu} {kind}"][number])
                for kind in ("user", "system", "spin", "idle")
            )
            for cpu in range(3)
        ]
        assert spent == [one.end] * 3
    text = "\n".join(FORMATS["text"](made, pair))
    assert "context switches" in text
    assert "is SDEAD" in text
    assert "each CPU: user, system, spin, idle" in text
    assert "longest wait" not in text


def test_lanes_are_a_picture(pair: list[Outcome]) -> None:
    root = ET.fromstring(svg(pair, "a <title> & more"))  # noqa: S314 - it is ours
    assert root.tag.endswith("svg")
    bars = [one for one in root.iter() if one.tag.endswith("rect") and one.get("opacity")]
    assert len(bars) > 50
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for bar in bars:
        assert 0 <= float(bar.get("x", "-1")) <= width
        assert 0 <= float(bar.get("y", "-1")) <= height
    words = [one.text or "" for one in root.iter() if one.tag.endswith("text")]
    assert "mpi-2025-05" in words
    assert svg(pair, "a") == svg(pair, "a")


def test_where_two_kernels_part() -> None:
    outcomes, partings = diverge(find("fork-and-wait"), ("reaper", "mpi-2025-05"))
    (parting,) = partings
    assert parting is not None
    assert [one.kernel for one in parting.stands] == ["reaper", "mpi-2025-05"]
    assert parting.stands[0].text != parting.stands[1].text
    assert any(point == "is SDEAD" for _, point, _ in aligned(outcomes))
    _, same = diverge(find("fork-and-wait"), ("reaper", "reaper"))
    assert same == [None]


def test_every_cost_is_of_something_and_says_why() -> None:
    statements = [one for kernel in KERNELS for one in link_kernel(kernel).statements]
    for cost in costs():
        assert len(cost.why) > 10
        assert any(cost.fits(statement) for statement in statements), cost.name
    names = [cost.name for cost in costs()]
    assert len(set(names)) == len(names)


def test_every_statement_costs_something_and_a_factor_changes_it() -> None:
    image = link_kernel("reaper")
    plain, dear = prices(image), prices(image, factors={"switch": 2.0})
    assert min(plain.fixed) >= 1
    changed = [
        image.statements[pc].function
        for pc, (one, other) in enumerate(zip(plain.fixed, dear.fixed, strict=True))
        if one != other
    ]
    assert changed == ["cpu_switchto"]


def test_leaving_a_wait_costs_something() -> None:
    """Every wait that a run comes to has a hand-over, so that none is left at the default."""
    for kernel in KERNELS:
        image = link_kernel(kernel)
        made = prices(image)
        rare = {"sleep_cancel", "pmap_start_tlb_shoot"}
        functions = {image.statements[pc].function for pc in image.guards} - rare
        assert {image.statements[pc].function for pc in made.handover} == functions


def test_what_is_counted_exists() -> None:
    for kernel in KERNELS:
        functions = link_kernel(kernel).functions
        for names in COUNTED.values():
            assert any(name in functions for name in names)


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    """The whole program, in processes of their own."""
    said = set()
    for seed in ("0", "7"):
        done = subprocess.run(
            [sys.executable, "-m", "exittui", "compare", "fork-and-wait", "--format", "json"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        )
        said.add(done.stdout)
    assert len(said) == 1


@pytest.mark.parametrize("name", workloads())
def test_the_workloads_that_come_with_the_program_load(name: str) -> None:
    scenario = find(name)
    assert scenario.workload
    assert (folder() / "workloads" / f"{name}.toml").is_file()
    small = tuple(attrs.evolve(one, processes=4, before=10) for one in scenario.workload)
    outcome = measure(attrs.evolve(scenario, workload=small, cpus=2), "reaper")
    assert outcome.result == "done"
