"""kern/kern_clock.c 1.125: the clock, which goes by leaps.

Simplified: a tick in which nothing is due changes nothing here (no roundrobin(), no statistics), so
hardclock() goes straight to the tick in which the first timeout is. How much time that stands for
is not said to anybody: nanouptime() has a clock of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.machine.lang import variable
from exittui.machine.queue import TAILQ_FIRST

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_lock import mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_timeout import timeout_mutex, timeout_todo

ticks: int = variable(0)


def hardclock() -> None:
    """Let time pass until the first timeout is due."""
    global ticks
    mtx_enter(timeout_mutex)
    to = TAILQ_FIRST(timeout_todo)
    if to is not None:
        ticks = max(ticks, to.to_time)
    mtx_leave(timeout_mutex)
