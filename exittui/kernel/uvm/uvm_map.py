"""uvm/uvm_map.c 1.341: address spaces, as counts of pages.

vm_map_lock() is a sleeping lock, as in the kernel.

Simplified: a map has no entries, only a number of pages, and grows and shrinks at its end. Tearing
it down takes a turn of pmap_remove() for every page, which is the time it costs. SysV shared memory
and copy-on-write are left out: a forked address space has pages of its own at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.pmap import kernel_pmap_store, pmap
from exittui.kernel.sys.pool import PR_WAITOK, pool
from exittui.kernel.sys.rwlock import rwlock
from exittui.machine.lang import KASSERT, embed, struct, variable

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.pmap import (
        pmap_activate,
        pmap_create,
        pmap_deactivate,
        pmap_destroy,
        pmap_enter,
        pmap_remove,
    )
    from exittui.kernel.kern.kern_rwlock import rw_enter_write, rw_exit_write
    from exittui.kernel.kern.subr_pool import pool_get, pool_put
    from exittui.kernel.sys.proc import proc, process


class vm_map(struct):
    """What is mapped where; size counts the pages."""

    lock: rwlock = embed(rwlock, rwl_name="vmmaplk")
    pmap: pmap | Any = None
    size: int = 0


class vmspace(struct):
    """An address space, shared by those who hold one of its vm_refcnt references."""

    vm_map: vm_map = embed(vm_map)
    vm_refcnt: int = 1
    vm_name: str = "vmspace"

    def label(self) -> str:
        return self.vm_name


uvm_vmspace_pool: pool = variable(pool, pr_name="vmsppl")
kernel_map: vm_map = variable(vm_map)
vmspace0: vmspace = variable(vmspace, vm_name="vmspace0")


def uvmspace_init0() -> None:
    """Give proc0 the kernel's map. main() calls it first of all."""
    vmspace0.vm_map.pmap = kernel_pmap_store


def uvmspace_alloc() -> vmspace:
    """Make an empty address space. May sleep."""
    pool_get(uvm_vmspace_pool, PR_WAITOK)
    vm = vmspace()
    vm.vm_map.pmap = pmap_create()
    return vm


def uvmspace_addref(vm: vmspace) -> None:
    """Take a reference."""
    KASSERT(vm.vm_refcnt > 0)
    vm.vm_refcnt += 1


def uvmspace_share(pr: process) -> vmspace:
    """The address space of pr, for one more process."""
    vm = pr.ps_vmspace
    uvmspace_addref(vm)
    return vm


def uvmspace_fork(pr: process) -> vmspace:
    """A copy of the address space of pr. May sleep."""
    vm1 = pr.ps_vmspace
    rw_enter_write(vm1.vm_map.lock)
    vm2 = uvmspace_alloc()
    vm2.vm_map.size = vm1.vm_map.size
    pmap_enter(vm2.vm_map.pmap, 0, vm2.vm_map.size)
    rw_exit_write(vm1.vm_map.lock)
    return vm2


def uvm_map(vm: vmspace, npages: int) -> int:
    """Map npages pages above those there are. May sleep."""
    rw_enter_write(vm.vm_map.lock)
    sva = vm.vm_map.size
    vm.vm_map.size = sva + npages
    pmap_enter(vm.vm_map.pmap, sva, sva + npages)
    rw_exit_write(vm.vm_map.lock)
    return 0


def uvm_unmap(vm: vmspace, npages: int) -> int:
    """Unmap the topmost npages pages. May sleep."""
    rw_enter_write(vm.vm_map.lock)
    eva = vm.vm_map.size
    sva = max(eva - npages, 0)
    pmap_remove(vm.vm_map.pmap, sva, eva)
    vm.vm_map.size = sva
    rw_exit_write(vm.vm_map.lock)
    return 0


def uvmspace_exec(p: proc) -> None:
    """Give a process an empty address space, its own emptied if nobody shares it. May sleep."""
    pr = p.p_p
    ovm = pr.ps_vmspace
    if ovm.vm_refcnt == 1:
        uvm_map_teardown(ovm.vm_map)
    else:
        nvm = uvmspace_alloc()
        pmap_deactivate(p)
        pr.ps_vmspace = nvm
        p.p_vmspace = nvm
        pmap_activate(p)
        uvmspace_free(ovm)


def uvm_map_teardown(map: vm_map) -> None:
    """Unmap everything, as if it were one entry of the map. May sleep, for the lock."""
    rw_enter_write(map.lock)
    if map.size > 0:
        pmap_remove(map.pmap, 0, map.size)
        map.size = 0
    rw_exit_write(map.lock)


def uvmspace_free(vm: vmspace) -> None:
    """Drop a reference; with the last one everything goes: pages, map, struct. May sleep."""
    vm.vm_refcnt -= 1
    if vm.vm_refcnt == 0:
        uvm_map_teardown(vm.vm_map)
        pmap_destroy(vm.vm_map.pmap)
        vm.vm_map.pmap = None
        pool_put(uvm_vmspace_pool, vm)
