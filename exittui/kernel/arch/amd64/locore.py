"""arch/amd64/amd64/locore.S 1.150: cpu_switchto() and the first function of a new thread.

Registers are locals, so they go over the stack pivot as in the kernel.

Simplified: FPU state, segment registers, RETGUARD, the refill of the return stack and the second
page table against Meltdown are left out. %cr3 is compared without its PCID bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.kernel.sys.proc import P_SYSTEM, SONPROC
from exittui.machine.lang import load_stack, panic, stack_pointer

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.kernel.kern.kern_fork import proc_trampoline_mi
    from exittui.kernel.sys.proc import proc


def cpu_switchto(old: proc | None, new: proc) -> proc | None:
    """Switch from old to new, and return old on the stack of new.

    old is None if it has exited: nothing of it is saved, it is not even looked at. sched_lock is
    held. Between the two `curcpu().ci_intr` no interrupt comes. ci_proc_pmap names the user map
    this CPU takes shootdown IPIs for; it is written before %cr3 is, and only if %cr3 changes.
    """
    new.p_stat = SONPROC
    curcpu().ci_curproc = new
    new.p_cpu = curcpu()
    oldpmap = None
    if old is not None:
        if (old.p_flag & P_SYSTEM) == 0:
            oldpmap = old.p_addr.u_pcb.pcb_pmap
        old.p_addr.u_pcb.pcb_rsp = stack_pointer()
    pcb = new.p_addr.u_pcb
    newpmap = None
    if (new.p_flag & P_SYSTEM) == 0:
        newpmap = pcb.pcb_pmap
    curcpu().ci_intr = 0
    load_stack(pcb.pcb_rsp)
    if pcb.pcb_cr3 is not curcpu().ci_cr3:
        if curcpu().ci_proc_pmap is not oldpmap:
            panic("curcpu->ci_proc_pmap didn't point to previous pmap")
        curcpu().ci_proc_pmap = newpmap
        curcpu().ci_cr3 = pcb.pcb_cr3
        curcpu().ci_tlb = (pcb.pcb_cr3, pcb.pcb_cr3.pm_pte)
    curcpu().ci_curpcb = pcb
    curcpu().ci_intr = 1
    return old


def proc_trampoline(func: Callable[[Any], None], arg: Any) -> None:
    """Where a new thread comes to life: finish the switch, then call its function."""
    proc_trampoline_mi()
    func(arg)
    panic("function of a thread returned")
