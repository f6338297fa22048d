"""kern/kern_sched.c 1.104: an exiting thread calls mi_switch(), not sched_toidle().

The next step named in the mail of 2 May 2025: one switch less, for who waits need not be reached by
way of idle. It needs a mi_switch() that knows of the dead: see kern/sched_bsd.py.

What stepping shows: the window between the kernel lock and the stack pivot is still there. It is
shorter, and sched_lock is held in it, but who frees the thread needs no more than the kernel lock.
And this step needs the hunk arch/amd64/amd64/locore.S, which the diff alone does not: idle has the
map of the kernel, but from an exited thread to its sibling %cr3 stays what it is. Unless that is
recorded all the same ci_proc_pmap stays NULL, and pmap_deactivate() of the sibling asserts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.machine.lang import panic

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_resource import tuagg_add_runtime
    from exittui.kernel.kern.sched_bsd import mi_switch
    from exittui.kernel.sys.proc import proc
    from exittui.kernel.sys.systm import KERNEL_ASSERT_LOCKED, SCHED_LOCK


def sched_exit(p: proc) -> None:
    """The last of an exiting thread: switch to the next one. The kernel lock is held."""
    tuagg_add_runtime()
    KERNEL_ASSERT_LOCKED()
    SCHED_LOCK()
    mi_switch()
    panic("mi_switch returned")
