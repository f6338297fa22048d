"""Booting a kernel on a machine, up to the moment a scenario begins.

Python outside of the kernel calls kernel functions here (Machine.call), in this order:

    machine = Machine(image, ncpu)
    booted = boot(machine)                       # idle threads, init, reaper: all CPUs idle
    pr = booted.process("shell", pages=4)        # a child of init
    p = booted.thread(pr, [("wait4", -1, 0)])    # its first thread, then further ones
    booted.begin()                               # everybody in user mode or on a run queue

Position 0 of the run is where begin() leaves off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.errors import InternalError
from exittui.machine import Machine, RoundRobin, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.kernel.sys.proc import proc
    from exittui.kernel.sys.proc import process as Process

BOOT_STEPS = 1_000_000
"""More steps than any boot needs; what takes longer does not end."""


class Booted:
    """A machine after main(), to be given processes and threads."""

    def __init__(self, machine: Machine) -> None:
        """Boot; every CPU then stands in its idle loop."""
        self.machine = machine
        self._threads: list[tuple[proc, int | None]] = []
        machine.call("main", machine.ncpu)
        for cpu in range(machine.ncpu):
            machine.set_stack(cpu, machine.call("boot_stack", machine.infos[cpu]))
        self._settle()

    @property
    def init(self) -> Process:
        """Process 1."""
        pr: Process = self.machine.globals["initprocess"]
        return pr

    def process(
        self, name: str, *, parent: Process | None = None, pid: int = 0, pages: int = 4
    ) -> Process:
        """A new process, of init if no parent is named. pid 0 takes the next one."""
        pr: Process = self.machine.call("boot_process", parent or self.init, pid, name, pages)
        return pr

    def thread(
        self,
        pr: Process,
        ops: Sequence[tuple[Any, ...]],
        *,
        tid: int = 0,
        cpu: int | None = None,
    ) -> proc:
        """A thread with its program; the first one is the main thread.

        It begins on `cpu`, or on the CPUs in turn.
        """
        program = self.machine.call("user_program", tuple(ops))
        p: proc = self.machine.call("boot_thread", pr, tid, program)
        self._threads.append((p, cpu))
        return p

    def limits(self, *, processes: int, threads: int) -> None:
        """How many processes and threads there may be, kernel threads included."""
        self.machine.call("boot_limits", processes, threads)

    def begin(self) -> None:
        """Start the threads, let each CPU get its first to user mode, and forget the past."""
        machine = self.machine
        turn = 0
        for p, wanted in self._threads:
            cpu = turn % machine.ncpu if wanted is None else wanted
            turn += wanted is None
            machine.call("boot_start", p, machine.infos[cpu])
        self._settle()
        machine.start()

    def _settle(self) -> None:
        """Run until every CPU is in user mode or has nothing to do."""
        machine = self.machine
        chooser = RoundRobin()
        for _ in range(BOOT_STEPS):
            if machine.result is not None:
                raise InternalError(f"boot: {machine.result.message}")
            busy = [cpu for cpu in machine.enabled() if not self._arrived(cpu)]
            if not busy:
                return
            cpu = chooser.choose(machine)
            if cpu in busy:
                machine.step(cpu)
        raise InternalError("boot does not come to an end")

    def _arrived(self, cpu: int) -> bool:
        statement = self.machine.next_statement(cpu)
        there = statement.kind == "user" and statement.function == "userland"
        return there and bool(self.machine.infos[cpu].ci_intr)


def boot(machine: Machine) -> Booted:
    """Boot the kernel that the machine has loaded."""
    return Booted(machine)


def threads(machine: Machine) -> list[proc]:
    """All threads that are on allproc."""
    return list(walk(machine.globals["allproc"], "p_list"))


def processes(machine: Machine) -> list[Process]:
    """All processes that are on allprocess."""
    return list(walk(machine.globals["allprocess"], "ps_list"))
