"""arch/amd64/amd64/vector.S 1.101: what the interrupts that arrive at a CPU do first.

All IPIs are one kind of interrupt here, which looks at the vector; the real ones have an entry
each. An interrupt arrives where ci_intr says that they are enabled, and turns them off. Those of
the TLB shootdown are handled at once, whatever ci_ipl is. The ordinary IPI and the timer wait
until ci_ipl is below theirs; the real ones arrive, leave a bit in ci_ipending and are run by
splx(). The timer is that of the first CPU only, unless the clock runs (kern/kern_clock.c), and
softclock(), a soft interrupt of its own in the kernel, is run at its end. On the way back to user
mode ASTs are looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.arch.amd64.ipi import (
    LAPIC_IPI_INVL,
    LAPIC_IPI_INVLTLB,
    LAPIC_IPI_VECTOR,
    LAPIC_IRR,
)
from exittui.kernel.arch.amd64.pmap_tlb import TLB_PAGES
from exittui.kernel.arch.amd64.trap import iretq
from exittui.kernel.sys.mutex import IPL_CLOCK, IPL_IPI, IPL_SOFTCLOCK
from exittui.machine.lang import interrupt, interrupted_usermode, macro

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info
    from exittui.kernel.arch.amd64.ipi import (
        lapic_irr,
        x86_ipi_handler,
    )
    from exittui.kernel.arch.amd64.pmap_tlb import tlb_shoot
    from exittui.kernel.arch.amd64.trap import check_asts
    from exittui.kernel.kern.kern_clock import clock_runs, hardclock
    from exittui.kernel.kern.kern_timeout import softclock


@macro
def ipi_deliverable(ci: cpu_info) -> bool:
    """Whether an IPI that is requested of this CPU arrives now."""
    return bool(ci.ci_intr) and bool(
        LAPIC_IRR(ci)
        & (LAPIC_IPI_INVL | LAPIC_IPI_VECTOR if ci.ci_ipl < IPL_IPI else LAPIC_IPI_INVL)
    )


@macro
def timer_deliverable(ci: cpu_info) -> bool:
    """Whether the timer of this CPU goes off now, if anybody waits for it."""
    return (ci.ci_cpuid == 0 or bool(clock_runs)) and bool(ci.ci_intr) and ci.ci_ipl < IPL_SOFTCLOCK


@interrupt("ipi", when=ipi_deliverable, masks="ci_intr", armed="lapic_irr")
def Xintr_lapic_ipi() -> bool:
    """An IPI: drop TLB entries and say so, or do what ci_ipis asks for."""
    global lapic_irr
    ci = curcpu()
    vec = LAPIC_IRR(ci) & LAPIC_IPI_INVL
    if vec != 0:
        lapic_irr &= ~(vec << (ci.ci_cpuid << 2))
        if vec & LAPIC_IPI_INVLTLB:
            ci.ci_tlb = (ci.ci_tlb[0], 0)
        else:
            ci.ci_tlb = (
                ci.ci_tlb[0],
                ci.ci_tlb[1] & ~TLB_PAGES(tlb_shoot.tlb_shoot_addr1, tlb_shoot.tlb_shoot_addr2),
            )
        tlb_shoot.tlb_shoot_wait -= 1
        return iretq()
    lapic_irr &= ~(LAPIC_IPI_VECTOR << (ci.ci_cpuid << 2))
    ilevel = ci.ci_ipl
    ci.ci_idepth += 1
    ci.ci_ipl = IPL_IPI
    ci.ci_intr = 1
    x86_ipi_handler()
    ci.ci_idepth -= 1
    ci.ci_ipl = ilevel
    if interrupted_usermode():
        check_asts(curproc())
    return iretq()


@interrupt("clock", when=timer_deliverable, masks="ci_intr", armed="timeout_pending", patient=True)
def Xintr_lapic_ltimer() -> bool:
    """The timer: a tick has passed, or as much as the first timeout needs."""
    ci = curcpu()
    ilevel = ci.ci_ipl
    ci.ci_idepth += 1
    ci.ci_ipl = IPL_CLOCK
    ci.ci_intr = 1
    hardclock()
    ci.ci_ipl = IPL_SOFTCLOCK
    softclock()
    ci.ci_idepth -= 1
    ci.ci_ipl = ilevel
    if interrupted_usermode():
        check_asts(curproc())
    return iretq()
