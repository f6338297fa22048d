"""Every file of the diff has scenarios in which what it changes is executed, under every kernel."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import Any

import pytest

from exittui.kernel.catalog import KERNELS
from exittui.machine import RoundRobin
from exittui.machine.monitor import on_write
from exittui.scenario.build import build
from exittui.scenario.library import find, folder, names

from .worlds import MPI, REAPER

PURGE, CLUDWIG, SWITCH = "purge-2025-08", "cludwig-2025-09", "mpi-switch"
WITH_REAPER = (REAPER, PURGE)
HUNKS = [hunk.name for hunk in KERNELS[MPI].hunks]

ROWS: dict[str, tuple[str, str]] = {
    "arch/amd64/amd64/locore.S": (
        "unmap-beside exit",
        "cpu_switchto pmap_deactivate pmap_tlb_shootrange pmap_tlb_shootwait"
        " x86_fast_ipi Xintr_lapic_ipi",
    ),
    "kern/kern_event.c": (
        "note-exec kqueue-signal kqueue-close poll-exit kqueue-process",
        "kqueue_alloc kqueue_register kqueue_expand_hash kqueue_scan kqueue_sleep kqueue_purge"
        " kqueue_terminate kqueue_close KQRELE kqpoll_init kqpoll_exit knote_acquire knote_drop"
        " knote_locked filt_procattach filt_procdetach filt_proc filt_procprocess filt_sigattach"
        " filt_sigdetach filt_signal knote_processexit knote_processfork klist_invalidate",
    ),
    "kern/kern_exit.c": (
        "three-threads-exit thread-exit orphans vfork-exit accounting fstat ptrace-exit"
        " ptrace-debugger-exits ptrace-detach ignored-sigchld waitid-stop",
        "sys_exit sys___threxit exit1 refcnt_finalize kqpoll_exit sigio_freelist fdfree"
        " cancel_all_itimers semexit killjobc acct_process vn_append unveil_destroy uvm_exit"
        " process_reparent process_untrace process_clear_orphan ruadd calcru tuagg_add_process"
        " knote_processexit cpu_exit dowait6 sys_wait4 sys_waitid proc_finish_wait process_zap"
        " proc_free freepid",
    ),
    "kern/kern_fork.c": (
        "process-limit thread-limit fork-threads vfork-exec",
        "sys_fork sys_vfork sys___tfork fork1 thread_fork fork_check_maxthread chgproccnt"
        " process_new process_initialize thread_new knote_processfork fork_thread_start",
    ),
    "kern/kern_rwlock.c": (
        "map-lock accounting",
        "rw_enter_write rw_do_enter_write rw_exit_write rw_enter_read rw_do_enter_read rw_exit_read"
        " rw_exited",
    ),
    "kern/kern_sched.c": (
        "exit wait",
        "sched_exit sched_chooseproc sched_choosecpu sched_choosecpu_fork setrunqueue remrunqueue",
    ),
    "kern/kern_sig.c": (
        "sig-stop sig-stop-threads sig-stop3 masked-sigterm ignore-sigchild execve-threads",
        "process_stop process_continue process_suspend_signal proc_stop_setup proc_stop_finish"
        " single_thread_set single_thread_clear proc_suspend_check_locked ptsignal_locked prsignal"
        " cursig postsig sigexit sys_sigprocmask setsigvec userret",
    ),
    "kern/kern_sysctl.c": (
        "ps fstat",
        "sys_sysctl sysctl_doproc fill_kproc FILL_KPROC fill_kproc_state sysctl_file"
        " tuagg_get_process tuagg_get_proc",
    ),
    "kern/subr_xxx.c": ("exit", "assertwaitok"),
    "uvm/uvm_glue.c": (
        "exit three-threads-exit fork-and-wait",
        "uvm_exit uvm_uarea_alloc uvm_uarea_free uvmspace_free uvm_map_teardown pmap_destroy",
    ),
}
"""The scenarios for a file and what they execute; init_main.c and proc.h have their own tests."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "sched_toidle": (REAPER, MPI, PURGE),
    "exit2": (REAPER, PURGE),
    "uvm_purge": (PURGE, CLUDWIG),
    "cond_wait": (CLUDWIG,),
    "sched_bury": (CLUDWIG,),
}
"""Functions that `exit` executes under some kernels, and under no other."""

