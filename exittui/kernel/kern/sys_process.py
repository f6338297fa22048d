"""kern/sys_process.c 1.106: ptrace(2), the control requests.

Trace me, attach, detach, continue and kill.

Simplified: reading and writing memory and registers, single steps, securelevel, the sysctl for
tracing strangers, and the event mask except that of fork are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.errno import EAGAIN, EBUSY, EINVAL, EPERM, ESRCH
from exittui.kernel.sys.proc import (
    P_TRACESINGLE,
    PS_INEXEC,
    PS_SYSTEM,
    PS_TRACED,
    PS_WAITED,
    SSTOP,
    THREAD_PID_OFFSET,
    proc,
    process,
    ptrace_state,
)
from exittui.kernel.sys.ptrace import (
    PT_ATTACH,
    PT_CONTINUE,
    PT_DETACH,
    PT_KILL,
    PT_SET_EVENT_MASK,
    PT_TRACE_ME,
)
from exittui.kernel.sys.signal import NSIG, SIGKILL, SIGSTOP
from exittui.kernel.sys.signalvar import SPROCESS
from exittui.machine.queue import TAILQ_FIRST

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_exit_wait import (
        process_reparent,
        process_untrace,
    )
    from exittui.kernel.kern.kern_lock import mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_proc import inferior, prfind, tfind
    from exittui.kernel.kern.kern_sig import ptsignal
    from exittui.kernel.kern.kern_synch import unsleep
    from exittui.kernel.kern.sched_bsd import setrunnable
    from exittui.kernel.sys.systm import SCHED_LOCK, SCHED_UNLOCK


def sys_ptrace(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """ptrace(2) with (request, pid, data); the pid may be a thread's for PT_CONTINUE."""
    retval.tf_rax = 0
    if v[0] == PT_SET_EVENT_MASK:
        return ptrace_kstate(p, v[1], v[2])
    return ptrace_ctrl(p, v[0], v[1], v[2])


def ptrace_ctrl(p: proc, req: int, pid: int, data: int) -> int:
    """The control requests. The kernel lock is held."""
    if req == PT_TRACE_ME:
        tr = p.p_p
        mtx_enter(tr.ps_mtx)
        if tr.ps_flags & PS_TRACED:
            mtx_leave(tr.ps_mtx)
            return EBUSY
        tr.ps_flags |= PS_TRACED
        tr.ps_opptr = tr.ps_pptr
        mtx_leave(tr.ps_mtx)
        if tr.ps_ptstat is None:
            tr.ps_ptstat = ptrace_state()
        ptrace_clear(tr)
        return 0
    if req == PT_KILL or req == PT_ATTACH or req == PT_DETACH:
        if pid > THREAD_PID_OFFSET:
            return ESRCH
    elif req != PT_CONTINUE:
        return EINVAL
    t = process_tprfind(pid)
    if t is None:
        return ESRCH
    tr = t.p_p
    if req != PT_ATTACH:
        if req != PT_KILL and (data < 0 or data >= NSIG):
            return EINVAL
        error = process_checktracestate(p.p_p, tr, t)
    else:
        error = ptrace_attachable(p, tr)
    if error != 0:
        return error
    if req == PT_DETACH:
        mtx_enter(tr.ps_mtx)
        process_untrace(tr)
        tr.ps_flags &= ~PS_WAITED
        mtx_leave(tr.ps_mtx)
    elif req == PT_KILL:
        data = SIGKILL
    elif req == PT_ATTACH:
        mtx_enter(tr.ps_mtx)
        tr.ps_flags |= PS_TRACED
        tr.ps_opptr = tr.ps_pptr
        process_reparent(tr, p.p_p)
        mtx_leave(tr.ps_mtx)
        if tr.ps_ptstat is None:
            tr.ps_ptstat = ptrace_state()
        data = SIGSTOP
    return ptrace_sendsig(tr, t, pid, data)


def ptrace_sendsig(tr: process, t: proc, pid: int, data: int) -> int:
    """The label `sendsig` of ptrace_ctrl(): go on with that signal, or with none."""
    ptrace_clear(tr)
    mtx_enter(tr.ps_mtx)
    if tr.ps_trapped is t:
        SCHED_LOCK()
        if pid >= THREAD_PID_OFFSET:
            t.p_flag |= P_TRACESINGLE
        tr.ps_xsig = data
        unsleep(t)
        setrunnable(t)
        SCHED_UNLOCK()
        mtx_leave(tr.ps_mtx)
    elif pid < THREAD_PID_OFFSET:
        mtx_leave(tr.ps_mtx)
        if data != 0:
            ptsignal(t, data, SPROCESS)
    else:
        mtx_leave(tr.ps_mtx)
        return EINVAL
    return 0


def ptrace_clear(tr: process) -> None:
    """Forget what the debugger was told."""
    tr.ps_ptstat.pe_report_event = 0
    tr.ps_ptstat.pe_other_pid = 0


def ptrace_attachable(p: proc, tr: process) -> int:
    """An errno if a process may not be attached to by that of `p`."""
    if tr is p.p_p:
        return EINVAL
    if tr.ps_flags & PS_SYSTEM:
        return EPERM
    if tr.ps_flags & PS_TRACED:
        return EBUSY
    if tr.ps_flags & PS_INEXEC:
        return EAGAIN
    if tr.ps_ucred.cr_ruid != p.p_ucred.cr_ruid and p.p_ucred.cr_uid != 0:
        return EPERM
    if tr.ps_pid == 1:
        return EPERM
    if inferior(p.p_p, tr):
        return EINVAL
    return 0


def ptrace_kstate(p: proc, pid: int, mask: int) -> int:
    """PT_SET_EVENT_MASK: which events of a traced process to report."""
    tr = prfind(pid)
    if tr is None:
        return ESRCH
    error = process_checktracestate(p.p_p, tr, None)
    if error != 0:
        return error
    tr.ps_ptmask = mask
    return 0


def process_tprfind(tpid: int) -> Any:
    """The thread of that id; for a pid the trapped thread, or the first."""
    if tpid > THREAD_PID_OFFSET:
        return tfind(tpid - THREAD_PID_OFFSET)
    tr = prfind(tpid)
    if tr is None:
        return None
    mtx_enter(tr.ps_mtx)
    if tr.ps_trapped is not None:
        t = tr.ps_trapped
    else:
        t = TAILQ_FIRST(tr.ps_threads)
    mtx_leave(tr.ps_mtx)
    return t


def process_checktracestate(curpr: process, tr: process, t: proc | None) -> int:
    """An errno unless `tr` is traced by `curpr`, and `t`, if given, stopped and waited for."""
    if not tr.ps_flags & PS_TRACED:
        return EPERM
    if tr.ps_pptr is not curpr:
        return EBUSY
    if tr.ps_flags & PS_INEXEC:
        return EAGAIN
    if t is not None and (t.p_stat != SSTOP or not tr.ps_flags & PS_WAITED):
        return EBUSY
    return 0
