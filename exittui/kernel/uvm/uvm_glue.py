"""uvm/uvm_glue.c 1.88: u-areas, and the end of an address space.

Simplified: wiring of user memory for I/O is left out, as is the guard page of a u-area. Of
km_alloc() and km_free() it is kept that they take the lock of kernel_map, for which one may have to
sleep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.sys.user import user
from exittui.machine.lang import free

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_rwlock import rw_enter_write, rw_exit_write
    from exittui.kernel.sys.proc import proc, process
    from exittui.kernel.uvm.uvm_map import kernel_map, uvmspace_free


def uvm_uarea_alloc() -> user:
    """Allocate the u-area of a new thread: its pcb and kernel stack. May sleep."""
    rw_enter_write(kernel_map.lock)
    va = user()
    rw_exit_write(kernel_map.lock)
    return va


def uvm_uarea_free(p: proc) -> None:
    """Free the u-area of a dead thread. No CPU may stand on it any more. May sleep."""
    rw_enter_write(kernel_map.lock)
    free(p.p_addr)
    rw_exit_write(kernel_map.lock)
    p.p_addr = None


def uvm_exit(pr: process) -> None:
    """Let go of the address space of a process. May sleep. The reaper calls this."""
    vm = pr.ps_vmspace
    pr.ps_vmspace = None
    uvmspace_free(vm)
