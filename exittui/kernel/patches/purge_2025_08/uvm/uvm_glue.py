"""uvm/uvm_glue.c 1.93: uvm_purge(), by which an exiting process empties its address space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curproc

if TYPE_CHECKING:
    from exittui.kernel.patches.purge_2025_08.uvm.uvm_map import uvmspace_purge
    from exittui.kernel.sys.systm import KERNEL_ASSERT_UNLOCKED


def uvm_purge() -> None:
    """Unmap everything in the address space of the running process; the rest stays. May sleep.

    The kernel lock is not held. amd64 has no pmap_purge().
    """
    p = curproc()
    vm = p.p_vmspace
    KERNEL_ASSERT_UNLOCKED()
    uvmspace_purge(vm)
