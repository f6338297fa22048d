"""Two CPUs; one asks the other to count by sending it an interrupt, and waits for the answer."""

from __future__ import annotations

from typing import cast

from exittui.machine.lang import cpus, halt, interrupt, macro, spin, struct, this_cpu, variable


class cpu(struct):
    number: int = 0
    enabled: bool = True
    wanted: bool = False
    counted: int = 0


pending: int = variable(0)
ticks: int = variable(0)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


@macro
def deliverable(ci: cpu) -> bool:
    return ci.wanted and ci.enabled


@interrupt("ipi", when=deliverable, masks="enabled", armed="pending")
def count() -> None:
    """Count, with interrupts off, and say that it is done."""
    global pending
    me().counted += 1
    pending -= 1
    me().wanted = False
    me().enabled = True


@macro
def first(ci: cpu) -> bool:
    return ci.number == 0 and ci.enabled


@interrupt("clock", when=first, masks="enabled", armed="ticks", patient=True)
def tick() -> None:
    """One tick less to come."""
    global ticks
    ticks -= 1
    me().enabled = True


def ask(times: int) -> None:
    """Send the other CPU an interrupt and wait until it has counted, so many times."""
    global pending
    other = cpus()[1]
    while times > 0:
        other.wanted = True
        pending += 1
        while other.wanted:
            spin()
        times -= 1


def idle() -> None:
    """Nothing to do, with interrupts on."""
    while True:
        while me().enabled:
            halt()


def work(times: int) -> None:
    """Something to do, partly with interrupts off."""
    while times > 0:
        me().enabled = False
        times -= 1
        me().enabled = True


def sleep() -> None:
    """Wait for the clock."""
    global ticks
    ticks = 3
    while ticks:
        halt()
