"""kern/kern_sysctl.c 1.465: what ps(1) shows of a process is of its first thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.proc import process
from exittui.machine.queue import TAILQ_FIRST

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_resource import tuagg_get_proc, tuagg_get_process
    from exittui.kernel.kern.kern_sysctl import FILL_KPROC, fill_kproc_state
    from exittui.kernel.sys.sysctl import kinfo_proc


def fill_kproc(pr: process, ki: kinfo_proc, p: Any, show_pointers: int) -> None:
    """Fill a row with what there is to see of a process, or of one thread of it."""
    isthread = p is not None
    if not isthread:
        p = TAILQ_FIRST(pr.ps_threads)
        ki.p_uutime = tuagg_get_process(pr)
    else:
        ki.p_uutime = tuagg_get_proc(p)
    FILL_KPROC(pr, ki, p, isthread)
    fill_kproc_state(pr, ki, p, isthread)
