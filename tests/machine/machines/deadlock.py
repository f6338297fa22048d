"""Two mutexes, taken in opposite orders by two threads."""

from __future__ import annotations

from exittui.machine.lang import atomic_cas, spin, struct, this_cpu, variable


class cpu(struct):
    number: int = 0


class mutex(struct):
    owner: cpu | None = None


a: mutex = variable(mutex)
b: mutex = variable(mutex)


def mtx_enter(mtx: mutex) -> None:
    """Spin until the mutex is free, and take it."""
    while not atomic_cas(mtx, "owner", None, this_cpu()):
        spin()


def mtx_leave(mtx: mutex) -> None:
    """Give the mutex back."""
    mtx.owner = None


def both(first: mutex, second: mutex) -> None:
    """Take both, give both back."""
    mtx_enter(first)
    mtx_enter(second)
    mtx_leave(second)
    mtx_leave(first)
