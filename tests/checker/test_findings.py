"""Which violations are the same, and which are told apart."""

from __future__ import annotations

import pytest

from exittui.checker.check import Options, check
from exittui.checker.findings import Kind, of_result
from exittui.checker.judge import ScenarioJudge
from exittui.checker.search import Bounds
from exittui.machine import Result
from exittui.scenario.build import build
from exittui.scenario.library import find

MTX = "use after free: mtx_owner of ps_mtx of worker, freed by cpu1 in pool_put < process_zap < x"
PS = "use after free: ps_pid of sh, freed by cpu0 in pool_put < process_zap < wait4 at step 12"
MAP = "use after free: vm_map of vmspace of sh, freed by cpu0 in pool_put < uvmspace_free at step 9"
OWN = "use after free: sp of stack#3, freed by cpu0 in leave at step 9"
NOBODY = "use after free: (freed twice) of stack#3"


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (MTX, "use after free: freed by process_zap()"),
        (PS, "use after free: freed by process_zap()"),
        (MAP, "use after free: freed by uvmspace_free()"),
        (OWN, "use after free: freed by leave()"),
        (NOBODY, "use after free: (freed twice) of stack#N"),
        ("runs on a freed stack: uarea of worker, freed by cpu0 in x", "runs on a freed stack"),
        ("I2: pmap of sh is destroyed", "I2"),
    ],
)
def test_what_one_function_frees_is_one_violation(message: str, name: str) -> None:
    found = of_result(Result("violation", message, 0))
    assert found.kind is Kind.SAFETY
    assert found.name == (name if name == "I2" else f"violation: {name}")
    assert message in found.message


def test_a_process_used_in_many_ways_after_its_end_is_told_once() -> None:
    """Under the diff note-exit looks at the mutex of a process that is gone, field by field."""
    built = build(find("note-exit"), "mpi-2025-05")
    options = Options(bounds=Bounds(states=300), simplify=False)
    report = check(built.machine, ScenarioJudge(built), options)
    used = [one for one in report.findings if "use after free" in one.name]
    assert [one.name for one in used] == ["violation: use after free: freed by process_zap()"]
    assert used[0].seen > 1
