"""kern/kern_sig.c 1.364: signal actions, and sending signals.

Taking them is in kern/kern_sig_post.py, stopping and single-threading a process in
kern/kern_sig_stop.py, both of the same upstream file.

Simplified: credentials are compared by user id only; sigaltstack, sigio, trapsignal() and
__thrsigdivert(2) are left out. The handlers of a process are known as caught, ignored or default
(see sys/signalvar.py). Where C jumps to `out`, an if-chain skips the rest; `siglist`, a pointer
there, is the flag `toprocess` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.sys.errno import EINTR, EINVAL, EPERM, ESRCH
from exittui.kernel.sys.event import NOTE_SIGNAL
from exittui.kernel.sys.param import INFSLP, NZERO, PCATCH, PPAUSE, PUSER
from exittui.kernel.sys.pool import PR_WAITOK, pool
from exittui.kernel.sys.proc import (
    P_SIGSUSPEND,
    P_SINTR,
    P_SUSPSIG,
    P_WEXIT,
    PS_CONTINUED,
    PS_COREDUMP,
    PS_EXITING,
    PS_NOBROADCASTKILL,
    PS_PPWAIT,
    PS_STOPPED,
    PS_STOPPING,
    PS_SYSTEM,
    PS_TRACED,
    PS_TRAPPED,
    PS_WAITED,
    PS_WAITEVENT,
    SINGLE_SUSPEND,
    SONPROC,
    SSLEEP,
    SSTOP,
    proc,
    process,
)
from exittui.kernel.sys.signal import (
    NSIG,
    SA_NOCLDSTOP,
    SA_NOCLDWAIT,
    SA_RESETHAND,
    SA_RESTART,
    SIG_BLOCK,
    SIG_CATCH,
    SIG_DFL,
    SIG_HOLD,
    SIG_IGN,
    SIG_SETMASK,
    SIG_UNBLOCK,
    SIGCHLD,
    SIGCONT,
    SIGKILL,
    SIGSTOP,
)
from exittui.kernel.sys.signalvar import (
    CONTSIGMASK,
    SA_CONT,
    SA_CORE,
    SA_IGNORE,
    SA_KILL,
    SA_STOP,
    SA_TTYSTOP,
    SAS_NOCLDSTOP,
    SAS_NOCLDWAIT,
    SPROCESS,
    STHREAD,
    STOPSIGMASK,
    sigacts,
    sigcantmask,
    sigmask,
)
from exittui.machine.lang import KASSERT, panic, variable
from exittui.machine.queue import LIST_EMPTY, LIST_FOREACH, LIST_HEAD, TAILQ_FIRST, TAILQ_FOREACH

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.machdep import signotify
    from exittui.kernel.kern.init_main import initprocess
    from exittui.kernel.kern.kern_event import knote_locked
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_proc import allprocess, pgfind, prfind, tfind_user, zombiefind
    from exittui.kernel.kern.kern_sig_stop import (
        process_continue,
        process_stop,
        process_suspend_signal,
    )
    from exittui.kernel.kern.kern_synch import (
        nowake,
        tsleep_nsec,
        unsleep,
        wakeup,
    )
    from exittui.kernel.kern.sched_bsd import setrunnable
    from exittui.kernel.kern.subr_pool import pool_get, pool_put
    from exittui.kernel.sys.systm import (
        SCHED_LOCK,
        SCHED_UNLOCK,
    )

# The properties of each signal, by number.
sigprop: Final = (
    0,
    SA_KILL,
    SA_KILL,
    SA_KILL | SA_CORE,
    SA_KILL | SA_CORE,
    SA_KILL | SA_CORE,
    SA_KILL | SA_CORE,
    SA_KILL | SA_CORE,
    SA_KILL | SA_CORE,
    SA_KILL,
    SA_KILL | SA_CORE,
    SA_KILL | SA_CORE,
    SA_KILL | SA_CORE,
    SA_KILL,
    SA_KILL,
    SA_KILL,
    SA_IGNORE,
    SA_STOP,
    SA_STOP | SA_TTYSTOP,
    SA_IGNORE | SA_CONT,
    SA_IGNORE,
    SA_STOP | SA_TTYSTOP,
    SA_STOP | SA_TTYSTOP,
    SA_IGNORE,
    SA_KILL,
    SA_KILL,
    SA_KILL,
    SA_KILL,
    SA_IGNORE,
    SA_IGNORE,
    SA_KILL,
    SA_KILL,
    SA_IGNORE,
)

sigacts_pool: pool = variable(pool, pr_name="sigapl")


def cansignal(p: proc, qr: process, signum: int) -> int:
    """Whether thread `p` may send that signal to process `qr`."""
    if p.p_ucred.cr_uid == 0:
        return 1
    if p.p_p is qr:
        return 1
    if p.p_ucred.cr_uid == qr.ps_ucred.cr_uid:
        return 1
    return 0


def sigactsinit(pr: process) -> sigacts:
    """A copy of the signal actions of a process, for its child. May sleep."""
    pool_get(sigacts_pool, PR_WAITOK)
    ps = sigacts(
        ps_sigintr=pr.ps_sigacts.ps_sigintr,
        ps_sigreset=pr.ps_sigacts.ps_sigreset,
        ps_sigignore=pr.ps_sigacts.ps_sigignore,
        ps_sigcatch=pr.ps_sigacts.ps_sigcatch,
        ps_sigflags=pr.ps_sigacts.ps_sigflags,
    )
    return ps


def sigactsfree(ps: sigacts) -> None:
    """Free the signal actions of a process."""
    pool_put(sigacts_pool, ps)


def sys_sigaction(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """sigaction(2) with (signum, SIG_DFL | SIG_IGN | SIG_CATCH, SA_* flags)."""
    signum = v[0]
    if signum <= 0 or signum >= NSIG or signum == SIGKILL or signum == SIGSTOP:
        return EINVAL
    setsigvec(p, signum, v[1], v[2])
    return 0


def setsigvec(p: proc, signum: int, handler: int, sa_flags: int) -> None:
    """Set what a process does on a signal."""
    ps = p.p_p.ps_sigacts
    bit = sigmask(signum)
    mtx_enter(p.p_p.ps_mtx)
    if signum == SIGCHLD:
        if sa_flags & SA_NOCLDSTOP:
            ps.ps_sigflags |= SAS_NOCLDSTOP
        else:
            ps.ps_sigflags &= ~SAS_NOCLDSTOP
        if initprocess.ps_sigacts is not ps and (sa_flags & SA_NOCLDWAIT or handler == SIG_IGN):
            ps.ps_sigflags |= SAS_NOCLDWAIT
        else:
            ps.ps_sigflags &= ~SAS_NOCLDWAIT
    if sa_flags & SA_RESETHAND:
        ps.ps_sigreset |= bit
    else:
        ps.ps_sigreset &= ~bit
    if (sa_flags & SA_RESTART) == 0:
        ps.ps_sigintr |= bit
    else:
        ps.ps_sigintr &= ~bit
    if handler == SIG_IGN or (sigprop[signum] & SA_IGNORE and handler == SIG_DFL):
        p.p_siglist &= ~bit
        p.p_p.ps_siglist &= ~bit
        if signum != SIGCONT:
            ps.ps_sigignore |= bit
        ps.ps_sigcatch &= ~bit
    else:
        ps.ps_sigignore &= ~bit
        if handler == SIG_DFL:
            ps.ps_sigcatch &= ~bit
        else:
            ps.ps_sigcatch |= bit
    mtx_leave(p.p_p.ps_mtx)


def siginit(ps: sigacts) -> None:
    """The signal actions of process 0: what is ignored by default is ignored."""
    i = 0
    while i < NSIG:
        if sigprop[i] & SA_IGNORE and i != SIGCONT:
            ps.ps_sigignore |= sigmask(i)
        i += 1
    ps.ps_sigflags = SAS_NOCLDWAIT | SAS_NOCLDSTOP


def sys_sigprocmask(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """sigprocmask(2) with (how, mask)."""
    error = 0
    KASSERT(p is curproc())
    retval.tf_rax = p.p_sigmask
    mask = v[1] & ~sigcantmask
    if v[0] == SIG_BLOCK:
        p.p_sigmask |= mask
    elif v[0] == SIG_UNBLOCK:
        p.p_sigmask &= ~mask
    elif v[0] == SIG_SETMASK:
        p.p_sigmask = mask
    else:
        error = EINVAL
    return error


def dosigsuspend(p: proc, newmask: int) -> None:
    """Replace the signal mask until userret()."""
    KASSERT(p is curproc())
    p.p_oldmask = p.p_sigmask
    p.p_sigmask = newmask
    p.p_flag |= P_SIGSUSPEND


def sys_sigsuspend(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """sigsuspend(2) with (mask): sleep until a signal it lets through. -1 is the thread's mask."""
    dosigsuspend(p, p.p_sigmask if v[0] == -1 else v[0] & ~sigcantmask)
    while tsleep_nsec(nowake, PPAUSE | PCATCH, "sigsusp", INFSLP) == 0:
        pass
    return EINTR


