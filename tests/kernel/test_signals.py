"""Signals: default actions, masks, handlers, stop and continue, what wait4(2) makes of them."""

from __future__ import annotations

import pytest

from exittui.machine import Random

from .test_exit import assert_nothing_left
from .worlds import BOTH, LIMIT, SLEEP, booted, family, log, run

SIGABRT, SIGKILL, SIGTERM, SIGSTOP, SIGCONT, SIGUSR1 = 6, 9, 15, 17, 19, 30
WNOHANG, WUNTRACED, WCONTINUED = 1, 2, 8
SIG_DFL, SIG_IGN, SIG_CATCH = 0, 1, 2
SIG_BLOCK, SIG_UNBLOCK = 1, 2
STOPPED = SIGSTOP << 8 | 0o177
CONTINUED = 0o177777
EINTR = 4


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2])
@pytest.mark.parametrize("signal", [SIGKILL, SIGTERM])
@pytest.mark.parametrize("threads", [1, 3])
def test_a_killed_process_reports_its_signal(
    kernel: str, ncpu: int, signal: int, threads: int
) -> None:
    """One thread sleeps, the others compute; the signal goes to the first that takes it."""
    world = booted(kernel, ncpu)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    world.thread(shell, [("kill", 20, signal), ("wait4", 20, 0), SLEEP])
    world.thread(worker, [SLEEP])
    for _ in range(threads - 1):
        world.thread(worker, [("compute", 2000)])
    world.begin()
    for seed in range(4):
        assert world.machine.run(Random(seed), LIMIT) < LIMIT
        assert log(world, "shell") == [("kill", 0, 0, None), ("wait4", 0, 20, signal)]
        assert_nothing_left(world, kernel)
        world.machine.goto(0)


@pytest.mark.parametrize("kernel", BOTH)
def test_main_thread_exited(kernel: str) -> None:
    """regress/sys/kern/main-thread-exited: the survivor kills its own process."""
    world = family(kernel, 2, [("threxit",)], [("compute", 60), ("kill", 20, SIGKILL)])
    run(world.machine)
    assert log(world, "shell")[0] == ("wait4", 0, 20, SIGKILL)
    assert_nothing_left(world, kernel)


@pytest.mark.parametrize("kernel", BOTH)
def test_an_abort_leaves_a_core_and_single_threads_twice(kernel: str) -> None:
    """sigexit() first unwinds the siblings for the dump, then exit1() makes them exit."""
    world = family(kernel, 2, [("kill", 20, SIGABRT)], [SLEEP], [("compute", 400)])
    run(world.machine)
    wcoreflag = 0o200
    assert log(world, "shell")[0] == ("wait4", 0, 20, SIGABRT | wcoreflag)
    assert_nothing_left(world, kernel)
    machine = world.machine
    calls = [
        record.statement.text
        for record in map(machine.record, range(machine.position))
        if "single_thread_set(p, " in record.statement.text
    ]
    assert calls == ["single_thread_set(p, SINGLE_UNWIND)", "single_thread_set(p, SINGLE_EXIT)"]


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2, 4])
def test_stop_and_continue_are_waited_for(kernel: str, ncpu: int) -> None:
    """All three threads count themselves out, wherever they are; SIGCONT lets all go on."""
    world = booted(kernel, ncpu)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    world.thread(
        shell,
        [
            ("kill", 20, SIGSTOP),
            ("wait4", 20, WUNTRACED),
            ("wait4", 20, WUNTRACED | WNOHANG),
            ("kill", 20, SIGCONT),
            ("wait4", 20, WCONTINUED),
            ("kill", 20, SIGTERM),
            ("wait4", 20, 0),
            SLEEP,
        ],
    )
    world.thread(worker, [SLEEP])
    world.thread(worker, [("compute", 3000)])
    world.thread(worker, [("wait4", -1, 0), SLEEP])
    world.begin()
    assert world.machine.run(Random(ncpu), LIMIT) < LIMIT
    assert [entry[2:] for entry in log(world, "shell")] == [
        (0, None),
        (20, STOPPED),
        (0, None),
        (0, None),
        (20, CONTINUED),
        (0, None),
        (20, SIGTERM),
    ]
    assert_nothing_left(world, kernel)


