"""kern/kern_exit.c 1.245: wait, and whose child a process is.

The other half of the file is kern/kern_exit.py.

Simplified: sys_wait4() and sys_waitid() return what they would copy out in `retval.tf_out`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.errno import ECHILD, EINVAL
from exittui.kernel.sys.param import INFSLP, PCATCH, PWAIT
from exittui.kernel.sys.proc import (
    PS_CONTINUED,
    PS_NOZOMBIE,
    PS_ORPHAN,
    PS_STOPPED,
    PS_TRACED,
    PS_TRAPPED,
    PS_WAITED,
    PS_WAITEVENT,
    PS_ZOMBIE,
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
from exittui.kernel.sys.signal import SIGCHLD, SIGCONT
from exittui.kernel.sys.wait import (
    _WCONTINUED,
    _WSTATUS,
    P_ALL,
    P_PGID,
    P_PID,
    W_EXITCODE,
    W_STOPCODE,
    WAIT_ANY,
    WAIT_MYPGRP,
    WCONTINUED,
    WCOREDUMP,
    WEXITED,
    WNOHANG,
    WNOWAIT,
    WSTOPPED,
    WTRAPPED,
    WUNTRACED,
)
from exittui.machine.lang import KASSERT, free
from exittui.machine.queue import (
    LIST_FOREACH,
    LIST_INSERT_HEAD,
    LIST_REMOVE,
    TAILQ_EMPTY,
)

if TYPE_CHECKING:
    from exittui.kernel.kern.init_main import initprocess
    from exittui.kernel.kern.kern_exit import proc_free
    from exittui.kernel.kern.kern_fork import freepid, nprocesses
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_proc import (
        chgproccnt,
        leavepgrp,
        process_pool,
        rusage_pool,
    )
    from exittui.kernel.kern.kern_prot import crfree
    from exittui.kernel.kern.kern_resource import (
        lim_free,
        ruadd,
    )
    from exittui.kernel.kern.kern_sig import (
        prsignal,
        sigactsfree,
    )
    from exittui.kernel.kern.kern_synch import (
        sleep_finish,
        sleep_setup,
        wakeup,
    )
    from exittui.kernel.kern.subr_pool import pool_put
    from exittui.kernel.sys.sched import scheduler_wait_hook


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
    between the look at the children and the sleep from being lost.
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
        if nfound == 0:
            return ECHILD
        if options & WNOHANG:
            retval.tf_rax = 0
            return 0
        sleep_setup(q.p_p, PWAIT | PCATCH, "wait")
        error = sleep_finish(INFSLP, not q.p_p.ps_flags & PS_WAITEVENT)
        if error != 0:
            return error


def sys_wait4(q: proc, v: tuple[Any, ...], retval: Any) -> int:
    """wait4(2) with (pid, options): `tf_out` is the status.

    Simplified: the usage is not copied out.
    """
    pid = v[0]
    options = v[1]
    if options & ~(WUNTRACED | WNOHANG | WCONTINUED):
        return EINVAL
    options |= WEXITED | WTRAPPED
    if pid == WAIT_MYPGRP:
        idtype = P_PGID
        id = q.p_p.ps_pgrp.pg_id
    elif pid == WAIT_ANY:
        idtype = P_ALL
        id = 0
    elif pid < 0:
        idtype = P_PGID
        id = -pid
    else:
        idtype = P_PID
        id = pid
    error = dowait6(q, idtype, id, q.p_stk, options, q.p_stk.ru, None, retval)
    if error == 0 and retval.tf_rax > 0:
        retval.tf_out = q.p_stk.status
    return error


def sys_waitid(q: proc, v: tuple[Any, ...], retval: Any) -> int:
    """waitid(2) with (idtype, id, options): `tf_out` is (si_pid, si_code, si_status)."""
    idtype = v[0]
    options = v[2]
    if options & ~(WSTOPPED | WCONTINUED | WEXITED | WTRAPPED | WNOHANG | WNOWAIT):
        return EINVAL
    if (options & (WSTOPPED | WCONTINUED | WEXITED | WTRAPPED)) == 0:
        return EINVAL
    if idtype != P_ALL and idtype != P_PID and idtype != P_PGID:
        return EINVAL
    info = q.p_stk.info
    error = dowait6(q, idtype, v[1], None, options, None, info, retval)
    if error == 0:
        retval.tf_out = (info.si_pid, info.si_code, info.si_status)
    if error == 0:
        retval.tf_rax = 0
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
        scheduler_wait_hook(waiter, pr.ps_mainproc)
        rup = waiter.p_p.ps_cru
        ruadd(rup, pr.ps_ru)
        LIST_REMOVE(pr, "ps_list")
        freepid(pr.ps_pid)
        process_zap(pr)


def process_untrace(pr: process) -> None:
    """Give a traced process back to its original parent, or to init. Its ps_mtx is held."""
    ppr = None
    KASSERT(pr.ps_flags & PS_TRACED)
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    if pr.ps_opptr is not None and pr.ps_opptr is not pr.ps_pptr:
        ppr = pr.ps_opptr
    pr.ps_opptr = None
    pr.ps_flags &= ~PS_TRACED
    process_reparent(pr, ppr if ppr is not None else initprocess)


def process_clear_orphan(pr: process) -> None:
    """Take a process off the orphans of its old parent, if it is there."""
    if pr.ps_flags & PS_ORPHAN:
        LIST_REMOVE(pr, "ps_orphan")
        pr.ps_flags &= ~PS_ORPHAN


def process_reparent(child: process, parent: process) -> None:
    """Make `parent` the parent of `child`. The kernel lock and the child's ps_mtx are held.

    A traced child stays known to its old parent as an orphan.
    """
    if child.ps_pptr is parent:
        return
    KASSERT(child.ps_opptr is None or child.ps_opptr is child.ps_pptr)
    LIST_REMOVE(child, "ps_sibling")
    LIST_INSERT_HEAD(parent.ps_children, child, "ps_sibling")
    process_clear_orphan(child)
    if child.ps_flags & PS_TRACED:
        child.ps_flags |= PS_ORPHAN
        LIST_INSERT_HEAD(child.ps_pptr.ps_orphans, child, "ps_orphan")
    MUTEX_ASSERT_LOCKED(child.ps_mtx)
    child.ps_pptr = parent
    child.ps_ppid = parent.ps_pid


def process_zap(pr: process) -> None:
    """Free a process that was waited for, or that nobody will, with its main thread."""
    global nprocesses
    p = pr.ps_mainproc
    leavepgrp(pr)
    LIST_REMOVE(pr, "ps_sibling")
    process_clear_orphan(pr)
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