def sys_kill(cp: proc, v: tuple[Any, ...], retval: Any) -> int:
    """kill(2) with (pid, signum)."""
    pid = v[0]
    signum = v[1]
    zombie = 0
    if signum < 0 or signum >= NSIG:
        return EINVAL
    if pid > 0:
        pr = prfind(pid)
        if pr is None:
            pr = zombiefind(pid)
            if pr is None:
                return ESRCH
            zombie = 1
        if not cansignal(cp, pr, signum):
            return EPERM
        if signum and not zombie:
            prsignal(pr, signum)
        return 0
    if pid == -1:
        return killpg1(cp, signum, 0, 1)
    if pid == 0:
        return killpg1(cp, signum, 0, 0)
    return killpg1(cp, signum, -pid, 0)


def sys_thrkill(cp: proc, v: tuple[Any, ...], retval: Any) -> int:
    """thrkill(2) with (tid, signum); tid 0 is the thread itself."""
    tid = v[0]
    signum = v[1]
    if signum < 0 or signum >= NSIG:
        return EINVAL
    if tid:
        p = tfind_user(tid, cp.p_p)
    else:
        p = cp
    if p is None:
        return ESRCH
    if signum:
        ptsignal(p, signum, STHREAD)
    return 0


def killpg1(cp: proc, signum: int, pgid: int, all: int) -> int:
    """Send a signal to a process group, or to everybody."""
    nfound = 0
    if all:
        for pr in LIST_FOREACH(allprocess, "ps_list"):
            if pr.ps_pid <= 1 or pr.ps_flags & (PS_SYSTEM | PS_NOBROADCASTKILL) or pr is cp.p_p:
                continue
            if not cansignal(cp, pr, signum):
                continue
            nfound += 1
            if signum:
                prsignal(pr, signum)
    else:
        if pgid == 0:
            pgrp = cp.p_p.ps_pgrp
        else:
            pgrp = pgfind(pgid)
            if pgrp is None:
                return ESRCH
        for pr in LIST_FOREACH(pgrp.pg_members, "ps_pglist"):
            if pr.ps_pid <= 1 or pr.ps_flags & PS_SYSTEM:
                continue
            if not cansignal(cp, pr, signum):
                continue
            nfound += 1
            if signum:
                prsignal(pr, signum)
    return 0 if nfound else ESRCH


