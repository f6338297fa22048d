"""kern/kern_exit.c 1.245: process exit and the reaper. Wait is in kern/kern_exit_wait.py.

Simplified: kcov, the rucheck timeout, tracing to files and pin tables are left out of exit1(). What
is there of timers, semaphores, job control and unveil finds nothing to do, and so does accounting
unless it is on. The vnode of the text is not modelled.

What stepping shows of this revision: a thread that is not the main one lets the main thread go on
(ps_exitcnt) while it still has its stack, its address space and, in exit2(), ps_mtx to use. A CPU
that stalls between letting the kernel lock go in sched_toidle() and exit2() for as long as the rest
of the process takes to be torn down, reaped and waited for, finds the process freed there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.mutex import IPL_NONE, mutex
from exittui.kernel.sys.param import INFSLP, PVM, PWAIT
from exittui.kernel.sys.pool import PR_WAITOK, PR_ZERO
from exittui.kernel.sys.proc import (
    EXIT_NORMAL,
    EXIT_THREAD,
    P_HASSIBLING,
    P_THREAD,
    P_WEXIT,
    PS_EXITING,
    PS_ISPWAIT,
    PS_NOZOMBIE,
    PS_PPWAIT,
    PS_PROFIL,
    PS_STOPPING,
    PS_TRACED,
    PS_WAITEVENT,
    PS_ZOMBIE,
    SDEAD,
    SINGLE_EXIT,
    proc,
)
from exittui.kernel.sys.resource import rusage
from exittui.kernel.sys.signal import SIGCHLD, SIGKILL
from exittui.kernel.sys.signalvar import SAS_NOCLDWAIT, STHREAD
from exittui.machine.lang import KASSERT, panic, variable
from exittui.machine.queue import (
    LIST_FIRST,
    LIST_HEAD,
    LIST_INSERT_HEAD,
    LIST_NEXT,
    LIST_REMOVE,
    TAILQ_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.vm_machdep import cpu_exit
    from exittui.kernel.kern.init_main import initprocess
    from exittui.kernel.kern.kern_acct import acct_process
    from exittui.kernel.kern.kern_descrip import fdfree
    from exittui.kernel.kern.kern_event import knote_processexit, kqpoll_exit
    from exittui.kernel.kern.kern_exit_wait import (
        process_clear_orphan,
        process_reparent,
        process_untrace,
        process_zap,
    )
    from exittui.kernel.kern.kern_fork import freepid, nthreads
    from exittui.kernel.kern.kern_lock import mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_proc import (
        killjobc,
        proc_pool,
        rusage_pool,
        zombprocess,
    )
    from exittui.kernel.kern.kern_prot import crfree
    from exittui.kernel.kern.kern_resource import (
        calcru,
        lim_free,
        ruadd,
        tuagg_add_process,
        tuagg_add_runtime,
    )
    from exittui.kernel.kern.kern_sig import (
        prsignal,
        ptsignal,
        sigio_freelist,
    )
    from exittui.kernel.kern.kern_sig_stop import (
        process_suspend_signal,
        single_thread_set,
    )
    from exittui.kernel.kern.kern_synch import (
        msleep_nsec,
        refcnt_finalize,
        wakeup,
    )
    from exittui.kernel.kern.kern_time import cancel_all_itimers
    from exittui.kernel.kern.kern_unveil import unveil_destroy
    from exittui.kernel.kern.subr_pool import pool_get, pool_put
    from exittui.kernel.kern.subr_prof import stopprofclock
    from exittui.kernel.kern.sysv_sem import semexit
    from exittui.kernel.sys.systm import KERNEL_LOCK, KERNEL_UNLOCK, SCHED_ASSERT_UNLOCKED
    from exittui.kernel.uvm.uvm_glue import uvm_exit, uvm_uarea_free

# Locking of deadproc is special: an exiting thread's own CPU puts it there, from the idle thread.
deadproc_mutex: mutex = variable(mutex, mtx_wantipl=IPL_NONE, mtx_name="deadproc")
deadproc: LIST_HEAD[proc] = variable(LIST_HEAD)


def sys_exit(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """_exit(2): end the process with a status."""
    exit1(p, v[0], 0, EXIT_NORMAL)
    return 0


def sys___threxit(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """__threxit(2): end the thread. What tells a joiner so is stored first, when asked for."""
    retval.tf_out = 0
    exit1(p, 0, 0, EXIT_THREAD)
    return 0


def exit1(p: proc, xexit: int, xsig: int, flags: int) -> None:
    """End a thread, and with the last one its process. Does not return.

    Called with the kernel lock. What may sleep is done first; from SDEAD on nothing may. The main
    thread has the pid and the zombie: it waits for the others and does what is done once.
    """
    p.p_flag |= P_WEXIT
    pr = p.p_p

    if not P_HASSIBLING(p):
        flags = EXIT_NORMAL
    else:
        if flags == EXIT_NORMAL:
            single_thread_set(p, SINGLE_EXIT)

    if flags == EXIT_NORMAL and not pr.ps_flags & PS_EXITING:
        if pr.ps_pid == 1:
            panic("init died (signal %d, exit %d)", xsig, xexit)
        pr.ps_flags |= PS_EXITING
        pr.ps_xexit = xexit
        pr.ps_xsig = xsig
        if pr.ps_flags & PS_PPWAIT:
            pr.ps_flags &= ~PS_PPWAIT
            pr.ps_pptr.ps_flags &= ~PS_ISPWAIT
            pr.ps_pptr.ps_flags |= PS_WAITEVENT
            wakeup(pr.ps_pptr)
        refcnt_finalize(pr.ps_refcnt, "psdtor")

    # Off the active threads.
    mtx_enter(pr.ps_mtx)
    TAILQ_REMOVE(pr.ps_threads, p, "p_thr_link")
    pr.ps_threadcnt -= 1
    pr.ps_exitcnt += 1
    if pr.ps_single is not None or pr.ps_flags & PS_STOPPING:
        process_suspend_signal(pr)
    tuagg_add_runtime()
    tuagg_add_process(pr, p)
    if (p.p_flag & P_THREAD) == 0:
        while pr.ps_threadcnt + pr.ps_exitcnt > 1:
            msleep_nsec(pr.ps_threads, pr.ps_mtx, PWAIT, "thrdeath", INFSLP)
    mtx_leave(pr.ps_mtx)

    rup = pr.ps_ru
    if rup is None:
        pool_get(rusage_pool, PR_WAITOK | PR_ZERO)
        rup = rusage()
        if pr.ps_ru is None:
            pr.ps_ru = rup
        else:
            pool_put(rusage_pool, rup)
            rup = pr.ps_ru
    p.p_siglist = 0
    if (p.p_flag & P_THREAD) == 0:
        pr.ps_siglist = 0

    kqpoll_exit()

    if (p.p_flag & P_THREAD) == 0:
        if pr.ps_flags & PS_PROFIL:
            stopprofclock(pr)
        sigio_freelist(pr.ps_sigiolst)
        fdfree(p)
        cancel_all_itimers()
        semexit(pr)
        killjobc(pr)
        acct_process(p)
        unveil_destroy(pr)
        if pr.ps_pptr.ps_sigacts.ps_sigflags & SAS_NOCLDWAIT:
            pr.ps_flags |= PS_NOZOMBIE

    p.p_fd = None
    if p.p_limit is not None:
        limit = p.p_limit
        p.p_limit = None
        lim_free(limit)

    # From here on this thread must not sleep.
    p.p_stat = SDEAD
    LIST_REMOVE(p, "p_hash")
    LIST_REMOVE(p, "p_list")

    if (p.p_flag & P_THREAD) == 0:
        LIST_REMOVE(pr, "ps_hash")
        LIST_REMOVE(pr, "ps_list")
        if (pr.ps_flags & PS_NOZOMBIE) == 0:
            LIST_INSERT_HEAD(zombprocess, pr, "ps_list")
        else:
            freepid(pr.ps_pid)

        # Children go to init, or to the parent a debugger took them from.
        qr = LIST_FIRST(pr.ps_children)
        if qr is not None:
            wakeup(initprocess)
        while qr is not None:
            nqr = LIST_NEXT(qr, "ps_sibling")
            mtx_enter(qr.ps_mtx)
            if qr.ps_flags & PS_TRACED and not qr.ps_flags & PS_EXITING:
                process_untrace(qr)
                mtx_leave(qr.ps_mtx)
                if qr.ps_single is not None:
                    ptsignal(qr.ps_single, SIGKILL, STHREAD)
                else:
                    prsignal(qr, SIGKILL)
            else:
                process_reparent(qr, initprocess)
                mtx_leave(qr.ps_mtx)
            qr = nqr

        # Orphans forget their exiting old parent.
        while qr := LIST_FIRST(pr.ps_orphans):
            mtx_enter(qr.ps_mtx)
            KASSERT(qr.ps_opptr is pr)
            qr.ps_opptr = None
            process_clear_orphan(qr)
            mtx_leave(qr.ps_mtx)

    ruadd(rup, p.p_ru)
    p.p_pctcpu = 0

    if (p.p_flag & P_THREAD) == 0:
        calcru(pr.ps_tu, rup)
        rup.ru_ixrss = pr.ps_tu.tu_ixrss
        rup.ru_idrss = pr.ps_tu.tu_idrss
        rup.ru_isrss = pr.ps_tu.tu_isrss
        ruadd(rup, pr.ps_cru)

        # No zombie: init becomes the parent, so that the old one may see ECHILD.
        mtx_enter(pr.ps_mtx)
        if pr.ps_flags & PS_NOZOMBIE:
            ppr = pr.ps_pptr
            process_reparent(pr, initprocess)
            ppr.ps_flags |= PS_WAITEVENT
            wakeup(ppr)
        mtx_leave(pr.ps_mtx)

    # A mere thread lets the main thread go on if that is all there is left.
    if p.p_flag & P_THREAD:
        mtx_enter(pr.ps_mtx)
        pr.ps_exitcnt -= 1
        if pr.ps_threadcnt + pr.ps_exitcnt == 1:
            wakeup(pr.ps_threads)
        mtx_leave(pr.ps_mtx)

    cpu_exit(p)
    panic("cpu_exit returned")


def exit2(p: proc) -> None:
    """Hand a dead thread to the reaper, once its CPU has left its stack. Must not sleep.

    Called by the idle thread.
    """
    mtx_enter(p.p_p.ps_mtx)
    tuagg_add_process(p.p_p, p)
    mtx_leave(p.p_p.ps_mtx)
    mtx_enter(deadproc_mutex)
    LIST_INSERT_HEAD(deadproc, p, "p_hash")
    mtx_leave(deadproc_mutex)
    wakeup(deadproc)


def proc_free(p: proc) -> None:
    """Free a thread whose stack is gone already."""
    global nthreads
    crfree(p.p_ucred)
    pool_put(proc_pool, p)
    nthreads -= 1


def reaper(arg: Any) -> None:
    """The reaper thread: free the stacks of the dead, and the address space of a process.

    After that a process is a zombie and its parent may have it. Last in, first out.
    """
    KERNEL_UNLOCK()
    SCHED_ASSERT_UNLOCKED()
    while True:
        mtx_enter(deadproc_mutex)
        p = LIST_FIRST(deadproc)
        while p is None:
            msleep_nsec(deadproc, deadproc_mutex, PVM, "reaper", INFSLP)
            p = LIST_FIRST(deadproc)
        LIST_REMOVE(p, "p_hash")
        mtx_leave(deadproc_mutex)
        uvm_uarea_free(p)
        p.p_vmspace = None
        if p.p_flag & P_THREAD:
            proc_free(p)
        else:
            pr = p.p_p
            uvm_exit(pr)
            KERNEL_LOCK()
            if (pr.ps_flags & PS_NOZOMBIE) == 0:
                pr.ps_flags |= PS_ZOMBIE
            knote_processexit(pr)
            if pr.ps_flags & PS_ZOMBIE:
                prsignal(pr.ps_pptr, SIGCHLD)
                pr.ps_pptr.ps_flags |= PS_WAITEVENT
                wakeup(pr.ps_pptr)
            else:
                process_zap(pr)
            KERNEL_UNLOCK()
