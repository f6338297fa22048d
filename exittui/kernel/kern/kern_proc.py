"""kern/kern_proc.c 1.102: finding processes, process groups, processes per user.

Simplified: the hashes of pids, thread ids and groups have one bucket each. Sessions and job control
beyond membership in a group are not modelled, and there is one count of processes for all users.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.sys.pool import PR_WAITOK, pool
from exittui.kernel.sys.proc import THREAD_PID_OFFSET, pgrp, proc, process
from exittui.machine.lang import KASSERT, variable
from exittui.machine.queue import (
    LIST_EMPTY,
    LIST_FOREACH,
    LIST_HEAD,
    LIST_INSERT_HEAD,
    LIST_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.kern.subr_pool import pool_get, pool_put

tidhashtbl: LIST_HEAD[proc] = variable(LIST_HEAD)
pidhashtbl: LIST_HEAD[process] = variable(LIST_HEAD)
pgrphashtbl: LIST_HEAD[pgrp] = variable(LIST_HEAD)

allproc: LIST_HEAD[proc] = variable(LIST_HEAD)
allprocess: LIST_HEAD[process] = variable(LIST_HEAD)
zombprocess: LIST_HEAD[process] = variable(LIST_HEAD)

proc_pool: pool = variable(pool, pr_name="procpl")
process_pool: pool = variable(pool, pr_name="processpl")
rusage_pool: pool = variable(pool, pr_name="zombiepl")
pgrp_pool: pool = variable(pool, pr_name="pgrppl")

ui_proccnt: int = variable(0)


def chgproccnt(uid: int, diff: int) -> int:
    """Change the number of processes of a user, and return it."""
    global ui_proccnt
    ui_proccnt += diff
    KASSERT(ui_proccnt >= 0)
    return ui_proccnt


def tfind(tid: int) -> proc | None:
    """The thread of that id."""
    for p in LIST_FOREACH(tidhashtbl, "p_hash"):
        if p.p_tid == tid:
            return p
    return None


def tfind_user(tid: int, pr: process) -> proc | None:
    """The thread of that id as programs know it, if it is one of this process."""
    if tid < THREAD_PID_OFFSET:
        return None
    p = tfind(tid - THREAD_PID_OFFSET)
    if p is not None and p.p_p is not pr:
        return None
    return p


def prfind(pid: int) -> process | None:
    """The process of that id, unless it is a zombie. The kernel lock is held."""
    for pr in LIST_FOREACH(pidhashtbl, "ps_hash"):
        if pr.ps_pid == pid:
            return pr
    return None


def pgfind(pgid: int) -> pgrp | None:
    """The process group of that id."""
    for pg in LIST_FOREACH(pgrphashtbl, "pg_hash"):
        if pg.pg_id == pgid:
            return pg
    return None


def zombiefind(pid: int) -> process | None:
    """The zombie of that id."""
    for pr in LIST_FOREACH(zombprocess, "ps_list"):
        if pr.ps_pid == pid:
            return pr
    return None


def inferior(p: process, parent: process) -> int:
    """Whether a process descends from another."""
    while p is not parent:
        if p.ps_pid == 0 or p.ps_pid == 1:
            return 0
        p = p.ps_pptr
    return 1


def enternewpgrp(pr: process, pgid: int) -> None:
    """Make a process group and put the process in it."""
    pool_get(pgrp_pool, PR_WAITOK)
    pg = pgrp()
    pg.pg_id = pgid
    LIST_INSERT_HEAD(pgrphashtbl, pg, "pg_hash")
    enterthispgrp(pr, pg)


def enterthispgrp(pr: process, pg: pgrp) -> None:
    """Move a process to another group; the group it leaves empty is freed."""
    savepgrp = pr.ps_pgrp
    if savepgrp is not None:
        LIST_REMOVE(pr, "ps_pglist")
    LIST_INSERT_HEAD(pg.pg_members, pr, "ps_pglist")
    pr.ps_pgrp = pg
    if savepgrp is not None and LIST_EMPTY(savepgrp.pg_members):
        pgdelete(savepgrp)


def leavepgrp(pr: process) -> None:
    """Take a process out of its group; the group it leaves empty is freed."""
    LIST_REMOVE(pr, "ps_pglist")
    if LIST_EMPTY(pr.ps_pgrp.pg_members):
        pgdelete(pr.ps_pgrp)
    pr.ps_pgrp = None


def killjobc(pr: process) -> None:
    """An exiting session leader gives up its terminal; there are no terminals."""


def pgdelete(pg: pgrp) -> None:
    """Free an empty process group."""
    LIST_REMOVE(pg, "pg_hash")
    pool_put(pgrp_pool, pg)
