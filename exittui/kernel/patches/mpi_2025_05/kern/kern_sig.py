"""kern/kern_sig.c 1.364: threads that have passed the count in exit1() need not be stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.sys.proc import (
    P_SINTR,
    P_SUSPSIG,
    P_SUSPSINGLE,
    SINGLE_EXIT,
    SINGLE_SUSPEND,
    SONPROC,
    SSLEEP,
    SSTOP,
    UINT_MAX,
    process,
)
from exittui.machine.lang import KASSERT
from exittui.machine.queue import TAILQ_FOREACH

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.machdep import signotify
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED
    from exittui.kernel.kern.kern_synch import unsleep
    from exittui.kernel.kern.sched_bsd import setrunnable
    from exittui.kernel.sys.systm import SCHED_ASSERT_LOCKED


def process_stop(pr: process, flag: int, mode: int) -> None:
    """Tell all other threads of a process to stop because of `flag`, and count them.

    ps_suspendcnt becomes the number of threads that have still to count themselves out; those in
    exit1() stay on ps_threads but have done so. ps_mtx and sched_lock are held.
    """
    p = None
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    if curproc().p_p is pr:
        p = curproc()
        KASSERT((p.p_flag & (P_SUSPSIG | P_SUSPSINGLE)) == 0)
    pr.ps_suspendcnt = pr.ps_threadcnt - pr.ps_exitcnt
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
