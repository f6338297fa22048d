"""A debugger takes a child from its parent, and the parent gets it back dead."""

from __future__ import annotations

import pytest

from exittui.machine import walk

from .test_exit import comms, survivors
from .worlds import BOTH, SLEEP, booted, log, run

PT_TRACE_ME, PT_CONTINUE, PT_KILL, PT_ATTACH, PT_DETACH = 0, 7, 8, 9, 10
SIGKILL, SIGTERM, SIGSTOP, SIGTRAP = 9, 15, 17, 5
STOPPED = SIGSTOP << 8 | 0o177
EPERM, ECHILD, EBUSY = 1, 10, 16


def left(kernel: str, ncpu: int, *more: str) -> list[str]:
    return sorted([*survivors(kernel, ncpu), *more])


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2])
def test_attach_and_detach(kernel: str, ncpu: int) -> None:
    """The debugger becomes the parent and sees the stop; after it the shell gets the status."""
    world = booted(kernel, ncpu)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    debugger = world.process("debugger", pid=30)
    attach = [("ptrace", PT_ATTACH, 20, 0), ("wait4", 20, 0), ("ptrace", PT_DETACH, 20, 0)]
    world.thread(shell, [("wait4", 20, 0), SLEEP])
    world.thread(debugger, [*attach, ("wait4", -1, 0), SLEEP])
    world.thread(worker, [("compute", 2000), ("exit", 3)])
    world.thread(worker, [SLEEP])
    world.begin()
    machine = world.machine
    run(machine)
    assert [entry[1:] for entry in log(world, "debugger")] == [
        (0, 0, None),
        (0, 20, STOPPED),
        (0, 0, None),
        (ECHILD, ECHILD, None),
    ]
    assert log(world, "shell") == [("wait4", 0, 20, 3 << 8)]
    assert comms(machine, "allprocess") == left(kernel, ncpu, "debugger")
    assert machine.globals["nthreads"] == len(survivors(kernel, ncpu)) + 1


@pytest.mark.parametrize("kernel", BOTH)
def test_a_traced_child_that_dies_is_collected_twice(kernel: str) -> None:
    """First by the debugger, then, given back, by the parent who had it as an orphan."""
    world = booted(kernel, 2)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    debugger = world.process("debugger", pid=30)
    world.thread(shell, [("wait4", 20, 0), SLEEP])
    world.thread(worker, [("compute", 400), ("exit", 3)])
    attach = [("ptrace", PT_ATTACH, 20, 0), ("wait4", 20, 0), ("ptrace", PT_CONTINUE, 20, 0)]
    world.thread(debugger, [*attach, ("wait4", 20, 0), SLEEP])
    world.begin()
    machine = world.machine
    run(machine)
    assert machine.result is None
    assert log(world, "debugger")[-1] == ("wait4", 0, 20, 3 << 8)
    assert log(world, "shell") == [("wait4", 0, 20, 3 << 8)]
    assert comms(machine, "allprocess") == left(kernel, 2, "debugger")
    assert comms(machine, "zombprocess") == []


@pytest.mark.parametrize("kernel", BOTH)
def test_a_debugger_that_exits_kills_what_it_traces(kernel: str) -> None:
    """exit1(): a traced child gets SIGKILL and goes back to the parent it was taken from."""
    world = booted(kernel, 2)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    debugger = world.process("debugger", parent=shell, pid=30)
    world.thread(shell, [("wait4", 20, 0), ("wait4", 30, 0), SLEEP])
    world.thread(worker, [("compute", 3000), ("exit", 3)])
    world.thread(debugger, [("ptrace", PT_ATTACH, 20, 0), ("wait4", 20, 0), ("exit", 7)])
    world.begin()
    machine = world.machine
    run(machine)
    assert log(world, "shell") == [("wait4", 0, 20, SIGKILL), ("wait4", 0, 30, 7 << 8)]
    assert comms(machine, "allprocess") == survivors(kernel, 2)


@pytest.mark.parametrize("kernel", BOTH)
def test_the_parent_exits_first_and_leaves_no_orphan(kernel: str) -> None:
    """The orphan forgets its old parent; the debugger alone collects it, for good."""
    world = booted(kernel, 2)
    shell = world.process("shell", pid=10)
    parent = world.process("parent", parent=shell, pid=15)
    worker = world.process("worker", parent=parent, pid=20)
    debugger = world.process("debugger", pid=30)
    world.thread(shell, [("wait4", 15, 0), SLEEP], cpu=0)
    world.thread(parent, [("compute", 600), ("exit", 1)], cpu=1)
    world.thread(worker, [("compute", 5), SLEEP], cpu=0)
    attach = [("ptrace", PT_ATTACH, 20, 0), ("wait4", 20, 0), ("compute", 900)]
    world.thread(debugger, [*attach, ("ptrace", PT_KILL, 20, 0), ("wait4", 20, 0), SLEEP], cpu=0)
    world.begin()
    machine = world.machine
    run(machine)
    assert machine.result is None
    assert log(world, "debugger")[-1] == ("wait4", 0, 20, SIGKILL)
    assert log(world, "shell") == [("wait4", 0, 15, 1 << 8)]
    assert comms(machine, "allprocess") == left(kernel, 2, "debugger")


@pytest.mark.parametrize("kernel", BOTH)
def test_trace_me_stops_at_a_signal(kernel: str) -> None:
    """The child asks to be traced by its parent and is let go on without the signal."""
    world = booted(kernel, 2)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    goon = [("wait4", 20, 0), ("ptrace", PT_CONTINUE, 20, 0), ("wait4", 20, 0)]
    world.thread(shell, [*goon, SLEEP])
    world.thread(worker, [("ptrace", PT_TRACE_ME, 0, 0), ("kill", 20, SIGTERM), ("exit", 4)])
    world.begin()
    machine = world.machine
    run(machine)
    stopped = SIGTERM << 8 | 0o177
    assert [entry[1:] for entry in log(world, "shell")] == [
        (0, 20, stopped),
        (0, 0, None),
        (0, 20, 4 << 8),
    ]
    assert comms(machine, "allprocess") == survivors(kernel, 2)


def test_what_may_not_be_traced() -> None:
    world = booted(BOTH[0], 1)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    ops = [
        ("ptrace", PT_ATTACH, 20, 0),  # an ancestor of the caller
        ("ptrace", PT_ATTACH, 1, 0),
        ("ptrace", PT_ATTACH, 99, 0),
        ("ptrace", PT_CONTINUE, 10, 0),  # not traced
        ("ptrace", PT_TRACE_ME, 0, 0),
        ("ptrace", PT_TRACE_ME, 0, 0),
    ]
    world.thread(shell, [SLEEP])
    world.thread(worker, [SLEEP])
    child = world.process("child", parent=worker, pid=30)
    world.thread(child, [*ops, SLEEP])
    world.begin()
    run(world.machine)
    einval, esrch = 22, 3
    errors = [entry[1] for entry in log(world, "child")]
    assert errors == [einval, EPERM, esrch, EPERM, 0, EBUSY]
    assert [pr.ps_comm for pr in walk(worker.ps_children, "ps_sibling")] == ["child"]
