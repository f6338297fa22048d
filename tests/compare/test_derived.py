"""Counts that follow from the kernels' text alone."""

from __future__ import annotations

import pytest

from exittui.compare.meter import Meter
from exittui.compare.outcome import measure
from exittui.compare.table import table
from exittui.kernel.costs import prices
from exittui.scenario.build import build
from exittui.scenario.load import parse

ONE_EXIT = """
title = "t"
description = "d"
kernels = ["reaper"]
cpus = 1

[[process]]
name = "sh"
waits = true
[[process.thread]]
program = [["wait4", "worker"], ["pause"]]
start = "asleep"

[[process]]
name = "worker"
parent = "sh"
[[process.thread]]
program = [["exit", 3]]
start = "cpu0"
"""


@pytest.mark.parametrize(
    ("kernel", "switches"),
    [
        ("reaper", 3),  # child, idle, reaper, parent
        ("purge-2025-08", 3),
        ("mpi-2025-05", 2),  # child, idle, parent
        ("mpi-switch", 1),  # child, parent
        ("cludwig-2025-09", 1),
    ],
)
def test_switches_from_exit_to_the_return_of_wait4(kernel: str, switches: int) -> None:
    scenario = parse(ONE_EXIT, name="one", file="one.toml")
    outcome = measure(scenario, kernel)
    assert outcome.result == "done"
    assert outcome.latency is not None
    assert outcome.latency.switches == switches
    said = {row.name: row.values for row in table("one", "t", [outcome]).rows}
    assert said["context switches meanwhile"] == (switches,)


def test_who_is_charged_for_unmapping() -> None:
    """The reaper's time is nobody's; the diff's is lost with the thread; the purge's is too late.

    exit1() hands its time to the process before it unmaps, in all kernels.
    """
    most = {}
    for kernel in ("reaper", "mpi-2025-05", "purge-2025-08"):
        text = ONE_EXIT.replace('parent = "sh"', 'parent = "sh"\npages = 200')
        machine = build(parse(text, name="one", file="one.toml"), kernel).machine
        meter = Meter(machine, prices(machine.image, page_unit=64))
        meter.clockwork.run()
        meter.finish()
        charged = meter.accounts.charged
        most[kernel] = max(("tu", "nobody", "kernel threads"), key=lambda n: charged[n].total)
        assert charged["ru"].total < charged[most[kernel]].total
    assert most == {"reaper": "kernel threads", "mpi-2025-05": "nobody", "purge-2025-08": "tu"}
