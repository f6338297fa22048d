"""kern/kern_sched.c 1.104: no list of the dead; the idle thread has nobody to bury."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.proc import SSLEEP, proc
from exittui.kernel.sys.sched import CPU_MASK, cpu_is_idle
from exittui.machine.lang import KASSERT

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_idle_cycle, cpu_info
    from exittui.kernel.kern.kern_resource import tuagg_add_runtime
    from exittui.kernel.kern.kern_sched import sched_all_cpus, sched_idle_cpus, sched_toidle
    from exittui.kernel.kern.sched_bsd import mi_switch
    from exittui.kernel.sys.systm import (
        KERNEL_ASSERT_LOCKED,
        KERNEL_UNLOCK,
        SCHED_LOCK,
        SCHED_UNLOCK,
    )


def sched_idle(ci: cpu_info) -> None:
    """The idle thread: switch away while something is queued, else halt. Never returns."""
    p = curproc()
    spc = ci.ci_schedstate
    KERNEL_UNLOCK()
    SCHED_LOCK()
    sched_all_cpus.cs_set |= CPU_MASK(ci)
    p.p_stat = SSLEEP
    p.p_cpu = ci
    mi_switch()
    sched_idle_cpus.cs_set &= ~CPU_MASK(ci)
    SCHED_UNLOCK()
    KASSERT(ci is curcpu())
    KASSERT(curproc() is spc.spc_idleproc)
    while True:
        while not cpu_is_idle(curcpu()):
            SCHED_LOCK()
            p.p_stat = SSLEEP
            mi_switch()
            SCHED_UNLOCK()
        sched_idle_cpus.cs_set |= CPU_MASK(ci)
        while cpu_is_idle(ci):
            cpu_idle_cycle()
        sched_idle_cpus.cs_set &= ~CPU_MASK(ci)


def sched_exit(p: proc) -> None:
    """The last of an exiting thread: switch to the idle thread. Nobody is told.

    The kernel lock is held; it is let go in sched_toidle(), well before the stack is left.
    """
    tuagg_add_runtime()
    KERNEL_ASSERT_LOCKED()
    sched_toidle()
