"""kern/kern_sysctl.c 1.465: what ps(1) and fstat(1) ask for.

Two loops over all processes: sysctl_doproc() with fill_kproc(), and that of sysctl_file(), which
holds ps_refcnt of the process it looks at, so that its exit has to wait.

Simplified: sysctl(2) takes a word of the second level instead of a list of numbers; which locks it
holds is inferred from 1.482. Of sysctl_file() is kept that it looks at the files of every process
and may sleep for that. Credentials, sessions, sizes and start times are left out of fill_kproc();
rows go to the program as (pid, tid, state, exit status, wait message, cpu).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.errno import EINVAL
from exittui.kernel.sys.proc import (
    PS_EMBRYO,
    PS_EXITING,
    PS_SYSTEM,
    PS_ZOMBIE,
    SDEAD,
    SIDL,
    SONPROC,
    SRUN,
    SSLEEP,
    SSTOP,
    THREAD_PID_OFFSET,
    proc,
    process,
)
from exittui.kernel.sys.rwlock import RW_INTR, RW_WRITE, rwlock
from exittui.kernel.sys.sysctl import KERN_FILE, KERN_PROC, KI_NOCPU, kinfo_proc
from exittui.kernel.sys.wait import W_EXITCODE
from exittui.machine.lang import free, variable
from exittui.machine.queue import LIST_FIRST, LIST_FOREACH, LIST_NEXT, TAILQ_FOREACH

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_proc import allprocess, zombprocess
    from exittui.kernel.kern.kern_resource import tuagg_get_proc, tuagg_get_process
    from exittui.kernel.kern.kern_rwlock import rw_enter, rw_exit
    from exittui.kernel.kern.kern_synch import refcnt_rele_wake, refcnt_take
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.kern.vfs_bio import biowait
    from exittui.kernel.sys.systm import KERNEL_LOCK, KERNEL_UNLOCK

sysctl_lock: rwlock = variable(rwlock, rwl_name="sysctllk")


def sys_sysctl(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """sysctl(name): ask about all processes, or about their files. May sleep."""
    error = rw_enter(sysctl_lock, RW_WRITE | RW_INTR)
    if error:
        return error
    KERNEL_LOCK()
    if v[0] == KERN_PROC:
        error = sysctl_doproc(retval)
    elif v[0] == KERN_FILE:
        error = sysctl_file(retval)
    else:
        error = EINVAL
    KERNEL_UNLOCK()
    rw_exit(sysctl_lock)
    return error


def sysctl_doproc(retval: Any) -> int:
    """A row for each process and for each of its threads, of users. The kernel lock is held."""
    assertwaitok()
    kproc = kinfo_proc()
    retval.tf_out = ()
    pr = LIST_FIRST(allprocess)
    doingzomb = 0
    while True:
        while pr is not None:
            if pr.ps_pgrp is not None and (pr.ps_flags & (PS_EMBRYO | PS_SYSTEM)) == 0:
                fill_kproc(pr, kproc, None, 1)
                sysctl_copyout(kproc, retval)
                for p in TAILQ_FOREACH(pr.ps_threads, "p_thr_link"):
                    fill_kproc(pr, kproc, p, 1)
                    sysctl_copyout(kproc, retval)
            pr = LIST_NEXT(pr, "ps_list")
        if doingzomb:
            break
        pr = LIST_FIRST(zombprocess)
        doingzomb += 1
    free(kproc)
    return 0


def sysctl_copyout(ki: kinfo_proc, retval: Any) -> None:
    """Hand a row to the program."""
    row = (ki.p_pid, ki.p_tid, ki.p_stat, ki.p_xstat, ki.p_wmesg, ki.p_cpuid)
    retval.tf_out = retval.tf_out + (row,)
    retval.tf_rax += 1


def sysctl_file(retval: Any) -> int:
    """Look at the files of all processes, one after the other. Sleeps; the kernel lock is held."""
    for pr in LIST_FOREACH(allprocess, "ps_list"):
        if pr.ps_flags & (PS_SYSTEM | PS_EMBRYO | PS_EXITING):
            continue
        refcnt_take(pr.ps_refcnt)
        biowait()
        retval.tf_rax += pr.ps_fd.fd_nfiles
        refcnt_rele_wake(pr.ps_refcnt)
    return 0


def fill_kproc(pr: process, ki: kinfo_proc, p: Any, show_pointers: int) -> None:
    """Fill a row with what there is to see of a process, or of one thread of it."""
    isthread = p is not None
    if not isthread:
        p = pr.ps_mainproc
        ki.p_uutime = tuagg_get_process(pr)
    else:
        ki.p_uutime = tuagg_get_proc(p)
    FILL_KPROC(pr, ki, p, isthread)
    fill_kproc_state(pr, ki, p, isthread)


def FILL_KPROC(pr: process, ki: kinfo_proc, p: proc, isthread: int) -> None:
    """What is copied from the process and from the thread; a macro of sys/sysctl.h."""
    ki.p_flag = p.p_flag
    ki.p_pid = pr.ps_pid
    ki.p_ppid = pr.ps_ppid
    ki.p_psflags = pr.ps_flags
    ki.p__pgid = pr.ps_pgrp.pg_id
    if isthread:
        ki.p_rtime = p.p_tu.tu_runtime
        ki.p_tid = p.p_tid + THREAD_PID_OFFSET
    else:
        ki.p_rtime = pr.ps_tu.tu_runtime
        ki.p_tid = -1
    ki.p_siglist = p.p_siglist | pr.ps_siglist
    ki.p_sigmask = p.p_sigmask
    ki.p_nice = pr.ps_nice
    ki.p_xstat = W_EXITCODE(pr.ps_xexit, pr.ps_xsig)
    ki.p_comm = pr.ps_comm
    ki.p_wmesg = ""
    ki.p_slptime = 0
    if (pr.ps_flags & (PS_EMBRYO | PS_ZOMBIE)) == 0:
        ki.p_slptime = p.p_slptime
        if p.p_wchan is not None and p.p_wmesg is not None:
            ki.p_wmesg = p.p_wmesg
    ki.p_cpuid = KI_NOCPU


def fill_kproc_state(pr: process, ki: kinfo_proc, p: proc, isthread: int) -> None:
    """The rest of fill_kproc(): the CPU, and the state: the thread's, or the best of all."""
    if (pr.ps_flags & PS_ZOMBIE) == 0 and p.p_cpu is not None:
        ki.p_cpuid = p.p_cpu.ci_cpuid
    if isthread:
        ki.p_pctcpu = p.p_pctcpu
        ki.p_stat = p.p_stat
        return
    ki.p_pctcpu = 0
    stat = SDEAD if pr.ps_flags & PS_ZOMBIE else SIDL
    for q in TAILQ_FOREACH(pr.ps_threads, "p_thr_link"):
        ki.p_pctcpu += q.p_pctcpu
        if q.p_stat == SONPROC or stat == SONPROC:
            stat = SONPROC
        elif q.p_stat == SRUN or stat == SRUN:
            stat = SRUN
        elif q.p_stat == SSTOP or stat == SSTOP:
            stat = SSTOP
        elif q.p_stat == SSLEEP:
            stat = SSLEEP
    ki.p_stat = stat
