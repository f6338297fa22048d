"""kern/kern_event.c 1.201: the filters for processes and signals, and klists.

The knotes themselves are in kern/kern_event_knote.py and reading a kqueue in
kern/kern_event_scan.py, both of the same upstream file.

Simplified: filters on descriptors, timers and user events, poll and select (except that their
kqueue goes in exit1()), a kqueue watched by another, and pledge are left out. The hash of a kqueue
has one bucket, still allocated by the first registration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.sys.errno import EINVAL, ESRCH
from exittui.kernel.sys.event import (
    EV_ADD,
    EV_CLEAR,
    EV_ENABLE,
    EV_EOF,
    EV_FLAG1,
    EV_ONESHOT,
    FILTEROP_MPSAFE,
    KN_DETACHED,
    NOTE_CHILD,
    NOTE_EXIT,
    NOTE_FORK,
    NOTE_PCTRLMASK,
    NOTE_PDATAMASK,
    NOTE_SIGNAL,
    NOTE_TRACK,
    NOTE_TRACKERR,
    filterops,
    kevent,
)
from exittui.kernel.sys.mutex import IPL_MPFLOOR, mutex
from exittui.kernel.sys.pool import pool
from exittui.kernel.sys.proc import PS_EXITING
from exittui.kernel.sys.rwlock import RW_WRITE, rwlock
from exittui.kernel.sys.signal import NSIG
from exittui.kernel.sys.wait import W_EXITCODE
from exittui.machine.lang import KASSERT, free, macro, variable
from exittui.machine.queue import (
    LIST_EMPTY,
    LIST_FIRST,
    LIST_FOREACH_SAFE,
    LIST_INSERT_HEAD,
    LIST_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_descrip import fdplock, fdpunlock
    from exittui.kernel.kern.kern_event_knote import (
        filter_detach,
        knote_acquire,
        knote_activate,
        knote_drop,
        knote_modify,
        knote_process,
        kqueue_register,
    )
    from exittui.kernel.kern.kern_event_scan import (
        KQRELE,
        kqueue_alloc,
        kqueue_purge,
        kqueue_terminate,
    )
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_proc import prfind
    from exittui.kernel.kern.kern_rwlock import (
        rw_assert_wrlock,
        rw_enter_write,
        rw_exit_write,
        rw_status,
    )
    from exittui.kernel.sys.event import klist, knote
    from exittui.kernel.sys.proc import process
    from exittui.kernel.sys.systm import KERNEL_ASSERT_LOCKED, KERNEL_LOCK, KERNEL_UNLOCK

knote_pool: pool = variable(pool, pr_name="knotepl")
kqueue_pool: pool = variable(pool, pr_name="kqueuepl")
kqueue_klist_lock: mutex = variable(mutex, mtx_wantipl=IPL_MPFLOOR, mtx_name="kqueue_klist_lock")
kqueue_ps_list_lock: rwlock = variable(rwlock, rwl_name="kqpsl")


def filt_procattach(kn: knote) -> int:
    """Attach a knote to the process it names. May sleep.

    EV_FLAG1 says that filt_proc() registers it for a child, holding kqueue_ps_list_lock already.
    """
    KERNEL_LOCK()
    pr = prfind(kn.kn_id)
    if pr is None:
        KERNEL_UNLOCK()
        return ESRCH
    if pr.ps_flags & PS_EXITING:
        KERNEL_UNLOCK()
        return ESRCH
    kn.kn_process = pr
    kn.kn_flags |= EV_CLEAR
    if kn.kn_flags & EV_FLAG1:
        kn.kn_data = kn.kn_sdata
        kn.kn_fflags = NOTE_CHILD
        kn.kn_flags &= ~EV_FLAG1
        rw_assert_wrlock(kqueue_ps_list_lock)
    nolock = rw_status(kqueue_ps_list_lock)
    if nolock != RW_WRITE:
        rw_enter_write(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    klist_insert_locked(pr.ps_klist, kn)
    mtx_leave(pr.ps_mtx)
    if nolock != RW_WRITE:
        rw_exit_write(kqueue_ps_list_lock)
    KERNEL_UNLOCK()
    return 0


def filt_procdetach(kn: knote) -> None:
    """Detach a knote from its process, unless the exit of that has done so. May sleep.

    The process is used without a reference: it may be gone.
    """
    pr = kn.kn_process
    rw_enter_write(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    status = kn.kn_status
    if (status & KN_DETACHED) == 0:
        klist_remove_locked(pr.ps_klist, kn)
    mtx_leave(pr.ps_mtx)
    rw_exit_write(kqueue_ps_list_lock)


def filt_proc(kn: knote, hint: int) -> int:
    """Record what the process has done; return whether the program wants to know.

    Called with ps_mtx and kqueue_ps_list_lock held. For NOTE_TRACK ps_mtx is let go while a knote
    is registered with the child.
    """
    pr = kn.kn_process
    kq = kn.kn_kq
    event = hint & NOTE_PCTRLMASK
    if kn.kn_sfflags & event:
        kn.kn_fflags |= event
    if event == NOTE_EXIT:
        mtx_enter(kq.kq_lock)
        kn.kn_status |= KN_DETACHED
        mtx_leave(kq.kq_lock)
        kn.kn_flags |= EV_EOF | EV_ONESHOT
        kn.kn_data = W_EXITCODE(pr.ps_xexit, pr.ps_xsig)
        klist_remove_locked(pr.ps_klist, kn)
        return 1
    if event == NOTE_FORK and kn.kn_sfflags & NOTE_TRACK:
        kev = kevent(
            ident=hint & NOTE_PDATAMASK,
            filter=kn.kn_filter,
            flags=kn.kn_flags | EV_ADD | EV_ENABLE | EV_FLAG1,
            fflags=kn.kn_sfflags,
            data=kn.kn_id,
            udata=kn.kn_udata,
        )
        rw_assert_wrlock(kqueue_ps_list_lock)
        mtx_leave(pr.ps_mtx)
        error = kqueue_register(kq, kev, None)
        mtx_enter(pr.ps_mtx)
        free(kev)
        if error != 0:
            kn.kn_fflags |= NOTE_TRACKERR
    return kn.kn_fflags != 0


def filt_procmodify(kev: kevent, kn: knote) -> int:
    """Change what a knote waits for. The process is used without a reference."""
    pr = kn.kn_process
    mtx_enter(pr.ps_mtx)
    active = knote_modify(kev, kn)
    mtx_leave(pr.ps_mtx)
    return active


def filt_procprocess(kn: knote, kev: kevent | None) -> int:
    """Hand out what a knote has seen. The process is used without a reference."""
    pr = kn.kn_process
    mtx_enter(pr.ps_mtx)
    active = knote_process(kn, kev)
    mtx_leave(pr.ps_mtx)
    return active


def filt_sigattach(kn: knote) -> int:
    """Attach a knote for a signal to the calling process. May sleep."""
    pr = curproc().p_p
    if kn.kn_id >= NSIG:
        return EINVAL
    kn.kn_process = pr
    kn.kn_flags |= EV_CLEAR
    rw_enter_write(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    klist_insert_locked(pr.ps_klist, kn)
    mtx_leave(pr.ps_mtx)
    rw_exit_write(kqueue_ps_list_lock)
    return 0


def filt_sigdetach(kn: knote) -> None:
    """Detach a knote for a signal. May sleep."""
    pr = kn.kn_process
    rw_enter_write(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    klist_remove_locked(pr.ps_klist, kn)
    mtx_leave(pr.ps_mtx)
    rw_exit_write(kqueue_ps_list_lock)


def filt_signal(kn: knote, hint: int) -> int:
    """Count a signal if it is the one waited for."""
    if hint & NOTE_SIGNAL:
        hint &= ~NOTE_SIGNAL
        if kn.kn_id == hint:
            kn.kn_data += 1
    return kn.kn_data != 0


proc_filtops: filterops = variable(
    filterops,
    f_flags=FILTEROP_MPSAFE,
    f_attach=filt_procattach,
    f_detach=filt_procdetach,
    f_event=filt_proc,
    f_modify=filt_procmodify,
    f_process=filt_procprocess,
)
sig_filtops: filterops = variable(
    filterops,
    f_flags=FILTEROP_MPSAFE,
    f_attach=filt_sigattach,
    f_detach=filt_sigdetach,
    f_event=filt_signal,
    f_modify=filt_procmodify,
    f_process=filt_procprocess,
)


def kqpoll_exit() -> None:
    """Part with the kqueue this thread has used for poll and select. May sleep."""
    p = curproc()
    if p.p_kq is None:
        return
    kqueue_purge(p, p.p_kq)
    kqueue_terminate(p, p.p_kq)
    KASSERT(p.p_kq.kq_refcnt.r_refs == 1)
    KQRELE(p.p_kq)
    p.p_kq = None


def kqpoll_init() -> None:
    """Give this thread a kqueue for poll and select, if it has none. May sleep."""
    p = curproc()
    if p.p_kq is None:
        p.p_kq = kqueue_alloc(p.p_fd)
        fdp = p.p_fd
        fdplock(fdp)
        LIST_INSERT_HEAD(fdp.fd_kqlist, p.p_kq, "kq_next")
        fdpunlock(fdp)


def knote_locked(list: klist, hint: int) -> None:
    """Tell every knote of a klist what has happened. The lock of the klist is held."""
    klist_assertlk(list)
    for kn in LIST_FOREACH_SAFE(list.kl_list, "kn_selnext"):
        if kn.kn_fop.f_event(kn, hint):
            kq = kn.kn_kq
            mtx_enter(kq.kq_lock)
            knote_activate(kn)
            mtx_leave(kq.kq_lock)


def knote_processexit(pr: process) -> None:
    """Tell the knotes of a process that it exits, and part with those left. May sleep."""
    rw_enter_write(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    knote_locked(pr.ps_klist, NOTE_EXIT)
    mtx_leave(pr.ps_mtx)
    rw_exit_write(kqueue_ps_list_lock)
    klist_invalidate(pr.ps_klist)


def knote_processfork(pr: process, pid: int) -> None:
    """Tell the knotes of a process that it has forked pid. May sleep."""
    rw_enter_write(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    knote_locked(pr.ps_klist, NOTE_FORK | pid)
    mtx_leave(pr.ps_mtx)
    rw_exit_write(kqueue_ps_list_lock)


def klist_init_mutex(klist: klist, mtx: mutex) -> None:
    """Say that this mutex guards the klist."""
    klist.kl_mtx = mtx


def klist_insert_locked(klist: klist, kn: knote) -> None:
    """Put a knote on a klist. The lock of the klist is held."""
    klist_assertlk(klist)
    LIST_INSERT_HEAD(klist.kl_list, kn, "kn_selnext")


def klist_remove_locked(klist: klist, kn: knote) -> None:
    """Take a knote off a klist. The lock of the klist is held."""
    klist_assertlk(klist)
    LIST_REMOVE(kn, "kn_selnext")


@macro
def klist_empty(klist: klist) -> bool:
    """True if no knote is on the klist."""
    return LIST_EMPTY(klist.kl_list)


def klist_invalidate(list: klist) -> None:
    """Detach and drop all knotes of a klist. May sleep; no lock may be held."""
    p = curproc()
    klist_lock(list)
    while (kn := LIST_FIRST(list.kl_list)) is not None:
        kq = kn.kn_kq
        mtx_enter(kq.kq_lock)
        if not knote_acquire(kn, list):
            klist_lock(list)
            continue
        mtx_leave(kq.kq_lock)
        klist_unlock(list)
        filter_detach(kn)
        knote_drop(kn, p)
        klist_lock(list)
    klist_unlock(list)


def klist_assertlk(list: klist) -> None:
    """Panic unless the lock of the klist is held."""
    if list.kl_mtx is not None:
        MUTEX_ASSERT_LOCKED(list.kl_mtx)
    else:
        KERNEL_ASSERT_LOCKED()


def klist_lock(list: klist) -> None:
    """Take the lock of the klist: its mutex, or the kernel lock."""
    if list.kl_mtx is not None:
        mtx_enter(list.kl_mtx)
    else:
        KERNEL_LOCK()


def klist_unlock(list: klist) -> None:
    """Let the lock of the klist go."""
    if list.kl_mtx is not None:
        mtx_leave(list.kl_mtx)
    else:
        KERNEL_UNLOCK()
