"""arch/amd64/amd64/machdep.c 1.301: ASTs, and waking CPUs. They all have mwait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import MWAIT_IN_IDLE, MWAIT_KEEP_IDLING, MWAIT_ONLY, curcpu
from exittui.kernel.arch.amd64.ipi import X86_IPI_NOP

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info
    from exittui.kernel.arch.amd64.ipi import x86_send_ipi
    from exittui.kernel.sys.proc import proc


def cpu_kick(ci: cpu_info) -> None:
    """Interrupt another CPU, so that it looks at its AST; an idle one need only be woken."""
    if ci is not curcpu():
        if ci.ci_mwait & MWAIT_IN_IDLE == 0:
            x86_send_ipi(ci, X86_IPI_NOP)
        else:
            ci.ci_mwait &= ~MWAIT_KEEP_IDLING


def cpu_unidle(ci: cpu_info) -> None:
    """Make a CPU leave its idle loop, if it is there."""
    if ci.ci_mwait & MWAIT_ONLY:
        ci.ci_mwait &= ~MWAIT_KEEP_IDLING
        return
    if ci is not curcpu():
        x86_send_ipi(ci, X86_IPI_NOP)


def aston(p: proc) -> None:
    """Make p take an AST before it goes back to user mode."""
    p.p_md.md_astpending = 1


def signotify(p: proc) -> None:
    """Make p, running in user mode perhaps, look for signals soon."""
    aston(p)
    cpu_kick(p.p_cpu)


def need_resched(ci: cpu_info) -> None:
    """Make the thread of that CPU give way when it next gets to user mode."""
    ci.ci_want_resched = 1
    p = ci.ci_curproc
    if p is not None:
        aston(p)
        cpu_kick(ci)


def clear_resched(ci: cpu_info) -> None:
    """Forget that the CPU was to give way."""
    ci.ci_want_resched = 0
