"""kern/kern_descrip.c 1.210: descriptor tables, in outline.

The table is shared and counted, closing a descriptor and freeing the table may sleep for fd_lock,
and threads use it through p_fd without a reference of their own.

Simplified: a table holds kqueues only, by their numbers, on fd_kqlist; files are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.errno import EBADF
from exittui.kernel.sys.event import kqueue
from exittui.kernel.sys.pool import PR_WAITOK, pool
from exittui.kernel.sys.rwlock import rwlock
from exittui.machine.lang import embed, struct, variable
from exittui.machine.queue import LIST_FOREACH, LIST_FOREACH_SAFE, LIST_HEAD

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.proc import trapframe
    from exittui.kernel.kern.kern_event_scan import kqueue_close
    from exittui.kernel.kern.kern_rwlock import rw_assert_wrlock, rw_enter_write, rw_exit_write
    from exittui.kernel.kern.subr_pool import pool_get, pool_put
    from exittui.kernel.sys.proc import proc, process


# The descriptor of a kqueue that has been closed, while somebody still reads it.
FD_CLOSED: Final = -2


class filedesc(struct):
    """A descriptor table. fd_kqlist is guarded by fd_lock, fd_refcnt by the kernel lock."""

    fd_lock: rwlock = embed(rwlock, rwl_name="fdlock")
    fd_kqlist: LIST_HEAD[kqueue] = embed(LIST_HEAD)
    fd_refcnt: int = 1
    fd_nfiles: int = 3


fdesc_pool: pool = variable(pool, pr_name="fdescpl")


def fdplock(fdp: filedesc) -> None:
    """Lock a descriptor table; may sleep."""
    rw_enter_write(fdp.fd_lock)


def fdpunlock(fdp: filedesc) -> None:
    """Unlock a descriptor table."""
    rw_exit_write(fdp.fd_lock)


def fdpassertlocked(fdp: filedesc) -> None:
    """Panic unless this thread has the table locked."""
    rw_assert_wrlock(fdp.fd_lock)


def fdinit() -> filedesc:
    """Make an empty descriptor table. May sleep."""
    pool_get(fdesc_pool, PR_WAITOK)
    fdp = filedesc()
    return fdp


def fdshare(pr: process) -> filedesc:
    """The table of pr, with one more reference."""
    pr.ps_fd.fd_refcnt += 1
    return pr.ps_fd


def fdcopy(pr: process) -> filedesc:
    """A copy of the table of pr. May sleep. Kqueues are not inherited."""
    newfdp = fdinit()
    return newfdp


def fd_getkqueue(fdp: filedesc, fd: int) -> kqueue | None:
    """The kqueue behind a descriptor, or None; -1 is the newest. A closed one has none."""
    for kq in LIST_FOREACH(fdp.fd_kqlist, "kq_next"):
        if kq.kq_fd == fd or (fd == -1 and kq.kq_fd != FD_CLOSED):
            return kq
    return None


def sys_close(p: proc, v: tuple[Any, ...], retval: trapframe) -> int:
    """close(fd): with the descriptor goes its kqueue, when its readers have let it go."""
    fdp = p.p_fd
    fdplock(fdp)
    kq = fd_getkqueue(fdp, v[0])
    if kq is None:
        fdpunlock(fdp)
        return EBADF
    kq.kq_fd = FD_CLOSED
    fdpunlock(fdp)
    kqueue_close(kq, p)
    return 0


def fdfree(p: proc) -> None:
    """Let go of the table of p's process; with the last reference everything in it is closed.

    Kernel lock held; may sleep.
    """
    fdp = p.p_fd
    fdp.fd_refcnt -= 1
    if fdp.fd_refcnt > 0:
        return
    for kq in LIST_FOREACH_SAFE(fdp.fd_kqlist, "kq_next"):
        if kq.kq_fd != FD_CLOSED:
            kq.kq_fd = FD_CLOSED
            kqueue_close(kq, p)
    p.p_fd = None
    pool_put(fdesc_pool, fdp)
