"""kern/sched_bsd.c 1.99: mi_switch() hands cpu_switchto() no old thread if that is dead.

This is a reading of the mail, which says no more than "call mi_switch() instead of sched_toidle()".
Taken at its word (leave this hunk out) mi_switch() hands on the dead thread as the old one.
pmap_deactivate() in cpu_exit() has cleared ci_proc_pmap by then, but the dead thread's pcb still
names its map: where the next thread has another %cr3, amd64 under DIAGNOSTIC panics with
"curcpu->ci_proc_pmap didn't point to previous pmap". And what saves the registers of a thread that
never runs again writes to a u-area that may be freed. With NULL, as in sched_toidle(), nothing is
saved, and the record expected is the cleared one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.proc import PS_ITIMER, PS_PROFIL, SDEAD, SONPROC
from exittui.kernel.sys.sched import SPCF_ITIMER, SPCF_PROFCLOCK, SPCF_SWITCHCLEAR
from exittui.kernel.sys.systm import _kernel_lock_held
from exittui.machine.lang import KASSERT

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.locore import cpu_switchto
    from exittui.kernel.arch.amd64.machdep import clear_resched
    from exittui.kernel.kern.init_main import uvmexp
    from exittui.kernel.kern.kern_lock import __mp_acquire_count, __mp_release_all, kernel_lock
    from exittui.kernel.kern.kern_resource import nanouptime, tuagg_add_runtime
    from exittui.kernel.kern.kern_sched import sched_chooseproc
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.sys.systm import (
        SCHED_ASSERT_LOCKED,
        SCHED_ASSERT_UNLOCKED,
        SCHED_LOCK,
        SCHED_UNLOCK,
    )


def mi_switch() -> None:
    """Give the CPU to the thread that sched_chooseproc() picks; return when picked again.

    A dead thread is never picked again: cpu_switchto() is told of no old thread then.

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
        oldproc: Any = p
        if p.p_stat == SDEAD:
            oldproc = None
        cpu_switchto(oldproc, nextproc)
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
