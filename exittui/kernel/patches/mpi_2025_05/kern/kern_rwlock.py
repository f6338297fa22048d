"""kern/kern_rwlock.c 1.55: entering a lock asserts that one may sleep, contended or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.sys.errno import EBUSY
from exittui.kernel.sys.param import INFSLP, PCATCH, PLOCK
from exittui.kernel.sys.rwlock import (
    RW_INTR,
    RW_NOSLEEP,
    RWLOCK_ISWRITE,
    RWLOCK_READ_INCR,
)
from exittui.kernel.sys.systm import ISSET
from exittui.machine.lang import addr, atomic_cas, panic

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_rwlock import rw_read_incr
    from exittui.kernel.kern.kern_synch import sleep_finish, sleep_setup
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.sys.rwlock import rwlock


def rw_do_enter_write(rwl: rwlock, flags: int) -> int:
    """Take the lock as the only one: at once if it is free, else asleep on rwl_waiters."""
    if not ISSET(flags, RW_NOSLEEP):
        assertwaitok()
    if atomic_cas(rwl, "rwl_owner", 0, curproc()):
        return 0
    if rwl.rwl_owner is curproc():
        panic("%s rwlock %p: enter write deadlock", rwl.rwl_name, rwl)
    if ISSET(flags, RW_NOSLEEP):
        return EBUSY
    prio = PLOCK - 4
    if ISSET(flags, RW_INTR):
        prio |= PCATCH
    rwl.rwl_waiters += 1
    while True:
        sleep_setup(addr(rwl, "rwl_waiters"), prio, rwl.rwl_name)
        owner = rwl.rwl_owner
        error = sleep_finish(INFSLP, owner != 0)
        if ISSET(flags, RW_INTR) and error != 0:
            rwl.rwl_waiters -= 1
            return error
        if atomic_cas(rwl, "rwl_owner", 0, curproc()):
            break
    rwl.rwl_waiters -= 1
    return 0


def rw_do_enter_read(rwl: rwlock, flags: int) -> int:
    """Take the lock as a reader: at once if nobody writes or waits to, else asleep."""
    if not ISSET(flags, RW_NOSLEEP):
        assertwaitok()
    if atomic_cas(rwl, "rwl_owner", 0, RWLOCK_READ_INCR):
        return 0
    owner = rwl.rwl_owner
    if RWLOCK_ISWRITE(owner):
        if owner is curproc():
            panic("%s rwlock %p: enter read deadlock", rwl.rwl_name, rwl)
    elif rwl.rwl_waiters == 0:
        if rw_read_incr(rwl):
            return 0
    if ISSET(flags, RW_NOSLEEP):
        return EBUSY
    prio = PLOCK
    if ISSET(flags, RW_INTR):
        prio |= PCATCH
    rwl.rwl_readers += 1
    while True:
        sleep_setup(addr(rwl, "rwl_readers"), prio, rwl.rwl_name)
        do_sleep = rwl.rwl_waiters > 0 or RWLOCK_ISWRITE(rwl.rwl_owner)
        error = sleep_finish(INFSLP, do_sleep)
        if ISSET(flags, RW_INTR) and error != 0:
            rwl.rwl_readers -= 1
            return error
        if rw_read_incr(rwl):
            break
    rwl.rwl_readers -= 1
    return 0