@pytest.mark.parametrize("kernel", BOTH)
def test_a_stopped_process_can_be_killed(kernel: str) -> None:
    world = booted(kernel, 2)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    kill = [("kill", 20, SIGSTOP), ("wait4", 20, WUNTRACED), ("kill", 20, SIGKILL)]
    world.thread(shell, [*kill, ("wait4", 20, 0), SLEEP])
    world.thread(worker, [("compute", 3000)])
    world.thread(worker, [SLEEP])
    world.begin()
    run(world.machine)
    assert log(world, "shell")[-1] == ("wait4", 0, 20, SIGKILL)
    assert_nothing_left(world, kernel)


def test_a_blocked_signal_waits_for_its_mask() -> None:
    bit = 1 << (SIGTERM - 1)
    block = [("sigprocmask", SIG_BLOCK, bit), ("kill", 20, SIGTERM)]
    world = family(BOTH[0], 1, [*block, ("exit", 5)])
    run(world.machine)
    assert log(world, "shell")[0][3] == 5 << 8
    world = family(BOTH[0], 1, [*block, ("sigprocmask", SIG_UNBLOCK, bit), ("exit", 5)])
    run(world.machine)
    assert log(world, "shell")[0][3] == SIGTERM


@pytest.mark.parametrize("kernel", BOTH)
def test_a_caught_signal_ends_sigsuspend(kernel: str) -> None:
    world = booted(kernel, 1)
    shell = world.process("shell", pid=10)
    world.thread(shell, [("sigaction", SIGUSR1, SIG_CATCH, 0), ("kill", 10, SIGUSR1), SLEEP], cpu=0)
    world.begin()
    run(world.machine)
    # The handler ran on the way back from kill(2); sigsuspend(2) sleeps.
    assert [entry[0] for entry in log(world, "shell")] == ["sigaction", "kill"]
    other = booted(kernel, 1)
    sleeper = other.process("sleeper", pid=20)
    killer = other.process("killer", pid=30)
    other.thread(sleeper, [("sigaction", SIGUSR1, SIG_CATCH, 0), SLEEP, ("exit", 0)])
    other.thread(killer, [("kill", 20, SIGUSR1), SLEEP])
    other.begin()
    run(other.machine)
    assert log(other, "sleeper")[1][:2] == ("sigsuspend", EINTR)


@pytest.mark.parametrize("kernel", BOTH)
def test_wait4_is_restarted_after_a_handler_that_asks_for_it(kernel: str) -> None:
    sa_restart = 2
    for flags, expected in ((0, ("wait4", EINTR)), (sa_restart, ("wait4", 0))):
        world = booted(kernel, 2)
        shell = world.process("shell", pid=10)
        worker = world.process("worker", parent=shell, pid=20)
        world.thread(
            shell, [("sigaction", SIGUSR1, SIG_CATCH, flags), ("wait4", 20, 0), SLEEP], cpu=0
        )
        world.thread(worker, [("compute", 300), ("kill", 10, SIGUSR1), ("exit", 1)], cpu=1)
        world.begin()
        run(world.machine)
        assert log(world, "shell")[1][:2] == expected


@pytest.mark.parametrize("kernel", BOTH)
def test_fork_exit(kernel: str) -> None:
    """regress/sys/kern/fork-exit: children with threads are killed as a group, all at once."""
    world = booted(kernel, 4)
    shell = world.process("shell", pid=10)
    children = 3
    # Each child makes a thread, and both sleep.
    fork = ("fork", (("tfork", (SLEEP,)), SLEEP))
    waits = [("wait4", -1, 0)] * (children + 1)
    ignore = ("sigaction", SIGTERM, SIG_IGN, 0)
    kill = [("compute", 4000), ignore, ("kill", -10, SIGTERM)]
    world.thread(shell, [*[fork] * children, *kill, *waits, SLEEP])
    world.begin()
    run(world.machine)
    entries = [entry for entry in log(world, "shell") if entry[0] == "wait4"]
    assert [entry[3] for entry in entries] == [SIGTERM] * children + [None]
    assert len({entry[2] for entry in entries[:children]}) == children
    assert_nothing_left(world, kernel)
