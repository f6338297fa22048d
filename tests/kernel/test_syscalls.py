"""From user mode into the kernel and back: locks, results, restarts, ASTs, forks in programs."""

from __future__ import annotations

import pytest

from exittui.errors import InternalError
from exittui.kernel.boot import processes, threads
from exittui.kernel.sys.errno import ECHILD
from exittui.kernel.sys.proc import PS_ISPWAIT
from exittui.machine import FREED
from tests.kernel.worlds import BOTH, SLEEP, anywhere, at, booted, family, log, run, run_until


@pytest.mark.parametrize(
    ("call", "function", "depth"),
    [(("wait4", -1, 0), "sys_wait4", 1), (("kqueue",), "sys_kqueue", 0)],
)
def test_the_kernel_lock_is_held_in_calls_that_are_not_nolock(
    call: tuple[object, ...], function: str, depth: int
) -> None:
    world = booted("reaper")
    world.thread(world.process("caller"), [call, SLEEP])
    world.begin()
    machine = world.machine
    run_until(machine, lambda: at(machine, 0, function))
    assert machine.infos[0].ci_mplc_depth == depth
    run_until(machine, lambda: at(machine, 0, "userland"))
    assert machine.infos[0].ci_mplc_depth == 0


def test_an_error_is_in_the_log() -> None:
    world = booted("reaper")
    world.thread(world.process("childless"), [("wait4", -1, 0), SLEEP])
    world.begin()
    run(world.machine)
    assert log(world, "childless") == [("wait4", ECHILD, ECHILD, None)]


def test_a_program_ends_with_exit_0() -> None:
    world = family("reaper", 1, [("compute", 1)])
    run(world.machine)
    assert log(world, "shell") == [("wait4", 0, 20, 0)]


def test_a_call_that_does_not_exist_cannot_be_in_a_program() -> None:
    world = booted("reaper")
    with pytest.raises(InternalError, match="no system call frobnicate"):
        world.thread(world.process("odd"), [("frobnicate",)])


@pytest.mark.parametrize("kernel", BOTH)
def test_computing_takes_its_steps_in_user_mode(kernel: str) -> None:
    machine = family(kernel, 1, [("compute", 25), ("exit", 0)]).machine
    run(machine)
    texts = [machine.record(index).statement.text for index in range(machine.position)]
    assert texts.count("n -= 1") >= 25
    kinds = {
        machine.record(index).statement.kind
        for index in range(machine.position)
        if machine.record(index).statement.function == "userland"
    }
    assert kinds == {"user"}


@pytest.mark.parametrize("kernel", BOTH)
def test_a_thread_in_user_mode_takes_the_ast_of_its_exiting_sibling(kernel: str) -> None:
    """It never gets to the end of its computing: the interrupt comes between two steps of it."""
    machine = family(
        kernel, 2, [("compute", 1000), ("exit", 9)], [("compute", 400), ("exit", 7)]
    ).machine
    run_until(machine, lambda: anywhere(machine, "Xintr_lapic_ipi") is not None)
    cpu = anywhere(machine, "Xintr_lapic_ipi")
    assert cpu is not None
    frames = machine.frames(cpu)
    assert frames[-2].function == "userland"
    assert 0 < frames[-2].variables["n"] < 1500
    run_until(machine, lambda: at(machine, cpu, "exit1"))
    assert [frame.function for frame in machine.frames(cpu)][-7:] == [
        "Xintr_lapic_ipi",
        "check_asts",
        "ast",
        "userret",
        "proc_suspend_check",
        "proc_suspend_check_locked",
        "exit1",
    ]


@pytest.mark.parametrize("kernel", BOTH)
def test_an_interrupted_call_is_backed_up_over(kernel: str) -> None:
    """A thread asleep in wait4() unwinds with ERESTART: its program stands at the call again."""
    waiter = [("fork", (SLEEP,)), ("wait4", -1, 0), ("exit", 8)]
    world = family(kernel, 2, [("compute", 900), ("exit", 7)], waiter)
    machine = world.machine
    run_until(machine, lambda: anywhere(machine, "single_thread_set") is not None)
    sleepers = [p for p in threads(machine) if p.p_p.ps_pid == 20 and p.p_wmesg == "wait"]
    assert [p.p_pc for p in sleepers] == [2]
    run_until(machine, lambda: anywhere(machine, "mi_syscall_return") is not None)
    assert [p.p_pc for p in sleepers] == [1]


@pytest.mark.parametrize("kernel", BOTH)
def test_a_child_has_the_actions_that_fork_names(kernel: str) -> None:
    """The child computes and exits 4; the parent waits for it, and exits 3."""
    program = [("fork", (("compute", 5), ("exit", 4))), ("wait4", -1, 0), ("exit", 3)]
    world = family(kernel, 1, program)
    run(world.machine)
    assert world.machine.result is None
    (_, _, child, _), (call, error, pid, status) = log(world, "worker")
    assert (call, error, pid, status) == ("wait4", 0, child, 4 << 8)
    assert log(world, "shell") == [("wait4", 0, 20, 3 << 8)]


