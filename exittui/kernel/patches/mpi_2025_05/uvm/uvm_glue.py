"""uvm/uvm_glue.c 1.88: uvm_exit() is called by the exiting thread, which borrows proc0's map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.machine.lang import KASSERT

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.intr import intr_disable, intr_restore
    from exittui.kernel.arch.amd64.pmap import pmap_activate, pmap_deactivate
    from exittui.kernel.kern.init_main import process0
    from exittui.kernel.sys.proc import process
    from exittui.kernel.sys.systm import KERNEL_ASSERT_UNLOCKED
    from exittui.kernel.uvm.uvm_map import uvmspace_free


def uvm_exit(pr: process) -> None:
    """Move to proc0's address space, without a reference to it, and let go of the own. May sleep.

    The kernel lock is not held.
    """
    vm = pr.ps_vmspace
    KERNEL_ASSERT_UNLOCKED()
    KASSERT(curproc().p_p is pr)
    s = intr_disable()
    pmap_deactivate(curproc())
    pr.ps_vmspace = process0.ps_vmspace
    curproc().p_vmspace = pr.ps_vmspace
    pmap_activate(curproc())
    intr_restore(s)
    uvmspace_free(vm)
