"""kern/kern_exec.c 1.262: execve.

execsigs() is of kern/kern_sig.c upstream.

Simplified: the new program comes ready made; files, arguments, vmcmds and set-id programs are left
out, and so nothing fails once the other threads are gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.errno import EJUSTRETURN, ERESTART
from exittui.kernel.sys.event import NOTE_EXEC
from exittui.kernel.sys.proc import (
    PS_EXEC,
    PS_INEXEC,
    PS_ISPWAIT,
    PS_PPWAIT,
    PS_TRACED,
    PS_WAITEVENT,
    SINGLE_DEEP,
    SINGLE_EXIT,
    SINGLE_UNWIND,
)
from exittui.kernel.sys.sched import ffs
from exittui.kernel.sys.signal import SIGCONT, SIGTRAP
from exittui.kernel.sys.signalvar import SA_IGNORE, SAS_NOCLDWAIT, sigmask

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.userland import program_copy
    from exittui.kernel.kern.kern_event import klist_lock, klist_unlock, knote_locked
    from exittui.kernel.kern.kern_sig import (
        psignal,
        sigprop,
    )
    from exittui.kernel.kern.kern_sig_stop import (
        single_thread_clear,
        single_thread_set,
    )
    from exittui.kernel.kern.kern_synch import wakeup
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.sys.proc import proc
    from exittui.kernel.uvm.uvm_map import uvm_map, uvmspace_exec


def sys_execve(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """execve(name, pages, program): the process becomes another program. Does not return to it.

    The kernel lock is held. The other threads are first stopped, then, when nothing can fail any
    more, made to exit.
    """
    pr = p.p_p
    if single_thread_set(p, SINGLE_UNWIND | SINGLE_DEEP):
        return ERESTART
    pr.ps_flags |= PS_INEXEC
    assertwaitok()
    single_thread_set(p, SINGLE_EXIT)
    uvmspace_exec(p)
    uvm_map(pr.ps_vmspace, v[1])
    execsigs(p)
    pr.ps_comm = v[0]
    pr.ps_flags |= PS_EXEC
    if pr.ps_flags & PS_PPWAIT:
        pr.ps_flags &= ~PS_PPWAIT
        pr.ps_pptr.ps_flags &= ~PS_ISPWAIT
        pr.ps_pptr.ps_flags |= PS_WAITEVENT
        wakeup(pr.ps_pptr)
    p.p_name = v[0]
    klist_lock(pr.ps_klist)
    knote_locked(pr.ps_klist, NOTE_EXEC)
    klist_unlock(pr.ps_klist)
    setregs(p, v[2])
    if pr.ps_flags & PS_TRACED:
        psignal(p, SIGTRAP)
    pr.ps_flags &= ~PS_INEXEC
    single_thread_clear(p)
    return EJUSTRETURN


def setregs(p: proc, prog: Any) -> None:
    """Stand at the beginning of a program."""
    p.p_program = program_copy(prog)
    p.p_pc = 0


def execsigs(p: proc) -> None:
    """No signal is caught any more: those that were have their default action again."""
    pr = p.p_p
    ps = pr.ps_sigacts
    while ps.ps_sigcatch:
        nc = ffs(ps.ps_sigcatch)
        mask = sigmask(nc)
        ps.ps_sigcatch &= ~mask
        if sigprop[nc] & SA_IGNORE:
            if nc != SIGCONT:
                ps.ps_sigignore |= mask
            p.p_siglist &= ~mask
            pr.ps_siglist &= ~mask
    ps.ps_sigflags &= ~SAS_NOCLDWAIT
