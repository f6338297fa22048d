"""The rules on a machine that stands still: each fires, and where no kernel breaks it, it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from exittui.kernel.boot import processes
from exittui.kernel.invariants.standing import standing, user_ticks
from exittui.machine import Random, RoundRobin, walk
from tests.kernel.worlds import BOTH, LIMIT, MPI, REAPER, SLEEP, at, booted, family, run, run_until

if TYPE_CHECKING:
    from exittui.machine import Machine

SPIN = ("compute", 200)
PROGRAMS: list[list[tuple[Any, ...]]] = [
    [("fork", (("exit", 1),)), ("wait4", -1, 0), SPIN, ("exit", 3)],
    [("tfork", (("threxit",),)), SPIN, SLEEP],
]


def rules(machine: Machine) -> list[str]:
    return [sentence.partition(":")[0] for sentence in standing(machine)]


def pid(machine: Machine, number: int) -> Any:
    return next(pr for pr in processes(machine) if pr.ps_pid == number)


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("seed", range(4))
def test_all_hold_where_all_is_well(kernel: str, seed: int) -> None:
    machine = family(kernel, 2, *PROGRAMS).machine
    assert machine.run(Random(seed) if seed else RoundRobin(), LIMIT) < LIMIT
    if machine.result is None:
        assert standing(machine) == ()


def told(machine: Machine) -> tuple[str, ...]:
    """The sentences, without the number of the step that each ends with; it is of this run."""
    sentences = standing(machine)
    for sentence in sentences:
        (step,) = re.findall(r" at step (\d+)\)", sentence)
        assert 0 < int(step) <= machine.position
    return tuple(re.sub(r" at step \d+", "", sentence) for sentence in sentences)


def test_i6_a_child_that_nobody_is_told_of() -> None:
    """Under the diff, whose parent ignores SIGCHLD: init is told, and does not take it."""
    sigchld, sig_ign = 20, 1
    for kernel in BOTH:
        world = booted(kernel, 2)
        shell = world.process("shell", pid=10)
        worker = world.process("worker", parent=shell, pid=20)
        world.thread(shell, [("sigaction", sigchld, sig_ign, 0), ("wait4", 20, 0), SLEEP], cpu=0)
        world.thread(worker, [SPIN, ("exit", 3)], cpu=1)
        world.begin()
        run(world.machine)
        broken = ("I6: worker has exited (cpu1 in exit1) and is never freed, though init waits",)
        assert told(world.machine) == (broken if kernel == MPI else ())


@pytest.mark.parametrize("kernel", BOTH)
def test_i9_a_parent_that_is_not_woken(kernel: str) -> None:
    """PS_WAITEVENT is taken away, and with it the wakeup between the look and the sleep."""
    machine = family(kernel, 2, [("exit", 3)], cpus=(1,)).machine
    shell = pid(machine, 10).ps_threads.tqh_first
    run_until(machine, lambda: shell.p_wmesg == "wait")
    machine.poke(shell, "p_wmesg", "wait")
    run_until(machine, lambda: _about_to_wake(machine))
    machine.poke(shell, "p_wchan", machine.globals["process0"])  # it is not who they look for
    run(machine)
    assert machine.result is None
    by = {REAPER: "reaper", MPI: "exit1"}[kernel]
    (sentence,) = told(machine)
    assert sentence.startswith("I9: shell sleeps in wait4() while worker is a zombie (cpu")
    assert sentence.endswith(f" in {by})")


def _about_to_wake(machine: Machine) -> bool:
    return any(
        at(machine, cpu, "wakeup_n", "if p.p_wchan == ident")
        and machine.frames(cpu)[-1].variables["p"].p_name == "shell"
        for cpu in range(machine.ncpu)
    )


@pytest.mark.parametrize("kernel", BOTH)
def test_i10_a_pid_that_is_reaped_twice(kernel: str) -> None:
    machine = family(kernel, 2, [("exit", 3)]).machine
    run(machine)
    program = pid(machine, 10).ps_threads.tqh_first.p_program
    assert rules(machine) == []
    machine.poke(program, "pg_log", program.pg_log * 2)
    assert standing(machine) == ("I10: shell reaped pid 20 2 times",)


@pytest.mark.parametrize("kernel", BOTH)
def test_i10_a_wait_without_children(kernel: str) -> None:
    machine = family(kernel, 2, [SLEEP]).machine
    run(machine)
    shell = pid(machine, 10)
    machine.poke(shell.ps_children, "lh_first", None)
    assert told(machine) == (
        "I10: shell sleeps in wait4() and has no children (cpu0 in sleep_setup)",
    )


@pytest.mark.parametrize("kernel", BOTH)
def test_i13_the_counts(kernel: str) -> None:
    machine = family(kernel, 2, *PROGRAMS).machine
    run(machine)
    machine.memory.variables["nthreads"] += 1
    machine.memory.variables["nprocesses"] -= 1
    assert rules(machine) == ["I13", "I13"]
    assert standing(machine)[0].startswith("I13: nthreads is ")


@pytest.mark.parametrize("kernel", BOTH)
def test_i18_a_cpu_that_spins_for_ever(kernel: str) -> None:
    machine = family(kernel, 2, [("sched_yield",), ("exit", 3)]).machine
    machine.poke(machine.globals["sched_lock"], "mtx_owner", machine.infos[1])
    machine.run(RoundRobin(), LIMIT)
    assert machine.enabled() == ()
    assert set(rules(machine)) == {"I18"}
    assert " spins for ever in while not atomic_cas(mtx" in standing(machine)[0]


@pytest.mark.parametrize("kernel", BOTH)
def test_i18_two_threads_that_sleep_for_each_other(kernel: str) -> None:
    """Each has the lock of its own process and is made to want that of the other."""
    machine = family(kernel, 2, [("munmap", 1), SLEEP]).machine
    worker = pid(machine, 20)
    run_until(machine, lambda: worker.ps_threads.tqh_first.p_wmesg == "sigsusp")
    shell, thread = pid(machine, 10).ps_threads.tqh_first, worker.ps_threads.tqh_first
    for sleeper, wanted in ((shell, thread), (thread, shell)):
        machine.poke(sleeper.p_p.ps_lock, "rwl_owner", sleeper)
        machine.poke(sleeper, "p_wchan", (wanted.p_p.ps_lock, "rwl_waiters"))
    assert rules(machine) == ["I18", "I18"]


def test_i19_the_dead_are_kept_while_their_process_lives() -> None:
    """Claudio Jeker's objection: under the diff a thread is freed when its process ends."""
    for kernel in BOTH:
        world = booted(kernel, 2)
        worker = world.process("worker", pid=20)
        joins: list[tuple[Any, ...]] = [("tfork", (("threxit",),)), SPIN] * 5
        world.thread(worker, [*joins, SLEEP])
        world.begin()
        run(world.machine)
        sentences = told(world.machine)
        assert len(sentences) == (kernel == MPI)
        for sentence in sentences:
            assert sentence.startswith("I19: 5 dead threads of pid 20, which lives, are kept (cpu")


