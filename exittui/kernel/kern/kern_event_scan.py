"""kern/kern_event.c 1.201: making, reading and closing a kqueue.

Simplified: events read are collected in kqs_out and handed to the program as one tuple; a kqueue is
its descriptor, without a file between. What else is left out is told in kern/kern_event.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.errno import EBADF, EINTR, ERESTART, EWOULDBLOCK
from exittui.kernel.sys.event import (
    EV_CLEAR,
    EV_DISPATCH,
    EV_ONESHOT,
    EV_SYSFLAGS,
    EVFILT_MARKER,
    KN_ACTIVE,
    KN_DISABLED,
    KN_QUEUED,
    KQ_DYING,
    KQ_SLEEP,
    kevent,
    kqueue,
    kqueue_scan_state,
)
from exittui.kernel.sys.param import INFSLP, PCATCH, PNORELOCK, PSOCK
from exittui.kernel.sys.pool import PR_WAITOK, PR_ZERO
from exittui.kernel.sys.rwlock import RW_WRITE
from exittui.machine.lang import KASSERT, free
from exittui.machine.queue import (
    LIST_FIRST,
    LIST_INSERT_HEAD,
    LIST_REMOVE,
    TAILQ_EMPTY,
    TAILQ_FOREACH,
    TAILQ_INSERT_BEFORE,
    TAILQ_INSERT_HEAD,
    TAILQ_INSERT_TAIL,
    TAILQ_NEXT,
    TAILQ_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.proc import trapframe
    from exittui.kernel.kern.kern_descrip import fd_getkqueue, fdplock, fdpunlock, filedesc
    from exittui.kernel.kern.kern_event import kqueue_pool
    from exittui.kernel.kern.kern_event_knote import (
        filter_detach,
        filter_process,
        knote_acquire,
        knote_drop,
        knote_release,
        kqueue_register,
        kqueue_wakeup,
    )
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_rwlock import rw_status
    from exittui.kernel.kern.kern_synch import msleep_nsec, refcnt_rele, refcnt_take
    from exittui.kernel.kern.subr_pool import pool_get, pool_put
    from exittui.kernel.sys.proc import proc


def KQREF(kq: kqueue) -> None:
    """Take a reference to a kqueue."""
    refcnt_take(kq.kq_refcnt)


def KQRELE(kq: kqueue) -> None:
    """Drop a reference to a kqueue; the last frees it. May sleep for the descriptor table."""
    if not refcnt_rele(kq.kq_refcnt):
        return
    fdp = kq.kq_fdp
    if rw_status(fdp.fd_lock) == RW_WRITE:
        LIST_REMOVE(kq, "kq_next")
    else:
        fdplock(fdp)
        LIST_REMOVE(kq, "kq_next")
        fdpunlock(fdp)
    KASSERT(TAILQ_EMPTY(kq.kq_head))
    KASSERT(kq.kq_nknotes == 0)
    if kq.kq_knhash is not None:
        free(kq.kq_knhash)
    pool_put(kqueue_pool, kq)


def kqueue_alloc(fdp: filedesc) -> kqueue:
    """Make a kqueue. May sleep."""
    pool_get(kqueue_pool, PR_WAITOK | PR_ZERO)
    kq = kqueue(kq_fdp=fdp)
    return kq


def sys_kqueue(p: proc, v: tuple[Any, ...], retval: trapframe) -> int:
    """kqueue(): a new kqueue on a new descriptor."""
    fdp = p.p_fd
    kq = kqueue_alloc(fdp)
    fdplock(fdp)
    kq.kq_fd = fdp.fd_nfiles
    fdp.fd_nfiles += 1
    LIST_INSERT_HEAD(fdp.fd_kqlist, kq, "kq_next")
    fdpunlock(fdp)
    retval.tf_rax = kq.kq_fd
    return 0


def sys_kevent(p: proc, v: tuple[Any, ...], retval: trapframe) -> int:
    """kevent(fd, change, nevents, block): register at most one change, read at most nevents.

    A change is (ident, filter, flags, fflags). Without block the call returns what there is.
    Without the kernel lock. The descriptor's reference is held by KQREF() for the whole call.
    """
    kq = fd_getkqueue(p.p_fd, v[0])
    if kq is None:
        return EBADF
    KQREF(kq)
    error = 0
    if v[1] is not None:
        kev = kevent(ident=v[1][0], filter=v[1][1], flags=v[1][2], fflags=v[1][3])
        kev.flags &= ~EV_SYSFLAGS
        error = kqueue_register(kq, kev, p)
        free(kev)
    if error == 0 and v[2] > 0:
        scan = kqueue_scan_setup(kq)
        error = kqueue_scan(scan, v[2], v[3], p)
        retval.tf_rax = scan.kqs_nevent
        retval.tf_out = scan.kqs_out
        kqueue_scan_finish(scan)
    KQRELE(kq)
    return error


def kqueue_sleep(kq: kqueue) -> int:
    """Sleep until kqueue_wakeup(). kq_lock is held, and let go for good."""
    MUTEX_ASSERT_LOCKED(kq.kq_lock)
    return msleep_nsec(kq, kq.kq_lock, PSOCK | PCATCH | PNORELOCK, "kqread", INFSLP)


def kqueue_scan(scan: kqueue_scan_state, maxevents: int, block: int, p: proc) -> int:
    """Collect at most maxevents events, sleeping for the first if block says so. May sleep."""
    kq = scan.kqs_kq
    while scan.kqs_nevent == 0:
        mtx_enter(kq.kq_lock)
        if kq.kq_state & KQ_DYING:
            mtx_leave(kq.kq_lock)
            return EBADF
        if kq.kq_count == 0:
            if not block:
                mtx_leave(kq.kq_lock)
                return 0
            kq.kq_state |= KQ_SLEEP
            error = kqueue_sleep(kq)
            if error == 0 or error == EWOULDBLOCK:
                continue
            if error == ERESTART:
                error = EINTR
            return error
        kqueue_scan_pass(scan, maxevents, p)
        mtx_leave(kq.kq_lock)
    return 0


def kqueue_scan_pass(scan: kqueue_scan_state, maxevents: int, p: proc) -> None:
    """One pass of kqueue_scan() over the queue, up to a marker put at its end.

    Called and left with kq_lock held; it is let go for every event.
    """
    kq = scan.kqs_kq
    reinserted = 0
    if not scan.kqs_queued:
        TAILQ_INSERT_TAIL(kq.kq_head, scan.kqs_end, "kn_tqe")
        scan.kqs_queued = 1
    elif scan.kqs_nevent == 0:
        TAILQ_REMOVE(kq.kq_head, scan.kqs_end, "kn_tqe")
        TAILQ_INSERT_TAIL(kq.kq_head, scan.kqs_end, "kn_tqe")
    TAILQ_INSERT_HEAD(kq.kq_head, scan.kqs_start, "kn_tqe")
    while scan.kqs_nevent < maxevents:
        kn: Any = TAILQ_NEXT(scan.kqs_start, "kn_tqe")
        if kn.kn_filter == EVFILT_MARKER:
            if kn is scan.kqs_end:
                break
            # Go past the marker of another thread.
            TAILQ_REMOVE(kq.kq_head, kn, "kn_tqe")
            TAILQ_INSERT_BEFORE(scan.kqs_start, kn, "kn_tqe")
            continue
        if not knote_acquire(kn, None):
            mtx_enter(kq.kq_lock)
            continue
        TAILQ_REMOVE(kq.kq_head, kn, "kn_tqe")
        kn.kn_status &= ~KN_QUEUED
        kq.kq_count -= 1
        if kn.kn_status & KN_DISABLED:
            knote_release(kn)
            continue
        mtx_leave(kq.kq_lock)
        kev = kevent()
        if not filter_process(kn, kev):
            free(kev)
            mtx_enter(kq.kq_lock)
            if (kn.kn_status & KN_QUEUED) == 0:
                kn.kn_status &= ~KN_ACTIVE
            knote_release(kn)
            continue
        scan.kqs_out = scan.kqs_out + ((kev.ident, kev.filter, kev.fflags, kev.data),)
        flags = kev.flags
        free(kev)
        if flags & EV_ONESHOT:
            filter_detach(kn)
            knote_drop(kn, p)
            mtx_enter(kq.kq_lock)
        elif flags & (EV_CLEAR | EV_DISPATCH):
            mtx_enter(kq.kq_lock)
            if flags & EV_DISPATCH:
                kn.kn_status |= KN_DISABLED
            if (kn.kn_status & KN_QUEUED) == 0:
                kn.kn_status &= ~KN_ACTIVE
            knote_release(kn)
        else:
            mtx_enter(kq.kq_lock)
            if (kn.kn_status & KN_QUEUED) == 0:
                kq.kq_count += 1
                kn.kn_status |= KN_QUEUED
                TAILQ_INSERT_TAIL(kq.kq_head, kn, "kn_tqe")
                reinserted = 1
            knote_release(kn)
        scan.kqs_nevent += 1
    TAILQ_REMOVE(kq.kq_head, scan.kqs_start, "kn_tqe")
    if reinserted and kq.kq_count != 0:
        kqueue_wakeup(kq)


def kqueue_scan_setup(kq: kqueue) -> kqueue_scan_state:
    """Begin to read a kqueue."""
    scan = kqueue_scan_state(kqs_kq=kq)
    KQREF(kq)
    return scan


def kqueue_scan_finish(scan: kqueue_scan_state) -> None:
    """End reading a kqueue: take the markers out."""
    kq = scan.kqs_kq
    KASSERT(scan.kqs_start.kn_filter == EVFILT_MARKER)
    KASSERT(scan.kqs_end.kn_filter == EVFILT_MARKER)
    if scan.kqs_queued:
        scan.kqs_queued = 0
        mtx_enter(kq.kq_lock)
        TAILQ_REMOVE(kq.kq_head, scan.kqs_end, "kn_tqe")
        mtx_leave(kq.kq_lock)
    free(scan)
    KQRELE(kq)


def kqueue_purge(p: proc, kq: kqueue) -> None:
    """Drop all knotes of a kqueue. May sleep."""
    mtx_enter(kq.kq_lock)
    if kq.kq_knhash is not None:
        knote_remove(p, kq)
    mtx_leave(kq.kq_lock)


def knote_remove(p: proc, kq: kqueue) -> None:
    """Drop all knotes in the hash of a kqueue. kq_lock is held, and let go for each. May sleep."""
    MUTEX_ASSERT_LOCKED(kq.kq_lock)
    while (kn := LIST_FIRST(kq.kq_knhash.knl_list)) is not None:
        KASSERT(kn.kn_kq is kq)
        if not knote_acquire(kn, None):
            mtx_enter(kq.kq_lock)
            continue
        mtx_leave(kq.kq_lock)
        filter_detach(kn)
        knote_drop(kn, p)
        mtx_enter(kq.kq_lock)


def kqueue_terminate(p: proc, kq: kqueue) -> None:
    """Mark a kqueue without knotes as dying and wake its readers."""
    mtx_enter(kq.kq_lock)
    KASSERT(kq.kq_count == 0)
    for kn in TAILQ_FOREACH(kq.kq_head, "kn_tqe"):
        KASSERT(kn.kn_filter == EVFILT_MARKER)
    kq.kq_state |= KQ_DYING
    kqueue_wakeup(kq)
    mtx_leave(kq.kq_lock)


def kqueue_close(kq: kqueue, p: proc) -> None:
    """Close a kqueue. May sleep."""
    kqueue_purge(p, kq)
    kqueue_terminate(p, kq)
    KQRELE(kq)
