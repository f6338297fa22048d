"""Why a CPU cannot go on, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exittui.machine import Machine, struct

LOCKS = ("mutex", "mp_lock", "rwlock")


def awaited(machine: Machine, cpu: int) -> struct | None:
    """The lock that a CPU spins for, or None if it does not spin, or for something else."""
    wait = machine.wait(cpu)
    if wait is None or wait.kind != "spin":
        return None
    for read in wait.objects:
        owner = getattr(read, "embedded_in", None)
        for one in (read, owner):
            if type(one).__name__ in LOCKS:
                return one  # type: ignore[return-value]  # its type was looked at by name
    return None


def waiting_words(machine: Machine, cpu: int) -> str:
    """`cpu1 spins for sched_lock`, or what else it waits for."""
    wait = machine.wait(cpu)
    if wait is None:
        return f"cpu{cpu} cannot go on"
    if wait.kind == "halt":
        return f"cpu{cpu} is idle"
    if wait.kind == "finished":
        return f"cpu{cpu} has nothing left to run"
    lock = awaited(machine, cpu)
    what = lock.label() if lock is not None else wait.text
    return f"cpu{cpu} spins for {what}"