@pytest.mark.parametrize("kernel", BOTH)
def test_after_all_is_said_nothing_is_left_over(kernel: str) -> None:
    """What was made for the worker is freed: process, threads, stacks, map, address space."""
    machine = family(kernel, 2, [("compute", 60), ("exit", 3)], [("threxit",)], [SLEEP]).machine
    worker = next(
        s for s in machine.memory.heap.values() if s is not None and s.__dict__.get("ps_pid") == 20
    )
    made = {"process": 1, "proc": 3, "user": 3, "vmspace": 1, "pmap": 1}
    assert worker.__dict__["ps_threadcnt"] == made["proc"]
    run(machine)
    gone: dict[str, int] = {}
    for index in range(machine.position):
        for write in machine.record(index).writes:
            if write.field == FREED and type(write.target).__name__ in made:
                name = type(write.target).__name__
                gone[name] = gone.get(name, 0) + 1
    assert gone == made


@pytest.mark.parametrize("kernel", BOTH)
def test_a_child_without_actions_goes_on_like_its_parent(kernel: str) -> None:
    """The actions behind a fork are done by two; each of both has a log of its own."""
    world = family(kernel, 1, [("fork",), ("kill", 20, 0), ("exit", 3)])
    machine = world.machine
    run(machine)
    assert machine.result is None
    programs = [
        machine.memory.fields(s)["pg_log"]
        for s in machine.memory.heap.values()
        if s is not None and type(s).__name__ == "program" and len(s.__dict__["pg_ops"]) == 3
    ]
    assert sorted(len(one) for one in programs) == [1, 2]


def test_a_loop_goes_back_to_the_first_action() -> None:
    world = booted("reaper")
    world.thread(world.process("busy"), [("sched_yield",), ("loop",)])
    world.begin()
    machine = world.machine
    run_until(machine, lambda: len(log(world, "busy")) == 3)
    assert log(world, "busy") == [("sched_yield", 0, 0, None)] * 3


def test_a_thread_made_by_tfork_has_its_own_program() -> None:
    world = family("reaper", 2, [("tfork", (("threxit",),)), ("compute", 99), ("exit", 5)])
    run(world.machine)
    assert world.machine.result is None
    assert log(world, "worker")[0][:2] == ("tfork", 0)
    assert log(world, "shell") == [("wait4", 0, 20, 5 << 8)]


@pytest.mark.parametrize("kernel", BOTH)
def test_execve_goes_on_with_another_program_in_another_address_space(kernel: str) -> None:
    """The worker has pages of its old program before, and only those of the new one after."""
    after = ("execve", "other", 3, (("compute", 5), ("exit", 6)))
    world = family(kernel, 1, [after])
    machine = world.machine
    worker = next(pr for pr in processes(machine) if pr.ps_pid == 20)
    assert worker.ps_vmspace.vm_map.size > 3
    run_until(machine, lambda: worker.ps_comm == "other" and at(machine, 0, "userland"))
    assert worker.ps_vmspace.vm_map.size == 3
    assert worker.ps_vmspace.vm_map.pmap.pm_resident_count == 4
    run(machine)
    assert machine.result is None
    assert log(world, "shell") == [("wait4", 0, 20, 6 << 8)]


@pytest.mark.parametrize("kernel", BOTH)
def test_execve_ends_the_other_threads(kernel: str) -> None:
    exec_ = ("execve", "other", 1, (("exit", 6),))
    world = family(kernel, 2, [("compute", 200), exec_], [SLEEP], [("compute", 1000)])
    run(world.machine)
    assert world.machine.result is None
    assert log(world, "shell") == [("wait4", 0, 20, 6 << 8)]


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize(
    "end", [("exit", 4), ("execve", "other", 1, (("compute", 9), ("exit", 4)))]
)
def test_vfork_lets_the_parent_go_on_when_the_child_is_in_its_own_space(
    kernel: str, end: tuple[object, ...]
) -> None:
    """PS_PPWAIT: until then the parent sleeps. In the end the shell sees both."""
    world = family(kernel, 2, [("vfork", (("compute", 30), end)), ("wait4", -1, 0), ("exit", 3)])
    machine = world.machine
    worker = next(pr for pr in processes(machine) if pr.ps_pid == 20)
    run_until(machine, lambda: any(p.p_wmesg == "ppwait" for p in threads(machine)))
    assert worker.ps_flags & PS_ISPWAIT
    run(machine)
    assert machine.result is None
    assert [entry[3] for entry in log(world, "worker")] == [None, 4 << 8]
    assert log(world, "shell") == [("wait4", 0, 20, 3 << 8)]
