"""Booted machines for tests, and ways to drive them to where something is about to happen."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from exittui.kernel.boot import Booted, boot
from exittui.kernel.catalog import link_kernel
from exittui.machine import Image, Machine, RoundRobin

if TYPE_CHECKING:
    from collections.abc import Callable

REAPER = "reaper"
MPI = "mpi-2025-05"
BOTH = (REAPER, MPI)

SLEEP = ("sigsuspend", 0)
"""A system call that does not return."""

LIMIT = 60_000


@cache
def image(kernel: str, *without: str) -> Image:
    """The kernel, linked once for all tests."""
    return link_kernel(kernel, without)


def booted(kernel: str, ncpu: int = 1, *, without: tuple[str, ...] = ()) -> Booted:
    """A machine with init asleep in its program, to be given processes."""
    world = boot(Machine(image(kernel, *without), ncpu))
    world.thread(world.init, [("wait4", -1, 0), SLEEP], cpu=0)
    return world


def family(
    kernel: str,
    ncpu: int,
    *programs: list[tuple[Any, ...]],
    without: tuple[str, ...] = (),
    cpus: tuple[int, ...] = (),
) -> Booted:
    """A shell (10) that waits for its child worker (20), which has a thread for each program."""
    world = booted(kernel, ncpu, without=without)
    shell = world.process("shell", pid=10)
    world.thread(shell, [("wait4", 20, 0), SLEEP], cpu=0)
    worker = world.process("worker", parent=shell, pid=20, pages=8)
    for number, program in enumerate(programs):
        world.thread(worker, program, cpu=cpus[number] if cpus else None)
    world.begin()
    return world


def run(machine: Machine) -> None:
    """Run fairly until nothing can go on or it stops."""
    assert machine.run(RoundRobin(), LIMIT) < LIMIT


def run_until(machine: Machine, reached: Callable[[], bool], *, but: int | None = None) -> None:
    """Run fairly until something is so; the CPU `but` makes no step and takes no interrupt."""
    turn = -1
    for _ in range(LIMIT):
        if reached():
            return
        able = others(machine, but)
        assert able, "nothing can go on"
        turn = next((cpu for cpu in able if cpu > turn), able[0])
        machine.step(turn)
    raise AssertionError("it never comes so far")


def others(machine: Machine, but: int | None) -> list[int]:
    """What can go on, on other CPUs than one: interrupts that arrive at once go first."""
    now = [n for n in machine.arriving(patient=False) if n % machine.ncpu != but]
    cpus = [cpu for cpu in range(machine.ncpu) if cpu != but and machine.ready(cpu)]
    return now or cpus or [n for n in machine.arriving(patient=True) if n % machine.ncpu != but]


def at(machine: Machine, cpu: int, function: str, text: str = "") -> bool:
    """Whether the CPU is about to execute a statement with this text in this function."""
    statement = machine.next_statement(cpu)
    return statement.function == function and text in statement.text


def anywhere(machine: Machine, function: str, text: str = "") -> int | None:
    """The first CPU that is about to execute such a statement."""
    return next((cpu for cpu in range(machine.ncpu) if at(machine, cpu, function, text)), None)


def log(world: Booted, process: str) -> list[tuple[Any, ...]]:
    """What the calls of the first program of a process have returned."""
    machine = world.machine
    for pr in _all(machine, "process"):
        fields = machine.memory.fields(pr)
        if fields["ps_comm"] == process:
            break
    else:
        raise AssertionError(f"no process {process}")
    for p in _all(machine, "proc"):
        fields = machine.memory.fields(p)
        if fields["p_p"] is pr and fields["p_program"] is not None:
            return list(fields["p_program"].pg_log)
    raise AssertionError(f"{process} has no program")


def _all(machine: Machine, kind: str) -> list[Any]:
    return [s for s in machine.memory.heap.values() if s is not None and type(s).__name__ == kind]


def writes(machine: Machine, *fields: str, since: int = 0) -> list[tuple[str, str]]:
    """Every write to these fields since a position: by which function, to which field."""
    return [
        (record.statement.function, write.field)
        for record in map(machine.record, range(since, machine.position))
        for write in record.writes
        if write.field in fields
    ]
