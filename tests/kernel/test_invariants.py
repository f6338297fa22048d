"""Every rule on a running machine fires when it is broken, by a kernel or by hand."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from exittui.errors import InternalError
from exittui.kernel.invariants import maps, threads, watch
from exittui.kernel.sys.proc import PS_EXITING, SDEAD
from exittui.machine import walk
from exittui.machine.result import Broken
from tests.kernel.reads import fields_read
from tests.kernel.worlds import (
    BOTH,
    LIMIT,
    MPI,
    REAPER,
    SLEEP,
    anywhere,
    at,
    booted,
    family,
    others,
    run,
    run_until,
)

if TYPE_CHECKING:
    from exittui.kernel.boot import Booted
    from exittui.machine import Machine

EXIT: list[tuple[Any, ...]] = [("exit", 3)]
SPIN = ("compute", 500)
HEADS = {"tqh_first", "lh_first"}
"""What is written together with the links of the elements."""


def watched(kernel: str, ncpu: int, *programs: list[tuple[Any, ...]], **how: Any) -> Machine:
    """The machine of a family, with its rules bound."""
    machine = family(kernel, ncpu, *programs, **how).machine
    watch(machine)
    return machine


def broken(machine: Machine) -> str:
    """What the run stops with, without who, where and when."""
    if machine.result is None:
        run(machine)
    assert machine.result is not None
    assert machine.result.kind == "violation"
    return machine.result.message.rpartition(" (")[0]


def quiesce(machine: Machine, but: int) -> None:
    run_until(machine, lambda: not others(machine, but) or machine.result is not None, but=but)


def in_tail(machine: Machine, cpu: int) -> bool:
    """In sched_toidle(), on the old stack and map, the kernel lock just let go."""
    return at(machine, cpu, "sched_toidle", "SPCF_ITIMER")


def test_i1_a_thread_is_freed_that_a_cpu_runs() -> None:
    """Under the diff the parent of a zombie frees it while its CPU stands in sched_toidle()."""
    machine = watched(MPI, 2, EXIT, cpus=(1,))
    run_until(machine, lambda: in_tail(machine, 1))
    quiesce(machine, but=1)
    assert broken(machine) == "I1: worker is freed while cpu1 runs it"
    assert machine.result is not None
    assert "(cpu0 in pool_put < proc_free < process_zap at step " in machine.result.message


@pytest.mark.parametrize("kernel", BOTH)
def test_i2_a_map_is_destroyed_that_a_cpu_has_in_cr3(kernel: str) -> None:
    """A sibling that stalls in sched_toidle() has left its map, but not in %cr3.

    Nothing keeps the last thread, or the reaper, from tearing it down meanwhile.
    """
    machine = watched(kernel, 3, EXIT, [SPIN], cpus=(1, 2))
    run_until(machine, lambda: in_tail(machine, 2))
    quiesce(machine, but=2)
    text = broken(machine)
    assert text.startswith("I2: pmap of worker is destroyed while cpu2 (worker.")
    assert text.endswith(") has it in %cr3")


def test_i4_a_table_of_files_is_freed_that_a_sibling_can_use() -> None:
    machine = watched(REAPER, 1, EXIT)
    run_until(machine, lambda: at(machine, 0, "fdfree", "pool_put"))
    other = next(iter(walk(machine.globals["initprocess"].ps_threads, "p_thr_link")))
    fdp = machine.frames(0)[-1].variables["fdp"]
    machine.poke(other, "p_fd", fdp)
    assert broken(machine) == "I4: a filedesc is freed that init can still use"


def test_i5_the_last_of_two_threads_leaves_by_threxit_under_the_diff() -> None:
    """ps_threadcnt counts the exited: nobody converts its exit into one of the process."""
    machine = watched(MPI, 2, [("threxit",)], [("compute", 90), ("threxit",)])
    assert broken(machine) == "I5: worker is torn down without PS_EXITING"
    machine = watched(REAPER, 2, [("threxit",)], [("compute", 90), ("threxit",)])
    run(machine)
    assert machine.result is None


@pytest.mark.parametrize("kernel", BOTH)
def test_i5_a_zombie_that_has_not_exited(kernel: str) -> None:
    machine = watched(kernel, 1, EXIT)
    where = "reaper" if kernel == REAPER else "exit1"
    run_until(machine, lambda: at(machine, 0, where, "pr.ps_flags |= PS_ZOMBIE"))
    pr = machine.frames(0)[-1].variables["pr"]
    machine.poke(pr, "ps_flags", pr.ps_flags & ~PS_EXITING)
    assert broken(machine) == "I5: worker is made a zombie without PS_EXITING"


def test_i5_a_stop_writes_over_the_status_of_an_exit() -> None:
    sigstop = 17
    machine = watched(REAPER, 1, [("kill", 20, sigstop), SPIN, ("exit", 3)])
    run_until(machine, lambda: _writes_xsig(machine))
    pr = machine.infos[0].ci_curproc.p_p
    machine.poke(pr, "ps_flags", pr.ps_flags | PS_EXITING)
    assert broken(machine) == "I5: worker exits, and its exit status is written over"


def _writes_xsig(machine: Machine) -> bool:
    return "ps_xsig = " in machine.next_statement(0).text


@pytest.mark.parametrize("kernel", BOTH)
def test_i11_a_switch_with_a_mutex(kernel: str) -> None:
    machine = watched(kernel, 1, EXIT)
    run_until(machine, lambda: at(machine, 0, "sched_toidle", "cpu_switchto"))
    machine.poke(machine.infos[0], "ci_mutex_level", 2)
    assert broken(machine) == "I11: worker switches with 2 mutexes held"


@pytest.mark.parametrize("kernel", BOTH)
def test_i12_a_dead_thread_runs_or_sleeps(kernel: str) -> None:
    machine = watched(kernel, 1, EXIT)
    run_until(machine, lambda: at(machine, 0, "cpu_switchto", "new.p_stat = SONPROC"))
    new = machine.frames(0)[-1].variables["new"]
    machine.poke(new, "p_stat", SDEAD)
    assert broken(machine).endswith(" was dead and has p_stat 7")
    machine = watched(kernel, 1, [SLEEP])
    run_until(machine, lambda: at(machine, 0, "sleep_setup", "p.p_wchan = ident"))
    machine.poke(machine.infos[0].ci_curproc, "p_stat", SDEAD)
    assert broken(machine).startswith("I12: ")
    assert " is dead and goes to sleep on " in broken(machine)


@pytest.mark.parametrize("kernel", BOTH)
def test_i14_the_kernel_lock_around_the_end(kernel: str) -> None:
    machine = watched(kernel, 1, EXIT)
    run_until(machine, lambda: at(machine, 0, "cpu_exit", "sched_exit"))
    machine.poke(machine.globals["kernel_lock"], "mpl_owner", None)
    assert broken(machine) == "I14: worker is in sched_exit() without the kernel lock"
    machine = watched(kernel, 1, EXIT)
    where, who = ("reaper", "reaper") if kernel == REAPER else ("exit1", "worker")
    run_until(machine, lambda: at(machine, 0, where, "uvm_exit(pr)"))
    machine.poke(machine.globals["kernel_lock"], "mpl_owner", machine.infos[0])
    assert broken(machine) == f"I14: {who} is in uvm_exit() with the kernel lock"


@pytest.mark.parametrize("kernel", BOTH)
def test_i16_the_record_names_another_map_than_the_one_that_is_loaded(kernel: str) -> None:
    machine = watched(kernel, 1, EXIT)
    run_until(machine, lambda: at(machine, 0, "cpu_switchto", "ci_intr = 1"))
    other = machine.globals["initprocess"].ps_vmspace.vm_map.pmap
    machine.poke(machine.infos[0], "ci_proc_pmap", other)
    assert broken(machine).startswith("I16: cpu0 runs ")


def i17(machine: Machine, *calls: tuple[Any, ...]) -> str:
    """What the machine stops with when it makes these calls, or nothing."""
    try:
        for call in calls:
            machine.call(*call)
    except InternalError as error:
        return str(error).partition("(): ")[2].rpartition(" (")[0]
    return ""


def standing() -> tuple[Booted, Machine]:
    """A machine whose first CPU does what it is told."""
    world = booted(REAPER)
    watch(world.machine)
    return world, world.machine


def test_i17_two_mutexes_in_either_order() -> None:
    """Nothing hangs; that it could is enough."""
    _, machine = standing()
    names = "pmaps_lock", "timeout_mutex", "kqueue_klist_lock"
    a, b, c = (machine.globals[name] for name in names)
    calls = []
    for one, two in ((a, b), (b, c), (c, a)):
        calls += [("mtx_enter", one), ("mtx_enter", two), ("mtx_leave", two), ("mtx_leave", one)]
    text = i17(machine, *calls)
    assert text.startswith(
        "I17: pmaps_lock is taken with kqueue_klist_lock held, and was taken before it: "
        "timeout_mutex with pmaps_lock at step "
    )
    assert "kqueue_klist_lock with timeout_mutex at step " in text


def test_i17_the_kernel_lock_has_its_place_too() -> None:
    _, machine = standing()
    a = machine.globals["pmaps_lock"]
    text = i17(
        machine,
        ("KERNEL_LOCK",),
        ("mtx_enter", a),
        ("mtx_leave", a),
        ("KERNEL_UNLOCK",),
        ("mtx_enter", a),
        ("KERNEL_LOCK",),
    )
    assert text.startswith("I17: kernel_lock is taken with pmaps_lock held")


def test_i17_of_two_processes_the_child_comes_first() -> None:
    """As WITNESS is told; and no two locks of any other class."""
    world, machine = standing()
    shell = world.process("shell", pid=10)
    child, parent = shell.ps_mtx, world.init.ps_mtx
    assert i17(machine, ("mtx_enter", child), ("mtx_enter", parent)) == ""
    world, machine = standing()
    shell = world.process("shell", pid=10)
    text = i17(machine, ("mtx_enter", world.init.ps_mtx), ("mtx_enter", shell.ps_mtx))
    assert text == "I17: ps_mtx of shell is taken with ps_mtx of init held"


def test_i17_going_back_forgets_the_order_that_was_seen() -> None:
    """The same steps again are no news, and other steps are judged by themselves alone."""
    machine = watched(MPI, 2, EXIT, [SPIN])
    run(machine)
    assert machine.result is None
    end = machine.position
    schedule = machine.recorded_schedule()
    machine.goto(end // 3)
    for cpu in schedule.picks[end // 3 :]:
        machine.step(cpu)
    assert machine.result is None
    assert machine.position == end


def test_i17_a_lock_is_released_by_who_has_it() -> None:
    _, machine = standing()
    machine.call("KERNEL_LOCK")
    machine.poke(machine.globals["kernel_lock"], "mpl_owner", machine.globals["process0"])
    assert i17(machine, ("KERNEL_UNLOCK",)).startswith("I17: the kernel lock of ")


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("mpl_owner", None, "the kernel lock"),
        ("ci_mutex_level", 1, "a mutex"),
        ("ci_ipl", 9, "interrupts held back to level 9"),
        ("rwl_owner", None, "fd_lock of "),
    ],
)
def test_i17_nothing_is_held_in_user_mode(field: str, value: object, what: str) -> None:
    machine = watched(REAPER, 1, [("sched_yield",), *EXIT])
    run_until(machine, lambda: at(machine, 0, "Xsyscall", "return"))
    info = machine.infos[0]
    if field == "mpl_owner":
        machine.poke(machine.globals["kernel_lock"], field, info)
    elif field == "rwl_owner":
        machine.poke(info.ci_curproc.p_fd.fd_lock, field, info.ci_curproc)
    else:
        machine.poke(info, field, value)
    assert f"I17: worker goes to user mode with {what}" in broken(machine)


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2, 3])
def test_a_fair_run_keeps_every_rule(kernel: str, ncpu: int) -> None:
    programs: list[list[tuple[Any, ...]]] = [
        [("fork", (("exit", 1),)), ("wait4", -1, 0), ("mmap", 3), ("munmap", 2), SPIN],
        [("touch", 1), ("tfork", (("threxit",),)), ("nanosleep", 3), ("exit", 3)],
    ]
    machine = watched(kernel, ncpu, *programs)
    run(machine)
    assert machine.result is None
    assert machine.position < LIMIT
    assert anywhere(machine, "exit1") is None


@pytest.mark.parametrize("kernel", BOTH)
def test_what_rules_look_at_where_something_ends_is_what_they_say(kernel: str) -> None:
    """A search takes it from there which steps may not change places with such an end."""
    machine = family(kernel, 2, EXIT).machine
    cpu = machine.stacks.cpus[0]
    structs = [one for one in machine.memory.heap.values() if one is not None]
    for rules, table in (
        (threads._Threads(machine), threads.LOOKED_AT_END),
        (maps._Maps(machine), maps.LOOKED_AT_END),
    ):
        looked: dict[str, set[str]] = {}
        for target in structs:
            with fields_read(machine) as read, contextlib.suppress(Broken):
                rules.freed(target, cpu[0], cpu)  # its words, where it is broken, look at more
                # Nobody else changes what the CPU says of itself.
                names = {name for one, name in read if one is not cpu[1]} - HEADS
                looked[type(target).__name__] = names
        said = {kind: {*pointers, *names} for kind, pointers, names in table}
        assert {kind: names for kind, names in looked.items() if names} == said