SLEEPS = {
    "fstat": "psdtor",
    "map-lock": "vmmaplk",
    "accounting": "biowait",
    "three-threads-exit": "suspend",
    "vfork-exit": "ppwait",
    "kqueue-close": "kqread",
    "thread-create": "fsleep",
    "knote-busy": "kqepts",
}
"""What somebody sleeps for in a scenario, under every kernel."""

NAMES = {name for row in ROWS.values() for name in row[1].split()} | set(ONLY_IN)


@cache
def seen(scenario: str, kernel: str) -> tuple[frozenset[str], frozenset[str]]:
    """Which of the functions above a fair run executes, and what its threads sleep for."""
    found = find(scenario)
    machine = build(found, kernel, past=False).machine
    called, slept = set[str](), set[str]()

    def counted(name: str, step: Any) -> Any:
        def entered(frame: Any, cpu: Any) -> None:
            called.add(name)
            step(frame, cpu)

        return entered

    for name in NAMES:
        function = machine.image.functions.get(name)
        if function is not None:
            machine.watch(function.entry, partial(counted, name))
    on_write(machine, "p_wmesg", lambda p, *_: slept.add(p.p_wmesg))
    machine.run(RoundRobin(), found.run.max_steps)
    return frozenset(called), frozenset(slept)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("file", ROWS)
def test_a_file_of_the_diff_is_executed(file: str, kernel: str) -> None:
    scenarios, functions = (text.split() for text in ROWS[file])
    called = frozenset[str]().union(*(seen(name, kernel)[0] for name in scenarios))
    assert [name for name in functions if name not in called] == []


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_only_some_kernels_do(kernel: str) -> None:
    called, _ = seen("exit", kernel)
    assert {name for name in ONLY_IN if name in called} == {
        name for name, kernels in ONLY_IN.items() if kernel in kernels
    }


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("scenario", SLEEPS)
def test_a_step_that_may_sleep_does(scenario: str, kernel: str) -> None:
    assert SLEEPS[scenario] in seen(scenario, kernel)[1]


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_kernel_threads_that_boot_makes(kernel: str) -> None:
    """init_main.c: `exit` says which there are."""
    scenario = find("exit")
    said = scenario.expect_under.get(kernel, scenario.expect).kthreads
    assert said == ("swapper", "idle0", *(("reaper",) if kernel in WITH_REAPER else ()))


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_fields_that_each_kernel_has(kernel: str) -> None:
    """sys/proc.h: no main thread with the diff, a condition in the second attempt."""
    world = build(find("exit"), kernel).machine
    first = world.globals["initprocess"].ps_threads.tqh_first
    removed = ("process", "ps_mainproc") in world.image.removed_fields
    assert removed is (kernel in (MPI, SWITCH))
    assert hasattr(first, "p_deadcond") is (kernel == CLUDWIG)


def test_the_page_about_the_diff_names_the_files_and_scenarios_that_there_are() -> None:
    page = (folder().parent / "docs" / "the-diff-file-by-file.md").read_text()
    page, *explained = page.split("| without, from ")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    for table in (page, *explained):
        files = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()]
        assert [one for one in files if one in HUNKS] == HUNKS
    assert len(explained) == 2
    for row in rows:
        scenarios = re.findall(r"`([a-z0-9-]+)(?: --without [^`]*)?`", " ".join(row[-2:]))
        known = [one for one in scenarios if one in names()]
        assert scenarios == known or row[0] in ("| file", "| test")
        executed = ROWS.get(row[0].removeprefix("| "), ("", ""))[0].split()
        assert row[0] == "| kern/subr_xxx.c" or set(executed) <= set(scenarios)
