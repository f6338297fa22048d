"""kern/kern_acct.c 1.49: process accounting.

Simplified: acct(2) takes no path, and turns accounting on, to a file that is always there, or off;
what a record says and the watch over free space are left out. A record is written under the lock of
the vnode, and waits for the disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.rwlock import rwlock
from exittui.machine.lang import embed, struct, variable

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_rwlock import (
        rw_enter_read,
        rw_enter_write,
        rw_exit_read,
        rw_exit_write,
    )
    from exittui.kernel.kern.vfs_bio import biowait
    from exittui.kernel.sys.proc import proc


class vnode(struct):
    """The accounting file: its lock, and how many records there are in it."""

    v_lock: rwlock = embed(rwlock, rwl_name="inode")
    v_records: int = 0


acctp: vnode | Any = variable(None)
acct_vnode: vnode = variable(vnode)
acct_lock: rwlock = variable(rwlock, rwl_name="acctlk")


def sys_acct(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """acct(on): turn accounting on or off. May sleep."""
    rw_enter_write(acct_lock)
    acct_set(v[0])
    rw_exit_write(acct_lock)
    return 0


def acct_set(on: int) -> None:
    """What sys_acct() does with acct_lock held."""
    global acctp
    if on:
        acctp = acct_vnode
    else:
        acctp = None


def acct_process(p: proc) -> int:
    """Write an accounting record for an exiting process, if accounting is on. May sleep then."""
    if acctp is None:
        return 0
    rw_enter_read(acct_lock)
    vp = acctp
    if vp is not None:
        vn_append(vp)
    rw_exit_read(acct_lock)
    return 0


def vn_append(vp: vnode) -> None:
    """The part of vn_rdwr() that matters here: lock the vnode, and write. Sleeps."""
    rw_enter_write(vp.v_lock)
    vp.v_records += 1
    biowait()
    rw_exit_write(vp.v_lock)
