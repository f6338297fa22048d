"""arch/arm64/arm64/pmap.c 1.112: pmap_purge(), for machines that cannot tear down a map in use.

amd64 has none, so that uvm_purge() does not call it here. It is what arm64 asks of an exit: the
last thread, alone in its map.

Simplified: TTBR0 is %cr3, and pm_active, the number of CPUs that have the map, is read off their
ci_proc_pmap. The revision is inferred from the date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.arch.amd64.pmap import pmap_kernel
from exittui.kernel.sys.sched import CPU_AT
from exittui.machine.lang import KASSERT, cpus
from exittui.machine.lang import spin as CPU_BUSY_CYCLE

if TYPE_CHECKING:
    from exittui.kernel.sys.proc import proc


def pmap_purge(p: proc) -> None:
    """Leave the map of the exiting thread for the kernel's, once no sibling has it any more."""
    pm = p.p_vmspace.vm_map.pmap
    KASSERT(p.p_p.ps_threadcnt == 0)
    KASSERT(p is curproc())
    n = 0
    while n < len(cpus()):
        if CPU_AT(n) is not curcpu():
            while CPU_AT(n).ci_proc_pmap is pm:
                CPU_BUSY_CYCLE()
        n += 1
    curcpu().ci_proc_pmap = pmap_kernel()
    curcpu().ci_cr3 = pmap_kernel()
    curcpu().ci_tlb = (pmap_kernel(), 0)