@pytest.mark.parametrize("kernel", BOTH)
def test_i8_time_goes_from_threads_to_processes_to_parents(kernel: str) -> None:
    """Ticks that the threads are given are the shell's when it has waited."""
    machine = family(kernel, 2, [("exit", 3)], [SPIN], [SPIN]).machine
    for number, p in enumerate(walk(pid(machine, 20).ps_threads, "p_thr_link"), start=1):
        machine.poke(p.p_tu, "tu_uticks", number * 10)
    before = user_ticks(machine)
    run(machine)
    assert machine.result is None
    assert user_ticks(machine) == before == 60
    assert pid(machine, 10).ps_cru.ru_utime == 60 * 10_000_000


def test_i8_ticks_that_are_lost_are_missed() -> None:
    machine = family(REAPER, 2, [("exit", 3)], [SPIN]).machine
    thread = pid(machine, 20).ps_threads.tqh_first
    machine.poke(thread.p_tu, "tu_uticks", 7)
    before = user_ticks(machine)
    run_until(machine, lambda: _adds_up(machine, thread))
    machine.poke(thread.p_tu, "tu_uticks", 0)
    run(machine)
    assert user_ticks(machine) == before - 7


def _adds_up(machine: Machine, thread: Any) -> bool:
    return any(
        at(machine, cpu, "tuagg_add_process", "MUTEX_ASSERT_LOCKED")
        and machine.infos[cpu].ci_curproc is thread
        for cpu in range(machine.ncpu)
    )
