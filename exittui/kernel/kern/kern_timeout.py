"""kern/kern_timeout.c 1.104: timeouts in ticks, and softclock().

timeout_pending, the number of timeouts on the list, is what keeps the timer going
(arch/amd64/vector.py).

Simplified: the timing wheel is a list in order of time, the work list of softclock() is the part of
it that is due. Timeouts on kernel clocks, those that want a thread, and barriers are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.mutex import IPL_HIGH, mutex
from exittui.kernel.sys.timeout import (
    TIMEOUT_INITIALIZED,
    TIMEOUT_ONQUEUE,
    TIMEOUT_TRIGGERED,
    timeout,
)
from exittui.machine.lang import KASSERT, variable
from exittui.machine.queue import (
    TAILQ_FIRST,
    TAILQ_HEAD,
    TAILQ_INSERT_BEFORE,
    TAILQ_INSERT_TAIL,
    TAILQ_NEXT,
    TAILQ_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_clock import ticks
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave

# Nanoseconds a tick, at 100 Hz.
TICK_NSEC: Final = 10_000_000

timeout_mutex: mutex = variable(mutex, mtx_wantipl=IPL_HIGH, mtx_name="timeout_mutex")
timeout_todo: TAILQ_HEAD[timeout] = variable(TAILQ_HEAD)
timeout_pending: int = variable(0)


def timeout_set(new: timeout, fn: Callable[[Any], None], arg: Any) -> None:
    """Say what a timeout calls, and with what."""
    new.to_func = fn
    new.to_arg = arg
    new.to_flags = TIMEOUT_INITIALIZED


def timeout_add(new: timeout, to_ticks: int) -> int:
    """Have it called in so many ticks; return whether it was not waiting already."""
    global timeout_pending
    ret = 1
    KASSERT(new.to_flags & TIMEOUT_INITIALIZED)
    KASSERT(to_ticks >= 0)
    mtx_enter(timeout_mutex)
    new.to_flags &= ~TIMEOUT_TRIGGERED
    if new.to_flags & TIMEOUT_ONQUEUE:
        TAILQ_REMOVE(timeout_todo, new, "to_list")
        ret = 0
    else:
        new.to_flags |= TIMEOUT_ONQUEUE
        timeout_pending += 1
    new.to_time = to_ticks + ticks
    timeout_insert(new)
    mtx_leave(timeout_mutex)
    return ret


def timeout_insert(new: timeout) -> None:
    """Put a timeout on the list, behind all that are due no later. timeout_mutex is held."""
    to = TAILQ_FIRST(timeout_todo)
    while to is not None:
        if to.to_time > new.to_time:
            TAILQ_INSERT_BEFORE(to, new, "to_list")
            return
        to = TAILQ_NEXT(to, "to_list")
    TAILQ_INSERT_TAIL(timeout_todo, new, "to_list")


def timeout_add_nsec(to: timeout, nsecs: int) -> int:
    """Have it called in so many nanoseconds, rounded down to ticks, but one at least."""
    return timeout_add(to, max(nsecs // TICK_NSEC, 1))


def timeout_del(to: timeout) -> int:
    """Do not have it called; return whether that came in time."""
    global timeout_pending
    ret = 0
    mtx_enter(timeout_mutex)
    if to.to_flags & TIMEOUT_ONQUEUE:
        TAILQ_REMOVE(timeout_todo, to, "to_list")
        to.to_flags &= ~TIMEOUT_ONQUEUE
        timeout_pending -= 1
        ret = 1
    to.to_flags &= ~TIMEOUT_TRIGGERED
    mtx_leave(timeout_mutex)
    return ret


def timeout_run(to: timeout) -> None:
    """Call what a timeout is for. timeout_mutex is held, but not during the call."""
    MUTEX_ASSERT_LOCKED(timeout_mutex)
    to.to_flags &= ~TIMEOUT_ONQUEUE
    to.to_flags |= TIMEOUT_TRIGGERED
    fn = to.to_func
    arg = to.to_arg
    mtx_leave(timeout_mutex)
    fn(arg)
    mtx_enter(timeout_mutex)


def softclock() -> None:
    """Call all timeouts that are due, first come first served."""
    global timeout_pending
    mtx_enter(timeout_mutex)
    while True:
        to = TAILQ_FIRST(timeout_todo)
        if to is None or to.to_time > ticks:
            break
        TAILQ_REMOVE(timeout_todo, to, "to_list")
        timeout_pending -= 1
        timeout_run(to)
    mtx_leave(timeout_mutex)
