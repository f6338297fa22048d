"""Two CPUs race for a counter; one sends the other an interrupt that does not touch it."""

from __future__ import annotations

from typing import cast

from exittui.machine.lang import interrupt, macro, struct, this_cpu, variable


class cpu(struct):
    number: int = 0
    enabled: int = 1
    wanted: int = 0
    noticed: int = 0
    saw: int = 0


requests: int = variable(0)
shared: int = variable(0)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


@macro
def requested(ci: cpu) -> int:
    return requests >> ci.number & 1


@macro
def deliverable(ci: cpu) -> bool:
    return bool(ci.enabled) and bool(requested(ci))


@interrupt("ipi", when=deliverable, masks="enabled", armed="requests")
def notice() -> None:
    """Note that it has come, on this CPU alone."""
    global requests
    requests &= ~(1 << me().number)
    me().noticed += 1
    me().enabled = 1


def add(times: int) -> None:
    """Add to what the other adds to as well, without a lock."""
    global shared
    while times > 0:
        before: int = shared
        shared = before + 1
        times -= 1


def ask(times: int) -> None:
    """Ask the other CPU, and race."""
    global requests
    requests |= 2
    add(times)


def race(times: int) -> None:
    """Race, and look with interrupts off whether one has come; then on for good."""
    add(times)
    me().enabled = 0
    me().saw = me().noticed
    me().enabled = 1
