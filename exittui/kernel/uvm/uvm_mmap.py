"""uvm/uvm_mmap.c 1.198: mapping memory, by the number of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.proc import trapframe
    from exittui.kernel.sys.proc import proc
    from exittui.kernel.uvm.uvm_map import uvm_map, uvm_unmap


def sys_mmap(p: proc, v: tuple[Any, ...], retval: trapframe) -> int:
    """mmap(pages): map anonymous memory. May sleep, for the lock of the map."""
    return uvm_map(p.p_vmspace, v[0])


def sys_munmap(p: proc, v: tuple[Any, ...], retval: trapframe) -> int:
    """munmap(pages): unmap the topmost pages. May sleep, for the lock of the map."""
    return uvm_unmap(p.p_vmspace, v[0])