def psignal(p: proc, signum: int) -> None:
    """Send a signal to the process of a thread."""
    ptsignal(p, signum, SPROCESS)


def prsignal(pr: process, signum: int) -> None:
    """Send a signal to a process, unless it is exiting."""
    mtx_enter(pr.ps_mtx)
    if pr.ps_flags & PS_EXITING:
        mtx_leave(pr.ps_mtx)
        return
    q: Any = TAILQ_FIRST(pr.ps_threads)
    ptsignal_locked(q, signum, SPROCESS)
    mtx_leave(pr.ps_mtx)


def ptsignal(p: proc, signum: int, type: int) -> None:
    """Send a signal to a thread (STHREAD), or by way of it to its process (SPROCESS)."""
    pr = p.p_p
    mtx_enter(pr.ps_mtx)
    ptsignal_locked(p, signum, type)
    mtx_leave(pr.ps_mtx)


def ptsignal_locked(p: proc, signum: int, type: int) -> None:
    """Make a signal pending, and do at once what cannot wait for the thread to notice.

    The ps_mtx of the process is held. A signal to a process goes to the running thread or the
    first that does not block it. Ignored signals are forgotten.
    """
    altaction = SIG_DFL
    pr = p.p_p
    wakeparent = 0
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    if signum <= 0 or signum >= NSIG:
        panic("psignal signal number")
    if pr.ps_flags & PS_EXITING:
        return
    mask = sigmask(signum)
    sigmask_ = p.p_sigmask
    if type == SPROCESS:
        if pr.ps_flags & PS_COREDUMP and signum == SIGKILL:
            pr.ps_siglist |= mask
            return
        q = curproc()
        tmpmask = q.p_sigmask
        if q.p_p is pr and (q.p_flag & P_WEXIT) == 0 and (tmpmask & mask) == 0:
            p = q
            sigmask_ = tmpmask
        else:
            for q in TAILQ_FOREACH(pr.ps_threads, "p_thr_link"):
                if q.p_flag & P_WEXIT:
                    continue
                tmpmask = q.p_sigmask
                if (tmpmask & mask) != 0:
                    continue
                p = q
                sigmask_ = tmpmask
                if q.p_flag & P_SIGSUSPEND:
                    break
    knote_locked(pr.ps_klist, NOTE_SIGNAL | signum)
    prop = sigprop[signum]
    if pr.ps_flags & PS_TRACED:
        action = SIG_DFL
    else:
        if pr.ps_sigacts.ps_sigignore & mask:
            return
        if sigmask_ & mask:
            action = SIG_HOLD
            if pr.ps_sigacts.ps_sigcatch & mask:
                altaction = SIG_CATCH
        elif pr.ps_sigacts.ps_sigcatch & mask:
            action = SIG_CATCH
        else:
            action = SIG_DFL
            if prop & SA_KILL and pr.ps_nice > NZERO:
                pr.ps_nice = NZERO
            if prop & SA_TTYSTOP and pr.ps_pgrp.pg_jobc == 0:
                return
    toprocess = type == SPROCESS or prop & (SA_CONT | SA_STOP)

    SCHED_LOCK()
    if p.p_stat == SSTOP:
        if pr.ps_flags & PS_TRACED:
            pass
        elif signum == SIGKILL:
            p.p_flag &= ~P_SUSPSIG
            if p.p_usrpri > PUSER:
                p.p_usrpri = PUSER
            unsleep(p)
            setrunnable(p)
        elif prop & SA_CONT:
            pr.ps_flags |= PS_CONTINUED
            pr.ps_flags &= ~(PS_WAITED | PS_STOPPED | PS_STOPPING | PS_TRAPPED)
            if action == SIG_DFL:
                mask = 0
            if action == SIG_CATCH:
                if p.p_usrpri > PUSER:
                    p.p_usrpri = PUSER
                unsleep(p)
            process_continue(pr, P_SUSPSIG)
            wakeparent = 1
        elif action == SIG_HOLD:
            pass
        elif prop & SA_STOP:
            mask = 0
        elif p.p_flag & P_SINTR:
            unsleep(p)
    elif p.p_stat == SSLEEP:
        if (p.p_flag & P_SINTR) == 0:
            pass
        elif pr.ps_flags & PS_TRACED:
            unsleep(p)
            setrunnable(p)
        else:
            # The thread may have changed its mask and gone to sleep since.
            sigmask_ = p.p_sigmask
            if (sigmask_ & mask) == 0:
                if action == SIG_HOLD:
                    action = altaction
                    if action == SIG_DFL:
                        if prop & SA_KILL and pr.ps_nice > NZERO:
                            pr.ps_nice = NZERO
                        if prop & SA_TTYSTOP and pr.ps_pgrp.pg_jobc == 0:
                            mask = 0
                            prop = 0
                if mask == 0:
                    pass
                elif prop & SA_CONT and action == SIG_DFL:
                    mask = 0
                elif prop & SA_STOP and action == SIG_DFL:
                    if (pr.ps_flags & PS_PPWAIT) == 0:
                        mask = 0
                        pr.ps_xsig = signum
                        pr.ps_flags |= PS_STOPPING
                        process_stop(pr, P_SUSPSIG, SINGLE_SUSPEND)
                        wakeparent = 1
                else:
                    if p.p_usrpri > PUSER:
                        p.p_usrpri = PUSER
                    unsleep(p)
                    setrunnable(p)
    elif p.p_stat == SONPROC and action != SIG_HOLD:
        # Pending before the AST: the thread must find it.
        if toprocess:
            pr.ps_siglist |= mask
        else:
            p.p_siglist |= mask
        mask = 0
        signotify(p)
    if mask:
        if toprocess:
            pr.ps_siglist |= mask
        else:
            p.p_siglist |= mask
    if prop & SA_CONT:
        pr.ps_siglist &= ~STOPSIGMASK
    if prop & SA_STOP:
        pr.ps_siglist &= ~CONTSIGMASK
        pr.ps_flags &= ~PS_CONTINUED
    SCHED_UNLOCK()
    if wakeparent:
        if prop & SA_STOP:
            process_suspend_signal(pr)
        else:
            pr.ps_pptr.ps_flags |= PS_WAITEVENT
            wakeup(pr.ps_pptr)


def sigio_freelist(sigiolst: LIST_HEAD[Any]) -> None:
    """Let go of the requests for SIGIO to this process; nobody makes any."""
    if LIST_EMPTY(sigiolst):
        return
    panic("sigio_freelist")
