"""arch/amd64/amd64/trap.c 1.106 and locore.S 1.150: from user mode into the kernel and back.

Xsyscall() and Xtrap0e() model the assembly stubs, with their loop over ASTs. What they save is in
the trap frame (arch/amd64/proc.py) already. Interrupts are off from the last look for an AST until
user mode has been reached, so that none that brings one is missed. A page fault finds nothing to
map, for all pages are mapped from the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.errno import EJUSTRETURN, ERESTART
from exittui.kernel.sys.signal import SIGSEGV
from exittui.kernel.sys.signalvar import STHREAD
from exittui.machine.lang import atomic_cas, macro

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.proc import trapframe
    from exittui.kernel.arch.amd64.userland import userland
    from exittui.kernel.kern.kern_sig import ptsignal
    from exittui.kernel.kern.kern_sig_post import userret
    from exittui.kernel.sys.proc import proc
    from exittui.kernel.sys.syscall_mi import (
        mi_ast,
        mi_child_return,
        mi_syscall,
        mi_syscall_return,
    )
    from exittui.kernel.sys.sysent import sysent
    from exittui.kernel.sys.systm import KERNEL_UNLOCK


@macro
def iretq() -> bool:
    """Turn interrupts on while going back to what was interrupted, in one step."""
    return atomic_cas(curcpu(), "ci_intr", 0, 1)


def Xsyscall(callp: sysent) -> bool:
    """The syscall instruction: make the call, then take ASTs until none is pending."""
    p = curproc()
    syscall(p.p_md.md_regs, callp)
    check_asts(p)
    return iretq()


def Xtrap0e() -> bool:
    """A page fault in user mode: nothing is there, so the program gets SIGSEGV."""
    p = curproc()
    ptsignal(p, SIGSEGV, STHREAD)
    check_asts(p)
    return iretq()


def check_asts(p: proc) -> None:
    """Take ASTs until none is pending; interrupts stay off after the last look."""
    curcpu().ci_intr = 0
    while p.p_md.md_astpending:
        p.p_md.md_astpending = 0
        curcpu().ci_intr = 1
        ast(p.p_md.md_regs)
        curcpu().ci_intr = 0


def ast(frame: trapframe) -> None:
    """An AST: give way to another thread, take signals."""
    p = curproc()
    mi_ast(p, curcpu().ci_want_resched)
    userret(p)


def syscall(frame: trapframe, callp: sysent) -> None:
    """A system call: make it and set the registers the program will find."""
    p = curproc()
    frame.tf_rax = 0
    error = mi_syscall(p, callp, frame.tf_args, frame)
    if error == 0:
        frame.tf_err = 0
    elif error == ERESTART:
        p.p_pc -= 1
    elif error != EJUSTRETURN:
        frame.tf_rax = error
        frame.tf_err = error
    mi_syscall_return(p)


def child_return(p: proc) -> None:
    """The first function of a new thread of a process: go to user mode. Kernel lock held.

    In the kernel it returns, and the assembly behind proc_trampoline() goes to user mode.
    """
    tf = p.p_md.md_regs
    tf.tf_rax = 0
    KERNEL_UNLOCK()
    mi_child_return(p)
    check_asts(p)
    userland(p)
