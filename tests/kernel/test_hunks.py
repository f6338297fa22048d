"""The diff of 2 May 2025 hunk by hunk: which can be left out, and what then happens."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from exittui.errors import LinkError
from exittui.kernel.catalog import KERNELS, link_kernel
from exittui.machine import walk
from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.scenario.play import Play

from .test_exit import assert_nothing_left
from .worlds import MPI, REAPER, SLEEP, family, log, run

EXITS = [[("compute", 2), ("exit", 3)], [("compute", 500)]]


def test_every_file_of_the_diff_is_a_hunk_with_a_line_about_it() -> None:
    assert [hunk.name for hunk in KERNELS[MPI].hunks] == [
        "arch/amd64/amd64/locore.S",
        "kern/init_main.c",
        "kern/kern_event.c",
        "kern/kern_exit.c",
        "kern/kern_fork.c",
        "kern/kern_rwlock.c",
        "kern/kern_sched.c",
        "kern/kern_sig.c",
        "kern/kern_sysctl.c",
        "kern/subr_xxx.c",
        "uvm/uvm_glue.c",
        "sys/proc.h",
    ]
    assert all(hunk.title for hunk in KERNELS[MPI].hunks)


@pytest.mark.parametrize(
    ("hunk", "needs", "remover"),
    [
        ("kern/init_main.c", "main_kthreads() needs reaper()", "sys/proc.h"),
        ("kern/kern_exit.c", "proc_finish_wait() uses the field ps_mainproc", "sys/proc.h"),
        ("kern/kern_fork.c", "process_initialize() uses the field ps_mainproc", "sys/proc.h"),
        ("kern/kern_sched.c", "sched_idle() needs exit2()", "kern/kern_exit.c"),
        ("kern/kern_sysctl.c", "fill_kproc() uses the field ps_mainproc", "sys/proc.h"),
    ],
)
def test_a_hunk_that_others_need_cannot_be_left_out(hunk: str, needs: str, remover: str) -> None:
    with pytest.raises(LinkError) as caught:
        link_kernel(MPI, [hunk])
    assert needs in str(caught.value)
    assert str(caught.value).startswith(f"hunk {remover} needs hunk {hunk}, which is left out: ")
    assert f"hunk {remover} removes it" in str(caught.value)


@pytest.mark.parametrize(
    "hunk",
    [
        "arch/amd64/amd64/locore.S",
        "kern/kern_rwlock.c",
        "kern/kern_sig.c",
        "kern/subr_xxx.c",
        "sys/proc.h",
    ],
)
def test_hunks_without_which_a_plain_exit_still_works(hunk: str) -> None:
    """What they are for shows elsewhere: in assertions, and in the tests below."""
    world = family(MPI, 2, *EXITS, without=(hunk,))
    run(world.machine)
    assert log(world, "shell")[0] == ("wait4", 0, 20, 3 << 8)
    assert_nothing_left(world, MPI)


def test_without_the_mutex_note_exit_would_sleep_in_a_dead_thread() -> None:
    """kern_event.c: the rwlock is free, but the diff's own assertions forbid even to ask."""
    world = family(MPI, 1, *EXITS, without=("kern/kern_event.c",))
    run(world.machine)
    assert world.machine.result is not None
    assert world.machine.result.message == "deads don't sleep"
    functions = [frame.function for frame in world.machine.frames(0)]
    assert functions[-4:] == [
        "knote_processexit",
        "rw_enter_write",
        "rw_do_enter_write",
        "assertwaitok",
    ]


@pytest.mark.parametrize("left_out", ["kern/kern_rwlock.c", "kern/subr_xxx.c"])
def test_either_assertion_hunk_left_out_hides_that(left_out: str) -> None:
    world = family(MPI, 1, *EXITS, without=("kern/kern_event.c", left_out))
    run(world.machine)
    assert_nothing_left(world, MPI)


def test_without_borrowing_a_map_the_thread_loses_the_one_it_runs_on() -> None:
    """uvm_glue.c: the old uvm_exit() is for the reaper, which is somebody else."""
    world = family(MPI, 1, *EXITS, without=("uvm/uvm_glue.c",))
    run(world.machine)
    assert world.machine.result is not None
    assert world.machine.result.message.startswith(
        "use after free: vm_map of vmspace of worker, freed by cpu0 in pool_put < uvmspace_free"
    )


