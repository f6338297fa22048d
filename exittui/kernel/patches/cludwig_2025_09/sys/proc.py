"""sys/proc.h 1.398: a thread has a condition that says when its stack is left; no reaper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.arch.amd64.proc import mdproc
from exittui.kernel.sys.param import PUSER
from exittui.kernel.sys.refcnt import cond
from exittui.kernel.sys.resource import plimit, rusage, tusage
from exittui.kernel.sys.timeout import timeout
from exittui.kernel.sys.ucred import ucred
from exittui.machine.lang import embed, struct
from exittui.machine.queue import LINK

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info
    from exittui.kernel.arch.amd64.userland import program
    from exittui.kernel.kern.kern_descrip import filedesc
    from exittui.kernel.sys.user import user
    from exittui.kernel.uvm.uvm_map import vmspace
from exittui.kernel.sys.proc import P_THREAD, SIDL, process, stackvars

REMOVES: Final = ("reaper",)


class proc(struct):
    """A thread: what runs on a CPU.

    Made by thread_new(), on ps_threads and allproc while it lives, SDEAD from the point in exit1()
    after which it may not sleep, freed by proc_free().
    """

    p_p: process | Any = None  # [I] set before anybody sees the thread
    p_list: LINK[proc] = None  # [K]
    p_hash: LINK[proc] = None  # [K]; later, on a list of the dead
    p_thr_link: LINK[proc] = None  # [K|m]
    p_tid: int = 0
    p_deadcond: cond | Any = None  # signalled once no CPU stands on its stack
    p_name: str = ""

    # [S] sched_lock
    p_runq: LINK[proc] = None  # on a run queue or a sleep queue
    p_stat: int = SIDL
    p_runpri: int = 0
    p_wchan: Any = None
    p_wmesg: str | Any = None
    p_slptime: int = 0
    p_slppri: int = 0
    p_usrpri: int = PUSER
    p_estcpu: int = 0
    p_sleep_to: timeout = embed(timeout)
    p_cpu: cpu_info | Any = None  # set before the thread first runs

    # [a] atomic operations
    p_flag: int = 0
    p_siglist: int = 0
    p_pctcpu: int = 0

    # [o] the thread itself
    p_fd: filedesc | Any = None
    p_vmspace: vmspace | Any = None
    p_ucred: ucred | Any = None
    p_limit: plimit | Any = None
    p_kq: Any = None
    p_kq_serial: int = 0
    p_ru: rusage = embed(rusage)
    p_tu: tusage = embed(tusage)
    p_sigmask: int = 0
    p_oldmask: int = 0
    p_sisig: int = 0
    p_addr: user | Any = None
    p_md: mdproc = embed(mdproc)
    p_stk: stackvars = embed(stackvars)

    # the user program, the one it has begun, and where in it the thread is
    p_program: program | Any = None
    p_begun: program | Any = None
    p_pc: int = 0

    def label(self) -> str:
        return f"{self.p_name}.{self.p_tid}" if self.p_flag & P_THREAD else self.p_name
