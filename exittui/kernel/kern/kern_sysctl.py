"""kern/kern_sysctl.c 1.465: fill_kproc(), what ps(1) shows of a process or a thread.

Simplified: credentials, sessions, sizes, start times and signal masks are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.proc import PS_ZOMBIE, SDEAD, SIDL, THREAD_PID_OFFSET, proc, process
from exittui.kernel.sys.sysctl import kinfo_proc

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_resource import tuagg_get_proc, tuagg_get_process


def fill_kproc(pr: process, ki: kinfo_proc, p: Any, show_pointers: int) -> None:
    """Fill a row with what there is to see of a process, or of one thread of it."""
    isthread = p is not None
    if not isthread:
        p = pr.ps_mainproc
        ki.p_uutime = tuagg_get_process(pr)
    else:
        ki.p_uutime = tuagg_get_proc(p)
    fill_kproc_row(pr, ki, p, isthread)


def fill_kproc_row(pr: process, ki: kinfo_proc, p: proc, isthread: int) -> None:
    """The macro FILL_KPROC."""
    ki.p_pid = pr.ps_pid
    ki.p_ppid = pr.ps_ppid
    ki.p_comm = pr.ps_comm
    ki.p_psflags = pr.ps_flags
    ki.p_xstat = pr.ps_xsig or pr.ps_xexit
    ki.p_tid = p.p_tid + THREAD_PID_OFFSET if isthread else -1
    ki.p_flag = p.p_flag
    if p.p_stat != SIDL and not pr.ps_flags & PS_ZOMBIE:
        ki.p_stat = p.p_stat
        ki.p_wmesg = p.p_wmesg if p.p_wmesg is not None else ""
        ki.p_cpuid = p.p_cpu.ci_cpuid
    else:
        ki.p_stat = SDEAD if pr.ps_flags & PS_ZOMBIE else SIDL