def test_without_counting_the_exited_a_process_waits_for_the_dead() -> None:
    """kern_sig.c: a thread that left by threxit stays counted and never counts itself out."""
    programs: list[list[tuple[Any, ...]]] = [
        [("compute", 60), ("exit", 3)],
        [("threxit",)],
        [SLEEP],
    ]
    world = family(MPI, 2, *programs)
    run(world.machine)
    assert log(world, "shell")[0] == ("wait4", 0, 20, 3 << 8)
    assert_nothing_left(world, MPI)
    world = family(MPI, 2, *programs, without=("kern/kern_sig.c",))
    machine = world.machine
    run(machine)
    assert machine.result is None
    assert log(world, "shell") == []
    worker = next(pr for pr in walk(machine.globals["allprocess"], "ps_list") if pr.ps_pid == 20)
    assert next(p.p_wmesg for p in walk(worker.ps_threads, "p_thr_link")) == "suspend"
    assert worker.ps_suspendcnt == 1


NEEDS = {
    "kern/init_main.c": {"kern/kern_exit.c", "sys/proc.h"},  # to leave the reaper, or its name
    "kern/kern_exit.c": {"sys/proc.h"},  # ps_mainproc
    "kern/kern_fork.c": {"sys/proc.h"},
    "kern/kern_sysctl.c": {"sys/proc.h"},
    "kern/kern_sched.c": {"kern/kern_exit.c"},  # exit2()
}
"""What has to be left out too, if this hunk is."""

HUNKS = [hunk.name for hunk in KERNELS[MPI].hunks]
PAIRS = [(one,) for one in HUNKS] + list(itertools.combinations(HUNKS, 2))[::2]


def outcome(left_out: set[str]) -> tuple[str, str]:
    """How three-threads-exit ends without these hunks: its result, and the start of its words."""
    asserted = not left_out & {"kern/kern_rwlock.c", "kern/subr_xxx.c"}
    if "uvm/uvm_glue.c" in left_out:
        return "violation", "I2: pmap of worker is destroyed while cpu"
    if "kern/kern_event.c" in left_out and asserted:
        return "panic", "deads don't sleep"
    return "done", ""


@pytest.mark.parametrize("left_out", PAIRS, ids=" and ".join)
def test_every_hunk_and_every_other_pair_left_out(left_out: tuple[str, ...]) -> None:
    """It links, and the default scenario ends as told; or it says which hunk needs which."""
    missing = {hunk: NEEDS.get(hunk, set()) - set(left_out) for hunk in left_out}
    removers = set().union(*missing.values())
    if removers:
        with pytest.raises(LinkError) as caught:
            link_kernel(MPI, left_out)
        said = str(caught.value)
        assert any(
            said.startswith(f"hunk {remover} needs hunk {hunk}, which is left out: ")
            for hunk, needed in missing.items()
            for remover in needed
        )
        return
    scenario = find("three-threads-exit")
    end = Play(build(scenario, MPI, left_out), scenario.run).end()
    result, words = outcome(set(left_out))
    assert end.result == result
    assert end.message.startswith(words)
    # sched_exit() of the diff hands no dead thread on and there is no reaper, but the old exit1()
    # counts on both: the worker is gone from all lists and never a zombie.
    unburied = {"kern/kern_exit.c", "sys/proc.h"} <= set(left_out)
    assert (end.unmet == ()) is (result == "done" and not unburied)


def test_unknown_kernels_and_hunks_are_told_with_what_there_is() -> None:
    with pytest.raises(LinkError, match=r"no kernel 'x'; there are reaper, mpi-2025-05"):
        link_kernel("x")
    with pytest.raises(LinkError, match=r"kernel reaper has no hunk 'y'; its hunks: none"):
        link_kernel("reaper", ["y"])


def test_without_any_hunk_it_is_the_kernel_before_the_diff() -> None:
    scenario = find("three-threads-exit")
    ends = [
        Play(build(scenario, kernel, without), scenario.run).end()
        for kernel, without in ((MPI, tuple(HUNKS)), (REAPER, ()))
    ]
    assert ends[0].steps == ends[1].steps
    assert ends[0].schedule == ends[1].schedule
    assert ends[1].unmet == ()


@pytest.mark.parametrize("seed", range(10))
def test_larger_combinations_link_if_no_hunk_is_left_that_needs_another(seed: int) -> None:
    chosen = random.Random(seed).sample(HUNKS, 3 + seed % 6)  # noqa: S311 - no secret
    left_out = tuple(chosen)
    missing = {hunk: NEEDS.get(hunk, set()) - set(left_out) for hunk in left_out}
    if not any(missing.values()):
        assert link_kernel(MPI, left_out).name == " without ".join((MPI, *left_out))
        return
    with pytest.raises(LinkError, match=r"^hunk \S+ needs hunk \S+, which is left out: "):
        link_kernel(MPI, left_out)
    closed = dict.fromkeys([*left_out, "sys/proc.h", "kern/kern_exit.c"])
    needed = {one for hunk in closed for one in NEEDS.get(hunk, ())}
    link_kernel(MPI, [*closed, *sorted(needed - set(closed))])
