"""kern/kern_event.c 1.201: knotes: registering, owning, activating and dropping them.

A knote is owned by whoever set KN_PROCESSING; see sys/event.py. What is left out is told in
kern/kern_event.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.errno import EINVAL, ENOENT
from exittui.kernel.sys.event import (
    EV_ADD,
    EV_CLEAR,
    EV_DELETE,
    EV_DISABLE,
    EV_ENABLE,
    EV_ONESHOT,
    EVFILT_MARKER,
    EVFILT_PROC,
    EVFILT_SIGNAL,
    KN_ACTIVE,
    KN_DISABLED,
    KN_PROCESSING,
    KN_QUEUED,
    KN_WAITING,
    KQ_SLEEP,
    knlist,
    knote,
)
from exittui.kernel.sys.param import PNORELOCK
from exittui.kernel.sys.pool import PR_WAITOK, PR_ZERO
from exittui.machine.lang import KASSERT, free
from exittui.machine.queue import (
    LIST_FOREACH,
    LIST_INSERT_HEAD,
    LIST_REMOVE,
    TAILQ_INSERT_TAIL,
    TAILQ_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_event import klist_unlock, knote_pool, proc_filtops, sig_filtops
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_synch import msleep_nsec, tsleep_nsec, wakeup
    from exittui.kernel.kern.subr_pool import pool_get, pool_put
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.sys.event import filterops, kevent, klist, kqueue
    from exittui.kernel.sys.proc import proc

SEC_NSEC: Final = 1_000_000_000


def knote_modify(kev: kevent, kn: knote) -> int:
    """Take over what kev asks for, and see whether it has happened."""
    knote_assign(kev, kn)
    return kn.kn_fop.f_event(kn, 0)


def knote_process(kn: knote, kev: kevent | None) -> int:
    """Hand out what has happened, if anything has."""
    if kev is not None and kn.kn_flags & EV_ONESHOT:
        active = 1
    else:
        active = kn.kn_fop.f_event(kn, 0)
    if active:
        knote_submit(kn, kev)
    return active


def kqueue_register(kq: kqueue, kev: kevent, p: proc | None) -> int:
    """Add, change or delete a knote as kev says. May sleep."""
    newkn: Any = None
    error = 0
    fops = None
    if kev.filter == EVFILT_PROC:
        fops = proc_filtops
    elif kev.filter == EVFILT_SIGNAL:
        fops = sig_filtops
    if fops is None:
        return EINVAL
    if kev.flags & EV_ADD:
        pool_get(knote_pool, PR_WAITOK | PR_ZERO)
        newkn = knote()
    while True:
        mtx_enter(kq.kq_lock)
        if kev.flags & EV_ADD:
            kqueue_expand_hash(kq)
        kn = knote_find(kq, kev)
        if kn is None:
            break
        if knote_acquire(kn, None):
            break
    KASSERT(kn is None or (kn.kn_status & KN_PROCESSING) != 0)
    if kn is None and (kev.flags & EV_ADD) == 0:
        mtx_leave(kq.kq_lock)
        return ENOENT
    if kev.flags & EV_ADD:
        if kn is None:
            error = kqueue_register_new(kq, kev, newkn, fops, p)
            if error != 0:
                return error
            kn = newkn
            newkn = None
        else:
            mtx_leave(kq.kq_lock)
            active = filter_modify(kev, kn)
            mtx_enter(kq.kq_lock)
            if active:
                knote_activate(kn)
    elif kev.flags & EV_DELETE:
        mtx_leave(kq.kq_lock)
        filter_detach(kn)
        knote_drop(kn, p)
        return 0
    if kev.flags & EV_DISABLE and (kn.kn_status & KN_DISABLED) == 0:
        kn.kn_status |= KN_DISABLED
    if kev.flags & EV_ENABLE and kn.kn_status & KN_DISABLED:
        kn.kn_status &= ~KN_DISABLED
        mtx_leave(kq.kq_lock)
        active = filter_process(kn, None)
        mtx_enter(kq.kq_lock)
        if active:
            knote_activate(kn)
    knote_release(kn)
    mtx_leave(kq.kq_lock)
    if newkn is not None:
        pool_put(knote_pool, newkn)
    return error


def kqueue_register_new(kq: kqueue, kev: kevent, kn: knote, fops: filterops, p: proc | None) -> int:
    """The part of kqueue_register() for a knote that is new: attach it, or drop it again.

    Called with kq_lock held; returns 0 with it held, or an error without it.
    """
    kn.kn_status = KN_PROCESSING
    kn.kn_kq = kq
    kn.kn_fop = fops
    kn.kn_sfflags = kev.fflags
    kn.kn_sdata = kev.data
    kev.fflags = 0
    kev.data = 0
    kn.kn_id = kev.ident
    kn.kn_filter = kev.filter
    kn.kn_flags = kev.flags
    kn.kn_udata = kev.udata
    knote_attach(kn)
    mtx_leave(kq.kq_lock)
    error = filter_attach(kn)
    if error != 0:
        knote_drop(kn, p)
        return error
    active = filter_process(kn, None)
    mtx_enter(kq.kq_lock)
    if active:
        knote_activate(kn)
    return 0


def knote_find(kq: kqueue, kev: kevent) -> Any:
    """The knote with the filter and identifier of kev, or None. kq_lock is held."""
    if kq.kq_knhash is not None:
        for kn in LIST_FOREACH(kq.kq_knhash.knl_list, "kn_link"):
            if kev.filter == kn.kn_filter and kev.ident == kn.kn_id:
                return kn
    return None


def kqueue_wakeup(kq: kqueue) -> None:
    """Wake who sleeps in kqueue_scan(). kq_lock is held."""
    if kq.kq_state & KQ_SLEEP:
        kq.kq_state &= ~KQ_SLEEP
        wakeup(kq)


def kqueue_expand_hash(kq: kqueue) -> None:
    """Allocate the hash of a kqueue that has none. kq_lock is held, but let go to allocate."""
    MUTEX_ASSERT_LOCKED(kq.kq_lock)
    if kq.kq_knhash is None:
        mtx_leave(kq.kq_lock)
        assertwaitok()
        hash = knlist()
        mtx_enter(kq.kq_lock)
        if kq.kq_knhash is None:
            kq.kq_knhash = hash
        else:
            # Another thread was faster.
            mtx_leave(kq.kq_lock)
            free(hash)
            mtx_enter(kq.kq_lock)


def knote_acquire(kn: knote, klist: klist | None) -> int:
    """Own the knote and return 1; or sleep until its owner is done with it and return 0.

    kq_lock is held, and let go on the way to 0; so is the lock of klist if one is given. The sleep
    is bounded by a second, for a wakeup that may be lost.
    """
    kq = kn.kn_kq
    MUTEX_ASSERT_LOCKED(kq.kq_lock)
    KASSERT(kn.kn_filter != EVFILT_MARKER)
    if kn.kn_status & KN_PROCESSING:
        kn.kn_status |= KN_WAITING
        if klist is not None:
            mtx_leave(kq.kq_lock)
            klist_unlock(klist)
            tsleep_nsec(kn, 0, "kqepts", SEC_NSEC)
        else:
            msleep_nsec(kn, kq.kq_lock, PNORELOCK, "kqepts", SEC_NSEC)
        return 0
    kn.kn_status |= KN_PROCESSING
    return 1


def knote_release(kn: knote) -> None:
    """Give up an owned knote and wake who waits for it. kq_lock is held."""
    MUTEX_ASSERT_LOCKED(kn.kn_kq.kq_lock)
    KASSERT(kn.kn_filter != EVFILT_MARKER)
    KASSERT(kn.kn_status & KN_PROCESSING)
    if kn.kn_status & KN_WAITING:
        kn.kn_status &= ~KN_WAITING
        wakeup(kn)
    kn.kn_status &= ~KN_PROCESSING


def knote_activate(kn: knote) -> None:
    """Mark the knote as triggered and queue it. kq_lock is held."""
    MUTEX_ASSERT_LOCKED(kn.kn_kq.kq_lock)
    kn.kn_status |= KN_ACTIVE
    if (kn.kn_status & (KN_QUEUED | KN_DISABLED)) == 0:
        knote_enqueue(kn)


def knote_attach(kn: knote) -> None:
    """Put an owned knote into its kqueue. kq_lock is held."""
    kq = kn.kn_kq
    MUTEX_ASSERT_LOCKED(kq.kq_lock)
    KASSERT(kn.kn_status & KN_PROCESSING)
    KASSERT(kq.kq_knhash is not None)
    LIST_INSERT_HEAD(kq.kq_knhash.knl_list, kn, "kn_link")
    kq.kq_nknotes += 1


def knote_detach(kn: knote) -> None:
    """Take an owned knote out of its kqueue. kq_lock is held."""
    kq = kn.kn_kq
    MUTEX_ASSERT_LOCKED(kq.kq_lock)
    KASSERT(kn.kn_status & KN_PROCESSING)
    kq.kq_nknotes -= 1
    LIST_REMOVE(kn, "kn_link")


def knote_drop(kn: knote, p: proc | None) -> None:
    """Take an owned knote out of its kqueue and free it. No mutex is held."""
    kq = kn.kn_kq
    KASSERT(kn.kn_filter != EVFILT_MARKER)
    mtx_enter(kq.kq_lock)
    knote_detach(kn)
    if kn.kn_status & KN_QUEUED:
        knote_dequeue(kn)
    if kn.kn_status & KN_WAITING:
        kn.kn_status &= ~KN_WAITING
        wakeup(kn)
    mtx_leave(kq.kq_lock)
    pool_put(knote_pool, kn)


def knote_enqueue(kn: knote) -> None:
    """Put a knote on the queue of events and wake who reads. kq_lock is held."""
    kq = kn.kn_kq
    MUTEX_ASSERT_LOCKED(kq.kq_lock)
    KASSERT(kn.kn_filter != EVFILT_MARKER)
    KASSERT((kn.kn_status & KN_QUEUED) == 0)
    TAILQ_INSERT_TAIL(kq.kq_head, kn, "kn_tqe")
    kn.kn_status |= KN_QUEUED
    kq.kq_count += 1
    kqueue_wakeup(kq)


def knote_dequeue(kn: knote) -> None:
    """Take a knote off the queue of events. kq_lock is held."""
    kq = kn.kn_kq
    MUTEX_ASSERT_LOCKED(kq.kq_lock)
    KASSERT(kn.kn_filter != EVFILT_MARKER)
    KASSERT(kn.kn_status & KN_QUEUED)
    TAILQ_REMOVE(kq.kq_head, kn, "kn_tqe")
    kn.kn_status &= ~KN_QUEUED
    kq.kq_count -= 1


def knote_assign(kev: kevent, kn: knote) -> None:
    """Take over what kev asks for. The lock of the watched object is held."""
    kn.kn_sfflags = kev.fflags
    kn.kn_sdata = kev.data
    kn.kn_udata = kev.udata


def knote_submit(kn: knote, kev: kevent | None) -> None:
    """Fill kev from the knote, and reset that if EV_CLEAR. The lock of the object is held."""
    if kev is not None:
        kev.ident = kn.kn_id
        kev.filter = kn.kn_filter
        kev.flags = kn.kn_flags
        kev.fflags = kn.kn_fflags
        kev.data = kn.kn_data
        kev.udata = kn.kn_udata
        if kn.kn_flags & EV_CLEAR:
            kn.kn_fflags = 0
            kn.kn_data = 0


def filter_attach(kn: knote) -> int:
    """Attach an owned knote to what it watches."""
    return kn.kn_fop.f_attach(kn)


def filter_detach(kn: knote) -> None:
    """Detach an owned knote from what it watches."""
    kn.kn_fop.f_detach(kn)


def filter_modify(kev: kevent, kn: knote) -> int:
    """Change what an owned knote waits for."""
    return kn.kn_fop.f_modify(kev, kn)


def filter_process(kn: knote, kev: kevent | None) -> int:
    """Hand out what an owned knote has seen."""
    return kn.kn_fop.f_process(kn, kev)
