"""arch/amd64/amd64/pmap.c 1.178: the TLB of each CPU, and shooting entries down in others.

ci_tlb is a pair: the map whose translations the CPU may hold, and the pages it may hold, as bits
of an integer. These are the entries that have PCID_PROC. Loading the %cr3 of a map begins anew
with all pages the map has then, for from there on the processor is free to look up any of them,
whether or not the program touches it: the worst it can do, it does. Later pages come in as user
mode touches them (arch/amd64/userland.py). What is entered under PCID_TEMP while pmap_map_ptes()
has another map in %cr3 is of no use to user mode and left out, and what the kernel's own map has
never changes. With PCIDs the entries of a user map outlive the load of the kernel's map but not
that of a user map, which they wait for, unused; here they are forgotten at once.

tlb_shoot is the memory that the assembly of the IPI handlers looks at. tlb_shoot_wait is a lock
too: who finds 0 and puts the number of CPUs to wait for has the rest to itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import cpu_info, curcpu
from exittui.kernel.arch.amd64.ipi import (
    LAPIC_IPI_INVLPG,
    LAPIC_IPI_INVLRANGE,
    LAPIC_IPI_INVLTLB,
)
from exittui.kernel.sys.mutex import IPL_VM
from exittui.kernel.sys.sched import CPU_AT
from exittui.machine.lang import atomic_cas, cpus, macro, struct, variable
from exittui.machine.lang import spin as CPU_BUSY_CYCLE

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.intr import splraise, splx
    from exittui.kernel.arch.amd64.ipi import x86_fast_ipi
    from exittui.kernel.arch.amd64.pmap import kernel_pmap_store, pmap


class tlb_shoot_(struct):
    """What the handlers of the shootdown IPIs are told."""

    tlb_shoot_wait: int = 0
    tlb_shoot_addr1: int = 0
    tlb_shoot_addr2: int = 0

    def label(self) -> str:
        return "tlb_shoot"


tlb_shoot: tlb_shoot_ = variable(tlb_shoot_)


@macro
def TLB_PAGES(sva: int, eva: int) -> int:
    """The bits of the pages from sva up to eva."""
    return (1 << eva) - (1 << sva)


@macro
def TLB_HAS(ci: cpu_info, page: int) -> int:
    """Whether a CPU holds the translation of a page of the map in its %cr3."""
    return ci.ci_tlb[1] >> page & 1


@macro
def pmap_is_active(pm: pmap, ci: cpu_info) -> bool:
    """Whether a CPU has said that it wants to hear of changes of this map."""
    return pm is kernel_pmap_store or pm is ci.ci_proc_pmap


def pmap_start_tlb_shoot(wait: int) -> int:
    """Take the lock that tlb_shoot_wait is; return the interrupt level to go back to."""
    s = splraise(IPL_VM)
    while not atomic_cas(tlb_shoot, "tlb_shoot_wait", 0, wait):
        CPU_BUSY_CYCLE()
    return s


def pmap_tlb_send(pm: pmap, ipi: int, sva: int, eva: int) -> None:
    """Send an IPI to all other CPUs that have this map: what the three functions below share."""
    mask = 0
    wait = 0
    n = 0
    while n < len(cpus()):
        if CPU_AT(n) is not curcpu() and pmap_is_active(pm, CPU_AT(n)):
            mask |= 1 << n
            wait += 1
        n += 1
    if wait > 0:
        s = pmap_start_tlb_shoot(wait)
        tlb_shoot.tlb_shoot_addr1 = sva
        tlb_shoot.tlb_shoot_addr2 = eva
        n = 0
        while n < len(cpus()):
            if mask & 1 << n:
                x86_fast_ipi(CPU_AT(n), ipi)
            n += 1
        splx(s)


def pmap_tlb_shootpage(pm: pmap, va: int, shootself: bool) -> None:
    """Drop the entry of one page, on all CPUs that have this map. See pmap_tlb_shootwait()."""
    pmap_tlb_send(pm, LAPIC_IPI_INVLPG, va, va + 1)
    if shootself:
        curcpu().ci_tlb = (curcpu().ci_tlb[0], curcpu().ci_tlb[1] & ~(1 << va))


def pmap_tlb_shootrange(pm: pmap, sva: int, eva: int, shootself: bool) -> None:
    """Drop the entries of some pages, on all CPUs that have this map."""
    pmap_tlb_send(pm, LAPIC_IPI_INVLRANGE, sva, eva)
    if shootself:
        curcpu().ci_tlb = (curcpu().ci_tlb[0], curcpu().ci_tlb[1] & ~TLB_PAGES(sva, eva))


def pmap_tlb_shoottlb(pm: pmap, shootself: bool) -> None:
    """Drop all entries of this map, on all CPUs that have it."""
    pmap_tlb_send(pm, LAPIC_IPI_INVLTLB, 0, 0)
    if shootself:
        curcpu().ci_tlb = (curcpu().ci_tlb[0], 0)


def pmap_tlb_shootwait() -> None:
    """Wait until every CPU that was sent an IPI has done what it asks for."""
    while tlb_shoot.tlb_shoot_wait != 0:
        CPU_BUSY_CYCLE()
