"""arch/amd64/amd64/pmap.c 1.178: physical maps, as far as switching and exiting need them.

A pmap stands for its page directory too: %cr3 and pcb_cr3 refer to the pmap itself, and freeing it
frees the page directory. The page table is pm_pte, a bit for every page.

Simplified: the PCID bits of %cr3 are left out (see arch/amd64/pmap_tlb.py), as are the second
directory against Meltdown and the pages of page tables. Pages are mapped when the program asks for
them, so that a fork enters its pages without the map's being loaded. Nothing is paged out, so
pmap_page_remove() has no callers here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.arch.amd64.pmap_tlb import TLB_PAGES
from exittui.kernel.sys.mutex import IPL_VM, mutex
from exittui.kernel.sys.pool import PR_WAITOK, pool
from exittui.kernel.sys.proc import P_SYSTEM
from exittui.machine.lang import KASSERT, embed, macro, struct, variable
from exittui.machine.queue import LINK, LIST_HEAD, LIST_INSERT_HEAD, LIST_REMOVE

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.pmap_tlb import (
        pmap_tlb_shootpage,
        pmap_tlb_shootrange,
        pmap_tlb_shoottlb,
        pmap_tlb_shootwait,
    )
    from exittui.kernel.kern.kern_lock import mtx_enter, mtx_leave
    from exittui.kernel.kern.subr_pool import pool_get, pool_put
    from exittui.kernel.sys.proc import proc


# Above so many pages all of the TLB is thrown away.
SHOOTALL: Final = 32


class pmap(struct):
    """A page directory and what is mapped through it. pm_name is for people."""

    pm_mtx: mutex = embed(mutex, mtx_wantipl=IPL_VM, mtx_name="pm_mtx")
    pm_list: LINK[pmap] = None  # pmaps_lock
    pm_refs: int = 1
    pm_pte: int = 0  # pm_mtx; which pages are mapped
    pm_resident_count: int = 1  # pages mapped, and the page directory
    pm_name: str = "pmap"

    def label(self) -> str:
        return self.pm_name


pmap_pmap_pool: pool = variable(pool, pr_name="pmappl")
kernel_pmap_store: pmap = variable(pmap, pm_name="pmap_kernel")
pmaps: LIST_HEAD[pmap] = variable(LIST_HEAD)
pmaps_lock: mutex = variable(mutex, mtx_wantipl=IPL_VM, mtx_name="pmaps_lock")


@macro
def pmap_resident_count(pm: pmap) -> int:
    """How many pages are mapped, the page directory among them."""
    return pm.pm_resident_count


@macro
def pmap_kernel() -> pmap:
    """The kernel's own map; the map of proc0 and of every kernel thread."""
    return kernel_pmap_store


def pmap_create() -> pmap:
    """Make a map with nothing mapped but the kernel. May sleep."""
    pool_get(pmap_pmap_pool, PR_WAITOK)
    pm = pmap()
    mtx_enter(pmaps_lock)
    LIST_INSERT_HEAD(pmaps, pm, "pm_list")
    mtx_leave(pmaps_lock)
    return pm


def pmap_destroy(pm: pmap) -> None:
    """Drop a reference; with the last one the map and its page directory are freed.

    Nothing here looks whether a CPU has the directory in %cr3: callers see to that, or do not.
    """
    pm.pm_refs -= 1
    if pm.pm_refs > 0:
        return
    mtx_enter(pmaps_lock)
    LIST_REMOVE(pm, "pm_list")
    mtx_leave(pmaps_lock)
    pool_put(pmap_pmap_pool, pm)


def pmap_enter(pm: pmap, sva: int, eva: int) -> None:
    """Map the pages from sva up to eva."""
    mtx_enter(pm.pm_mtx)
    pm.pm_pte |= TLB_PAGES(sva, eva)
    pm.pm_resident_count += eva - sva
    mtx_leave(pm.pm_mtx)


def pmap_map_ptes(pm: pmap) -> Any:
    """Lock a map and have it in %cr3; return what to put back, None if it was there already."""
    if pm is pmap_kernel():
        return None
    mtx_enter(pm.pm_mtx)
    cr3 = curcpu().ci_cr3
    if cr3 is pm:
        return None
    curcpu().ci_cr3 = pm
    return cr3


def pmap_unmap_ptes(pm: pmap, save_cr3: Any) -> None:
    """Undo pmap_map_ptes()."""
    if pm is not pmap_kernel():
        mtx_leave(pm.pm_mtx)
    if save_cr3 is not None:
        curcpu().ci_cr3 = save_cr3


def pmap_remove(pm: pmap, sva: int, eva: int) -> None:
    """Unmap the pages from sva up to eva; when it returns no CPU that told of it has them."""
    scr3 = pmap_map_ptes(pm)
    shootself = scr3 is None
    va = sva
    while va < eva:
        pm.pm_pte &= ~(1 << va)
        pm.pm_resident_count -= 1
        va += 1
    if eva - sva == 1:
        pmap_tlb_shootpage(pm, sva, shootself)
    elif eva - sva > SHOOTALL:
        pmap_tlb_shoottlb(pm, shootself)
    else:
        pmap_tlb_shootrange(pm, sva, eva, shootself)
    pmap_unmap_ptes(pm, scr3)
    pmap_tlb_shootwait()


def pmap_activate(p: proc) -> None:
    """Make p's map the one its pcb names; if p is running here, load it into the MMU.

    Called by cpu_fork(), exec, and whoever changes the address space of the running thread, who
    has interrupts disabled.
    """
    pcb = p.p_addr.u_pcb
    pm = p.p_vmspace.vm_map.pmap
    pcb.pcb_pmap = pm
    pcb.pcb_cr3 = pm
    if p is not curproc():
        return
    if (p.p_flag & P_SYSTEM) == 0:
        ci = curcpu()
        ci.ci_proc_pmap = pm
    curcpu().ci_cr3 = pm
    curcpu().ci_tlb = (pm, pm.pm_pte)


def pmap_deactivate(p: proc) -> None:
    """Record that this CPU need not hear of p's map any more. %cr3 stays as it is."""
    if (p.p_flag & P_SYSTEM) == 0:
        ci = curcpu()
        KASSERT(ci.ci_proc_pmap is p.p_vmspace.vm_map.pmap)
        ci.ci_proc_pmap = None
