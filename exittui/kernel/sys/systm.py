"""sys/systm.h 1.171 and sys/sched.h 1.73: the locks everyone names, as functions and macros.

Simplified: KERNEL_LOCK() and SCHED_LOCK() are macros over functions in C. KERNEL_LOCK() is a
function here, with the checks of _kernel_lock(); SCHED_LOCK() is one too. SET() and CLR() have no
counterpart: `p.p_flag |= P_WEXIT` is one statement already, and as atomic as atomic_setbits_int().
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.machine.lang import KASSERT, macro, panic, variable

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_lock import (
        __mp_lock,
        __mp_unlock,
        kernel_lock,
        mtx_enter,
        mtx_leave,
    )
    from exittui.kernel.kern.sched_bsd import sched_lock

cold: int = variable(1)  # still booting


@macro
def ISSET(t: int, f: int) -> int:
    """The bits of f that are set in t."""
    return t & f


@macro
def _kernel_lock_held() -> bool:
    """True if this CPU holds the kernel lock."""
    return kernel_lock.mpl_owner is curcpu()


def KERNEL_LOCK() -> None:
    """Take the kernel lock, or one more level of it. Not allowed with sched_lock held."""
    if sched_lock.mtx_owner is curcpu():
        panic("mutex %p held in _kernel_lock", sched_lock)
    __mp_lock(kernel_lock)


def KERNEL_UNLOCK() -> None:
    """Leave one level of the kernel lock."""
    __mp_unlock(kernel_lock)


def KERNEL_ASSERT_LOCKED() -> None:
    """Panic unless this CPU holds the kernel lock."""
    KASSERT(_kernel_lock_held())


def KERNEL_ASSERT_UNLOCKED() -> None:
    """Panic if this CPU holds the kernel lock."""
    KASSERT(not _kernel_lock_held())


def SCHED_LOCK() -> None:
    """Take sched_lock, the mutex at IPL_SCHED over p_stat and the run and sleep queues."""
    mtx_enter(sched_lock)


def SCHED_UNLOCK() -> None:
    """Leave sched_lock."""
    mtx_leave(sched_lock)


def SCHED_ASSERT_LOCKED() -> None:
    """Panic unless this CPU holds sched_lock."""
    if sched_lock.mtx_owner is not curcpu():
        panic("mutex %p not held in %s", sched_lock, "SCHED_ASSERT_LOCKED")


def SCHED_ASSERT_UNLOCKED() -> None:
    """Panic if this CPU holds sched_lock."""
    if sched_lock.mtx_owner is curcpu():
        panic("mutex %p held in %s", sched_lock, "SCHED_ASSERT_UNLOCKED")
