"""Small workloads for the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.scenario.load import parse

if TYPE_CHECKING:
    from exittui.scenario.model import Scenario

KERNELS = ("reaper", "mpi-2025-05", "mpi-switch", "purge-2025-08", "cludwig-2025-09")

HEAD = """title = "t"
description = "d"
kernels = ["reaper", "mpi-2025-05"]
"""


def workload(text: str, *, cpus: int = 2, unit: int = 16) -> Scenario:
    """A scenario of one workload, whose keys are given."""
    whole = f"{HEAD}cpus = {cpus}\n[time]\npage-unit = {unit}\n[[workload]]\n{text}\n"
    return parse(whole, name="small", file="small.toml")


STORM = 'kind = "storm"\nprocesses = 6\nuser = { median = 50 }'
MAKE = """kind = "make"
jobs = 3
processes = 9
pages = { shape = "lognormal", median = 400, low = 10, high = 4000 }
user = { shape = "exponential", median = 300 }
locked = { median = 40 }
unlocked = { median = 80 }
"""
THREADS = 'kind = "threads"\njobs = 3\nprocesses = 9\nuser = { median = 60 }'
KILL = 'kind = "kill"\nprocesses = 8\nbefore = 300'
LATE = 'kind = "late"\nprocesses = 5\nuser = { median = 20 }\nafter = 2000'
ALL = (STORM, MAKE, THREADS, KILL, LATE)
