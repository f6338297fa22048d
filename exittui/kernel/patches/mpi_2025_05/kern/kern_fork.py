"""kern/kern_fork.c 1.270: a process has no main thread, only a first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.machine.lang import KASSERT
from exittui.machine.queue import TAILQ_INSERT_TAIL

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_event import klist_init_mutex
    from exittui.kernel.kern.kern_prot import crhold
    from exittui.kernel.kern.kern_synch import refcnt_init
    from exittui.kernel.sys.proc import proc, process


def process_initialize(pr: process, p: proc) -> None:
    """Set up what a process has from its first thread."""
    refcnt_init(pr.ps_refcnt)
    TAILQ_INSERT_TAIL(pr.ps_threads, p, "p_thr_link")
    pr.ps_threadcnt = 1
    p.p_p = pr
    pr.ps_ucred = p.p_ucred
    crhold(pr.ps_ucred)
    KASSERT(p.p_ucred.cr_refcnt.r_refs >= 2)
    klist_init_mutex(pr.ps_klist, pr.ps_mtx)
