"""arch/amd64/amd64/locore.S 1.150: record ci_proc_pmap after %cr3 is loaded, and even if it is not.

A thread that has borrowed proc0's map has the %cr3 of the idle thread it switches to: were
ci_proc_pmap only written when %cr3 changes, the record would stay what it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.kernel.sys.proc import P_SYSTEM, SONPROC
from exittui.machine.lang import load_stack, panic, stack_pointer

if TYPE_CHECKING:
    from exittui.kernel.sys.proc import proc


def cpu_switchto(old: proc | None, new: proc) -> proc | None:
    """Switch from old to new, and return old on the stack of new.

    old is None if it has exited: nothing of it is saved, it is not even looked at. sched_lock is
    held. ci_proc_pmap is written last, on both ways.
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
        curcpu().ci_cr3 = pcb.pcb_cr3
        curcpu().ci_tlb = (pcb.pcb_cr3, pcb.pcb_cr3.pm_pte)
    curcpu().ci_proc_pmap = newpmap
    curcpu().ci_curpcb = pcb
    curcpu().ci_intr = 1
    return old
