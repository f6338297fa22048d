"""A small good scenario, and ways to make it bad."""

from __future__ import annotations

from typing import Final

import pytest

GOOD: Final = """\
title = "Good"
description = "Nothing is wrong with this one."
kernels = ["reaper", "mpi-2025-05"]
cpus = 2

[[process]]
name = "sh"
[[process.thread]]
program = [["wait4", "worker"]]

[[process]]
name = "worker"
parent = "sh"
[[process.thread]]
program = [["exit", 3]]
start = "cpu0"

[expect]
result = "done"
exits = [{ by = "sh", of = "worker", status = 3 }]
"""


@pytest.fixture
def good() -> str:
    """The text of a scenario without a fault."""
    return GOOD
