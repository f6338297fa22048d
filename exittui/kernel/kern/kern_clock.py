"""kern/kern_clock.c 1.125: the clock, which ticks, or goes by leaps.

Where virtual time goes by (initclocks()), the first CPU counts every tick, and each CPU calls
roundrobin() at its every tenth. Simplified: the other CPUs take no clock interrupt in between, for
there are no statistics. Where there is no time, a tick in which nothing is due changes nothing, so
hardclock() goes straight to the one in which the first timeout is. nanouptime() has a clock of its
own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.machine.lang import variable
from exittui.machine.queue import TAILQ_FIRST

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_lock import mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_timeout import timeout_mutex, timeout_todo
    from exittui.kernel.kern.sched_bsd import roundrobin

# Ticks between two calls of roundrobin(): 100 ms.
RRTICKS: Final = 10

ticks: int = variable(0)
clock_runs: int = variable(0)


def initclocks() -> None:
    """Have the clock tick from now on, whether or not anybody waits for it."""
    global clock_runs
    clock_runs = 1


def hardclock() -> None:
    """A tick; without a running clock, let time pass until the first timeout is due."""
    global ticks
    if clock_runs:
        ci = curcpu()
        if ci.ci_cpuid != 0:
            roundrobin(ci)
            return
        ticks += 1
        if ticks % RRTICKS == 0:
            roundrobin(ci)
        return
    mtx_enter(timeout_mutex)
    to = TAILQ_FIRST(timeout_todo)
    if to is not None:
        ticks = max(ticks, to.to_time)
    mtx_leave(timeout_mutex)
