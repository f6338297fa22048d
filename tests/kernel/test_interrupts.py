"""Interrupts of amd64: where they arrive, what holds them back, what they bring."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.worlds import BOTH, REAPER, SLEEP, at, booted, family, log, others, run, run_until

SPIN = ("compute", 400)
IPI = 0x1


def test_an_ast_comes_with_an_ipi() -> None:
    """need_resched() and signotify() send one to a CPU that does not idle."""
    machine = family(REAPER, 2, [("compute", 60), ("exit", 3)], [SPIN], cpus=(0, 1)).machine
    run_until(machine, lambda: machine.globals["lapic_irr"] != 0)
    assert machine.globals["lapic_irr"] == IPI << 4
    assert machine.infos[1].ci_ipis == 0x2
    sibling = machine.infos[1].ci_curproc
    assert sibling.p_md.md_astpending
    (arrival,) = machine.arriving(patient=False)
    assert machine.choice(arrival) == "ipi on cpu1"
    machine.step(arrival)
    assert not machine.infos[1].ci_intr
    run_until(machine, lambda: at(machine, 1, "exit1"))
    assert machine.infos[1].ci_ipis == 0
    assert machine.infos[1].ci_intr
    assert machine.infos[1].ci_ipl == 0
    assert machine.infos[1].ci_idepth == 0


def test_without_the_ipi_user_mode_does_not_look() -> None:
    """An AST by itself changes nothing until the next way through the kernel."""
    machine = family(REAPER, 1, [SPIN, ("sched_yield",), ("exit", 3)]).machine
    run_until(machine, lambda: at(machine, 0, "userland", "n -= 1"))
    machine.poke(machine.infos[0].ci_curproc.p_md, "md_astpending", 1)
    before = machine.position
    run_until(machine, lambda: at(machine, 0, "check_asts"))
    steps = [machine.record(index).statement.function for index in range(before, machine.position)]
    assert steps.count("userland") > 400
    run_until(machine, lambda: at(machine, 0, "ast"))


def test_interrupts_are_off_from_the_last_look_for_an_ast_to_user_mode() -> None:
    """One that is sent in between arrives in user mode, and is not lost."""
    machine = family(REAPER, 2, [("sched_yield",), SPIN, ("exit", 3)], cpus=(0,)).machine
    run_until(machine, lambda: at(machine, 0, "Xsyscall", "return iretq()"))
    machine.poke(machine.infos[0].ci_curproc.p_md, "md_astpending", 1)
    machine.poke(machine.infos[0], "ci_ipis", 0x2)
    machine.memory.variables["lapic_irr"] = IPI
    assert machine.arriving(patient=False) == ()
    machine.step(0)
    assert at(machine, 0, "userland")
    (arrival,) = machine.arriving(patient=False)
    machine.step(arrival)
    run_until(machine, lambda: at(machine, 0, "ast"))


def test_an_ordinary_ipi_waits_for_the_one_before_it_and_a_shootdown_does_not() -> None:
    machine = family(REAPER, 2, [SPIN, ("exit", 3)], cpus=(0,)).machine
    for level, vector, arrives in ((10, IPI, False), (10, 0x4, True), (9, IPI, True)):
        machine.poke(machine.infos[0], "ci_ipl", level)
        machine.memory.variables["lapic_irr"] = vector
        assert bool(machine.arriving(patient=False)) is arrives
    machine.poke(machine.infos[0], "ci_intr", 0)
    assert machine.arriving(patient=False) == ()


@pytest.mark.parametrize("kernel", BOTH)
def test_an_idle_cpu_watches_a_word_and_needs_no_ipi(kernel: str) -> None:
    """cpu_unidle() clears MWAIT_KEEP_IDLING; forgetting it would leave the CPU asleep."""
    machine = family(kernel, 2, [("tfork", (("exit", 3),)), SLEEP], cpus=(0,)).machine
    assert machine.infos[1].ci_mwait == 0x7
    wait = machine.wait(1)
    assert wait is not None
    assert (wait.kind, at(machine, 1, "cpu_idle_cycle")) == ("halt", True)
    run_until(machine, lambda: at(machine, 0, "cpu_unidle"))
    run_until(machine, lambda: at(machine, 0, "setrunqueue", "cpu_unidle") or machine.ready(1))
    assert machine.infos[1].ci_mwait == 0x5
    assert machine.globals["lapic_irr"] == 0
    run(machine)
    assert machine.result is None


def test_idling_with_interrupts_blocked_panics() -> None:
    machine = family(REAPER, 2, [SLEEP]).machine
    machine.poke(machine.infos[1], "ci_mwait", 0)
    run_until(machine, lambda: at(machine, 1, "cpu_idle_cycle", "if not ci.ci_intr"))
    machine.poke(machine.infos[1], "ci_intr", 0)
    run(machine)
    assert machine.result is not None
    assert machine.result.message == "idle with interrupts blocked!"


def test_two_requests_before_it_arrives_are_one() -> None:
    world = booted(REAPER, 2)
    machine = world.machine
    for _ in range(2):
        machine.call("x86_send_ipi", machine.infos[1], 0x2)
    assert machine.globals["lapic_irr"] == IPI << 4
    (arrival,) = machine.arriving(patient=False)
    machine.step(arrival)
    run_until(machine, lambda: not others(machine, 0), but=0)
    assert machine.globals["lapic_irr"] == 0


# -- the clock and timeouts -------------------------------------------------------------------


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2])
def test_who_sleeps_shorter_wakes_first(kernel: str, ncpu: int) -> None:
    """Time passes when nothing else can go on, from timeout to timeout."""
    programs: list[list[tuple[Any, ...]]] = [
        [("nanosleep", ticks), ("threxit",)] for ticks in (30, 10, 20)
    ]
    machine = family(kernel, ncpu, *programs, [SPIN, SLEEP]).machine
    order = []
    run_until(machine, lambda: machine.globals["timeout_pending"] == 3)
    for ticks in (10, 20, 30):
        run_until(machine, lambda ticks=ticks: machine.globals["ticks"] == ticks)  # type: ignore[misc]
        order.append(machine.globals["timeout_pending"])
    assert order == [3, 2, 1]
    run(machine)
    assert machine.globals["timeout_pending"] == 0
    assert machine.result is None


def test_a_wakeup_in_time_deletes_the_timeout() -> None:
    """A signal ends nanosleep(): EINTR, and no timer is left."""
    eintr, sigusr1, handler = 4, 30, 2
    world = booted(REAPER, 2)
    shell = world.process("shell", pid=10)
    program = [("sigaction", sigusr1, handler, 0), ("nanosleep", 1000), SLEEP]
    world.thread(shell, program, cpu=0)
    killer = world.process("killer", pid=11)
    world.thread(killer, [("compute", 200), ("kill", 10, sigusr1), SLEEP], cpu=1)
    world.begin()
    run(world.machine)
    assert [entry[:2] for entry in log(world, "shell")][1] == ("nanosleep", eintr)
    assert world.machine.globals["timeout_pending"] == 0
    assert world.machine.globals["ticks"] == 0


def test_the_timeout_that_runs_already_is_waited_for() -> None:
    """sleep_finish() cannot delete it: it spins until endtsleep() has set P_TIMEOUTRAN."""
    eintr, sigusr1, handler = 4, 30, 2
    world = booted(REAPER, 2)
    shell = world.process("shell", pid=10)
    program = [("sigaction", sigusr1, handler, 0), ("nanosleep", 5), SLEEP]
    world.thread(shell, program, cpu=1)
    world.begin()
    machine = world.machine
    run_until(machine, lambda: at(machine, 0, "endtsleep", "SCHED_LOCK()"))
    thread = machine.frames(0)[-1].variables["p"]
    machine.start()
    for call in (("SCHED_LOCK",), ("wakeup_proc", thread), ("SCHED_UNLOCK",)):
        machine.call(*call, cpu=1)  # somebody else is first
    machine.start()
    run_until(
        machine, lambda: machine.wait(1) is not None and at(machine, 1, "sleep_cancel"), but=0
    )
    wait = machine.wait(1)
    assert wait is not None
    assert wait.kind == "spin"
    run(machine)
    assert machine.result is None
    assert log(world, "shell")[1][1] in (0, eintr)
    assert thread.p_flag & 0xC00 == 0


@pytest.mark.parametrize("kernel", BOTH)
def test_who_waits_for_a_knote_looks_again_after_a_second(kernel: str) -> None:
    """knote_acquire() sleeps with a limit, for its wakeup may be lost."""
    note_exit = 0x80000000
    add = ("kevent_add", 10, note_exit)
    programs = [("compute", 950), add, SLEEP], [("compute", 600), add, SLEEP]
    machine = family(kernel, 2, *programs).machine
    run_until(machine, lambda: at(machine, 1, "filter_attach"))
    run_until(machine, lambda: at(machine, 0, "sleep_setup", "p.p_wmesg = wmesg"), but=1)
    assert machine.frames(0)[-1].variables["wmesg"] == "kqepts"
    run_until(machine, lambda: machine.globals["ticks"] == 200, but=1)
    run(machine)
    assert machine.result is None
    assert machine.globals["timeout_pending"] == 0
    assert machine.globals["ticks"] == 200
