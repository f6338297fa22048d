"""kern/kern_clock.c 1.125: the clock, which ticks, or goes by leaps.

Where virtual time goes by (initclocks()), every tick is one, and at each tenth the threads that
run give way. Simplified: one clock, that of the first CPU, does so for all CPUs, where the real
roundrobin() is called by a clock interrupt on each; there are no statistics. Where there is no
time, a tick in which nothing is due changes nothing, so hardclock() goes straight to the one in
which the first timeout is. nanouptime() has a clock of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.kernel.sys.sched import CPU_AT
from exittui.machine.lang import cpus, variable
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
        ticks += 1
        if ticks % RRTICKS == 0:
            n = 0
            while n < len(cpus()):
                roundrobin(CPU_AT(n))
                n += 1
        return
    mtx_enter(timeout_mutex)
    to = TAILQ_FIRST(timeout_todo)
    if to is not None:
        ticks = max(ticks, to.to_time)
    mtx_leave(timeout_mutex)
