"""fork, vfork, __tfork: what a child has, the limits, the order things become visible in."""

from __future__ import annotations

import pytest

from exittui.machine import Random, walk

from .test_exit import assert_nothing_left, comms, survivors
from .worlds import BOTH, LIMIT, REAPER, SLEEP, booted, family, log, run

EAGAIN, ECHILD = 35, 10


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2])
def test_fork_exit_wait(kernel: str, ncpu: int) -> None:
    """regress/sys/kern/wait: the child's status 17, then no child any more."""
    world = booted(kernel, ncpu)
    shell = world.process("shell", pid=10)
    world.thread(shell, [("fork", (("exit", 17),)), ("wait4", -1, 0), ("wait4", -1, 0), SLEEP])
    world.begin()
    for seed in range(3):
        assert world.machine.run(Random(seed), LIMIT) < LIMIT
        fork, wait, again = log(world, "shell")
        assert (fork[1], wait) == (0, ("wait4", 0, fork[2], 17 << 8))
        assert again[1] == ECHILD
        assert_nothing_left(world, kernel)
        world.machine.goto(0)


@pytest.mark.parametrize("kernel", BOTH)
def test_a_vfork_parent_waits_for_its_child(kernel: str) -> None:
    """PS_PPWAIT keeps the parent in the kernel until the child exits."""
    world = booted(kernel, 2)
    shell = world.process("shell", pid=10)
    vfork = ("vfork", (("compute", 100), ("exit", 1)))
    world.thread(shell, [vfork, ("wait4", -1, 1), ("wait4", -1, 0), SLEEP])
    world.begin()
    run(world.machine)
    machine = world.machine
    order = [
        (record.cpu, record.statement.function, record.statement.text)
        for record in map(machine.record, range(machine.position))
        if record.statement.text in ("wakeup(pr.ps_pptr)", "retval.tf_rax = pr.ps_pid")
        and record.statement.function in ("exit1", "fork1")
    ]
    assert [function for _, function, _ in order][:2] == ["exit1", "fork1"]
    assert_nothing_left(world, kernel)


@pytest.mark.parametrize("kernel", BOTH)
def test_a_thread_can_fork_and_another_wait(kernel: str) -> None:
    forks = [("fork", (("exit", 9),)), SLEEP]
    world = family(kernel, 2, forks, [("wait4", -1, 0), ("compute", 1), ("exit", 4)])
    run(world.machine)
    # Which of the two comes first decides between the child's status and ECHILD; all end well.
    assert log(world, "shell")[0][3] == 4 << 8
    assert world.machine.result is None


@pytest.mark.parametrize("kernel", BOTH)
def test_grandchildren_go_to_init_when_their_parent_exits(kernel: str) -> None:
    world = booted(kernel, 2)
    shell = world.process("shell", pid=10)
    child = ("fork", (("fork", (("compute", 400), SLEEP)), ("exit", 3)))
    world.thread(shell, [child, ("wait4", -1, 0), SLEEP])
    world.begin()
    machine = world.machine
    run(machine)
    assert log(world, "shell")[1][3] == 3 << 8
    grandchild = [pr for pr in walk(world.init.ps_children, "ps_sibling") if pr.ps_pid != 10]
    assert [pr.ps_ppid for pr in grandchild] == [1]
    assert comms(machine, "allprocess") == sorted([*survivors(kernel, 2), "shell"])


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("call", ["fork", "tfork"])
def test_the_limit_on_threads_gives_eagain_and_takes_nothing(kernel: str, call: str) -> None:
    world = booted(kernel, 1)
    shell = world.process("shell", pid=10)
    world.thread(shell, [(call, (SLEEP,)), (call, (SLEEP,)), SLEEP])
    present = len(survivors(kernel, 1))
    world.limits(processes=100, threads=present + 1)
    world.begin()
    run(world.machine)
    assert [entry[1] for entry in log(world, "shell")] == [0, EAGAIN]
    assert world.machine.globals["nthreads"] == present + 1


def test_the_limit_on_processes_gives_eagain() -> None:
    world = booted(REAPER, 1)
    shell = world.process("shell", pid=10)
    world.thread(shell, [("fork", (SLEEP,)), ("fork", (SLEEP,)), SLEEP])
    present = len(survivors(REAPER, 1))
    world.limits(processes=present + 1, threads=100)
    world.begin()
    run(world.machine)
    assert [entry[1] for entry in log(world, "shell")] == [0, EAGAIN]
    assert world.machine.globals["nprocesses"] == present + 1
    assert world.machine.globals["nthreads"] == present + 1


@pytest.mark.parametrize("kernel", BOTH)
def test_waitid_looks_without_taking(kernel: str) -> None:
    """WNOWAIT leaves the zombie; si_code and si_status tell how it ended."""
    p_pid, wexited, wnowait, cld_exited, cld_killed = 2, 4, 0x10, 1, 2
    world = booted(kernel, 2)
    shell = world.process("shell", pid=10)
    one = world.process("one", parent=shell, pid=20)
    two = world.process("two", parent=shell, pid=30)
    look, take = wexited | wnowait, wexited
    waits = [("waitid", p_pid, 20, look), ("waitid", p_pid, 20, take), ("waitid", p_pid, 20, take)]
    world.thread(shell, [*waits, ("kill", 30, 9), ("waitid", p_pid, 30, take), SLEEP])
    world.thread(one, [("exit", 5)])
    world.thread(two, [SLEEP])
    world.begin()
    run(world.machine)
    assert [entry[1:] for entry in log(world, "shell")] == [
        (0, 0, (20, cld_exited, 5)),
        (0, 0, (20, cld_exited, 5)),
        (ECHILD, ECHILD, None),
        (0, 0, None),
        (0, 0, (30, cld_killed, 9)),
    ]
    assert_nothing_left(world, kernel)
