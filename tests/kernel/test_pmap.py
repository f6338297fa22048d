"""Maps and address spaces: activated, deactivated, torn down page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.kernel.boot import processes
from exittui.kernel.sys.proc import P_SYSTEM
from tests.kernel.worlds import BOTH, MPI, REAPER, at, booted, family, run, run_until, writes

if TYPE_CHECKING:
    from exittui.machine import Machine

UVM_GLUE = "uvm/uvm_glue.c"


def test_the_exiting_thread_moves_to_the_map_of_proc0() -> None:
    """uvm_exit() of the diff, with interrupts off: the record goes before the load."""
    machine = family(MPI, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "uvm_exit"))
    start = machine.position
    run_until(machine, lambda: at(machine, 0, "uvmspace_free"))
    assert writes(machine, "ci_proc_pmap", "ci_cr3", "ci_intr", "pcb_cr3", since=start) == [
        ("intr_disable", "ci_intr"),
        ("pmap_deactivate", "ci_proc_pmap"),
        ("pmap_activate", "pcb_cr3"),
        ("pmap_activate", "ci_proc_pmap"),
        ("pmap_activate", "ci_cr3"),
        ("intr_restore", "ci_intr"),
    ]
    kernel_pmap = machine.globals["kernel_pmap_store"]
    assert machine.infos[0].ci_cr3 is kernel_pmap
    assert machine.infos[0].ci_proc_pmap is kernel_pmap
    assert machine.infos[0].ci_curproc.p_vmspace is machine.globals["vmspace0"]


def test_no_reference_is_taken_on_the_address_space_of_proc0() -> None:
    """The borrower neither takes nor drops one: kernel threads alone are counted."""
    machine = family(MPI, 1, [("exit", 3)]).machine
    before = machine.globals["vmspace0"].vm_refcnt
    run(machine)
    assert machine.globals["vmspace0"].vm_refcnt == before


@pytest.mark.parametrize("kernel", BOTH)
def test_deactivating_leaves_the_map_loaded(kernel: str) -> None:
    machine = family(kernel, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "pmap_deactivate") and _in(machine, "cpu_exit"))
    loaded = machine.infos[0].ci_cr3
    run_until(machine, lambda: at(machine, 0, "sched_exit"))
    assert machine.infos[0].ci_proc_pmap is None
    assert machine.infos[0].ci_cr3 is loaded


@pytest.mark.parametrize("kernel", BOTH)
def test_deactivating_another_map_than_the_recorded_one_panics(kernel: str) -> None:
    """AS10."""
    machine = family(kernel, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "pmap_deactivate"))
    machine.poke(machine.infos[0], "ci_proc_pmap", machine.globals["pmaps"].lh_first)
    machine.poke(machine.infos[0].ci_curproc, "p_vmspace", machine.globals["vmspace0"])
    run(machine)
    assert machine.result is not None
    assert machine.result.message == (
        'kernel diagnostic assertion "ci.ci_proc_pmap is p.p_vmspace.vm_map.pmap" failed: '
        'file "arch/amd64/amd64/pmap.c"'
    )


@pytest.mark.parametrize("kernel", BOTH)
def test_teardown_takes_a_turn_for_every_page(kernel: str) -> None:
    machine = family(kernel, 1, [("exit", 3)]).machine
    worker = next(pr for pr in processes(machine) if pr.ps_comm == "worker")
    vm = worker.ps_vmspace
    pages = vm.vm_map.size
    pmap = vm.vm_map.pmap
    assert pmap.pm_resident_count == pages + 1
    run(machine)
    assert writes(machine, "pm_resident_count") == [("pmap_remove", "pm_resident_count")] * pages
    assert machine.memory.is_freed(vm)
    assert machine.memory.is_freed(pmap)
    assert machine.memory.fields(pmap)["pm_resident_count"] == 1


@pytest.mark.parametrize(("kernel", "who"), [(REAPER, "reaper"), (MPI, "worker")])
def test_who_tears_an_address_space_down(kernel: str, who: str) -> None:
    """The reaper did; with the diff it is the process itself. Neither holds the kernel lock."""
    machine = family(kernel, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "uvm_map_teardown"))
    assert machine.infos[0].ci_curproc.p_name == who
    assert machine.infos[0].ci_mplc_depth == 0


def test_uvm_exit_of_the_diff_asserts_that_the_kernel_lock_is_not_held() -> None:
    """AS15."""
    machine = family(MPI, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "uvm_exit", "KERNEL_ASSERT_UNLOCKED"))
    machine.poke(machine.globals["kernel_lock"], "mpl_owner", machine.infos[0])
    run(machine)
    assert machine.result is not None
    assert '"not _kernel_lock_held()" failed' in machine.result.message


def test_uvm_exit_of_the_diff_asserts_that_it_ends_the_own_process() -> None:
    """AS15: nobody tears another process down."""
    machine = family(MPI, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "uvm_exit", "KASSERT"))
    machine.poke(machine.infos[0].ci_curproc, "p_p", machine.globals["process0"])
    run(machine)
    assert machine.result is not None
    assert machine.result.message == (
        'kernel diagnostic assertion "curproc().p_p is pr" failed: file "uvm/uvm_glue.c"'
    )


def test_without_the_hunk_that_borrows_the_map_it_is_freed_while_loaded() -> None:
    """The base uvm_exit() called by the exiting thread itself: %cr3 names a freed directory."""
    machine = family(MPI, 1, [("exit", 3)], without=(UVM_GLUE,)).machine
    run_until(machine, lambda: machine.memory.is_freed(machine.infos[0].ci_cr3))
    assert _in(machine, "exit1")
    run(machine)
    assert machine.result is not None
    assert machine.result.message.startswith("use after free: ")


@pytest.mark.parametrize("kernel", BOTH)
def test_kernel_threads_share_one_map_and_threads_of_a_process_another(kernel: str) -> None:
    machine = family(kernel, 2, [("exit", 3)], [("exit", 4)]).machine
    kernel_pmap = machine.globals["kernel_pmap_store"]
    for pr in processes(machine):
        p = pr.ps_mainproc if kernel == REAPER else pr.ps_threads.tqh_first
        is_system = bool(p.p_flag & P_SYSTEM)
        assert (p.p_addr.u_pcb.pcb_cr3 is kernel_pmap) == is_system
        assert p.p_addr.u_pcb.pcb_cr3 is pr.ps_vmspace.vm_map.pmap


@pytest.mark.parametrize("kernel", BOTH)
def test_mmap_maps_pages(kernel: str) -> None:
    world = booted(kernel)
    pr = world.process("mapper")
    world.thread(pr, [("mmap", 5), ("sigsuspend", 0)])
    world.begin()
    before = pr.ps_vmspace.vm_map.size
    run(world.machine)
    assert world.machine.result is None
    assert pr.ps_vmspace.vm_map.size == before + 5
    assert pr.ps_vmspace.vm_map.pmap.pm_resident_count == before + 6


def _in(machine: Machine, function: str) -> bool:
    return function in [frame.function for frame in machine.frames(0)]


@pytest.mark.parametrize(("kernel", "who"), [(REAPER, "reaper"), (MPI, "worker")])
def test_freeing_a_stack_may_sleep_for_the_lock_of_the_kernel_map(kernel: str, who: str) -> None:
    """km_free() takes it. Here somebody has it for good: the exit never gets to its end.

    Under the diff it is the last thread of the worker, not dead yet, that frees its sibling's.
    """
    machine = family(kernel, 1, [("compute", 200), ("exit", 3)], [("threxit",)]).machine
    run_until(machine, lambda: at(machine, 0, "uvm_uarea_free"))
    p = machine.infos[0].ci_curproc
    assert p.p_name == who
    machine.poke(machine.globals["kernel_map"].lock, "rwl_owner", machine.globals["proc0"])
    run(machine)
    assert machine.result is None
    assert p.p_wmesg == "vmmaplk"
    assert machine.globals["kernel_lock"].mpl_owner is None
