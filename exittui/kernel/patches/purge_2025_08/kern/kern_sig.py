"""kern/kern_sig.c 1.365: mi_switch() returns without sched_lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.sys.proc import (
    P_INSCHED,
    SONPROC,
    SSTOP,
    proc,
)
from exittui.machine.lang import KASSERT

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave
    from exittui.kernel.kern.sched_bsd import mi_switch
    from exittui.kernel.sys.systm import (
        SCHED_LOCK,
        SCHED_UNLOCK,
    )


def proc_stop_finish(p: proc) -> None:
    """Stop, unless the thread was continued since proc_stop_setup(). ps_mtx is held."""
    pr = p.p_p
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    mtx_leave(pr.ps_mtx)
    SCHED_LOCK()
    p.p_flag &= ~P_INSCHED
    if p.p_stat == SSTOP:
        p.p_ru.ru_nvcsw += 1
        mi_switch()
    else:
        KASSERT(p.p_stat == SONPROC)
        SCHED_UNLOCK()
    mtx_enter(pr.ps_mtx)
