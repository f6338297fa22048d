"""kern/init_sysent.c 1.286: the system call table, by name.

Filled at boot. All calls of syscalls.master that are STD take the kernel lock; those of kqueue(2)
are NOLOCK.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.sysent import SY_NOLOCK, sysent
from exittui.machine.lang import panic, variable
from exittui.machine.queue import LIST_FOREACH, LIST_HEAD, LIST_INSERT_HEAD

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_acct import sys_acct
    from exittui.kernel.kern.kern_descrip import sys_close
    from exittui.kernel.kern.kern_event_scan import sys_kevent, sys_kqueue
    from exittui.kernel.kern.kern_exec import sys_execve
    from exittui.kernel.kern.kern_exit import (
        sys___threxit,
        sys_exit,
    )
    from exittui.kernel.kern.kern_exit_wait import (
        sys_wait4,
        sys_waitid,
    )
    from exittui.kernel.kern.kern_fork import sys___tfork, sys_fork, sys_vfork
    from exittui.kernel.kern.kern_sig import (
        sys_kill,
        sys_sigaction,
        sys_sigprocmask,
        sys_sigsuspend,
        sys_thrkill,
    )
    from exittui.kernel.kern.kern_synch import sys_sched_yield
    from exittui.kernel.kern.kern_sysctl import sys_sysctl
    from exittui.kernel.kern.kern_time import sys_nanosleep
    from exittui.kernel.kern.sys_futex import sys_sem_post, sys_sem_wait
    from exittui.kernel.kern.sys_generic import sys_open, sys_poll, sys_pread
    from exittui.kernel.kern.sys_pipe import sys_read, sys_write
    from exittui.kernel.kern.sys_process import sys_ptrace
    from exittui.kernel.uvm.uvm_mmap import sys_mmap, sys_munmap

sysents: LIST_HEAD[sysent] = variable(LIST_HEAD)


def sysent_init() -> None:
    """Fill the table."""
    sysent_add("exit", sys_exit, 0)
    sysent_add("threxit", sys___threxit, 0)
    sysent_add("fork", sys_fork, 0)
    sysent_add("vfork", sys_vfork, 0)
    sysent_add("tfork", sys___tfork, 0)
    sysent_add("execve", sys_execve, 0)
    sysent_add("wait4", sys_wait4, 0)
    sysent_add("waitid", sys_waitid, 0)
    sysent_add("kill", sys_kill, 0)
    sysent_add("thrkill", sys_thrkill, 0)
    sysent_add("sigaction", sys_sigaction, 0)
    sysent_add("sigprocmask", sys_sigprocmask, 0)
    sysent_add("sigsuspend", sys_sigsuspend, 0)
    sysent_add("sched_yield", sys_sched_yield, 0)
    sysent_add("ptrace", sys_ptrace, 0)
    sysent_add("kqueue", sys_kqueue, SY_NOLOCK)
    sysent_add("kevent", sys_kevent, SY_NOLOCK)
    sysent_add("close", sys_close, 0)
    sysent_add("nanosleep", sys_nanosleep, SY_NOLOCK)
    sysent_add("mmap", sys_mmap, SY_NOLOCK)
    sysent_add("munmap", sys_munmap, SY_NOLOCK)
    sysent_add("open", sys_open, 0)
    sysent_add("pread", sys_pread, SY_NOLOCK)
    sysent_add("poll", sys_poll, SY_NOLOCK)
    sysent_add("read", sys_read, SY_NOLOCK)
    sysent_add("write", sys_write, SY_NOLOCK)
    sysent_add("sem_wait", sys_sem_wait, SY_NOLOCK)
    sysent_add("sem_post", sys_sem_post, SY_NOLOCK)
    sysent_add("acct", sys_acct, 0)
    sysent_add("sysctl", sys_sysctl, SY_NOLOCK)


def sysent_add(name: str, call: Callable[..., int], flags: int) -> None:
    """Add an entry to the table."""
    callp = sysent(sy_name=name, sy_call=call, sy_flags=flags)
    LIST_INSERT_HEAD(sysents, callp, "sy_link")


def sysent_find(name: str) -> Any:
    """The entry of that name."""
    for callp in LIST_FOREACH(sysents, "sy_link"):
        if callp.sy_name == name:
            return callp
    panic("no system call %s", name)
    return None
