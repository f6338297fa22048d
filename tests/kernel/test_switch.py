"""cpu_switchto(): the order of its steps, its check, and the ground under an exiting thread."""

from __future__ import annotations

import pytest

from exittui.machine import FREED, Machine
from tests.kernel.worlds import BOTH, MPI, REAPER, at, family, run, run_until

LOCORE = "arch/amd64/amd64/locore.S"

SAVE = [
    "new.p_stat = SONPROC",
    "curcpu().ci_curproc = new",
    "new.p_cpu = curcpu()",
    "oldpmap = None",
    "if old is not None:",
    "if (old.p_flag & P_SYSTEM) == 0:",
    "oldpmap = old.p_addr.u_pcb.pcb_pmap",
    "old.p_addr.u_pcb.pcb_rsp = stack_pointer()",
    "pcb = new.p_addr.u_pcb",
    "newpmap = None",
    "if (new.p_flag & P_SYSTEM) == 0:",
    "newpmap = pcb.pcb_pmap",
]
PIVOT = [
    "curcpu().ci_intr = 0",
    "load_stack(pcb.pcb_rsp)",
    "if pcb.pcb_cr3 is not curcpu().ci_cr3:",
]
CHECK = "if curcpu().ci_proc_pmap is not oldpmap:"
RECORD = "curcpu().ci_proc_pmap = newpmap"
LOAD = "curcpu().ci_cr3 = pcb.pcb_cr3"
FILL = "curcpu().ci_tlb = (pcb.pcb_cr3, pcb.pcb_cr3.pm_pte)"
END = ["curcpu().ci_curpcb = pcb", "curcpu().ci_intr = 1", "return old"]


def switches(machine: Machine) -> list[list[str]]:
    """The statements of every switch recorded, of a machine with one CPU."""
    found: list[list[str]] = []
    for index in range(machine.position):
        statement = machine.record(index).statement
        if statement.function == "cpu_switchto":
            if statement.text == SAVE[0]:
                found.append([])
            found[-1].append(statement.text)
    return found


@pytest.mark.parametrize(
    ("kernel", "without", "order"),
    [
        (REAPER, (), [CHECK, RECORD, LOAD, FILL]),
        (MPI, (), [CHECK, LOAD, FILL, RECORD]),
        (MPI, (LOCORE,), [CHECK, RECORD, LOAD, FILL]),
    ],
)
def test_the_steps_of_a_switch_between_two_processes(
    kernel: str, without: tuple[str, ...], order: list[str]
) -> None:
    """The first switch is from the shell, asleep in wait4(), to the worker."""
    machine = family(kernel, 1, [("exit", 3)], without=without).machine
    run(machine)
    assert switches(machine)[1] == SAVE + PIVOT + order + END


@pytest.mark.parametrize(("kernel", "records"), [(REAPER, 0), (MPI, 1)])
def test_a_switch_within_the_kernel_map(kernel: str, records: int) -> None:
    """From the exited worker to idle, or from one kernel thread to another: %cr3 may be the same.

    Under the diff the exited worker has borrowed proc0's map, so that the switch to idle finds
    %cr3 as it should be, and ci_proc_pmap is written all the same.
    """
    machine = family(kernel, 1, [("exit", 3)]).machine
    run(machine)
    same = [steps for steps in switches(machine) if LOAD not in steps]
    assert same
    assert all(steps.count(RECORD) == records for steps in same)


@pytest.mark.parametrize("kernel", BOTH)
def test_nothing_of_an_exited_thread_is_saved(kernel: str) -> None:
    """sched_toidle() passes no old thread."""
    machine = family(kernel, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "cpu_switchto") and _exiting(machine))
    first = machine.position
    run_until(machine, lambda: at(machine, 0, "cpu_switchto", "return old"))
    texts = [machine.record(index).statement.text for index in range(first, machine.position)]
    assert "old.p_addr.u_pcb.pcb_rsp = stack_pointer()" not in texts
    assert machine.infos[0].ci_curproc is machine.infos[0].ci_schedstate.spc_idleproc


def _exiting(machine: Machine) -> bool:
    return "sched_toidle" in [frame.function for frame in machine.frames(0)]


@pytest.mark.parametrize("kernel", BOTH)
def test_interrupts_are_off_from_the_pivot_to_the_new_pcb(kernel: str) -> None:
    machine = family(kernel, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "cpu_switchto", "load_stack"))
    while not at(machine, 0, "cpu_switchto", "ci_intr = 1"):
        assert machine.infos[0].ci_intr == 0
        machine.step(0)
    machine.step(0)
    assert machine.infos[0].ci_intr == 1


@pytest.mark.parametrize("kernel", BOTH)
def test_a_record_that_names_another_map_is_found_at_the_next_switch(kernel: str) -> None:
    """AS9: the check sits between the comparison of %cr3 and its load."""
    machine = family(kernel, 1, [("exit", 3)]).machine
    loaded = machine.infos[0].ci_cr3
    machine.poke(machine.infos[0], "ci_proc_pmap", None)
    run(machine)
    assert machine.infos[0].ci_cr3 is loaded
    assert machine.result is not None
    assert machine.result.message == "curcpu->ci_proc_pmap didn't point to previous pmap"
    assert at(machine, 0, "cpu_switchto")


def test_the_last_thread_may_free_the_stack_that_its_sibling_stands_on() -> None:
    """Under the diff a thread is only known to have passed the count in exit1().

    Here the sibling has released the kernel lock in sched_toidle() and is still before the pivot
    when the last thread frees its stack.
    """
    programs = [("compute", 200), ("exit", 3)], [("compute", 900), ("exit", 7)]
    machine = family(MPI, 2, *programs, cpus=(0, 1)).machine
    run_until(
        machine, lambda: at(machine, 1, "sched_toidle", "if spc.spc_schedflags & SPCF_ITIMER")
    )
    area = machine.area(1)
    assert area is not None
    run_until(machine, lambda: machine.memory.is_freed(area), but=1)
    machine.step(1)
    assert machine.result is not None
    assert machine.result.kind == "violation"
    assert machine.result.message.startswith("runs on a freed stack: ")
    assert "in uvm_uarea_free < proc_free < exit1" in machine.result.message


def test_the_reaper_frees_no_stack_that_is_stood_on() -> None:
    """The same moment before the diff: nobody frees the stack until idle has handed it on."""
    machine = family(REAPER, 2, [("compute", 500), ("exit", 3)], [("exit", 7)], cpus=(0, 1)).machine
    run_until(
        machine, lambda: at(machine, 1, "sched_toidle", "if spc.spc_schedflags & SPCF_ITIMER")
    )
    area = machine.area(1)
    assert area is not None
    while enabled := [cpu for cpu in machine.enabled() if cpu != 1]:
        machine.step(enabled[0])
    assert not machine.memory.is_freed(area)
    run(machine)
    assert machine.result is None
    assert machine.memory.is_freed(area)


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2, 3])
def test_no_map_is_freed_while_a_cpu_has_it_loaded(kernel: str, ncpu: int) -> None:
    """I2, on a fair run."""
    machine = family(kernel, ncpu, [("compute", 9), ("exit", 3)], [("compute", 90)]).machine
    freed = 0
    while enabled := machine.enabled():
        machine.step(enabled[machine.position % len(enabled)])
        for write in machine.record(machine.position - 1).writes:
            if write.field == FREED and type(write.target).__name__ == "pmap":
                freed += 1
                assert all(ci.ci_cr3 is not write.target for ci in machine.infos)
    assert machine.result is None
    assert freed == 1
