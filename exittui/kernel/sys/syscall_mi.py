"""sys/syscall_mi.h 1.37: the part of a system call that is the same on all machines.

userret() is in kern/kern_sig.c, as upstream.

Simplified: the checks of the stack pointer and of the place of the system call, pledge and tracing
are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.sysent import SY_NOLOCK

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.proc import trapframe
    from exittui.kernel.kern.kern_sig_post import userret
    from exittui.kernel.kern.sched_bsd import preempt
    from exittui.kernel.sys.proc import proc
    from exittui.kernel.sys.sysent import sysent
    from exittui.kernel.sys.systm import KERNEL_LOCK, KERNEL_UNLOCK


def mi_syscall(p: proc, callp: sysent, argp: tuple[Any, ...], retval: trapframe) -> int:
    """Make the system call, with the kernel lock unless its entry says SY_NOLOCK."""
    lock = not (callp.sy_flags & SY_NOLOCK)
    if lock:
        KERNEL_LOCK()
    error = callp.sy_call(p, argp, retval)
    if lock:
        KERNEL_UNLOCK()
    return error


def mi_syscall_return(p: proc) -> None:
    """What is left to do after the registers have been set."""
    userret(p)


def mi_child_return(p: proc) -> None:
    """What is left to do before a new thread first runs in user mode."""
    userret(p)


def mi_ast(p: proc, resched: int) -> None:
    """Take an AST: give way if the scheduler wants that."""
    if resched:
        preempt()
