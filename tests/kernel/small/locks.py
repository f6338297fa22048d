"""Machine code for tests: CPUs that take the locks of the kernel, without a scheduler.

No thread runs here: curproc() is None, sched_lock is a mutex nobody else knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.kernel.sys.mutex import IPL_HIGH, IPL_SCHED, IPL_VM, mutex
from exittui.machine.lang import variable

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_lock import (
        MUTEX_ASSERT_LOCKED,
        MUTEX_ASSERT_UNLOCKED,
        __mp_acquire_count,
        __mp_release_all,
        kernel_lock,
        mtx_enter,
        mtx_enter_try,
        mtx_leave,
    )
    from exittui.kernel.kern.subr_pool import pool_get
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.sys.pool import pool
    from exittui.kernel.sys.systm import (
        KERNEL_ASSERT_LOCKED,
        KERNEL_ASSERT_UNLOCKED,
        KERNEL_LOCK,
        KERNEL_UNLOCK,
        SCHED_LOCK,
    )

sched_lock: mutex = variable(mutex, mtx_wantipl=IPL_SCHED)
low: mutex = variable(mutex, mtx_wantipl=IPL_VM)
high: mutex = variable(mutex, mtx_wantipl=IPL_HIGH)
counter: int = variable(0)
order: tuple[int, ...] = variable(())
hold_count: int = variable(0)


def count_with_mutex() -> None:
    """Add one to the counter, reading and writing it in two steps, inside the mutex."""
    global counter
    mtx_enter(low)
    seen = counter
    counter = seen + 1
    mtx_leave(low)


def nest() -> None:
    """Take a mutex within another, and leave both."""
    mtx_enter(low)
    mtx_enter(high)
    mtx_leave(high)
    mtx_leave(low)


def hold_low() -> None:
    """Take a mutex and keep it."""
    mtx_enter(low)


def try_low() -> int:
    """Try to take a mutex; whether it worked."""
    return mtx_enter_try(low)


def enter_twice() -> None:
    """Take a mutex that this CPU has."""
    mtx_enter(low)
    mtx_enter(low)


def leave_unheld() -> None:
    """Leave a mutex that this CPU does not have."""
    mtx_leave(low)


def assert_low_locked() -> None:
    """Claim to hold a mutex."""
    MUTEX_ASSERT_LOCKED(low)


def assert_low_unlocked() -> None:
    """Claim not to hold a mutex that is held."""
    mtx_enter(low)
    MUTEX_ASSERT_UNLOCKED(low)


def wait_with_mutexes() -> None:
    """Say that sleeping is all right, with two mutexes held."""
    mtx_enter(low)
    mtx_enter(high)
    assertwaitok()


def allocate_with_mutex(pp: pool, flags: int) -> None:
    """Allocate with a mutex held."""
    mtx_enter(low)
    pool_get(pp, flags)


def in_order() -> None:
    """Take the kernel lock twice, say who has it, and leave it."""
    global order
    KERNEL_LOCK()
    KERNEL_LOCK()
    order = order + (curcpu().ci_cpuid,)
    KERNEL_UNLOCK()
    KERNEL_UNLOCK()


def release_all() -> None:
    """Take the kernel lock three times, release it at once, take it back as often."""
    global hold_count
    KERNEL_LOCK()
    KERNEL_LOCK()
    KERNEL_LOCK()
    hold_count = __mp_release_all(kernel_lock)
    KERNEL_ASSERT_UNLOCKED()
    __mp_acquire_count(kernel_lock, hold_count)
    KERNEL_ASSERT_LOCKED()


def kernel_lock_with_sched_lock() -> None:
    """Take the kernel lock with sched_lock held."""
    SCHED_LOCK()
    KERNEL_LOCK()


def claim_kernel_lock() -> None:
    """Claim to hold the kernel lock."""
    KERNEL_ASSERT_LOCKED()


def deny_kernel_lock() -> None:
    """Claim not to hold the kernel lock that is held."""
    KERNEL_LOCK()
    KERNEL_ASSERT_UNLOCKED()


def use(x: Any) -> None:
    """Nothing."""
