"""arch/amd64/amd64/ipi.c 1.18 and lapic.c 1.73: interrupts from one CPU to another.

lapic_irr stands for the interrupt request registers of all local APICs, four bits a CPU: sending
sets a bit, and asking twice before the interrupt arrives is asking once. There are the vector of
the ordinary IPI, which looks in ci_ipis for what to do, and the three of the TLB shootdown, which
are handled in the assembly of vector.S (arch/amd64/vector.py). Of the ordinary ones there is only
X86_IPI_NOP, which makes a CPU pass through the kernel's exit and find its AST.

Simplified: CPUs that do not run yet, broadcasts, and the interrupt command register's being busy
are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.machine.lang import macro, variable

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info

X86_IPI_NOP: Final = 0x00000002

LAPIC_IPI_VECTOR: Final = 0x1
LAPIC_IPI_INVLTLB: Final = 0x2
LAPIC_IPI_INVLPG: Final = 0x4
LAPIC_IPI_INVLRANGE: Final = 0x8
LAPIC_IPI_INVL: Final = LAPIC_IPI_INVLTLB | LAPIC_IPI_INVLPG | LAPIC_IPI_INVLRANGE

lapic_irr: int = variable(0)


@macro
def LAPIC_IRR(ci: cpu_info) -> int:
    """The vectors that are requested of a CPU and have not arrived."""
    return lapic_irr >> (ci.ci_cpuid << 2) & 0xF


def x86_ipi(vec: int, target: cpu_info) -> None:
    """Request an interrupt of another CPU."""
    global lapic_irr
    lapic_irr |= vec << (target.ci_cpuid << 2)


def x86_send_ipi(ci: cpu_info, ipimask: int) -> int:
    """Ask a CPU to do what ipimask says when its ordinary IPI arrives."""
    ci.ci_ipis |= ipimask
    x86_ipi(LAPIC_IPI_VECTOR, ci)
    return 0


def x86_fast_ipi(ci: cpu_info, ipi: int) -> int:
    """Send a CPU an IPI with a vector of its own."""
    x86_ipi(ipi, ci)
    return 0


def x86_ipi_handler() -> None:
    """What the ordinary IPI does: all that ci_ipis asks for. X86_IPI_NOP asks for nothing.

    The real function takes the word with an atomic swap and goes through its bits.
    """
    ci = curcpu()
    ci.ci_ipis = 0
