"""kern/kern_synch.c 1.226: mi_switch() returns without sched_lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.sys.param import INFSLP
from exittui.kernel.sys.proc import (
    P_INSCHED,
    P_SINTR,
    P_TIMEOUT,
    P_TIMEOUTRAN,
    SONPROC,
    SSLEEP,
    SSTOP,
    proc,
)
from exittui.machine.lang import KASSERT, panic
from exittui.machine.queue import (
    TAILQ_FOREACH,
)

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_lock import mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_sched import setrunqueue
    from exittui.kernel.kern.kern_synch import sleep_cancel, sleep_signal_check, unsleep
    from exittui.kernel.kern.kern_timeout import timeout_add_nsec
    from exittui.kernel.kern.sched_bsd import mi_switch
    from exittui.kernel.sys.systm import (
        SCHED_LOCK,
        SCHED_UNLOCK,
    )


def sleep_finish(timo: int, do_sleep: int) -> int:
    """Sleep, if `do_sleep` and nobody woke the thread since sleep_setup(); then look for signals.

    `timo` limits the sleep, in nanoseconds. A thread that was stopped meanwhile switches in any
    case.
    """
    p = curproc()
    error = 0
    error1 = 0
    if timo != INFSLP:
        KASSERT((p.p_flag & (P_TIMEOUT | P_TIMEOUTRAN)) == 0)
        timeout_add_nsec(p.p_sleep_to, timo)
    catch = p.p_flag & P_SINTR
    if catch != 0:
        error = sleep_signal_check(p, False)
        if error != 0:
            catch = 0
            do_sleep = 0
    SCHED_LOCK()
    if p.p_wchan is None:
        do_sleep = 0
    if not do_sleep:
        unsleep(p)
    if p.p_stat == SSTOP:
        do_sleep = 1
    p.p_flag &= ~P_INSCHED
    if do_sleep:
        KASSERT(p.p_stat == SSLEEP or p.p_stat == SSTOP)
        p.p_ru.ru_nvcsw += 1
        mi_switch()
    else:
        KASSERT(p.p_stat == SONPROC or p.p_stat == SSLEEP)
        p.p_stat = SONPROC
        SCHED_UNLOCK()
    if p.p_stat != SONPROC:
        panic("sleep_finish !SONPROC")
    p.p_cpu.ci_schedstate.spc_curpriority = p.p_usrpri
    p.p_flag &= ~P_SINTR
    if timo != INFSLP:
        error1 = sleep_cancel(p)
    if catch != 0:
        error = sleep_signal_check(p, True)
    if error == 0:
        error = error1
    return error


def sys_sched_yield(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """sched_yield(2): let the siblings run, at the lowest priority among them."""
    mtx_enter(p.p_p.ps_mtx)
    newprio = p.p_usrpri
    for q in TAILQ_FOREACH(p.p_p.ps_threads, "p_thr_link"):
        newprio = max(newprio, q.p_runpri)
    mtx_leave(p.p_p.ps_mtx)
    SCHED_LOCK()
    setrunqueue(p.p_cpu, p, newprio)
    p.p_ru.ru_nvcsw += 1
    mi_switch()
    return 0
