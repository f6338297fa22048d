"""kern/kern_resource.c 1.94: accounting of time, and limits.

Simplified: time does not pass: nanouptime() reads a clock that stands still, so runtimes are zero,
but the hand-over of what was used, with its assertion, is the kernel's. The generation lock of a
tusage (pc_lock) is left out: reading and adding it up is one statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.pool import pool
from exittui.kernel.sys.proc import SDEAD, proc, process
from exittui.kernel.sys.resource import plimit, rusage, tusage
from exittui.machine.lang import KASSERT, macro, variable
from exittui.machine.queue import TAILQ_FOREACH

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_lock import MUTEX_ASSERT_LOCKED, mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_synch import refcnt_rele, refcnt_take
    from exittui.kernel.kern.subr_pool import pool_put

plimit_pool: pool = variable(pool, pr_name="plimitpl")

timehands: int = variable(0)


@macro
def nanouptime() -> int:
    """Nanoseconds since boot."""
    return timehands


def tuagg_sumup(tu: tusage, from_: tusage) -> None:
    """Add one account of time to another."""
    tu.tu_uticks += from_.tu_uticks
    tu.tu_sticks += from_.tu_sticks
    tu.tu_iticks += from_.tu_iticks
    tu.tu_runtime += from_.tu_runtime


def tuagg_get_proc(p: proc) -> int:
    """The time a thread has run since it was last added to its process."""
    return p.p_tu.tu_runtime


def tuagg_get_process(pr: process) -> int:
    """The time the threads of a process have run, the living and the dead."""
    mtx_enter(pr.ps_mtx)
    runtime = pr.ps_tu.tu_runtime
    for q in TAILQ_FOREACH(pr.ps_threads, "p_thr_link"):
        runtime += q.p_tu.tu_runtime
    mtx_leave(pr.ps_mtx)
    return runtime


def tuagg_add_process(pr: process, p: proc) -> None:
    """Move the time of a thread to its process, and set the thread's to zero.

    The thread is running this, or dead; nobody else may touch its account. ps_mtx is held.
    """
    MUTEX_ASSERT_LOCKED(pr.ps_mtx)
    KASSERT(curproc() is p or p.p_stat == SDEAD)
    tuagg_sumup(pr.ps_tu, p.p_tu)
    p.p_tu.tu_runtime = 0
    p.p_tu.tu_uticks = 0
    p.p_tu.tu_sticks = 0
    p.p_tu.tu_iticks = 0


def tuagg_add_runtime() -> None:
    """Add the time since the running thread was switched in to its account."""
    spc = curcpu().ci_schedstate
    p = curproc()
    ts = nanouptime()
    delta = ts - spc.spc_runtime
    spc.spc_runtime = ts
    p.p_tu.tu_runtime += delta


def calcru(tup: tusage, rup: rusage) -> None:
    """User and system time from an account: its ticks, at 100 a second."""
    rup.ru_utime = tup.tu_uticks * 10000000
    rup.ru_stime = tup.tu_sticks * 10000000


def ruadd(ru: rusage, ru2: rusage) -> None:
    """Add the resources in `ru2` to those in `ru`."""
    ru.ru_utime += ru2.ru_utime
    ru.ru_stime += ru2.ru_stime
    ru.ru_maxrss = max(ru.ru_maxrss, ru2.ru_maxrss)
    ru.ru_nsignals += ru2.ru_nsignals
    ru.ru_nvcsw += ru2.ru_nvcsw
    ru.ru_nivcsw += ru2.ru_nivcsw


def lim_fork(parent: process, child: process) -> None:
    """Let a child share the limits of its parent."""
    child.ps_limit = parent.ps_limit
    refcnt_take(parent.ps_limit.pl_refcnt)


def lim_free(lim: plimit) -> None:
    """Drop a reference to limits; the last one frees them."""
    if refcnt_rele(lim.pl_refcnt):
        pool_put(plimit_pool, lim)
