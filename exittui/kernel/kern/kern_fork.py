"""kern/kern_fork.c 1.270: new processes and threads, the limits on them, pids.

fork1() and thread_fork() serve boot as well. A child runs its parent's program on from the call, as
in the kernel.

Simplified: pids and thread ids are given out in order instead of at random, and no pid is given out
twice. Tracing to files, unveil, pins, profiling, plimit copies and tracepoints are left out.

What stepping shows of this revision: fork1() returns the pid of a child after having slept for it
(vfork), in which time another thread of the parent may have waited for it and freed the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.errno import EAGAIN, EINVAL
from exittui.kernel.sys.param import INFSLP, MAXPROCESS, MAXTHREAD, PWAIT
from exittui.kernel.sys.pool import PR_WAITOK
from exittui.kernel.sys.proc import (
    FORK_FORK,
    FORK_IDLE,
    FORK_NOZOMBIE,
    FORK_PPWAIT,
    FORK_PTRACE,
    FORK_SHAREFILES,
    FORK_SHAREVM,
    FORK_SYSTEM,
    FORK_VFORK,
    P_SUSPSIG,
    P_SUSPSINGLE,
    P_SYSTEM,
    P_THREAD,
    PS_CHROOT,
    PS_EMBRYO,
    PS_EXECPLEDGE,
    PS_ISPWAIT,
    PS_ITIMER,
    PS_NOZOMBIE,
    PS_PLEDGE,
    PS_PPWAIT,
    PS_PROFIL,
    PS_STOPPING,
    PS_SUGID,
    PS_SUGIDEXEC,
    PS_SYSTEM,
    PS_TRACED,
    PS_WXNEEDED,
    SIDL,
    THREAD_PID_OFFSET,
    proc,
    process,
    ptrace_state,
    stackvars,
)
from exittui.kernel.sys.ptrace import PTRACE_FORK
from exittui.kernel.sys.sched import SPCF_ITIMER, SPCF_PROFCLOCK
from exittui.kernel.sys.signal import SIGTRAP
from exittui.machine.lang import KASSERT, variable
from exittui.machine.queue import LIST_INSERT_AFTER, LIST_INSERT_HEAD, TAILQ_INSERT_TAIL

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.kernel.arch.amd64.machdep import clear_resched
    from exittui.kernel.arch.amd64.trap import child_return
    from exittui.kernel.arch.amd64.vm_machdep import cpu_fork
    from exittui.kernel.kern.init_main import uvmexp
    from exittui.kernel.kern.kern_descrip import fdcopy, fdshare
    from exittui.kernel.kern.kern_event import klist_init_mutex, knote_processfork
    from exittui.kernel.kern.kern_exit_wait import process_reparent
    from exittui.kernel.kern.kern_lock import mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_proc import (
        allproc,
        allprocess,
        chgproccnt,
        pidhashtbl,
        proc_pool,
        process_pool,
        tidhashtbl,
    )
    from exittui.kernel.kern.kern_prot import crhold
    from exittui.kernel.kern.kern_resource import lim_fork, nanouptime
    from exittui.kernel.kern.kern_sched import sched_choosecpu_fork, setrunqueue
    from exittui.kernel.kern.kern_sig import (
        psignal,
        sigactsinit,
    )
    from exittui.kernel.kern.kern_synch import endtsleep, refcnt_init, tsleep_nsec
    from exittui.kernel.kern.kern_timeout import timeout_set
    from exittui.kernel.kern.subr_pool import pool_get
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.sys.systm import (
        KERNEL_ASSERT_UNLOCKED,
        KERNEL_LOCK,
        SCHED_ASSERT_LOCKED,
        SCHED_ASSERT_UNLOCKED,
        SCHED_LOCK,
        SCHED_UNLOCK,
    )
    from exittui.kernel.sys.user import user
    from exittui.kernel.uvm.uvm_glue import uvm_uarea_alloc
    from exittui.kernel.uvm.uvm_map import uvmspace_fork, uvmspace_share

nprocesses: int = variable(1)
nthreads: int = variable(1)
maxprocess: int = variable(MAXPROCESS)
maxthread: int = variable(MAXTHREAD)
# RLIMIT_NPROC of everybody.
nproc_limit: int = variable(1 << 30)

lastpid: int = variable(0)
lasttid: int = variable(0)
# The pid that was freed last; the kernel remembers 128 of them.
oldpid: int = variable(0)


def fork_return(p: proc) -> None:
    """Where a child of a traced process begins."""
    if p.p_p.ps_flags & PS_TRACED:
        psignal(p, SIGTRAP)
    child_return(p)


def sys_fork(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """fork(2)."""
    flags = FORK_FORK
    func = child_return
    if p.p_p.ps_ptmask & PTRACE_FORK:
        flags |= FORK_PTRACE
        func = fork_return
    return fork1(p, flags, func, None, retval, None)


def sys_vfork(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """vfork(2): the parent waits until the child execs or exits."""
    return fork1(p, FORK_VFORK | FORK_PPWAIT, child_return, None, retval, None)


def sys___tfork(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """__tfork(2): a new thread in this process. Its stack and TCB are the program's affair."""
    return thread_fork(p, True, retval)


