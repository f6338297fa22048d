"""uvm/uvm_map.c 1.351: uvmspace_purge() empties an address space whoever else refers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.pmap import pmap_destroy
    from exittui.kernel.kern.subr_pool import pool_put
    from exittui.kernel.uvm.uvm_map import uvm_map_teardown, uvm_vmspace_pool, vmspace


def uvmspace_purge(vm: vmspace) -> None:
    """Unmap everything; the lock of the map waits out all others that use it. May sleep."""
    uvm_map_teardown(vm.vm_map)


def uvmspace_free(vm: vmspace) -> None:
    """Drop a reference; with the last one the map is purged, once more, and freed. May sleep."""
    vm.vm_refcnt -= 1
    if vm.vm_refcnt == 0:
        uvmspace_purge(vm)
        pmap_destroy(vm.vm_map.pmap)
        vm.vm_map.pmap = None
        pool_put(uvm_vmspace_pool, vm)
