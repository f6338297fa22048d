"""kern/kern_rwlock.c 1.55: reader/writer locks that sleep.

Covers entering, leaving, downgrading, upgrading, the status and the assertions.

Simplified: the spinning of a writer without the kernel lock before it sleeps (it only saves time),
memory barriers (the machine is sequentially consistent), WITNESS and trace points are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.sys.errno import EBUSY
from exittui.kernel.sys.param import INFSLP, PCATCH, PLOCK
from exittui.kernel.sys.rwlock import (
    RW_DOWNGRADE,
    RW_INTR,
    RW_NOSLEEP,
    RW_OPMASK,
    RW_READ,
    RW_UPGRADE,
    RW_WRITE,
    RW_WRITE_OTHER,
    RWLOCK_ISWRITE,
    RWLOCK_READ_INCR,
)
from exittui.kernel.sys.systm import ISSET
from exittui.machine.lang import KASSERT, addr, atomic_cas, panic

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_synch import sleep_finish, sleep_setup, wakeup, wakeup_one
    from exittui.kernel.sys.rwlock import rwlock


def rw_enter_read(rwl: rwlock) -> None:
    """Take the lock as one of any number of readers; sleep while somebody writes."""
    rw_do_enter_read(rwl, 0)


def rw_enter_write(rwl: rwlock) -> None:
    """Take the lock as the only one; sleep while anybody has it."""
    rw_do_enter_write(rwl, 0)


def rw_exit_read(rwl: rwlock) -> None:
    """Leave the lock as a reader."""
    rw_do_exit_read(rwl)


def rw_do_exit_read(rwl: rwlock) -> None:
    """Take one reader off the word of the lock; the last wakes who waits."""
    while True:
        owner = rwl.rwl_owner
        if RWLOCK_ISWRITE(owner):
            panic("%s rwlock %p: exit read on write locked lock", rwl.rwl_name, rwl)
        if owner == 0:
            panic("%s rwlock %p: exit read on unlocked lock", rwl.rwl_name, rwl)
        decr = owner - RWLOCK_READ_INCR
        if atomic_cas(rwl, "rwl_owner", owner, decr):
            break
    if decr == 0:
        rw_exited(rwl)


def rw_exit_write(rwl: rwlock) -> None:
    """Leave the lock as its writer and wake who waits."""
    if not atomic_cas(rwl, "rwl_owner", curproc(), 0):
        panic("%s rwlock %p: exit write when lock not held", rwl.rwl_name, rwl)
    rw_exited(rwl)


def rw_enter(rwl: rwlock, flags: int) -> int:
    """Take or change the lock as flags say; return 0 or an error."""
    op = flags & RW_OPMASK
    if op == RW_WRITE:
        return rw_do_enter_write(rwl, flags)
    if op == RW_READ:
        return rw_do_enter_read(rwl, flags)
    if op == RW_DOWNGRADE:
        return rw_downgrade(rwl, flags)
    if op == RW_UPGRADE:
        return rw_upgrade(rwl, flags)
    panic("%s rwlock %p: rw_enter unexpected op 0x%x", rwl.rwl_name, rwl, op)
    return 0


def rw_do_enter_write(rwl: rwlock, flags: int) -> int:
    """Take the lock as the only one: at once if it is free, else asleep on rwl_waiters."""
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


def rw_read_incr(rwl: rwlock) -> int:
    """Add a reader to the word of the lock, unless somebody writes; return whether it was done.

    The real function starts from a value its caller has seen, and tries again just as often.
    """
    while True:
        owner = rwl.rwl_owner
        if RWLOCK_ISWRITE(owner):
            return 0
        if atomic_cas(rwl, "rwl_owner", owner, owner + RWLOCK_READ_INCR):
            return 1


def rw_do_enter_read(rwl: rwlock, flags: int) -> int:
    """Take the lock as a reader: at once if nobody writes or waits to, else asleep."""
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


def rw_downgrade(rwl: rwlock, flags: int) -> int:
    """Turn a write hold into a read hold, and let other readers in unless a writer waits."""
    if not atomic_cas(rwl, "rwl_owner", curproc(), RWLOCK_READ_INCR):
        panic("%s rwlock %p: downgrade when lock not held", rwl.rwl_name, rwl)
    if rwl.rwl_waiters == 0 and rwl.rwl_readers > 0:
        wakeup(addr(rwl, "rwl_readers"))
    return 0


def rw_upgrade(rwl: rwlock, flags: int) -> int:
    """Turn the only read hold into a write hold, or return EBUSY."""
    KASSERT(ISSET(flags, RW_NOSLEEP))
    if not atomic_cas(rwl, "rwl_owner", RWLOCK_READ_INCR, curproc()):
        owner = rwl.rwl_owner
        if RWLOCK_ISWRITE(owner):
            panic("%s rwlock %p: upgrade on write locked lock", rwl.rwl_name, rwl)
        if owner == 0:
            panic("%s rwlock %p: upgrade on unowned lock", rwl.rwl_name, rwl)
        return EBUSY
    return 0


def rw_exit(rwl: rwlock) -> None:
    """Leave the lock, as whatever it is held."""
    owner = rwl.rwl_owner
    if owner == 0:
        panic("%s rwlock %p: exit on unlocked lock", rwl.rwl_name, rwl)
    if RWLOCK_ISWRITE(owner):
        rw_exit_write(rwl)
    else:
        rw_do_exit_read(rwl)


def rw_exited(rwl: rwlock) -> None:
    """Wake one writer, or all readers if no writer waits."""
    if rwl.rwl_waiters > 0:
        wakeup_one(addr(rwl, "rwl_waiters"))
    elif rwl.rwl_readers > 0:
        wakeup(addr(rwl, "rwl_readers"))


def rw_status(rwl: rwlock) -> int:
    """How the lock is held: RW_WRITE by this thread, RW_WRITE_OTHER, RW_READ, or 0."""
    owner = rwl.rwl_owner
    if RWLOCK_ISWRITE(owner):
        if owner is curproc():
            return RW_WRITE
        return RW_WRITE_OTHER
    if owner != 0:
        return RW_READ
    return 0


def rw_assert_wrlock(rwl: rwlock) -> None:
    """Panic unless this thread holds the lock as its writer."""
    if rwl.rwl_owner is not curproc():
        panic("%s rwlock %p: lock not held by this process", rwl.rwl_name, rwl)


def rw_assert_rdlock(rwl: rwlock) -> None:
    """Panic unless readers hold the lock."""
    if rw_status(rwl) != RW_READ:
        panic("%s rwlock %p: lock not shared", rwl.rwl_name, rwl)


def rw_assert_anylock(rwl: rwlock) -> None:
    """Panic unless this thread or readers hold the lock."""
    status = rw_status(rwl)
    if status == RW_WRITE_OTHER:
        panic("%s rwlock %p: lock held by different process", rwl.rwl_name, rwl)
    if status == 0:
        panic("%s rwlock %p: lock not held", rwl.rwl_name, rwl)


def rw_assert_unlocked(rwl: rwlock) -> None:
    """Panic if this thread holds the lock as its writer."""
    if rwl.rwl_owner is curproc():
        panic("%s rwlock %p: lock held", rwl.rwl_name, rwl)
