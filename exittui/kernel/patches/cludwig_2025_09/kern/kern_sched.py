"""kern/kern_sched.c 1.114: an exiting thread switches to the next one, who signals p_deadcond.

Inferred from the mail: the source was not at hand. cpu_switchto() is given no old thread, as from
sched_toidle().
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.proc import (
    SSLEEP,
    proc,
)
from exittui.kernel.sys.sched import (
    CPU_MASK,
    cpu_is_idle,
)
from exittui.kernel.sys.systm import _kernel_lock_held
from exittui.machine.lang import KASSERT, panic

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_idle_cycle, cpu_info
    from exittui.kernel.arch.amd64.locore import cpu_switchto
    from exittui.kernel.kern.init_main import uvmexp
    from exittui.kernel.kern.kern_lock import __mp_release_all, kernel_lock
    from exittui.kernel.kern.kern_resource import tuagg_add_runtime
    from exittui.kernel.kern.kern_sched import (
        sched_all_cpus,
        sched_chooseproc,
        sched_idle_cpus,
    )
    from exittui.kernel.kern.kern_synch import cond_signal
    from exittui.kernel.kern.sched_bsd import mi_switch
    from exittui.kernel.sys.systm import (
        KERNEL_ASSERT_LOCKED,
        KERNEL_UNLOCK,
        SCHED_LOCK,
    )


def sched_idle(ci: cpu_info) -> None:
    """The idle thread: switch away while something is queued, else halt. Never returns."""
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
        sched_idle_cpus.cs_set |= CPU_MASK(ci)
        while cpu_is_idle(ci):
            cpu_idle_cycle()
        sched_idle_cpus.cs_set &= ~CPU_MASK(ci)


def sched_exit(p: proc) -> None:
    """The last of an exiting thread: switch to the next, and have it say that we are gone.

    The kernel lock is held, and let go here.
    """
    spc: Any = curcpu().ci_schedstate
    tuagg_add_runtime()
    KERNEL_ASSERT_LOCKED()
    if _kernel_lock_held():
        __mp_release_all(kernel_lock)
    SCHED_LOCK()
    next = sched_chooseproc()
    spc.spc_dead = p
    uvmexp.swtch += 1
    cpu_switchto(None, next)
    panic("cpu_switchto returned")


def sched_bury() -> None:
    """Tell whoever waits for it that this CPU has left the stack of an exited thread."""
    spc: Any = curcpu().ci_schedstate
    dead = spc.spc_dead
    if dead is not None:
        spc.spc_dead = None
        cond_signal(dead.p_deadcond)
