"""kern/kern_sched.c 1.113: the dead are buried first in, first out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.proc import (
    P_CPUPEG,
    SSLEEP,
    proc,
)
from exittui.kernel.sys.sched import (
    CPU_MASK,
    cpu_is_idle,
)
from exittui.machine.lang import KASSERT
from exittui.machine.queue import (
    TAILQ_FIRST,
    TAILQ_INSERT_TAIL,
    TAILQ_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_idle_cycle, cpu_info
    from exittui.kernel.kern.kern_exit import exit2
    from exittui.kernel.kern.kern_resource import tuagg_add_runtime
    from exittui.kernel.kern.kern_sched import (
        sched_all_cpus,
        sched_idle_cpus,
        sched_toidle,
        setrunqueue,
    )
    from exittui.kernel.kern.sched_bsd import mi_switch
    from exittui.kernel.sys.systm import (
        KERNEL_ASSERT_LOCKED,
        KERNEL_UNLOCK,
        SCHED_LOCK,
    )


def sched_idle(ci: cpu_info) -> None:
    """The idle thread: switch away while something is queued, bury the dead, halt. Never returns.

    It is what a CPU stands on whenever an exiting thread has left its own stack, so the dead on
    spc_deadproc can be handed on here and not before.
    """
    p = curproc()
    spc: Any = ci.ci_schedstate
    KERNEL_UNLOCK()
    sched_all_cpus.cs_set |= CPU_MASK(ci)
    KASSERT(ci is curcpu())
    KASSERT(curproc() is spc.spc_idleproc)
    KASSERT(p.p_cpu is ci)
    SCHED_LOCK()
    p.p_stat = SSLEEP
    mi_switch()
    while True:
        while not cpu_is_idle(curcpu()):
            SCHED_LOCK()
            p.p_stat = SSLEEP
            mi_switch()
            while dead := TAILQ_FIRST(spc.spc_deadproc):
                TAILQ_REMOVE(spc.spc_deadproc, dead, "p_runq")
                exit2(dead)
        sched_idle_cpus.cs_set |= CPU_MASK(ci)
        while cpu_is_idle(ci):
            cpu_idle_cycle()
        sched_idle_cpus.cs_set &= ~CPU_MASK(ci)


def sched_exit(p: proc) -> None:
    """The last of an exiting thread: queue it for burial by the idle thread, and switch there.

    Neither its stack nor its address space may be freed before the CPU has left them, so the
    thread is put on a list of this CPU that the idle thread, on its own stack, hands on.
    The kernel lock is held.
    """
    spc = curcpu().ci_schedstate
    TAILQ_INSERT_TAIL(spc.spc_deadproc, p, "p_runq")
    tuagg_add_runtime()
    KERNEL_ASSERT_LOCKED()
    sched_toidle()


def sched_peg_curproc(ci: cpu_info) -> None:
    """Keep the running thread on that CPU, and go there."""
    p = curproc()
    SCHED_LOCK()
    p.p_flag |= P_CPUPEG
    setrunqueue(ci, p, p.p_usrpri)
    p.p_ru.ru_nvcsw += 1
    mi_switch()
