"""Built scenarios to ask, each kernel built once; a test that moves a machine says where to."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from exittui.machine import RoundRobin
from exittui.scenario.build import build
from exittui.scenario.expression import Names
from exittui.scenario.library import find

if TYPE_CHECKING:
    from exittui.machine import Machine
    from exittui.scenario.build import Built

KERNELS = ["mpi-2025-05", "reaper"]


@functools.cache
def world(kernel: str, scenario: str = "three-threads-exit") -> tuple[Built, Names]:
    """A scenario that has run to its end, and its names."""
    built = build(find(scenario), kernel)
    built.machine.run(RoundRobin(), 100_000)
    return built, Names.of(built)


def until_first(machine: Machine, function: str) -> int:
    """Go to where a CPU has just come into a function for the first time; which CPU."""
    for index in range(machine.recorded):
        record = machine.record(index)
        if record.statement.function == function:
            machine.goto(index)
            return record.cpu
    raise AssertionError(f"{function} is never reached")


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest) -> str:
    """Each kernel in turn."""
    return str(request.param)
