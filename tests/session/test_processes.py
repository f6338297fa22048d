"""The table of processes on the screen is what the modelled sysctl(2) answers at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.kernel.sys.proc import PS_SYSTEM, SDEAD, SIDL, SONPROC, SRUN, SSLEEP, SSTOP
from exittui.machine import walk

if TYPE_CHECKING:
    from exittui.machine import Machine
    from tests.session.conftest import Open

LETTERS = {SIDL: "R", SRUN: "R", SSLEEP: "SDI", SSTOP: "T", SDEAD: "Z", SONPROC: "R"}


def walks(machine: Machine, cpu: int) -> tuple[Any, ...]:
    """Step a CPU alone through sysctl_doproc(); the rows that it hands out."""
    while "free(kproc)" not in machine.next_statement(cpu).text:
        machine.step(cpu)
    rows: tuple[Any, ...] = machine.infos[cpu].ci_curproc.p_md.md_regs.tf_out
    return rows


@pytest.mark.parametrize("kernel", ["reaper", "mpi-2025-05", "cludwig-2025-09"])
def test_the_rows_are_those_that_the_kernel_answers(open_session: Open, kernel: str) -> None:
    session = open_session("ps", kernel)
    machine = session.machine
    users = {pr.ps_pid for pr in walk(machine.globals["allprocess"], "ps_list")}
    users -= {
        pr.ps_pid
        for pr in walk(machine.globals["allprocess"], "ps_list")
        if pr.ps_flags & PS_SYSTEM
    }
    seen = set()
    for _ in range(4):
        session.run_line("tbreak sysctl_doproc")
        session.run_line("continue")
        answered = walks(machine, 1)
        shown = [row for row in session.views.wider.processes(threads=True) if row.pid in users]
        assert [(row.pid, row.tid, row.wait) for row in shown] == [
            (pid, tid, wait) for pid, tid, _, _, wait, _ in answered
        ]
        for row, (_, _, state, _, _, cpu) in zip(shown, answered, strict=True):
            assert row.stat[0] in LETTERS[state]
            assert row.cpu == (cpu if state == SONPROC else None)
        seen |= {(pid, state) for pid, tid, state, *_ in answered if tid == -1}
    assert {(3000, SONPROC), (3000, SDEAD)} <= seen


def test_a_process_has_the_best_state_of_its_threads(open_session: Open) -> None:
    """The first thread sleeps and the second runs: the process runs, and waits for nothing less."""
    session = open_session("ps", "reaper")
    rows = session.views.wider.processes(threads=True)
    worker = [(row.tid, row.stat, row.wait) for row in rows if row.pid == 3000]
    assert worker == [
        (-1, "R/0", "sigsusp"),
        (103000, "S", "sigsusp"),
        (103001, "R/0", ""),
    ]
