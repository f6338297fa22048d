"""Each assertion of the process core fires, with the kernel's words, when its condition is broken.

The state is broken by hand on a booted machine, then the function that asserts is called or run
into. Locks, maps and kqueues have theirs in the tests of those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.errors import InternalError
from exittui.machine import walk

from .worlds import BOTH, MPI, REAPER, SLEEP, at, booted, family, run, run_until

if TYPE_CHECKING:
    from exittui.machine import Machine

SDEAD, SRUN, SONPROC = 6, 2, 7
P_CANTSLEEP = 0x10
P_SUSPSINGLE = 0x80000
PS_TRACED = 0x200


def words(machine: Machine, function: str, *args: Any) -> str:
    """What the kernel panics with in this call."""
    with pytest.raises(InternalError) as caught:
        machine.call(function, *args)
    return str(caught.value).partition("(): ")[2]


def diagnostic(condition: str, file: str) -> str:
    """The words of a KASSERT."""
    return f'kernel diagnostic assertion "{condition}" failed: file "{file}"'


def curproc(machine: Machine) -> Any:
    return machine.infos[0].ci_curproc


@pytest.mark.parametrize(
    ("kernel", "text"),
    [(REAPER, "assertwaitok: non-zero mutex count: 1"), (MPI, "non-zero mutex count: 1")],
)
def test_as1_no_mutex_where_one_may_sleep(kernel: str, text: str) -> None:
    machine = booted(kernel).machine
    machine.call("mtx_enter", machine.globals["process0"].ps_mtx)
    assert words(machine, "assertwaitok") == text


def test_as2_deads_dont_sleep_with_the_diff() -> None:
    machine = booted(MPI).machine
    machine.poke(curproc(machine), "p_stat", SDEAD)
    assert words(machine, "assertwaitok") == "deads don't sleep"
    machine = booted(REAPER).machine
    machine.poke(curproc(machine), "p_stat", SDEAD)
    machine.call("assertwaitok")


@pytest.mark.parametrize(
    ("kernel", "text"),
    [(REAPER, "assertwaitok: non-zero mutex count: 1"), (MPI, "non-zero mutex count: 1")],
)
def test_as3_who_asserts_that_one_may_sleep(kernel: str, text: str) -> None:
    """pool_get() with PR_WAITOK, malloc() with M_WAITOK, and a thread that is switched in."""
    waitok = 1
    for flags, wanted in ((waitok, text), (0, "")):
        machine = booted(kernel).machine
        machine.call("mtx_enter", machine.globals["process0"].ps_mtx)
        if wanted:
            assert words(machine, "pool_get", machine.globals["proc_pool"], flags) == wanted
        else:
            machine.call("pool_get", machine.globals["proc_pool"], flags)
    machine = family(kernel, 1, [("kqueue",), ("kevent", -1, (10, -5, 1, 0), 0, 0)]).machine
    run_until(machine, lambda: at(machine, 0, "kqueue_expand_hash", "assertwaitok"))
    machine.poke(machine.infos[0], "ci_mutex_level", 1)
    run(machine)
    assert machine.result is not None
    assert machine.result.message == text
    machine = family(kernel, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "mi_switch", "assertwaitok"))
    machine.poke(machine.infos[0], "ci_mutex_level", 1)
    run(machine)
    assert machine.result is not None
    assert machine.result.message == text


def test_as3_rwlocks_with_the_diff_even_where_they_are_free() -> None:
    machine = booted(MPI).machine
    machine.call("mtx_enter", machine.globals["process0"].ps_mtx)
    lock = machine.globals["kernel_map"].lock
    for function in ("rw_enter_write", "rw_enter_read"):
        assert words(machine, function, lock) == "non-zero mutex count: 1"
        machine = booted(MPI).machine
        machine.call("mtx_enter", machine.globals["process0"].ps_mtx)
        lock = machine.globals["kernel_map"].lock
    machine = booted(REAPER).machine
    machine.call("mtx_enter", machine.globals["process0"].ps_mtx)
    machine.call("rw_enter_write", machine.globals["kernel_map"].lock)


@pytest.mark.parametrize("kernel", BOTH)
def test_as4_who_may_enter_a_sleep_queue(kernel: str) -> None:
    machine = booted(kernel).machine
    p = curproc(machine)
    ident = machine.globals["process0"]
    assert words(machine, "sleep_setup", None, 0, "x") == "sleep: no ident"
    machine = booted(kernel).machine
    p = curproc(machine)
    machine.poke(p, "p_stat", SDEAD)
    assert words(machine, "sleep_setup", ident, 0, "x") == "sleep: not SONPROC but 6"
    machine = booted(kernel).machine
    p = curproc(machine)
    machine.poke(p, "p_flag", p.p_flag | P_CANTSLEEP)
    assert words(machine, "sleep_setup", ident, 0, "x") == "sleep: idle0 failed insomnia"


def test_as5_tsleep_wants_the_kernel_lock() -> None:
    machine = booted(REAPER).machine
    text = words(machine, "tsleep", machine.globals["process0"], 0, "x", 0)
    assert text == diagnostic("ident is nowake or timo or _kernel_lock_held()", "kern/kern_synch.c")


def test_as6_mi_switch_wants_its_thread_off_the_cpu_and_one_mutex_held() -> None:
    machine = booted(REAPER).machine
    machine.call("SCHED_LOCK")
    assert words(machine, "mi_switch") == diagnostic("p.p_stat != SONPROC", "kern/sched_bsd.c")
    machine = booted(REAPER).machine
    machine.call("SCHED_LOCK")
    machine.call("mtx_enter", machine.globals["process0"].ps_mtx)
    machine.poke(curproc(machine), "p_stat", SRUN)
    text = diagnostic("curcpu().ci_mutex_level == 1", "kern/sched_bsd.c")
    assert words(machine, "mi_switch") == text


@pytest.mark.parametrize("stat", [SDEAD, SRUN, SONPROC, 1])
def test_as7_setrunnable_takes_sleeping_and_stopped_threads_only(stat: int) -> None:
    world = booted(REAPER)
    machine = world.machine
    p = next(iter(walk(world.init.ps_threads, "p_thr_link")))
    machine.poke(p, "p_stat", stat)
    machine.call("SCHED_LOCK")
    assert words(machine, "setrunnable", p) == "setrunnable"


@pytest.mark.parametrize("kernel", BOTH)
def test_as8_only_a_dead_or_the_running_thread_is_accounted(kernel: str) -> None:
    world = booted(kernel)
    machine = world.machine
    p = next(iter(walk(world.init.ps_threads, "p_thr_link")))
    machine.call("mtx_enter", world.init.ps_mtx)
    text = diagnostic("curproc() is p or p.p_stat == SDEAD", "kern/kern_resource.c")
    assert words(machine, "tuagg_add_process", world.init, p) == text


def test_as11_process_reparent_wants_the_old_parent_or_none() -> None:
    world = booted(REAPER)
    shell = world.process("shell", pid=10)
    machine = world.machine
    machine.poke(shell, "ps_opptr", shell)
    text = diagnostic(
        "child.ps_opptr is None or child.ps_opptr is child.ps_pptr", "kern/kern_exit.c"
    )
    assert words(machine, "process_reparent", shell, machine.globals["process0"]) == text


@pytest.mark.parametrize(
    ("kernel", "condition"),
    [(REAPER, "pr.ps_threadcnt == 0"), (MPI, "pr.ps_threadcnt == 1")],
)
def test_as12_process_zap_wants_its_counts(kernel: str, condition: str) -> None:
    world = family(kernel, 1, [("exit", 3)])
    machine = world.machine
    worker = next(pr for pr in walk(machine.globals["allprocess"], "ps_list") if pr.ps_pid == 20)
    run_until(machine, lambda: at(machine, 0, "process_zap"))
    machine.poke(worker, "ps_threadcnt", 2)
    run(machine)
    assert machine.result is not None
    assert machine.result.message == diagnostic(condition, "kern/kern_exit.c")


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize(
    ("field", "value", "condition"),
    [("ps_exitcnt", 2, "pr.ps_exitcnt == 1"), ("ps_threads", 0, "TAILQ_EMPTY(pr.ps_threads)")],
)
def test_as12_process_zap_wants_nobody_left(
    kernel: str, field: str, value: int, condition: str
) -> None:
    machine = family(kernel, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "process_zap", "leavepgrp"))
    pr = machine.frames(0)[-1].variables["pr"]
    if field == "ps_threads":
        machine.poke(pr.ps_threads, "tqh_first", machine.globals["proc0"])
    else:
        machine.poke(pr, field, value)
    run(machine)
    assert machine.result is not None
    assert machine.result.message == diagnostic(condition, "kern/kern_exit.c")


@pytest.mark.parametrize("kernel", BOTH)
def test_as13_the_single_thread_is_not_to_stop_itself(kernel: str) -> None:
    world = family(kernel, 1, [("exit", 3)], [SLEEP])
    machine = world.machine
    run_until(machine, lambda: at(machine, 0, "single_thread_set", "KASSERT((pr.ps_single"))
    p = curproc(machine)
    machine.poke(p, "p_flag", p.p_flag | P_SUSPSINGLE)
    run(machine)
    assert machine.result is not None
    text = diagnostic("(pr.ps_single.p_flag & P_SUSPSINGLE) == 0", "kern/kern_sig.c")
    assert machine.result.message == text


@pytest.mark.parametrize("kernel", BOTH)
def test_as14_sched_exit_wants_the_kernel_lock(kernel: str) -> None:
    machine = family(kernel, 1, [("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "sched_exit", "KERNEL_ASSERT_LOCKED"))
    machine.poke(machine.globals["kernel_lock"], "mpl_owner", None)
    run(machine)
    assert machine.result is not None
    assert machine.result.message.startswith(diagnostic("_kernel_lock_held()", "sys/systm")[:-1])
    assert [frame.function for frame in machine.frames(0)][-2:] == [
        "sched_exit",
        "KERNEL_ASSERT_LOCKED",
    ]


def test_as15_uvm_exit_of_the_diff_wants_no_kernel_lock_and_its_own_process() -> None:
    world = booted(MPI)
    machine = world.machine
    text = diagnostic("curproc().p_p is pr", "uvm/uvm_glue.c")
    assert words(machine, "uvm_exit", world.init) == text
    machine = booted(MPI).machine
    machine.call("KERNEL_LOCK")
    text = words(machine, "uvm_exit", curproc(machine).p_p)
    assert text.startswith(diagnostic("not _kernel_lock_held()", "sys/systm")[:-1])


def test_as17_pmap_purge_of_arm64_wants_the_last_thread() -> None:
    """amd64 has none, so nothing calls it."""
    for changed, condition in (("ps_threadcnt", "p.p_p.ps_threadcnt == 0"), ("", "p is curproc()")):
        world = booted("purge-2025-08")
        p = next(iter(walk(world.init.ps_threads, "p_thr_link")))
        if not changed:
            world.machine.poke(world.init, "ps_threadcnt", 0)
        text = words(world.machine, "pmap_purge", p)
        assert text == diagnostic(condition, "arch/arm64/arm64/pmap.c")


def test_arm64_waits_until_no_sibling_has_the_map() -> None:
    """pmap_purge() spins for a CPU that has not deactivated it, then runs on the kernel's map."""
    machine = booted("purge-2025-08", 2).machine
    p = curproc(machine)
    kernel = machine.globals["kernel_pmap_store"]
    machine.poke(p.p_p, "ps_threadcnt", 0)
    machine.call("pmap_purge", p)
    assert machine.infos[0].ci_cr3 is machine.infos[0].ci_proc_pmap is kernel
    machine.poke(machine.infos[1], "ci_proc_pmap", kernel)
    with pytest.raises(InternalError, match=r"pmap_purge\(\) waits at while CPU_AT\(n\)"):
        machine.call("pmap_purge", p)


@pytest.mark.parametrize("kernel", BOTH)
def test_as19_init_never_exits(kernel: str) -> None:
    world = booted(kernel)
    stranger = world.process("shell", pid=10)
    world.thread(stranger, [SLEEP])
    world.begin()
    machine = world.machine
    machine.call("mtx_enter", world.init.ps_mtx)
    machine.call("mtx_leave", world.init.ps_mtx)
    p = next(iter(walk(world.init.ps_threads, "p_thr_link")))
    machine.call("KERNEL_LOCK")
    assert words(machine, "exit1", p, 3, 9, 1) == "init died (signal 9, exit 3)"
