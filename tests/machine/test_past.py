from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.kernel.boot import Booted, boot
from exittui.kernel.catalog import forgetful_code, link_kernel
from exittui.machine import Image, Machine, Random
from exittui.machine.compiler import names_read
from exittui.machine.lang import UseAfterFree

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = [("fork", (("compute", 2), ("exit", 1))), ("mmap", 2), ("wait4", -1, 0), ("loop",)]


def booted(*, past: bool) -> Booted:
    world = boot(Machine(link_kernel("mpi-2025-05"), 2, past=past))
    world.thread(world.process("sh"), PROGRAM)
    world.thread(world.process("ksh"), PROGRAM)
    world.begin()
    return world


@pytest.mark.parametrize("seed", range(4))
def test_without_a_past_everything_goes_the_same_way(seed: int) -> None:
    known, fast = booted(past=True).machine, booted(past=False).machine
    known.run(Random(seed), 20_000)
    assert fast.run(Random(seed), 20_000) == known.position == 20_000
    assert fast.fingerprint() == known.fingerprint()
    assert fast.position == fast.recorded == 0


def test_without_a_past_what_was_freed_leaves_no_trace() -> None:
    machine = booted(past=False).machine
    machine.run(Random(1), 30_000)
    some = len(machine.memory.made)
    machine.run(Random(1), 30_000)
    assert machine.globals["uvmexp"].forks > 20
    assert abs(len(machine.memory.made) - some) < 200
    assert len(machine.memory.heap) == len(machine.memory.made)


def test_without_a_past_freed_structs_are_still_caught() -> None:
    machine = booted(past=False).machine
    shell = machine.globals["allprocess"].lh_first
    machine.memory.free(shell)
    assert machine.memory.is_freed(shell)
    with pytest.raises(UseAfterFree):
        _ = shell.ps_pid
    while machine.result is None:
        machine.run(Random(1), 1000)
    assert machine.result.kind == "violation"
    assert "use after free" in machine.result.message


def test_an_image_knows_which_statements_may_end_which_waits() -> None:
    image = link_kernel("reaper")
    waits = {image.statements[pc].function: image.reads[pc] for pc in image.guards}
    assert waits["mtx_enter"] == {"mtx_owner"}
    assert "mpl_users" in waits["__mp_lock"]
    assert "ci_mwait" in waits["cpu_idle_cycle"]
    ends = {image.statements[pc].function for pc, names in image.writes.items()}
    assert {"mtx_leave", "__mp_unlock", "setrunqueue"} <= ends
    writers = {
        image.statements[pc].function
        for pc, names in image.writes.items()
        if names & image.reads[_guard(image, "mtx_enter")]
    }
    assert writers == {"mtx_enter", "mtx_enter_try", "mtx_leave"}


def _guard(image: Image, function: str) -> int:
    return next(pc for pc in image.guards if image.statements[pc].function == function)


def test_names_that_a_condition_reads() -> None:
    assert names_read("f[4].a.b is None and K['n'] > 0") == {"a", "b", "n"}


def test_code_without_a_past_is_kept_beside_the_kernel(tmp_path: Path) -> None:
    """Compiled once for each kernel; what cannot be read is compiled again."""
    image = link_kernel("mpi-2025-05")
    code = forgetful_code(image, "mpi-2025-05", cache=tmp_path)
    (kept,) = tmp_path.iterdir()
    nothing = link_kernel("reaper", cache=tmp_path / "other")
    assert forgetful_code(nothing, "mpi-2025-05", cache=tmp_path) == code
    assert forgetful_code(nothing, "reaper", cache=tmp_path) != code
    kept.write_bytes(kept.read_bytes()[:99])
    assert forgetful_code(image, "mpi-2025-05", cache=tmp_path) == code
    machine = Machine(image, 2, past=False, code=code)
    assert machine.names.keys() >= {"STEPS", "GUARDS"}
