"""arch/amd64/amd64/vm_machdep.c 1.49: the machine's part of fork and exit.

Simplified: floating point and the copy of the trap frame are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.machine.lang import new_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.kernel.arch.amd64.locore import proc_trampoline
    from exittui.kernel.arch.amd64.pmap import pmap_activate, pmap_deactivate
    from exittui.kernel.kern.kern_sched import sched_exit
    from exittui.kernel.sys.proc import proc


def cpu_fork(
    p1: proc,
    p2: proc,
    func: Callable[[Any], None],
    arg: Any,
) -> None:
    """Make p2 ready to run func(arg) on its own stack, in the address space it has been given."""
    pmap_activate(p2)
    p2.p_addr.u_pcb.pcb_rsp = new_stack(p2.p_addr, proc_trampoline, func, arg)


def cpu_exit(p: proc) -> None:
    """The last of a thread: leave its map, then switch away for good. Kernel lock held."""
    pmap_deactivate(p)
    sched_exit(p)
