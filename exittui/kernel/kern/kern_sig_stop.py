"""kern/kern_sig.c 1.364: stopping and continuing a process, and making it single-threaded.

Sending and taking signals are in kern/kern_sig.py and kern/kern_sig_post.py, of the same upstream
file. What stepping shows of this revision: two threads that take a stop signal each, both past the
look at P_SUSPSIG in userret(), trip the assertion at the head of process_stop().
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.sys.errno import ERESTART, EWOULDBLOCK
from exittui.kernel.sys.param import INFSLP, PWAIT
from exittui.kernel.sys.proc import (
    EXIT_THREAD_NOCHECK,
    P_INSCHED,
    P_SINTR,
    P_SUSPSIG,
    P_SUSPSINGLE,
    PS_CONTINUED,
    PS_SINGLEEXIT,
    PS_SINGLEUNWIND,
    PS_STOPPED,
    PS_STOPPING,
    PS_WAITED,
    PS_WAITEVENT,
    SINGLE_DEEP,
    SINGLE_EXIT,
    SINGLE_MASK,
    SINGLE_SUSPEND,
    SINGLE_UNWIND,
    SONPROC,
    SSLEEP,
    SSTOP,
    UINT_MAX,
    proc,
    process,
)
from exittui.kernel.sys.signal import (
    SIGCHLD,
)
from exittui.kernel.sys.signalvar import (
    SAS_NOCLDSTOP,
)
from exittui.machine.lang import KASSERT, addr, panic
from exittui.machine.queue import TAILQ_FOREACH

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.machdep import signotify
    from exittui.kernel.kern.kern_exit import exit1
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_sig import prsignal
    from exittui.kernel.kern.kern_synch import (
        msleep_nsec,
        unsleep,
        wakeup,
    )
    from exittui.kernel.kern.sched_bsd import mi_switch, setrunnable
    from exittui.kernel.sys.systm import (
        KERNEL_LOCK,
        SCHED_ASSERT_LOCKED,
        SCHED_LOCK,
        SCHED_UNLOCK,
    )


def process_continue(pr: process, flag: int) -> None:
    """Continue the threads that were stopped because of `flag`. ps_mtx and sched_lock are held."""
    p = None
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    if curproc().p_p is pr:
        p = curproc()
    for q in TAILQ_FOREACH(pr.ps_threads, "p_thr_link"):
        if q is p:
            continue
        if not q.p_flag & flag:
            continue
        q.p_flag &= ~flag
        SCHED_ASSERT_LOCKED()
        if q.p_stat == SSTOP and (q.p_flag & (P_SUSPSIG | P_SUSPSINGLE)) == 0:
            if q.p_wchan is None:
                setrunnable(q)
            else:
                q.p_stat = SSLEEP


def process_stop(pr: process, flag: int, mode: int) -> None:
    """Tell all other threads of a process to stop because of `flag`, and count them.

    ps_suspendcnt becomes the number of threads that have still to count themselves out; the
    caller sees to its own. ps_mtx and sched_lock are held.
    """
    p = None
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    if curproc().p_p is pr:
        p = curproc()
        KASSERT((p.p_flag & (P_SUSPSIG | P_SUSPSINGLE)) == 0)
    pr.ps_suspendcnt = pr.ps_threadcnt
    for q in TAILQ_FOREACH(pr.ps_threads, "p_thr_link"):
        if q is p:
            continue
        q.p_flag |= flag
        SCHED_ASSERT_LOCKED()
        if q.p_stat == SSTOP:
            if mode == SINGLE_EXIT:
                unsleep(q)
                setrunnable(q)
            else:
                pr.ps_suspendcnt = (pr.ps_suspendcnt - 1) & UINT_MAX
        elif q.p_stat == SSLEEP:
            if q.p_flag & P_SINTR:
                if mode == SINGLE_SUSPEND:
                    q.p_stat = SSTOP
                    pr.ps_suspendcnt = (pr.ps_suspendcnt - 1) & UINT_MAX
                else:
                    unsleep(q)
                    setrunnable(q)
        elif q.p_stat == SONPROC:
            signotify(q)


def proc_stop_setup(p: proc) -> None:
    """Mark a thread as stopped; it goes on until proc_stop_finish(). ps_mtx, sched_lock held."""
    MUTEX_ASSERT_LOCKED(p.p_p.ps_mtx)
    SCHED_ASSERT_LOCKED()
    p.p_flag |= P_INSCHED
    p.p_stat = SSTOP


def proc_stop_finish(p: proc) -> None:
    """Stop, unless the thread was continued since proc_stop_setup(). ps_mtx is held."""
    pr = p.p_p
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    mtx_leave(pr.ps_mtx)
    SCHED_LOCK()
    p.p_flag &= ~P_INSCHED
    if p.p_stat == SSTOP:
        p.p_ru.ru_nvcsw += 1
        mi_switch()
    KASSERT(p.p_stat == SONPROC)
    SCHED_UNLOCK()
    mtx_enter(pr.ps_mtx)


def process_suspend_signal(pr: process) -> None:
    """Count the running thread out of those to stop; tell who waits when it was the last.

    That is the single thread, or the parent of a stopped process. ps_mtx is held.
    """
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    if curproc().p_p is pr:
        pr.ps_suspendcnt = (pr.ps_suspendcnt - 1) & UINT_MAX
    if pr.ps_suspendcnt != 0:
        return
    if pr.ps_single is None:
        pr.ps_flags &= ~(PS_STOPPING | PS_WAITED | PS_CONTINUED)
        pr.ps_flags |= PS_STOPPED
        if (pr.ps_pptr.ps_sigacts.ps_sigflags & SAS_NOCLDSTOP) == 0:
            prsignal(pr.ps_pptr, SIGCHLD)
        pr.ps_pptr.ps_flags |= PS_WAITEVENT
        wakeup(pr.ps_pptr)
    else:
        wakeup(addr(pr, "ps_suspendcnt"))


def proc_suspend_check_locked(p: proc, deep: int) -> int:
    """Suspend or end the thread if its process is being stopped or made single-threaded.

    `deep` in a sleep it says what to do instead: ERESTART to unwind, EWOULDBLOCK to stop. ps_mtx
    is held.
    """
    pr = p.p_p
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    if (pr.ps_single is None or pr.ps_single is p) and not pr.ps_flags & PS_STOPPING:
        return 0
    if deep:
        err = 0
        if pr.ps_flags & PS_SINGLEUNWIND or pr.ps_flags & PS_SINGLEEXIT:
            return ERESTART
        SCHED_LOCK()
        if p.p_stat != SSTOP:
            err = EWOULDBLOCK
        SCHED_UNLOCK()
        return err
    while True:
        if pr.ps_flags & PS_SINGLEEXIT:
            mtx_leave(pr.ps_mtx)
            KERNEL_LOCK()
            exit1(p, 0, 0, EXIT_THREAD_NOCHECK)
        SCHED_LOCK()
        proc_stop_setup(p)
        SCHED_UNLOCK()
        process_suspend_signal(pr)
        proc_stop_finish(p)
        if not (pr.ps_single is not None or pr.ps_flags & PS_STOPPING):
            break
    return 0


def proc_suspend_check(p: proc, deep: int) -> int:
    """As proc_suspend_check_locked(), taking ps_mtx."""
    mtx_enter(p.p_p.ps_mtx)
    error = proc_suspend_check_locked(p, deep)
    mtx_leave(p.p_p.ps_mtx)
    return error


def single_thread_set(p: proc, flags: int) -> int:
    """Stop the other threads of the process; with SINGLE_EXIT, have them exit.

    Returns once each has stopped or passed the count in exit1(). A thread that is itself asked to
    stop by somebody else does so first; one asked to exit does not return.
    """
    pr = p.p_p
    mode = flags & SINGLE_MASK
    KASSERT(curproc() is p)
    mtx_enter(pr.ps_mtx)
    error = proc_suspend_check_locked(p, flags & SINGLE_DEEP)
    if error:
        mtx_leave(pr.ps_mtx)
        return error
    if mode == SINGLE_SUSPEND:
        pass
    elif mode == SINGLE_UNWIND:
        pr.ps_flags |= PS_SINGLEUNWIND
    elif mode == SINGLE_EXIT:
        pr.ps_flags |= PS_SINGLEEXIT
        pr.ps_flags &= ~PS_SINGLEUNWIND
    else:
        panic("single_thread_mode = %d", mode)
    pr.ps_single = p
    SCHED_LOCK()
    process_stop(pr, P_SUSPSINGLE, mode)
    SCHED_UNLOCK()
    pr.ps_suspendcnt = (pr.ps_suspendcnt - 1) & UINT_MAX
    while pr.ps_suspendcnt > 0:
        msleep_nsec(addr(pr, "ps_suspendcnt"), pr.ps_mtx, PWAIT, "suspend", INFSLP)
    mtx_leave(pr.ps_mtx)
    KASSERT((pr.ps_single.p_flag & P_SUSPSINGLE) == 0)
    return 0


def single_thread_clear(p: proc) -> None:
    """Let the other threads go on after single_thread_set()."""
    pr = p.p_p
    KASSERT(pr.ps_single is p)
    KASSERT(curproc() is p)
    mtx_enter(pr.ps_mtx)
    pr.ps_single = None
    pr.ps_flags &= ~(PS_SINGLEUNWIND | PS_SINGLEEXIT)
    SCHED_LOCK()
    process_continue(pr, P_SUSPSINGLE)
    SCHED_UNLOCK()
    mtx_leave(pr.ps_mtx)
