"""kern/kern_sig.c 1.364: taking a signal, on the way back to user mode or in a sleep.

Sending is in kern/kern_sig.py, of the same upstream file.

Simplified: a handler runs and returns at once, in sendsig(); a core dump is a flag and always
succeeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.kern.kern_sig import sigprop
from exittui.kernel.sys.proc import (
    EXIT_NORMAL,
    P_HASSIBLING,
    P_SIGSUSPEND,
    P_SUSPSIG,
    P_SUSPSINGLE,
    P_TRACESINGLE,
    P_WEXIT,
    PS_COREDUMP,
    PS_PPWAIT,
    PS_STOPPED,
    PS_STOPPING,
    PS_TRACED,
    PS_TRAPPED,
    PS_WAITED,
    SINGLE_SUSPEND,
    SINGLE_UNWIND,
    proc,
)
from exittui.kernel.sys.sched import ffs
from exittui.kernel.sys.signal import (
    SIG_CATCH,
    SIG_DFL,
    SIG_IGN,
    SIGCONT,
    SIGILL,
    SIGKILL,
)
from exittui.kernel.sys.signalvar import (
    SA_CORE,
    SA_IGNORE,
    SA_STOP,
    SA_TTYSTOP,
    SIGPENDING,
    STOPSIGMASK,
    sigctx,
    sigmask,
)
from exittui.kernel.sys.wait import WCOREFLAG
from exittui.machine.lang import KASSERT, atomic_cas, panic

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_exit import exit1
    from exittui.kernel.kern.kern_lock import mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_sig_stop import (
        proc_stop_finish,
        proc_stop_setup,
        proc_suspend_check,
        proc_suspend_check_locked,
        process_continue,
        process_stop,
        process_suspend_signal,
        single_thread_set,
    )
    from exittui.kernel.sys.systm import (
        KERNEL_LOCK,
        SCHED_LOCK,
        SCHED_UNLOCK,
    )


def setsigctx(p: proc, signum: int, sctx: sigctx) -> None:
    """Look up what the process of a thread does on a signal."""
    pr = p.p_p
    ps = pr.ps_sigacts
    mtx_enter(pr.ps_mtx)
    mask = sigmask(signum)
    sctx.sig_reset = (ps.ps_sigreset & mask) != 0
    sctx.sig_intr = (ps.ps_sigintr & mask) != 0
    sctx.sig_ignore = (ps.ps_sigignore & mask) != 0
    sctx.sig_catch = (ps.ps_sigcatch & mask) != 0
    sctx.sig_action = SIG_CATCH if sctx.sig_catch else SIG_IGN if sctx.sig_ignore else SIG_DFL
    sctx.sig_stop = bool(sigprop[signum] & SA_STOP and sctx.sig_action == SIG_DFL)
    if sctx.sig_stop:
        if pr.ps_flags & PS_TRACED or (pr.ps_pgrp.pg_jobc == 0 and sigprop[signum] & SA_TTYSTOP):
            sctx.sig_stop = False
            sctx.sig_ignore = True
    mtx_leave(pr.ps_mtx)


def cursig(p: proc, sctx: sigctx, deep: int) -> int:
    """The next signal to act on, 0 if none; what to do with it is left in `sctx`.

    A stop signal with the default action stops the process here, unless `deep` in a sleep, where
    the caller sees to it. The signal returned stays pending on the thread.
    """
    pr = p.p_p
    keep = 0
    KASSERT(p is curproc())
    while True:
        ps_siglist = pr.ps_siglist
        mask = SIGPENDING(p)
        if pr.ps_flags & PS_PPWAIT:
            mask &= ~STOPSIGMASK
        signum = ffs(mask)
        if signum == 0:
            break
        mask = sigmask(signum)
        if not atomic_cas(pr, "ps_siglist", ps_siglist, ps_siglist & ~mask):
            continue
        p.p_siglist &= ~mask
        setsigctx(p, signum, sctx)
        if sctx.sig_ignore and (pr.ps_flags & PS_TRACED) == 0:
            continue
        if deep:
            if sctx.sig_stop and SIGPENDING(p):
                keep |= mask
                continue
            break
        if (pr.ps_flags & (PS_TRACED | PS_PPWAIT)) == PS_TRACED and signum != SIGKILL:
            signum = proc_trap(p, signum)
            if (pr.ps_flags & PS_TRACED) == 0 or signum == 0:
                continue
            mask = sigmask(signum)
            setsigctx(p, signum, sctx)
            if sctx.sig_ignore:
                continue
            if (p.p_sigmask & mask) != 0:
                p.p_siglist |= mask
                continue
        prop = sigprop[signum]
        if sctx.sig_action == SIG_DFL:
            if pr.ps_pid <= 1:
                continue
            if sctx.sig_stop:
                mtx_enter(pr.ps_mtx)
                pr.ps_xsig = signum
                pr.ps_flags |= PS_STOPPING
                SCHED_LOCK()
                process_stop(pr, P_SUSPSIG, SINGLE_SUSPEND)
                p.p_flag |= P_SUSPSIG
                proc_stop_setup(p)
                SCHED_UNLOCK()
                process_suspend_signal(pr)
                proc_stop_finish(p)
                mtx_leave(pr.ps_mtx)
            elif prop & SA_IGNORE:
                continue
            else:
                break
        elif sctx.sig_action == SIG_IGN:
            continue
        else:
            break
    if keep != 0 and signum == 0:
        signum = ffs(keep)
        setsigctx(p, signum, sctx)
    p.p_siglist |= mask | keep
    return signum


def proc_trap(p: proc, signum: int) -> int:
    """Stop a traced process for its debugger; the signal that it is continued with."""
    pr = p.p_p
    mtx_enter(pr.ps_mtx)
    proc_suspend_check_locked(p, 0)
    pr.ps_flags |= PS_STOPPING | PS_TRAPPED
    SCHED_LOCK()
    process_stop(pr, P_SUSPSIG, SINGLE_SUSPEND)
    p.p_flag |= P_SUSPSIG
    proc_stop_setup(p)
    SCHED_UNLOCK()
    pr.ps_xsig = signum
    pr.ps_trapped = p
    process_suspend_signal(pr)
    proc_stop_finish(p)
    p.p_flag &= ~P_SUSPSIG
    pr.ps_flags &= ~(PS_WAITED | PS_STOPPED | PS_TRAPPED)
    signum = pr.ps_xsig
    pr.ps_xsig = 0
    pr.ps_trapped = None
    if (p.p_flag & P_TRACESINGLE) == 0:
        SCHED_LOCK()
        process_continue(pr, P_SUSPSIG)
        SCHED_UNLOCK()
    p.p_flag &= ~P_TRACESINGLE
    mtx_leave(pr.ps_mtx)
    return signum


def sendsig(p: proc, signum: int, returnmask: int) -> int:
    """arch/amd64/amd64/machdep.c: run a handler.

    Simplified: it runs and returns at once.
    """
    p.p_ru.ru_nsignals += 1
    p.p_sigmask = returnmask
    return 0


def postsig(p: proc, signum: int, sctx: sigctx) -> None:
    """Act on the signal that cursig() returned: die of it, or run its handler."""
    KASSERT(signum != 0)
    mask = sigmask(signum)
    p.p_siglist &= ~mask
    if sctx.sig_action == SIG_DFL:
        KERNEL_LOCK()
        sigexit(p, signum)
    else:
        if sctx.sig_action == SIG_IGN or p.p_sigmask & mask:
            panic("postsig action")
        if p.p_flag & P_SIGSUSPEND:
            p.p_flag &= ~P_SIGSUSPEND
            returnmask = p.p_oldmask
        else:
            returnmask = p.p_sigmask
        if sendsig(p, signum, returnmask):
            KERNEL_LOCK()
            sigexit(p, SIGILL)
        postsig_done(p, signum, sctx.sig_reset)


def postsig_done(p: proc, signum: int, reset: int) -> None:
    """After a handler was set up: forget it, if it was for one signal only."""
    if reset != 0:
        mask = sigmask(signum)
        ps = p.p_p.ps_sigacts
        mtx_enter(p.p_p.ps_mtx)
        ps.ps_sigcatch &= ~mask
        if signum != SIGCONT and sigprop[signum] & SA_IGNORE:
            ps.ps_sigignore |= mask
        mtx_leave(p.p_p.ps_mtx)


def sigexit(p: proc, signum: int) -> None:
    """End the process because of a signal, with a core dump if that is its way. No return.

    The kernel lock is held.
    """
    p.p_flag |= P_WEXIT
    if sigprop[signum] & SA_CORE:
        p.p_sisig = signum
        if P_HASSIBLING(p):
            single_thread_set(p, SINGLE_UNWIND)
        if coredump(p) == 0:
            signum |= WCOREFLAG
    exit1(p, 0, signum, EXIT_NORMAL)


def coredump(p: proc) -> int:
    """Dump core: nothing but the flag here, and always a success."""
    p.p_p.ps_flags |= PS_COREDUMP
    return 0


def userret(p: proc) -> None:
    """The way back to user mode: suspend, exit or take signals first. No lock is held."""
    if p.p_flag & (P_SUSPSINGLE | P_SUSPSIG):
        proc_suspend_check(p, 0)
    if SIGPENDING(p) != 0:
        signum = cursig(p, p.p_stk.ctx, 0)
        while signum != 0:
            postsig(p, signum, p.p_stk.ctx)
            signum = cursig(p, p.p_stk.ctx, 0)
    if p.p_flag & P_SIGSUSPEND:
        p.p_sigmask = p.p_oldmask
        p.p_flag &= ~P_SIGSUSPEND
        signum = cursig(p, p.p_stk.ctx, 0)
        while signum != 0:
            postsig(p, signum, p.p_stk.ctx)
            signum = cursig(p, p.p_stk.ctx, 0)
    p.p_cpu.ci_schedstate.spc_curpriority = p.p_usrpri
