"""TLBs: what CPUs hold, how others take it from them, and when nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.kernel.boot import Booted, processes
from exittui.kernel.invariants import watch
from tests.kernel.worlds import (
    BOTH,
    MPI,
    REAPER,
    SLEEP,
    at,
    booted,
    family,
    others,
    run,
    run_until,
)

if TYPE_CHECKING:
    from exittui.machine import Machine

LOCORE = "arch/amd64/amd64/locore.S"
SPIN = ("compute", 400)
RECORD = "curcpu().ci_proc_pmap = newpmap"
LOAD = "curcpu().ci_cr3 = pcb.pcb_cr3"
FILL = "curcpu().ci_tlb = (pcb.pcb_cr3, pcb.pcb_cr3.pm_pte)"
INTERRUPTS_OFF = [
    "load_stack(pcb.pcb_rsp)",
    "if pcb.pcb_cr3 is not curcpu().ci_cr3:",
    RECORD,
    LOAD,
    FILL,
    "curcpu().ci_curpcb = pcb",
    "curcpu().ci_intr = 1",
]


def pages(bits: int) -> list[int]:
    return [page for page in range(bits.bit_length()) if bits >> page & 1]


def worker_pmap(machine: Machine) -> Any:
    return next(pr for pr in processes(machine) if pr.ps_pid == 20).ps_vmspace.vm_map.pmap


def quiesce(machine: Machine, but: int) -> None:
    run_until(machine, lambda: not others(machine, but) or machine.result is not None, but=but)


def touched(machine: Machine) -> list[tuple[int, int]]:
    """Page, and whether the page table had it, for each touch of each program."""
    found = []
    for made in machine.memory.heap.values():
        if made is not None and type(made).__name__ == "program":
            log = machine.memory.fields(made)["pg_log"]
            found += [(entry[3], entry[2]) for entry in log if entry[0] == "touch"]
    return found


def test_a_program_fills_the_tlb_by_touching_and_munmap_empties_it() -> None:
    """The map has pages 0 to 7; mmap(2) maps 8 and 9, munmap(3) takes 9, 8 and 7 away."""
    program = [("mmap", 2), ("touch", 9), ("munmap", 3), SLEEP]
    machine = family(REAPER, 1, program).machine
    run_until(machine, lambda: at(machine, 0, "userland", "user_touch"))
    assert pages(machine.infos[0].ci_tlb[1]) == [0, 1, 2, 3, 4, 5, 6, 7]
    run_until(machine, lambda: at(machine, 0, "pmap_remove"))
    assert pages(machine.infos[0].ci_tlb[1]) == [0, 1, 2, 3, 4, 5, 6, 7, 9]
    pm = worker_pmap(machine)
    run_until(machine, lambda: at(machine, 0, "sys_munmap"))
    run(machine)
    assert pages(pm.pm_pte) == [0, 1, 2, 3, 4, 5, 6]
    assert touched(machine) == [(9, 1)]


def test_a_page_that_is_nowhere_is_the_end() -> None:
    machine = family(REAPER, 1, [("touch", 8), ("exit", 3)]).machine
    run(machine)
    sigsegv, core = 11, 0x80
    shell = next(pr for pr in processes(machine) if pr.ps_pid == 10)
    (entry,) = shell.ps_threads.tqh_first.p_program.pg_log
    assert entry[:3] == ("wait4", 0, 20)
    assert entry[3] & ~core == sigsegv


def two_threads(kernel: str, *without: str) -> tuple[Booted, Machine]:
    """A thread that unmaps pages on CPU 0 while its sibling computes on CPU 1."""
    programs = [("compute", 60), ("munmap", 2), SLEEP], [SPIN, ("touch", 1), SLEEP]
    world = booted(kernel, 2, without=without)
    worker = world.process("worker", pid=20, pages=8)
    for cpu, program in enumerate(programs):
        world.thread(worker, program, cpu=cpu)
    world.begin()
    return world, world.machine


@pytest.mark.parametrize("kernel", BOTH)
def test_munmap_interrupts_the_sibling_and_waits_for_it(kernel: str) -> None:
    """The ordinary case: its entries are gone before munmap() returns."""
    _, machine = two_threads(kernel)
    watch(machine)
    run_until(machine, lambda: at(machine, 0, "pmap_remove"))
    run_until(machine, lambda: at(machine, 0, "pmap_tlb_shootwait"), but=1)
    assert machine.globals["tlb_shoot"].tlb_shoot_wait == 1
    assert machine.choice(machine.arriving(patient=False)[0]) == "ipi on cpu1"
    assert pages(machine.infos[1].ci_tlb[1]) == [0, 1, 2, 3, 4, 5, 6, 7]
    quiesce(machine, but=1)
    wait = machine.wait(0)
    assert wait is not None
    assert wait.kind == "spin"
    run_until(machine, lambda: machine.wait(0) is None)
    assert pages(machine.infos[1].ci_tlb[1]) == [0, 1, 2, 3, 4, 5]
    run(machine)
    assert machine.result is None


@pytest.mark.parametrize("kernel", BOTH)
def test_a_cpu_that_runs_another_process_is_left_alone(kernel: str) -> None:
    machine = family(kernel, 2, [("munmap", 2), SLEEP], cpus=(0,)).machine
    other = at(machine, 1, "cpu_idle_cycle")
    assert other
    run_until(machine, lambda: at(machine, 0, "pmap_tlb_shootwait"))
    assert machine.globals["tlb_shoot"].tlb_shoot_wait == 0
    assert machine.globals["lapic_irr"] == 0


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize(("many", "vector"), [(1, 0x4), (2, 0x8), (40, 0x2)])
def test_one_page_a_range_or_all_of_it(kernel: str, many: int, vector: int) -> None:
    world = booted(kernel, 2)
    worker = world.process("worker", pid=20, pages=50)
    world.thread(worker, [("compute", 60), ("munmap", many), SLEEP], cpu=0)
    world.thread(worker, [SPIN, SLEEP], cpu=1)
    world.begin()
    machine = world.machine
    watch(machine)
    run_until(machine, lambda: machine.globals["lapic_irr"] != 0)
    assert machine.globals["lapic_irr"] == vector << 4
    run(machine)
    assert machine.result is None


# -- cpu_switchto(): in which order the record and the load are made --------------------------


def switching_in(kernel: str, text: str, *without: str) -> tuple[Machine, int]:
    """A thread of worker is switched in on a CPU, which stalls; a sibling is about to munmap()."""
    child = (("compute", 30), ("exit", 1))
    programs: tuple[list[tuple[Any, ...]], ...] = (
        [("compute", 900), ("munmap", 2), SLEEP],
        [("fork", child), ("wait4", -1, 0), ("touch", 7), SLEEP],
    )
    world = booted(kernel, 2, without=without)
    worker = world.process("worker", pid=20, pages=8)
    waiting = [world.thread(worker, program, cpu=cpu) for cpu, program in enumerate(programs)][1]
    world.begin()
    machine = world.machine
    run_until(machine, lambda: waiting.p_wmesg == "wait")
    run_until(
        machine,
        lambda: (
            at(machine, 1, "cpu_switchto", text)
            and machine.frames(1)[-1].variables["new"] is waiting
        ),
    )
    return machine, 1


def test_the_diff_records_too_late() -> None:
    """%cr3 is loaded, ci_proc_pmap not yet written: the sibling's shootdown passes this CPU by.

    I7. The window is a few instructions with interrupts off, but the processor may look up
    translations from the load on, and nothing takes them away again.
    """
    machine, cpu = switching_in(MPI, RECORD)
    watch(machine)
    quiesce(machine, but=cpu)
    assert machine.result is not None
    assert machine.result.message.startswith(
        "I7: cpu1 (worker.5) may still have page 7 of pmap of worker in its TLB "
        "(cpu0 in pmap_remove < uvm_unmap < sys_munmap at step "
    )


def test_what_a_late_record_does_to_a_program() -> None:
    """Nobody watches: it goes on using a page that its sibling has unmapped."""
    machine, cpu = switching_in(MPI, RECORD)
    quiesce(machine, but=cpu)
    assert pages(worker_pmap(machine).pm_pte) == [0, 1, 2, 3, 4, 5]
    run(machine)
    assert machine.result is None
    assert touched(machine) == [(7, 0)]


@pytest.mark.parametrize("text", INTERRUPTS_OFF)
@pytest.mark.parametrize(("kernel", "without"), [(REAPER, ()), (MPI, (LOCORE,))])
def test_before_the_diff_the_record_is_in_time(
    kernel: str, without: tuple[str, ...], text: str
) -> None:
    """Wherever the CPU stalls: it is interrupted when it goes on, or loads what is left."""
    machine, cpu = switching_in(kernel, text, *without)
    watch(machine)
    quiesce(machine, but=cpu)
    run(machine)
    assert machine.result is None
    assert touched(machine) == []  # SIGSEGV: the page is gone


def sleeping_in_exit(*without: str) -> Machine:
    """The worker, with proc0's map borrowed, sleeps for the lock of the kernel map.

    A sibling's stack is to be freed, and somebody else has the lock.
    """
    programs = [("compute", 200), ("exit", 3)], [("threxit",)]
    machine = family(MPI, 1, *programs, without=without).machine
    run_until(machine, lambda: at(machine, 0, "uvm_uarea_free"))
    machine.poke(machine.globals["kernel_map"].lock, "rwl_owner", machine.globals["proc0"])
    return machine


def test_without_the_hunk_the_record_of_a_borrowed_map_stays() -> None:
    """The exiting thread sleeps; idle has the same %cr3, so nothing is written.

    The next thread has another one, and the check before its load finds pmap_kernel where, after a
    kernel thread, nothing should be. The shell is next here: a signal wakes it.
    """
    for without, text in (((), None), ((LOCORE,), "curcpu->ci_proc_pmap didn't point to")):
        machine = sleeping_in_exit(*without)
        run(machine)
        kernel_pmap = machine.globals["kernel_pmap_store"]
        recorded = machine.infos[0].ci_proc_pmap
        assert recorded is (kernel_pmap if without else None)
        assert machine.result is None
        shell = next(pr for pr in processes(machine) if pr.ps_pid == 10)
        _wake(machine, shell.ps_threads.tqh_first)
        run(machine)
        if text is None:
            assert machine.result is None
        else:
            assert machine.result is not None
            assert machine.result.message.startswith(text)


def _wake(machine: Machine, thread: Any) -> None:
    """What an interrupt would do: make a sleeping thread runnable. It starts the run anew."""
    machine.start()
    machine.call("SCHED_LOCK")
    machine.call("wakeup_proc", thread)
    machine.call("SCHED_UNLOCK")
    machine.start()


def test_without_the_hunk_coming_back_to_a_borrowed_map_is_not_recorded() -> None:
    """From idle, after a switch that wrote NULL, back to the exiting thread: %cr3 is the same.

    Its pmap_deactivate() asserts that the record names its map.
    """
    for without in ((), (LOCORE,)):
        machine = sleeping_in_exit(*without)
        run(machine)
        machine.poke(machine.infos[0], "ci_proc_pmap", None)  # as any switch by another %cr3 does
        exiting = next(pr for pr in processes(machine) if pr.ps_pid == 20)
        machine.poke(machine.globals["kernel_map"].lock, "rwl_owner", 0)
        _wake(machine, next(p for p in _threads(exiting) if p.p_wmesg == "vmmaplk"))
        run(machine)
        if without:
            assert machine.result is not None
            assert "ci.ci_proc_pmap is p.p_vmspace.vm_map.pmap" in machine.result.message
        else:
            assert machine.result is None


def _threads(pr: Any) -> list[Any]:
    found, thread = [], pr.ps_threads.tqh_first
    while thread is not None:
        found.append(thread)
        thread = thread.p_thr_link[1]
    return found
