"""kern/sched_bsd.c 1.99: switching threads, making them runnable, priorities.

Simplified: no schedcpu(), so p_estcpu, p_slptime and with them priorities stay as they are.
roundrobin() is called only where the clock ticks (kern_clock.c).
SMR and tracepoints are left out. The interrupt level kept in sched_lock over the switch is not
modelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.mutex import IPL_SCHED, mutex
from exittui.kernel.sys.param import MAXPRI, NZERO, PUSER
from exittui.kernel.sys.proc import (
    P_INSCHED,
    PS_ITIMER,
    PS_PROFIL,
    SONPROC,
    SSLEEP,
    SSTOP,
    proc,
)
from exittui.kernel.sys.sched import (
    NICE_WEIGHT,
    SPCF_ITIMER,
    SPCF_PROFCLOCK,
    SPCF_SEENRR,
    SPCF_SHOULDYIELD,
    SPCF_SWITCHCLEAR,
)
from exittui.kernel.sys.systm import _kernel_lock_held
from exittui.machine.lang import KASSERT, panic, variable

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info
    from exittui.kernel.arch.amd64.locore import cpu_switchto
    from exittui.kernel.arch.amd64.machdep import clear_resched, need_resched
    from exittui.kernel.kern.init_main import uvmexp
    from exittui.kernel.kern.kern_lock import (
        __mp_acquire_count,
        __mp_release_all,
        kernel_lock,
    )
    from exittui.kernel.kern.kern_resource import nanouptime, tuagg_add_runtime
    from exittui.kernel.kern.kern_sched import sched_chooseproc, setrunqueue
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.sys.systm import (
        SCHED_ASSERT_LOCKED,
        SCHED_ASSERT_UNLOCKED,
        SCHED_LOCK,
        SCHED_UNLOCK,
    )

sched_lock: mutex = variable(mutex, mtx_wantipl=IPL_SCHED, mtx_name="sched_lock")


def roundrobin(ci: cpu_info) -> None:
    """Ask the thread of a CPU to give way, if it has run through a whole turn, or others wait."""
    spc = ci.ci_schedstate
    if ci.ci_curproc is not spc.spc_idleproc:
        if spc.spc_schedflags & SPCF_SEENRR:
            spc.spc_schedflags |= SPCF_SEENRR | SPCF_SHOULDYIELD
        else:
            spc.spc_schedflags |= SPCF_SEENRR
    if spc.spc_nrun or spc.spc_schedflags & SPCF_SHOULDYIELD:
        need_resched(ci)


def yield_() -> None:
    """Let another thread run; this one goes to the end of its run queue. yield() in C."""
    p = curproc()
    SCHED_LOCK()
    setrunqueue(p.p_cpu, p, p.p_usrpri)
    p.p_ru.ru_nvcsw += 1
    mi_switch()
    SCHED_UNLOCK()


def preempt() -> None:
    """As yield_(), because somebody else wants it."""
    p = curproc()
    SCHED_LOCK()
    setrunqueue(p.p_cpu, p, p.p_usrpri)
    p.p_ru.ru_nivcsw += 1
    mi_switch()
    SCHED_UNLOCK()


def mi_switch() -> None:
    """Give the CPU to the thread that sched_chooseproc() picks; return when picked again.

    sched_lock is held, alone among mutexes, when called and when it returns, but not throughout;
    the kernel lock is released altogether meanwhile, and taken back as often as it was held.
    """
    spc = curcpu().ci_schedstate
    p = curproc()
    KASSERT(p.p_stat != SONPROC)
    SCHED_ASSERT_LOCKED()
    KASSERT(curcpu().ci_mutex_level == 1)
    if _kernel_lock_held():
        hold_count = __mp_release_all(kernel_lock)
    else:
        hold_count = 0
    tuagg_add_runtime()
    if spc.spc_schedflags & SPCF_ITIMER:
        spc.spc_schedflags &= ~SPCF_ITIMER
    if spc.spc_schedflags & SPCF_PROFCLOCK:
        spc.spc_schedflags &= ~SPCF_PROFCLOCK
    spc.spc_schedflags &= ~SPCF_SWITCHCLEAR
    nextproc = sched_chooseproc()
    if p is not nextproc:
        uvmexp.swtch += 1
        cpu_switchto(p, nextproc)
    else:
        p.p_stat = SONPROC
    clear_resched(curcpu())
    SCHED_ASSERT_LOCKED()
    SCHED_UNLOCK()
    SCHED_ASSERT_UNLOCKED()
    assertwaitok()
    KASSERT(p.p_cpu is curcpu())
    spc = p.p_cpu.ci_schedstate
    if p.p_p.ps_flags & PS_ITIMER:
        spc.spc_schedflags |= SPCF_ITIMER
    if p.p_p.ps_flags & PS_PROFIL:
        spc.spc_schedflags |= SPCF_PROFCLOCK
    spc.spc_runtime = nanouptime()
    if hold_count:
        __mp_acquire_count(kernel_lock, hold_count)
    SCHED_LOCK()


def setrunnable(p: proc) -> None:
    """Put a sleeping or stopped thread on a run queue.

    One that has not gone to sleep yet is only marked: its own sleep_finish() sees to the rest.
    sched_lock is held.
    """
    SCHED_ASSERT_LOCKED()
    if p.p_stat == SSTOP:
        prio = p.p_usrpri
        if p.p_flag & P_INSCHED:
            if p.p_wchan is not None:
                p.p_stat = SSLEEP
            else:
                p.p_stat = SONPROC
            return
        setrunqueue(None, p, prio)
    elif p.p_stat == SSLEEP:
        prio = p.p_slppri
        if p.p_flag & P_INSCHED:
            return
        setrunqueue(None, p, prio)
    else:
        panic("setrunnable")
    p.p_slptime = 0


def setpriority(p: proc, newcpu: int, nice: int) -> None:
    """Compute the priority of a thread from its use of the CPU. sched_lock is held."""
    SCHED_ASSERT_LOCKED()
    newprio = min(PUSER + newcpu + NICE_WEIGHT * (nice - NZERO), MAXPRI)
    p.p_estcpu = newcpu
    p.p_usrpri = newprio
