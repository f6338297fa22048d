"""Processes exit and are waited for, from _exit(2) to the parent's wait4(2), in both kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.machine import Machine, Random, RoundRobin, walk

from .worlds import BOTH, LIMIT, MPI, REAPER, SLEEP, booted, family, log, run

if TYPE_CHECKING:
    from exittui.kernel.boot import Booted

SPIN = ("compute", 200)
WITH_REAPER = (REAPER, "purge-2025-08")

# Three threads; which of them ends the process, and the status the shell is to see.
ENDINGS = {
    "the main thread exits": ([("compute", 2), ("exit", 3)], [SPIN], [SPIN], 3 << 8),
    "another thread exits": ([SPIN], [("compute", 2), ("exit", 3)], [SPIN], 3 << 8),
    "all leave by threxit": ([("threxit",)], [("threxit",)], [("threxit",)], 0),
    "main leaves first": ([("threxit",)], [("compute", 40), ("exit", 3)], [("threxit",)], 3 << 8),
    "main leaves last": ([("compute", 40), ("exit", 3)], [("threxit",)], [("threxit",)], 3 << 8),
}


def comms(machine: Machine, head: str) -> list[str]:
    """The names on a list of processes."""
    return sorted(pr.ps_comm for pr in walk(machine.globals[head], "ps_list"))


def survivors(kernel: str, ncpu: int) -> list[str]:
    """The processes that are there before and after everything."""
    idle = [f"idle{cpu}" for cpu in range(ncpu)]
    reaper = ["reaper"] if kernel in WITH_REAPER else []
    return sorted(["init", "shell", "swapper", *idle, *reaper])


def assert_nothing_left(world: Booted, kernel: str) -> None:
    """The worker is gone from every list, and the counts are those of the survivors."""
    machine = world.machine
    left = survivors(kernel, machine.ncpu)
    assert machine.result is None
    assert comms(machine, "allprocess") == left
    assert comms(machine, "zombprocess") == []
    assert sorted(p.p_name for p in walk(machine.globals["allproc"], "p_list")) == left
    assert machine.globals["nthreads"] == len(left)
    assert machine.globals["nprocesses"] == len(left)
    assert machine.globals["proc_pool"].pr_nout == len(left) - 1  # proc0 is static
    assert machine.globals["process_pool"].pr_nout == len(left) - 1
    assert machine.globals["rusage_pool"].pr_nout == 0
    assert machine.globals["kernel_lock"].mpl_owner is None
    assert machine.globals["sched_lock"].mtx_owner is None


def running(machine: Machine, cpu: int = 0) -> list[str]:
    """The threads a CPU has run, in order, from the journal."""
    return [
        machine.memory.fields(write.new)["p_name"]
        for record in map(machine.record, range(machine.recorded))
        for write in record.writes
        if write.field == "ci_curproc" and record.cpu == cpu
    ]


@pytest.mark.parametrize(
    ("kernel", "hops"),
    [(REAPER, ["idle0", "reaper", "shell"]), (MPI, ["idle0", "shell"])],
)
def test_exit_and_wait_on_one_cpu_take_three_switches_with_a_reaper_and_two_without(
    kernel: str, hops: list[str]
) -> None:
    """From the exiting child to the waiting parent: mpi's first reason for the diff."""
    world = family(kernel, 1, [("exit", 17)])
    machine = world.machine
    run(machine)
    ran = running(machine)
    start = ran.index("worker")
    assert ran[start + 1 : start + 1 + len(hops)] == hops
    assert log(world, "shell")[0] == ("wait4", 0, 20, 17 << 8)
    assert_nothing_left(world, kernel)


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2, 4])
@pytest.mark.parametrize("ending", ENDINGS)
def test_three_threads_exit_and_leave_nothing(kernel: str, ncpu: int, ending: str) -> None:
    *programs, status = ENDINGS[ending]
    world = family(kernel, ncpu, *programs)  # type: ignore[arg-type] # the status is last
    run(world.machine)
    assert log(world, "shell")[0] in (
        ("wait4", 0, 20, status),
        ("wait4", 0, 20, 0),  # on one CPU a computing thread can come to its own end first
    )
    assert_nothing_left(world, kernel)


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2, 4])
def test_random_schedules_end_the_same_way(kernel: str, ncpu: int) -> None:
    """Uniformly random choices do not stall a CPU for long enough to find a hazard."""
    world = family(kernel, ncpu, [SPIN], [("compute", 2), ("exit", 3)], [SPIN])
    for seed in range(5):
        assert world.machine.run(Random(seed), LIMIT) < LIMIT
        assert_nothing_left(world, kernel)
        world.machine.goto(0)


