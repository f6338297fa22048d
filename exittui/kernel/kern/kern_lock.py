"""kern/kern_lock.c 1.75: mutexes and the kernel lock.

Covers __mp_lock() and its kin, mtx_enter(), mtx_enter_try(), mtx_leave(). Mutexes are taken in no
particular order, while the kernel lock is served first come first served (see sys/mplock.py).

Simplified: WITNESS, the backoff while spinning, and what is done after a panic are left out. A CPU
that spins waits in one statement: taking a free lock is one atomic step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.kernel.sys.mplock import mp_lock
from exittui.kernel.sys.mutex import IPL_NONE
from exittui.machine.lang import atomic_cas, macro, panic, variable
from exittui.machine.lang import spin as CPU_BUSY_CYCLE
from exittui.machine.queue import TAILQ_FIRST, TAILQ_INSERT_TAIL, TAILQ_REMOVE

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info
    from exittui.kernel.arch.amd64.intr import splraise, splx
    from exittui.kernel.sys.mutex import mutex

kernel_lock: mp_lock = variable(mp_lock)


@macro
def __mp_lock_held(mpl: mp_lock, ci: cpu_info) -> bool:
    """True if the CPU holds the lock."""
    return mpl.mpl_owner is ci


def __mp_lock(mpl: mp_lock) -> None:
    """Take the lock, or one more level of it; spin until all who came before have left.

    The real function keeps interrupts off while it takes its ticket.
    """
    ci = curcpu()
    ci.ci_mplc_depth += 1
    if ci.ci_mplc_depth == 1:
        TAILQ_INSERT_TAIL(mpl.mpl_users, ci, "ci_mplc_link")
        while TAILQ_FIRST(mpl.mpl_users) is not ci:
            CPU_BUSY_CYCLE()
        mpl.mpl_owner = ci


def __mp_unlock(mpl: mp_lock) -> None:
    """Leave one level of the lock; from the last the next in the queue goes on."""
    ci = curcpu()
    ci.ci_mplc_depth -= 1
    if ci.ci_mplc_depth == 0:
        mpl.mpl_owner = None
        TAILQ_REMOVE(mpl.mpl_users, ci, "ci_mplc_link")


def __mp_release_all(mpl: mp_lock) -> int:
    """Leave all levels of the lock and return how many there were."""
    ci = curcpu()
    rv: int = ci.ci_mplc_depth
    ci.ci_mplc_depth = 0
    mpl.mpl_owner = None
    TAILQ_REMOVE(mpl.mpl_users, ci, "ci_mplc_link")
    return rv


def __mp_acquire_count(mpl: mp_lock, count: int) -> None:
    """Take the lock count times."""
    while count > 0:
        __mp_lock(mpl)
        count -= 1


def mtx_enter_try(mtx: mutex) -> int:
    """Take the mutex if it is free; return whether it was."""
    ci = curcpu()
    s = ci.ci_ipl
    if mtx.mtx_wantipl != IPL_NONE:
        splraise(mtx.mtx_wantipl)
    if mtx.mtx_owner is ci:
        panic("mtx %p: locking against myself", mtx)
    if atomic_cas(mtx, "mtx_owner", None, ci):
        mtx.mtx_oldipl = s
        ci.ci_mutex_level += 1
        return 1
    if mtx.mtx_wantipl != IPL_NONE:
        splx(s)
    return 0


def mtx_enter(mtx: mutex) -> None:
    """Take the mutex, at its interrupt priority level; spin while another CPU has it.

    The real function lowers the level again between its tries.
    """
    ci = curcpu()
    s = ci.ci_ipl
    ci.ci_ipl = max(s, mtx.mtx_wantipl)
    if mtx.mtx_owner is ci:
        panic("mtx %p: locking against myself", mtx)
    while not atomic_cas(mtx, "mtx_owner", None, ci):
        CPU_BUSY_CYCLE()
    mtx.mtx_oldipl = s
    ci.ci_mutex_level += 1


def mtx_leave(mtx: mutex) -> None:
    """Let the mutex go and fall back to the level it was taken at."""
    ci = curcpu()
    if mtx.mtx_owner is not ci:
        panic("mutex %p not held in mtx_leave", mtx)
    ci.ci_mutex_level -= 1
    s = mtx.mtx_oldipl
    mtx.mtx_owner = None
    if mtx.mtx_wantipl != IPL_NONE:
        splx(s)


def MUTEX_ASSERT_LOCKED(mtx: mutex) -> None:
    """Panic unless this CPU holds the mutex."""
    if mtx.mtx_owner is not curcpu():
        panic("mutex %p not held in %s", mtx, "MUTEX_ASSERT_LOCKED")


def MUTEX_ASSERT_UNLOCKED(mtx: mutex) -> None:
    """Panic if this CPU holds the mutex."""
    if mtx.mtx_owner is curcpu():
        panic("mutex %p held in %s", mtx, "MUTEX_ASSERT_UNLOCKED")
