"""arch/amd64/include/cpu.h 1.180 and amd64/cpu.c 1.195: struct cpu_info, and how a CPU idles.

The machine makes one cpu_info per CPU and sets ci_cpuid. Registers that matter are fields:
ci_cr3 is %cr3 (the pmap whose directory is loaded) and ci_intr is the interrupt flag of %rflags.
A CPU idles in mwait, watching ci_mwait.

Simplified: FPU state, segments and everything about devices are left out; so is that an interrupt
ends the mwait too, for one more look at the run queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.mutex import IPL_NONE
from exittui.kernel.sys.sched import cpu_is_idle, schedstate_percpu
from exittui.machine.lang import embed, halt, macro, panic, struct, this_cpu
from exittui.machine.queue import LINK

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.pmap import pmap
    from exittui.kernel.sys.proc import proc
    from exittui.kernel.sys.user import pcb


MWAIT_IN_IDLE: Final = 0x1
MWAIT_KEEP_IDLING: Final = 0x2
MWAIT_ONLY: Final = 0x4
MWAIT_IDLING: Final = MWAIT_IN_IDLE | MWAIT_KEEP_IDLING


class cpu_info(struct):
    """A CPU: what runs on it, which map it uses, and what it holds. Written by itself alone.

    Others write ci_want_resched, ci_ipis, ci_mwait and the AST of ci_curproc only.
    """

    ci_cpuid: int = 0
    ci_curproc: proc | Any = None
    ci_curpcb: pcb | Any = None
    ci_proc_pmap: pmap | Any = None  # the user map this CPU gets IPIs for
    ci_cr3: pmap | Any = None  # %cr3
    ci_tlb: tuple[pmap | Any, int] = (None, 0)  # see arch/amd64/pmap_tlb.py
    ci_intr: int = 1  # interrupts enabled
    ci_ipl: int = IPL_NONE
    ci_ipis: int = 0  # [a] what the next ordinary IPI asks for
    ci_mwait: int = 0  # [a] the word that an idle CPU watches
    ci_idepth: int = 0
    ci_mutex_level: int = 0
    ci_mplc_depth: int = 0  # how often this CPU holds, or waits for, the kernel lock
    ci_mplc_link: LINK[cpu_info] = None
    ci_want_resched: int = 0
    ci_schedstate: schedstate_percpu = embed(schedstate_percpu)

    def label(self) -> str:
        return f"cpu{self.ci_cpuid}"


@macro
def curcpu() -> Any:
    """The CPU that executes this."""
    return this_cpu()


@macro
def cpu_number() -> int:
    """The number of the CPU that executes this."""
    return this_cpu().ci_cpuid  # type: ignore[no-any-return]  # this_cpu() is Any


@macro
def curproc() -> Any:
    """The thread this CPU runs."""
    return this_cpu().ci_curproc


@macro
def curpcb() -> Any:
    """The pcb of the thread this CPU runs."""
    return this_cpu().ci_curpcb


def cpu_idle_cycle() -> None:
    """Halt this CPU until cpu_unidle() or cpu_kick() is called for it.

    The bits are set before the last look at the run queue: who queues a thread after that look
    finds them, and clears MWAIT_KEEP_IDLING. cpu_idle_mwait_cycle() in the kernel.
    """
    ci = curcpu()
    if not ci.ci_intr:
        panic("idle with interrupts blocked!")
    if not cpu_is_idle(ci):
        return
    ci.ci_mwait |= MWAIT_IDLING | MWAIT_ONLY
    if cpu_is_idle(ci):
        while ci.ci_mwait & MWAIT_IDLING == MWAIT_IDLING:
            halt()
    ci.ci_mwait &= ~MWAIT_IDLING
