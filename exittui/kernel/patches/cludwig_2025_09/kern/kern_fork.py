"""kern/kern_fork.c 1.274: a thread has a condition; a new one, too, tells that its CPU is its own.

Inferred: the source was not at hand. What proc_free() frees must have been allocated here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.pool import PR_WAITOK
from exittui.kernel.sys.proc import PS_ITIMER, PS_PROFIL, SIDL, proc
from exittui.kernel.sys.refcnt import cond
from exittui.kernel.sys.sched import SPCF_ITIMER, SPCF_PROFCLOCK

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.machdep import clear_resched
    from exittui.kernel.kern.kern_proc import proc_pool
    from exittui.kernel.kern.kern_prot import crhold
    from exittui.kernel.kern.kern_resource import nanouptime
    from exittui.kernel.kern.kern_synch import cond_init, endtsleep
    from exittui.kernel.kern.kern_timeout import timeout_set
    from exittui.kernel.kern.subr_pool import pool_get
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.patches.cludwig_2025_09.kern.kern_sched import sched_bury
    from exittui.kernel.sys.systm import (
        KERNEL_ASSERT_UNLOCKED,
        KERNEL_LOCK,
        SCHED_ASSERT_LOCKED,
        SCHED_ASSERT_UNLOCKED,
        SCHED_UNLOCK,
    )
    from exittui.kernel.sys.user import user


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
    c = cond()
    cond_init(c)
    p.p_deadcond = c  # type: ignore[attr-defined]  # see sys/proc.h
    crhold(p.p_ucred)
    timeout_set(p.p_sleep_to, endtsleep, p)
    p.p_addr = uaddr
    return p


def proc_trampoline_mi() -> None:
    """The first thing a new thread does: finish the switch to it, as mi_switch() would."""
    spc = curcpu().ci_schedstate
    p = curproc()
    SCHED_ASSERT_LOCKED()
    clear_resched(curcpu())
    SCHED_UNLOCK()
    SCHED_ASSERT_UNLOCKED()
    KERNEL_ASSERT_UNLOCKED()
    sched_bury()
    assertwaitok()
    if p.p_p.ps_flags & PS_ITIMER:
        spc.spc_schedflags |= SPCF_ITIMER
    if p.p_p.ps_flags & PS_PROFIL:
        spc.spc_schedflags |= SPCF_PROFCLOCK
    spc.spc_runtime = nanouptime()
    KERNEL_LOCK()