def thread_new(parent: proc, uaddr: user) -> proc:
    """Make a thread, with what it inherits from `parent`. May sleep."""
    pool_get(proc_pool, PR_WAITOK)
    p = proc(
        p_stat=SIDL,
        p_sigmask=parent.p_sigmask,
        p_name=parent.p_name,
        p_usrpri=parent.p_usrpri,
        p_estcpu=parent.p_estcpu,
        p_ucred=parent.p_ucred,
        p_program=parent.p_program,
        p_begun=parent.p_begun,
        p_pc=parent.p_pc,
    )
    crhold(p.p_ucred)
    timeout_set(p.p_sleep_to, endtsleep, p)
    p.p_addr = uaddr
    return p


def process_initialize(pr: process, p: proc) -> None:
    """Set up what a process has from its first thread."""
    refcnt_init(pr.ps_refcnt)
    pr.ps_mainproc = p
    TAILQ_INSERT_TAIL(pr.ps_threads, p, "p_thr_link")
    pr.ps_threadcnt = 1
    p.p_p = pr
    pr.ps_ucred = p.p_ucred
    crhold(pr.ps_ucred)
    KASSERT(p.p_ucred.cr_refcnt.r_refs >= 2)
    klist_init_mutex(pr.ps_klist, pr.ps_mtx)


def process_new(p: proc, parent: process, flags: int) -> process:
    """Make a process around its first thread, with what it inherits. May sleep."""
    pool_get(process_pool, PR_WAITOK)
    pr = process(
        ps_limit=parent.ps_limit,
        ps_pgrp=parent.ps_pgrp,
        ps_comm=parent.ps_comm,
        ps_nice=parent.ps_nice,
    )
    process_initialize(pr, p)
    pr.ps_pid = allocpid()
    lim_fork(parent, pr)
    pr.ps_pptr = parent
    pr.ps_ppid = parent.ps_pid
    pr.ps_flags = parent.ps_flags & (
        PS_SUGID | PS_SUGIDEXEC | PS_PLEDGE | PS_EXECPLEDGE | PS_WXNEEDED | PS_CHROOT
    )
    if flags & FORK_SHAREFILES:
        pr.ps_fd = fdshare(parent)
    else:
        pr.ps_fd = fdcopy(parent)
    pr.ps_sigacts = sigactsinit(parent)
    if flags & FORK_SHAREVM:
        pr.ps_vmspace = uvmspace_share(parent)
    else:
        pr.ps_vmspace = uvmspace_fork(parent)
    if flags & FORK_PTRACE:
        pr.ps_flags |= parent.ps_flags & PS_TRACED
    if flags & FORK_NOZOMBIE:
        pr.ps_flags |= PS_NOZOMBIE
    if flags & FORK_SYSTEM:
        pr.ps_flags |= PS_SYSTEM
    pr.ps_flags |= PS_EMBRYO
    LIST_INSERT_HEAD(allprocess, pr, "ps_list")
    return pr


def fork_check_maxthread(uid: int) -> int:
    """Count one more thread, unless there are too many; the last five are root's."""
    global nthreads
    nthreads += 1
    val = nthreads
    if (val > maxthread - 5 and uid != 0) or val > maxthread:
        nthreads -= 1
        return EAGAIN
    return 0


def fork_thread_start(p: proc, parent: proc, flags: int) -> None:
    """Let a new thread run."""
    SCHED_LOCK()
    ci = sched_choosecpu_fork(parent, flags)
    setrunqueue(ci, p, p.p_usrpri)
    SCHED_UNLOCK()


