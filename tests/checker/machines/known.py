"""Small machines with known answers: locks that are none, philosophers, a wakeup that is lost."""

from __future__ import annotations

from exittui.machine.lang import KASSERT, atomic_cas, cpus, spin, struct, this_cpu, variable


class cpu(struct):
    number: int = 0
    inside: bool = False
    fork: cpu | None = None


taken: bool = variable(False)
asleep: bool = variable(False)
ready: bool = variable(False)


def naive() -> None:
    """A lock that looks first and takes then."""
    global taken
    while taken:
        spin()
    taken = True
    this_cpu().inside = True
    KASSERT(not cpus()[1 - this_cpu().number].inside)
    this_cpu().inside = False
    taken = False


def dine(left: cpu, right: cpu) -> None:
    """Take the left fork, then the right one; eat; put both back. A fork is a CPU's field."""
    while not atomic_cas(left, "fork", None, this_cpu()):
        spin()
    while not atomic_cas(right, "fork", None, this_cpu()):
        spin()
    right.fork = None
    left.fork = None


def sleeper() -> None:
    """Look whether it is ready, and if not, sleep until woken: what comes between is lost."""
    global asleep
    if not ready:
        asleep = True
        while asleep:
            spin()


def waker() -> None:
    """Make it ready, and wake whoever sleeps."""
    global ready, asleep
    ready = True
    if asleep:
        asleep = False
