"""kern/kern_event.c 1.201: kqueue_ps_list_lock is a mutex, so that NOTE_EXIT does not sleep.

What is called with it held must not sleep either: knote_processfork() registers knotes.

The diff also has an assertion in filt_proc() that the process is no zombie, but inside a comment:
it is not compiled. It would not hold, for exit1() sets PS_ZOMBIE before knote_processexit().
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
    KN_DETACHED,
    NOTE_CHILD,
    NOTE_EXIT,
    NOTE_FORK,
    NOTE_PCTRLMASK,
    NOTE_PDATAMASK,
    NOTE_TRACK,
    NOTE_TRACKERR,
    kevent,
)
from exittui.kernel.sys.mutex import IPL_MPFLOOR, mutex
from exittui.kernel.sys.proc import PS_EXITING
from exittui.kernel.sys.signal import NSIG
from exittui.kernel.sys.wait import W_EXITCODE
from exittui.machine.lang import free, variable

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_event import (
        klist_insert_locked,
        klist_invalidate,
        klist_remove_locked,
        knote_locked,
    )
    from exittui.kernel.kern.kern_event_knote import kqueue_register
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_proc import prfind
    from exittui.kernel.sys.event import knote
    from exittui.kernel.sys.proc import process
    from exittui.kernel.sys.systm import KERNEL_LOCK, KERNEL_UNLOCK

kqueue_ps_list_lock: mutex = variable(
    mutex, mtx_wantipl=IPL_MPFLOOR, mtx_name="kqueue_ps_list_lock"
)


def filt_procattach(kn: knote) -> int:
    """Attach a knote to the process it names.

    EV_FLAG1 says that filt_proc() registers it for a child, holding kqueue_ps_list_lock already.
    """
    locked = 0
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
        MUTEX_ASSERT_LOCKED(kqueue_ps_list_lock)
        locked = 1
    if not locked:
        mtx_enter(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    klist_insert_locked(pr.ps_klist, kn)
    mtx_leave(pr.ps_mtx)
    if not locked:
        mtx_leave(kqueue_ps_list_lock)
    KERNEL_UNLOCK()
    return 0


def filt_procdetach(kn: knote) -> None:
    """Detach a knote from its process, unless the exit of that has done so.

    The process is used without a reference: it may be gone.
    """
    pr = kn.kn_process
    mtx_enter(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    status = kn.kn_status
    if (status & KN_DETACHED) == 0:
        klist_remove_locked(pr.ps_klist, kn)
    mtx_leave(pr.ps_mtx)
    mtx_leave(kqueue_ps_list_lock)


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
        MUTEX_ASSERT_LOCKED(kqueue_ps_list_lock)
        mtx_leave(pr.ps_mtx)
        error = kqueue_register(kq, kev, None)
        mtx_enter(pr.ps_mtx)
        free(kev)
        if error != 0:
            kn.kn_fflags |= NOTE_TRACKERR
    return kn.kn_fflags != 0


def filt_sigattach(kn: knote) -> int:
    """Attach a knote for a signal to the calling process."""
    pr = curproc().p_p
    if kn.kn_id >= NSIG:
        return EINVAL
    kn.kn_process = pr
    kn.kn_flags |= EV_CLEAR
    mtx_enter(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    klist_insert_locked(pr.ps_klist, kn)
    mtx_leave(pr.ps_mtx)
    mtx_leave(kqueue_ps_list_lock)
    return 0


def filt_sigdetach(kn: knote) -> None:
    """Detach a knote for a signal."""
    pr = kn.kn_process
    mtx_enter(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    klist_remove_locked(pr.ps_klist, kn)
    mtx_leave(pr.ps_mtx)
    mtx_leave(kqueue_ps_list_lock)


def knote_processexit(pr: process) -> None:
    """Tell the knotes of a process that it exits, and part with those left."""
    mtx_enter(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    knote_locked(pr.ps_klist, NOTE_EXIT)
    mtx_leave(pr.ps_mtx)
    mtx_leave(kqueue_ps_list_lock)
    klist_invalidate(pr.ps_klist)


def knote_processfork(pr: process, pid: int) -> None:
    """Tell the knotes of a process that it has forked pid."""
    mtx_enter(kqueue_ps_list_lock)
    mtx_enter(pr.ps_mtx)
    knote_locked(pr.ps_klist, NOTE_FORK | pid)
    mtx_leave(pr.ps_mtx)
    mtx_leave(kqueue_ps_list_lock)