def fork1(
    curp: proc,
    flags: int,
    func: Callable[[Any], None],
    arg: Any,
    retval: Any,
    rnewprocp: stackvars | None,
) -> int:
    """Make a process with one thread, which begins with `func`. The kernel lock is held.

    The pid is returned in `retval`, the thread in `rnewprocp`, where these are given.
    """
    global nprocesses, nthreads
    curpr = curp.p_p
    uid = curp.p_ucred.cr_ruid
    newptstat = None
    error = fork_check_maxthread(uid)
    if error:
        return error
    if (nprocesses >= maxprocess - 5 and uid != 0) or nprocesses >= maxprocess:
        nthreads -= 1
        return EAGAIN
    nprocesses += 1
    count = chgproccnt(uid, 1)
    if uid != 0 and count > nproc_limit:
        chgproccnt(uid, -1)
        nprocesses -= 1
        nthreads -= 1
        return EAGAIN
    uaddr = uvm_uarea_alloc()
    p = thread_new(curp, uaddr)
    pr = process_new(p, curpr, flags)
    p.p_fd = pr.ps_fd
    p.p_vmspace = pr.ps_vmspace
    if pr.ps_flags & PS_SYSTEM:
        p.p_flag |= P_SYSTEM
    if flags & FORK_PPWAIT:
        pr.ps_flags |= PS_PPWAIT
        curpr.ps_flags |= PS_ISPWAIT
    cpu_fork(curp, p, func, arg if arg is not None else p)
    if pr.ps_flags & PS_TRACED and flags & FORK_FORK:
        newptstat = ptrace_state()
    p.p_tid = alloctid()
    LIST_INSERT_HEAD(allproc, p, "p_list")
    LIST_INSERT_HEAD(tidhashtbl, p, "p_hash")
    LIST_INSERT_HEAD(pidhashtbl, pr, "ps_hash")
    LIST_INSERT_AFTER(curpr, pr, "ps_pglist")
    LIST_INSERT_HEAD(curpr.ps_children, pr, "ps_sibling")
    mtx_enter(pr.ps_mtx)
    if pr.ps_flags & PS_TRACED:
        pr.ps_opptr = curpr
        process_reparent(pr, curpr.ps_pptr)
        if newptstat is not None:
            pr.ps_ptstat = newptstat
            curpr.ps_ptstat.pe_report_event = PTRACE_FORK
            pr.ps_ptstat.pe_report_event = PTRACE_FORK
            curpr.ps_ptstat.pe_other_pid = pr.ps_pid
            pr.ps_ptstat.pe_other_pid = curpr.ps_pid
    mtx_leave(pr.ps_mtx)
    pr.ps_start = nanouptime()
    pr.ps_flags &= ~PS_EMBRYO
    if (flags & FORK_IDLE) == 0:
        fork_thread_start(p, curp, flags)
    else:
        p.p_cpu = arg
    knote_processfork(curpr, pr.ps_pid)
    uvmexp.forks += 1
    if rnewprocp is not None:
        rnewprocp.newproc = p
    if flags & FORK_PPWAIT:
        while curpr.ps_flags & PS_ISPWAIT:
            tsleep_nsec(curpr, PWAIT, "ppwait", INFSLP)
    if flags & FORK_PTRACE and curpr.ps_flags & PS_TRACED:
        psignal(curp, SIGTRAP)
    if retval is not None:
        retval.tf_rax = pr.ps_pid
    return 0


def thread_fork(curp: proc, stack: bool, retval: Any) -> int:
    """Make a thread in the process of `curp`. Its id is returned."""
    pr = curp.p_p
    if not stack:
        return EINVAL
    error = fork_check_maxthread(curp.p_ucred.cr_ruid)
    if error:
        return error
    uaddr = uvm_uarea_alloc()
    p = thread_new(curp, uaddr)
    p.p_flag |= P_THREAD
    p.p_p = pr
    p.p_fd = pr.ps_fd
    p.p_vmspace = pr.ps_vmspace
    cpu_fork(curp, p, child_return, p)
    p.p_tid = alloctid()
    LIST_INSERT_HEAD(allproc, p, "p_list")
    LIST_INSERT_HEAD(tidhashtbl, p, "p_hash")
    mtx_enter(pr.ps_mtx)
    TAILQ_INSERT_TAIL(pr.ps_threads, p, "p_thr_link")
    pr.ps_threadcnt += 1
    if pr.ps_single is not None or pr.ps_flags & PS_STOPPING:
        pr.ps_suspendcnt += 1
        p.p_flag |= curp.p_flag & (P_SUSPSINGLE | P_SUSPSIG)
    mtx_leave(pr.ps_mtx)
    retval.tf_rax = p.p_tid + THREAD_PID_OFFSET
    fork_thread_start(p, curp, 0)
    uvmexp.forks += 1
    return 0


def alloctid() -> int:
    """An unused thread id: the next."""
    global lasttid
    lasttid += 1
    return lasttid


def allocpid() -> int:
    """An unused pid: the next; the first is 1."""
    global lastpid
    lastpid += 1
    return lastpid


def freepid(pid: int) -> None:
    """A pid is free again, but not to be used soon."""
    global oldpid
    oldpid = pid


def proc_trampoline_mi() -> None:
    """The first thing a new thread does: finish the switch to it, as mi_switch() would."""
    spc = curcpu().ci_schedstate
    p = curproc()
    SCHED_ASSERT_LOCKED()
    clear_resched(curcpu())
    SCHED_UNLOCK()
    SCHED_ASSERT_UNLOCKED()
    KERNEL_ASSERT_UNLOCKED()
    assertwaitok()
    if p.p_p.ps_flags & PS_ITIMER:
        spc.spc_schedflags |= SPCF_ITIMER
    if p.p_p.ps_flags & PS_PROFIL:
        spc.spc_schedflags |= SPCF_PROFCLOCK
    spc.spc_runtime = nanouptime()
    KERNEL_LOCK()
