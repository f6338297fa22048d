"""The kernels beside the base and the diff: what landed, the next step, and the second attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.kernel.catalog import KERNELS
from exittui.kernel.sys.proc import SDEAD, SSLEEP, proc
from exittui.machine import Random

from .test_exit import ENDINGS, assert_nothing_left, running
from .test_hazards import quiesce
from .worlds import LIMIT, MPI, REAPER, SLEEP, anywhere, at, booted, family, log, run, run_until

if TYPE_CHECKING:
    from exittui.machine import Machine

PURGE, CLUDWIG, SWITCH = "purge-2025-08", "cludwig-2025-09", "mpi-switch"
BOGUS_PMAP = "curcpu->ci_proc_pmap didn't point to previous pmap"


def test_the_catalog() -> None:
    assert list(KERNELS) == [REAPER, MPI, SWITCH, PURGE, CLUDWIG]
    assert all(kernel.title for kernel in KERNELS.values())
    assert all(hunk.title for kernel in KERNELS.values() for hunk in kernel.hunks)


@pytest.mark.parametrize(
    ("kernel", "hops"),
    [(PURGE, ["idle0", "reaper", "shell"]), (CLUDWIG, ["shell"]), (SWITCH, ["shell"])],
)
def test_switches_from_the_exit_to_the_wait(kernel: str, hops: list[str]) -> None:
    """What landed keeps the three switches of the reaper; two ways without it need one."""
    world = family(kernel, 1, [("exit", 17)])
    run(world.machine)
    ran = running(world.machine)
    start = ran.index("worker")
    assert ran[start + 1 : start + 1 + len(hops)] == hops
    assert log(world, "shell")[0] == ("wait4", 0, 20, 17 << 8)
    assert_nothing_left(world, kernel)


@pytest.mark.parametrize("kernel", [PURGE, CLUDWIG, SWITCH])
@pytest.mark.parametrize("ncpu", [1, 2, 4])
@pytest.mark.parametrize("ending", ENDINGS)
def test_three_threads_exit(kernel: str, ncpu: int, ending: str) -> None:
    *programs, status = ENDINGS[ending]
    world = family(kernel, ncpu, *programs)  # type: ignore[arg-type] # the status is last
    for seed in range(3):
        assert world.machine.run(Random(seed), LIMIT) < LIMIT
        assert log(world, "shell")[0][3] in (status, 0)
        assert world.machine.result is None
        world.machine.goto(0)


def in_tail(machine: Machine, cpu: int) -> bool:
    """On the old stack, the kernel lock just let go, sched_lock not yet taken."""
    return at(machine, cpu, "sched_exit", "SCHED_LOCK") or at(
        machine, cpu, "sched_toidle", "SPCF_ITIMER"
    )


@pytest.mark.parametrize("kernel", [PURGE, CLUDWIG])
def test_a_stalled_exit_keeps_its_stack(kernel: str) -> None:
    """Neither the reaper nor p_deadcond lets anybody free it before the CPU has left it."""
    world = family(kernel, 2, [("exit", 3)], cpus=(1,))
    machine = world.machine
    run_until(machine, lambda: in_tail(machine, 1))
    quiesce(machine, but=1)
    assert log(world, "shell") == []
    run(machine)
    assert log(world, "shell")[0] == ("wait4", 0, 20, 3 << 8)
    assert_nothing_left(world, kernel)


def test_in_the_second_attempt_the_parent_waits_for_the_stack() -> None:
    """The zombie can be seen, but proc_finish_wait() sleeps on p_deadcond."""
    world = family(CLUDWIG, 2, [("exit", 3)], cpus=(1,))
    machine = world.machine
    run_until(machine, lambda: in_tail(machine, 1))
    quiesce(machine, but=1)
    shell = machine.globals["zombprocess"].lh_first.ps_pptr.ps_mainproc
    assert shell.p_wmesg == "pdead"


def test_what_landed_empties_the_map_before_the_process_is_a_zombie() -> None:
    """uvm_purge() runs in the exiting thread; the reaper finds nothing but the empty map."""
    world = family(PURGE, 1, [("exit", 3)])
    machine = world.machine
    run(machine)
    purged = [
        (record.statement.function, write.name)
        for record in map(machine.record, range(machine.position))
        for write in record.writes
        if write.field == "pm_resident_count" and record.statement.function == "pmap_remove"
    ]
    assert len(purged) == 8  # pages of the worker
    assert {
        frame
        for record in map(machine.record, range(machine.position))
        if record.statement.function == "pmap_remove"
        for frame in record.stack
        if frame in ("exit1", "reaper")
    } == {"exit1"}


def test_what_landed_still_buries_a_sibling_of_a_freed_process() -> None:
    """exit2() is as it was before the diff."""
    world = family(PURGE, 3, [("exit", 3)], [("compute", 500)], cpus=(1, 2))
    machine = world.machine
    run_until(machine, lambda: in_tail(machine, 2))
    quiesce(machine, but=2)
    run_until(machine, lambda: machine.result is not None)
    assert machine.result is not None
    assert machine.result.message.startswith("use after free: ps_mtx of worker, freed by cpu")


def test_the_next_step_taken_at_its_word_does_not_survive_its_first_switch() -> None:
    """mi_switch() names the dead thread as the old one; its pcb and ci_proc_pmap disagree."""
    world = family(SWITCH, 1, [("exit", 3)], without=("kern/sched_bsd.c#switch",))
    run(world.machine)
    assert world.machine.result is not None
    assert world.machine.result.message == BOGUS_PMAP
    assert [frame.function for frame in world.machine.frames(0)][-1] == "cpu_switchto"


def test_without_its_call_the_next_step_is_the_diff() -> None:
    """No dead thread comes to mi_switch(), so that it knows of them makes no difference."""
    ends = []
    for kernel, without in ((SWITCH, ("kern/kern_sched.c#switch",)), (MPI, ())):
        world = family(kernel, 1, [("exit", 3)], without=without)
        run(world.machine)
        assert_nothing_left(world, MPI)
        ends.append(running(world.machine))
    assert ends[0] == ends[1] == ["shell", "worker", "idle0", "shell", "idle0"]


def test_the_next_step_leaves_the_freed_stack_where_it_was() -> None:
    """mi_switch() lets the kernel lock go before the stack is left, as sched_toidle() does.

    sched_lock, which it holds meanwhile, keeps the parent from waking, but not a parent that is
    awake: it needs the kernel lock alone to take the zombie and free the stack.
    """
    world = booted(SWITCH, 2)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    world.thread(shell, [("compute", 100), ("wait4", 20, 0), SLEEP], cpu=0)
    world.thread(worker, [("exit", 3)], cpu=1)
    world.begin()
    machine = world.machine
    run_until(
        machine,
        lambda: (
            at(machine, 1, "mi_switch", "tuagg_add_runtime")
            and machine.infos[1].ci_curproc.p_stat == SDEAD
        ),
    )
    area = machine.area(1)
    assert area is not None
    run_until(machine, lambda: machine.memory.is_freed(area), but=1)
    machine.step(1)
    assert machine.result is not None
    assert machine.result.message.startswith("runs on a freed stack: u-area of worker, freed by")


def test_switching_between_threads_of_a_dying_process_needs_the_locore_hunk() -> None:
    """%cr3 stays the same from one sibling to the next, so the base records no map at all."""
    programs = [("compute", 200)], [("compute", 2), ("exit", 3)], [("compute", 200)]
    hunk = "arch/amd64/amd64/locore.S"
    results = set()
    for seed in range(12):
        world = family(CLUDWIG, 2, *programs, without=(hunk,))
        world.machine.run(Random(seed), LIMIT)
        if world.machine.result is not None:
            results.add(world.machine.result.message.partition('"')[2].partition('"')[0])
    assert results == {"ci.ci_proc_pmap is p.p_vmspace.vm_map.pmap"}


@pytest.mark.parametrize("kernel", [SWITCH, MPI])
def test_the_next_step_needs_the_locore_hunk_and_the_diff_does_not(kernel: str) -> None:
    """A thread ends and its sibling is next on the same CPU, unless idle comes between."""
    programs = [("threxit",)], [("compute", 50), ("exit", 3)]
    world = family(kernel, 1, *programs, without=("arch/amd64/amd64/locore.S",))
    run(world.machine)
    result = world.machine.result
    words = "" if result is None else result.message
    assert ("ci.ci_proc_pmap is p.p_vmspace.vm_map.pmap" in words) is (kernel == SWITCH)
    whole = family(kernel, 1, *programs)
    run(whole.machine)
    assert_nothing_left(whole, kernel)


def test_in_the_second_attempt_a_thread_signals_a_parent_that_is_gone() -> None:
    """exit1() looks up the parent, sleeps in knote_processexit(), and signals it then.

    Two watchers in kevent() hold kqueue_ps_list_lock in turn, without the kernel lock. The worker
    queues for it first, but the second watcher is faster, so that it has to queue again, behind its
    parent. The shell exits and init frees it before the CPU of the worker goes on.
    """
    world = booted(CLUDWIG, 4)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    world.thread(shell, [("compute", 4000), ("exit", 1)], cpu=0)
    world.thread(worker, [("compute", 200), ("exit", 3)], cpu=1)
    for cpu, wait in ((2, 1), (3, 200)):
        watcher = world.process("watcher", pid=30 + cpu)
        program = [("compute", wait), ("kevent_add", 15, "EVFILT_SIGNAL", 0), SLEEP]
        world.thread(watcher, program, cpu=cpu)
    world.begin()
    machine = world.machine
    lock = machine.globals["kqueue_ps_list_lock"]
    parent, child = shell.ps_mainproc, worker.ps_mainproc

    def waiting(p: proc) -> bool:
        return p.p_wmesg == "kqpsl" and p.p_stat == SSLEEP

    def resuming(p: proc) -> int | None:
        cpu = anywhere(machine, "mi_switch", "if hold_count")
        return cpu if cpu is not None and machine.infos[cpu].ci_curproc is p else None

    run_until(machine, lambda: at(machine, 2, "filt_sigattach", "mtx_enter"))
    run_until(machine, lambda: at(machine, 3, "filt_sigattach", "rw_enter_write"), but=2)
    for p in (child, parent):
        while not waiting(p):
            machine.step(next(cpu for cpu in (1, 0) if machine.ready(cpu)))
    run_until(machine, lambda: lock.rwl_owner == 0 and child.p_wchan is None, but=3)
    while not at(machine, 3, "filt_sigattach", "mtx_enter"):
        machine.step(3)
    run_until(machine, lambda: waiting(child), but=3)
    run_until(machine, lambda: resuming(child) is not None)
    stalled = resuming(child)
    run_until(machine, lambda: machine.memory.is_freed(shell), but=stalled)
    run(machine)
    assert machine.result is not None
    assert machine.result.message.startswith("use after free: ")
    assert "of shell, freed by cpu" in machine.result.message
    assert "exit1" in [frame.function for frame in machine.frames(machine.result.cpu)]