@pytest.mark.parametrize("kernel", BOTH)
def test_the_first_of_two_exits_gives_the_status(kernel: str) -> None:
    """Two threads exit at once: one wins single_thread_set(), the other exits as its sibling."""
    world = family(kernel, 3, [("exit", 1)], [("exit", 2)], cpus=(1, 2))
    seen = set()
    for seed in range(8):
        assert world.machine.run(Random(seed), LIMIT) < LIMIT
        seen.add(log(world, "shell")[0][3] >> 8)
        assert_nothing_left(world, kernel)
        world.machine.goto(0)
    assert seen == {1, 2}


@pytest.mark.parametrize("kernel", BOTH)
def test_a_thread_that_left_is_freed_at_once_only_with_a_reaper(kernel: str) -> None:
    """The objection of 3 May 2025: without the reaper threads pile up until the process ends."""
    world = family(kernel, 1, [("threxit",)], [("threxit",)], [SLEEP])
    run(world.machine)
    machine = world.machine
    live = len(survivors(kernel, 1))
    worker = next(pr for pr in walk(machine.globals["allprocess"], "ps_list") if pr.ps_pid == 20)
    if kernel == REAPER:
        # The main thread has the pid: it waits in exit1() for its siblings, off ps_threads.
        assert (worker.ps_threadcnt, worker.ps_exitcnt) == (1, 1)
        assert machine.globals["nthreads"] == live + 2
    else:
        assert (worker.ps_threadcnt, worker.ps_exitcnt) == (3, 2)
        assert machine.globals["nthreads"] == live + 3


@pytest.mark.parametrize("kernel", BOTH)
def test_the_last_thread_that_leaves_by_threxit_ends_the_process(kernel: str) -> None:
    """In the diff P_HASSIBLING() counts the dead, so PS_EXITING is never set on that way."""
    world = family(kernel, 1, [("threxit",)], [("threxit",)])
    run(world.machine)
    flags = [
        write.new
        for record in map(world.machine.record, range(world.machine.recorded))
        for write in record.writes
        if write.field == "ps_flags" and record.statement.function == "exit1"
    ]
    ps_exiting = 0x8
    assert any(new & ps_exiting for new in flags) is (kernel == REAPER)
    assert log(world, "shell")[0] == ("wait4", 0, 20, 0)
    assert_nothing_left(world, kernel)


@pytest.mark.parametrize("kernel", BOTH)
def test_children_of_the_dead_go_to_init(kernel: str) -> None:
    """The worker has a child that lives on, and one that dies after it: init reaps both."""
    world = booted(kernel, 2)
    worker = world.process("worker", pid=20)
    child = world.process("child", parent=worker, pid=30)
    world.thread(worker, [("exit", 1)], cpu=0)
    world.thread(child, [("compute", 500), ("exit", 2)], cpu=1)
    world.begin()
    machine = world.machine
    assert machine.run(RoundRobin(), LIMIT) < LIMIT
    assert machine.result is None
    assert child.ps_pptr is world.init if not machine.memory.is_freed(child) else True
    # init waits once and then sleeps for ever: one of the two is reaped.
    assert log(world, "init")[0][:2] == ("wait4", 0)
    assert len(comms(machine, "zombprocess")) == 1


@pytest.mark.parametrize("kernel", BOTH)
def test_wait4_says_echild_and_wnohang_zero(kernel: str) -> None:
    world = booted(kernel)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    world.thread(
        shell, [("wait4", 20, 1), ("wait4", 99, 0), ("wait4", -1, 0), ("wait4", -1, 0), SLEEP]
    )
    world.thread(worker, [("exit", 4)])
    world.begin()
    run(world.machine)
    echild = 10
    got: list[Any] = [entry[:4] for entry in log(world, "shell")]
    assert got == [
        ("wait4", 0, 0, None),
        ("wait4", echild, echild, None),
        ("wait4", 0, 20, 4 << 8),
        ("wait4", echild, echild, None),
    ]
