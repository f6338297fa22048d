"""kern/kern_exit.c 1.253: no reaper; init frees threads, the parent frees processes.

Whoever frees waits on p_deadcond until the exiting thread has left its stack. After the source of
the branch, which stands on 1.252.

Simplified: beside what the base leaves out, prof_write() after stopprofclock(), and the vnode of
the text, which exit1() lets go of after uvm_purge().

What stepping shows of this revision: exit1() looks up the parent before knote_processexit(), which
may sleep, and signals it after; a parent that exits and is waited for meanwhile is freed memory by
then. Init frees the dead before it looks whether there is anything to wait for, so a wait4() that
returns ECHILD does it too; but an init with a child to collect goes away with that, and the dead
stay until it asks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.errno import ECHILD
from exittui.kernel.sys.param import INFSLP, PCATCH, PWAIT
from exittui.kernel.sys.pool import PR_WAITOK, PR_ZERO
from exittui.kernel.sys.proc import (
    EXIT_NORMAL,
    P_HASSIBLING,
    P_SYSTEM,
    P_THREAD,
    P_WEXIT,
    PS_CONTINUED,
    PS_EXITING,
    PS_ISPWAIT,
    PS_NOZOMBIE,
    PS_PPWAIT,
    PS_PROFIL,
    PS_STOPPED,
    PS_STOPPING,
    PS_TRACED,
    PS_TRAPPED,
    PS_WAITED,
    PS_WAITEVENT,
    PS_ZOMBIE,
    SDEAD,
    SINGLE_EXIT,
    proc,
    process,
    stackvars,
)
from exittui.kernel.sys.resource import rusage
from exittui.kernel.sys.siginfo import (
    CLD_CONTINUED,
    CLD_DUMPED,
    CLD_EXITED,
    CLD_KILLED,
    CLD_STOPPED,
    CLD_TRAPPED,
    siginfo_t,
)
from exittui.kernel.sys.signal import SIGCHLD, SIGCONT, SIGKILL
from exittui.kernel.sys.signalvar import SAS_NOCLDWAIT, STHREAD
from exittui.kernel.sys.wait import (
    _WCONTINUED,
    _WSTATUS,
    P_PGID,
    P_PID,
    W_EXITCODE,
    W_STOPCODE,
    WCONTINUED,
    WCOREDUMP,
    WEXITED,
    WNOHANG,
    WNOWAIT,
    WTRAPPED,
    WUNTRACED,
)
from exittui.machine.lang import KASSERT, free, panic, variable
from exittui.machine.queue import (
    LIST_FIRST,
    LIST_FOREACH,
    LIST_INSERT_HEAD,
    LIST_NEXT,
    LIST_REMOVE,
    TAILQ_EMPTY,
    TAILQ_FIRST,
    TAILQ_HEAD,
    TAILQ_INSERT_TAIL,
    TAILQ_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.pmap import pmap_deactivate
    from exittui.kernel.arch.amd64.vm_machdep import cpu_exit
    from exittui.kernel.kern.init_main import initprocess
    from exittui.kernel.kern.kern_acct import acct_process
    from exittui.kernel.kern.kern_descrip import fdfree
    from exittui.kernel.kern.kern_event import knote_processexit, kqpoll_exit
    from exittui.kernel.kern.kern_exit import deadproc_mutex
    from exittui.kernel.kern.kern_exit_wait import (
        process_clear_orphan,
        process_reparent,
        process_untrace,
    )
    from exittui.kernel.kern.kern_fork import freepid, nprocesses, nthreads
    from exittui.kernel.kern.kern_lock import (
        __mp_release_all,
        kernel_lock,
        mtx_enter,
        mtx_leave,
    )
    from exittui.kernel.kern.kern_proc import (
        chgproccnt,
        killjobc,
        leavepgrp,
        proc_pool,
        process_pool,
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
    from exittui.kernel.kern.kern_sched import sched_exit
    from exittui.kernel.kern.kern_sig import (
        prsignal,
        ptsignal,
        sigactsfree,
        sigio_freelist,
    )
    from exittui.kernel.kern.kern_sig_stop import (
        process_suspend_signal,
        single_thread_set,
    )
    from exittui.kernel.kern.kern_synch import (
        cond_wait,
        msleep_nsec,
        refcnt_finalize,
        sleep_finish,
        sleep_setup,
        wakeup,
    )
    from exittui.kernel.kern.kern_time import cancel_all_itimers
    from exittui.kernel.kern.kern_unveil import unveil_destroy
    from exittui.kernel.kern.subr_pool import pool_get, pool_put
    from exittui.kernel.kern.subr_prof import stopprofclock
    from exittui.kernel.kern.sysv_sem import semexit
    from exittui.kernel.patches.purge_2025_08.uvm.uvm_glue import uvm_purge
    from exittui.kernel.sys.sched import scheduler_wait_hook
    from exittui.kernel.sys.systm import KERNEL_LOCK, KERNEL_UNLOCK
    from exittui.kernel.uvm.uvm_glue import uvm_exit, uvm_uarea_free

REMOVES: Final = ("reaper",)

deadproc: TAILQ_HEAD[proc] = variable(TAILQ_HEAD)


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

        # Tear the address space down without the kernel lock; exit1() never returns, so all
        # levels of it may go.
        if (p.p_flag & P_SYSTEM) == 0:
            __mp_release_all(kernel_lock)
            uvm_purge()
            KERNEL_LOCK()

    p.p_fd = None
    if p.p_limit is not None:
        limit = p.p_limit
        p.p_limit = None
        lim_free(limit)

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
        pptr = pr.ps_pptr
        calcru(pr.ps_tu, rup)
        rup.ru_ixrss = pr.ps_tu.tu_ixrss
        rup.ru_idrss = pr.ps_tu.tu_idrss
        rup.ru_isrss = pr.ps_tu.tu_isrss
        ruadd(rup, pr.ps_cru)

        knote_processexit(pr)

        # No zombie: init becomes the parent, so that the old one may see ECHILD, and reaps it.
        mtx_enter(pr.ps_mtx)
        if pr.ps_flags & PS_NOZOMBIE:
            process_reparent(pr, initprocess)
            exit2(p)
        else:
            pr.ps_flags |= PS_ZOMBIE
            prsignal(pptr, SIGCHLD)
        mtx_leave(pr.ps_mtx)
        pptr.ps_flags |= PS_WAITEVENT
        wakeup(pptr)

    # A mere thread lets the main thread go on if that is all there is left.
    if p.p_flag & P_THREAD:
        mtx_enter(pr.ps_mtx)
        pr.ps_exitcnt -= 1
        if pr.ps_threadcnt + pr.ps_exitcnt == 1:
            wakeup(pr.ps_threads)
        mtx_leave(pr.ps_mtx)
        exit2(p)

    # From here on this thread must not sleep.
    p.p_stat = SDEAD

    cpu_exit(p)
    pmap_deactivate(p)
    sched_exit(p)
    panic("sched_exit returned")


def exit2(p: proc) -> None:
    """Queue a thread that exits for init to free. Called by that thread itself."""
    mtx_enter(deadproc_mutex)
    TAILQ_INSERT_TAIL(deadproc, p, "p_runq")
    mtx_leave(deadproc_mutex)
    initprocess.ps_flags |= PS_WAITEVENT
    wakeup(initprocess)


def proc_reap(p: proc) -> None:
    """Wait until a dead thread is off its stack, and free it; the main one with its process."""
    cond_wait(p.p_deadcond, "pdead")  # type: ignore[attr-defined]  # see sys/proc.h
    if p.p_flag & P_THREAD:
        proc_free(p)
    else:
        pr = p.p_p
        KERNEL_LOCK()
        process_remove(pr)
        KERNEL_UNLOCK()
        process_zap(pr)


def process_remove(pr: process) -> None:
    """Take a dead process off what the kernel lock guards."""
    leavepgrp(pr)
    LIST_REMOVE(pr, "ps_sibling")
    process_clear_orphan(pr)


def proc_free(p: proc) -> None:
    """Free a dead thread and its stack."""
    global nthreads
    uvm_uarea_free(p)
    p.p_vmspace = None
    free(p.p_deadcond)  # type: ignore[attr-defined]  # see sys/proc.h
    crfree(p.p_ucred)
    pool_put(proc_pool, p)
    nthreads -= 1


def dowait6(
    q: proc,
    idtype: int,
    id: int,
    statusp: stackvars | None,
    options: int,
    rusagep: rusage | None,
    info: siginfo_t | None,
    retval: Any,
) -> int:
    """Find a child that has something to report, or sleep until one has.

    The kernel lock is held. PS_WAITEVENT, cleared at the start of each round, keeps a wakeup
    between the look at the children and the sleep from being lost. Init frees the dead
    here, unless it returns with a child.
    """
    if info is not None:
        info.si_signo = 0
        info.si_code = 0
        info.si_pid = 0
        info.si_status = 0
    while True:
        q.p_p.ps_flags &= ~PS_WAITEVENT
        nfound = 0
        for pr in LIST_FOREACH(q.p_p.ps_children, "ps_sibling"):
            mtx_enter(pr.ps_mtx)
            if (
                pr.ps_flags & PS_NOZOMBIE
                or (idtype == P_PID and id != pr.ps_pid)
                or (idtype == P_PGID and id != pr.ps_pgrp.pg_id)
            ):
                mtx_leave(pr.ps_mtx)
                continue
            nfound += 1
            if options & WEXITED and pr.ps_flags & PS_ZOMBIE:
                retval.tf_rax = pr.ps_pid
                if info is not None:
                    info.si_pid = pr.ps_pid
                    info.si_uid = pr.ps_ucred.cr_uid
                    info.si_signo = SIGCHLD
                    if pr.ps_xsig == 0:
                        info.si_code = CLD_EXITED
                        info.si_status = pr.ps_xexit
                    elif WCOREDUMP(pr.ps_xsig):
                        info.si_code = CLD_DUMPED
                        info.si_status = _WSTATUS(pr.ps_xsig)
                    else:
                        info.si_code = CLD_KILLED
                        info.si_status = _WSTATUS(pr.ps_xsig)
                if statusp is not None:
                    statusp.status = W_EXITCODE(pr.ps_xexit, pr.ps_xsig)
                if rusagep is not None:
                    rusagep.ru_utime = pr.ps_ru.ru_utime
                    rusagep.ru_stime = pr.ps_ru.ru_stime
                mtx_leave(pr.ps_mtx)
                if (options & WNOWAIT) == 0:
                    proc_finish_wait(q, pr)
                return 0
            if (
                options & WTRAPPED
                and pr.ps_flags & PS_TRACED
                and not pr.ps_flags & PS_WAITED
                and pr.ps_flags & PS_STOPPED
                and pr.ps_flags & PS_TRAPPED
            ):
                if (options & WNOWAIT) == 0:
                    pr.ps_flags |= PS_WAITED
                retval.tf_rax = pr.ps_pid
                if info is not None:
                    info.si_pid = pr.ps_pid
                    info.si_uid = pr.ps_ucred.cr_uid
                    info.si_signo = SIGCHLD
                    info.si_code = CLD_TRAPPED
                    info.si_status = pr.ps_xsig
                if statusp is not None:
                    statusp.status = W_STOPCODE(pr.ps_xsig)
                mtx_leave(pr.ps_mtx)
                return 0
            if (
                (pr.ps_flags & PS_TRACED or options & WUNTRACED)
                and not pr.ps_flags & PS_WAITED
                and pr.ps_flags & PS_STOPPED
                and not pr.ps_flags & PS_TRAPPED
            ):
                if (options & WNOWAIT) == 0:
                    pr.ps_flags |= PS_WAITED
                retval.tf_rax = pr.ps_pid
                if info is not None:
                    info.si_pid = pr.ps_pid
                    info.si_uid = pr.ps_ucred.cr_uid
                    info.si_signo = SIGCHLD
                    info.si_code = CLD_STOPPED
                    info.si_status = pr.ps_xsig
                if statusp is not None:
                    statusp.status = W_STOPCODE(pr.ps_xsig)
                mtx_leave(pr.ps_mtx)
                return 0
            if options & WCONTINUED and pr.ps_flags & PS_CONTINUED:
                if (options & WNOWAIT) == 0:
                    pr.ps_flags &= ~PS_CONTINUED
                retval.tf_rax = pr.ps_pid
                if info is not None:
                    info.si_pid = pr.ps_pid
                    info.si_uid = pr.ps_ucred.cr_uid
                    info.si_signo = SIGCHLD
                    info.si_code = CLD_CONTINUED
                    info.si_status = SIGCONT
                mtx_leave(pr.ps_mtx)
                if statusp is not None:
                    statusp.status = _WCONTINUED
                return 0
            mtx_leave(pr.ps_mtx)
        # A child a debugger has taken is still to be waited for.
        if nfound == 0:
            for pr in LIST_FOREACH(q.p_p.ps_orphans, "ps_orphan"):
                if (
                    pr.ps_flags & PS_NOZOMBIE
                    or (idtype == P_PID and id != pr.ps_pid)
                    or (idtype == P_PGID and id != pr.ps_pgrp.pg_id)
                ):
                    continue
                nfound += 1
                break
        if q.p_p is initprocess:
            KERNEL_UNLOCK()
            mtx_enter(deadproc_mutex)
            while p := TAILQ_FIRST(deadproc):
                TAILQ_REMOVE(deadproc, p, "p_runq")
                mtx_leave(deadproc_mutex)
                proc_reap(p)
                mtx_enter(deadproc_mutex)
            mtx_leave(deadproc_mutex)
            KERNEL_LOCK()
        if nfound == 0:
            return ECHILD
        if options & WNOHANG:
            retval.tf_rax = 0
            return 0
        sleep_setup(q.p_p, PWAIT | PCATCH, "wait")
        error = sleep_finish(INFSLP, not q.p_p.ps_flags & PS_WAITEVENT)
        if error != 0:
            return error


def proc_finish_wait(waiter: proc, pr: process) -> None:
    """Take a zombie: give it back to the parent a debugger had it from, or be done with it."""
    mtx_enter(pr.ps_mtx)
    if pr.ps_opptr is not None and pr.ps_opptr is not pr.ps_pptr:
        tr = pr.ps_opptr
        pr.ps_opptr = None
        pr.ps_flags &= ~PS_TRACED
        process_reparent(pr, tr)
        mtx_leave(pr.ps_mtx)
        prsignal(tr, SIGCHLD)
        tr.ps_flags |= PS_WAITEVENT
        wakeup(tr)
    else:
        mtx_leave(pr.ps_mtx)
        cond_wait(pr.ps_mainproc.p_deadcond, "pdead")  # type: ignore[union-attr]  # see sys/proc.h
        scheduler_wait_hook(waiter, pr.ps_mainproc)
        rup = waiter.p_p.ps_cru
        ruadd(rup, pr.ps_ru)
        LIST_REMOVE(pr, "ps_list")
        freepid(pr.ps_pid)
        process_remove(pr)
        KERNEL_UNLOCK()
        process_zap(pr)
        KERNEL_LOCK()


def process_zap(pr: process) -> None:
    """Free a process nobody can find any more, with its main thread. No kernel lock."""
    global nprocesses
    p = pr.ps_mainproc
    uvm_exit(pr)
    chgproccnt(pr.ps_ucred.cr_ruid, -1)
    KASSERT(pr.ps_threadcnt == 0)
    KASSERT(pr.ps_exitcnt == 1)
    if pr.ps_ptstat is not None:
        free(pr.ps_ptstat)
    pool_put(rusage_pool, pr.ps_ru)
    KASSERT(TAILQ_EMPTY(pr.ps_threads))
    sigactsfree(pr.ps_sigacts)
    lim_free(pr.ps_limit)
    crfree(pr.ps_ucred)
    pool_put(process_pool, pr)
    nprocesses -= 1
    proc_free(p)
