"""Where a run begins: who stands on which CPU, who sleeps, and how large a machine may be."""

from __future__ import annotations

import pytest

from exittui.errors import ScenarioError
from exittui.kernel.sys.proc import SONPROC, SRUN, SSLEEP
from exittui.machine import walk
from exittui.scenario.build import Built, build
from exittui.scenario.library import find
from exittui.scenario.load import parse
from exittui.scenario.model import MAX_CPUS, Run
from exittui.scenario.play import Play

KERNELS = ["mpi-2025-05", "reaper"]


def threads(built: Built) -> dict[int, tuple[int, str | None]]:
    """State and wait message of each thread on allproc, by its id."""
    found = walk(built.machine.globals["allproc"], "p_list")
    return {thread.p_tid: (thread.p_stat, thread.p_wmesg) for thread in found}


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_default_scenario_begins_in_user_mode(kernel: str) -> None:
    """worker.2 and worker.0 are about to run their programs, worker.1 and the shell sleep."""
    built = build(find("three-threads-exit"), kernel)
    machine = built.machine
    assert machine.position == machine.recorded == 0
    assert machine.enabled() == (0, 1)
    assert [info.ci_curproc.p_tid for info in machine.infos] == [3002, 3000]
    assert [machine.next_statement(cpu).function for cpu in (0, 1)] == ["userland", "userland"]
    assert all(info.ci_mutex_level == 0 and info.ci_intr for info in machine.infos)
    assert machine.globals["kernel_lock"].mpl_owner is None
    found = threads(built)
    assert {tid: found[tid] for tid in (1, 2000, 3000, 3001, 3002)} == {
        1: (SSLEEP, "wait"),
        2000: (SSLEEP, "wait"),
        3000: (SONPROC, None),
        3001: (SSLEEP, "sigsusp"),
        3002: (SONPROC, None),
    }


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_ready_thread_waits_on_a_run_queue(kernel: str) -> None:
    built = build(find("orphans"), kernel)
    assert threads(built)[5000][0] == SRUN


def test_threads_that_take_long_to_fall_asleep_are_too_many() -> None:
    """Each by itself may take that long, and some of them too; not two hundred."""
    text = (
        'title = "t"\ndescription = "d"\nkernels = ["reaper"]\n'
        '[[process]]\nname = "w"\ncount = {}\n[[process.thread]]\nstart = "asleep"\n'
        'program = [["compute", 1000], ["compute", 1000], ["pause"]]\n'
    )
    build(parse(text.format(3), name="t", file="t"), "reaper")
    with pytest.raises(ScenarioError, match="let fewer threads start asleep"):
        build(parse(text.format(200), name="t", file="t"), "reaper")


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("cpus", [1, 2, MAX_CPUS])
def test_machines_of_every_size(kernel: str, cpus: int) -> None:
    text = (
        f'title = "t"\ndescription = "d"\nkernels = ["{kernel}"]\ncpus = {cpus}\n'
        f'[[process]]\nname = "w"\n[[process.thread]]\nprogram = [["exit", 4]]\n'
        f'start = "cpu{cpus - 1}"\n'
        '[expect]\nresult = "done"\nexits = [{ by = "init", of = "w", status = 4 }]\n'
    )
    end = Play(build(parse(text, name="t", file="t"), kernel), Run()).end()
    assert (end.result, end.unmet) == ("done", ())


def test_two_machines_are_the_same() -> None:
    first, second = (build(find("three-threads-exit"), "reaper") for _ in range(2))
    assert first.machine.fingerprint() == second.machine.fingerprint()
