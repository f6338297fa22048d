"""sys/proc.h 1.387: processes, threads and their flags.

Covers the fields that fork, exit, wait, signals, the scheduler and kqueue look at, grouped by what
guards them, with the kernel's letters: I immutable, a atomic, K kernel lock, m this process'
ps_mtx, Q kqueue_ps_list_lock, S sched_lock, R rlimit_lock, o owned by the thread itself.
What a user program is and has seen is in the last group of `struct proc`.

Simplified: sessions beyond their group, terminals, tracing to files, pledge, unveil, pins,
profiling and timers are left out. Locals whose address the kernel hands on (a wait status, a
sigctx) stand in `stackvars`, one per thread, for they live on its stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.arch.amd64.proc import mdproc
from exittui.kernel.sys.event import klist
from exittui.kernel.sys.mutex import IPL_HIGH, mutex
from exittui.kernel.sys.param import NZERO, PUSER
from exittui.kernel.sys.refcnt import refcnt
from exittui.kernel.sys.resource import plimit, rusage, tusage
from exittui.kernel.sys.rwlock import rwlock
from exittui.kernel.sys.siginfo import siginfo_t
from exittui.kernel.sys.signalvar import sigacts, sigctx
from exittui.kernel.sys.timeout import timeout
from exittui.kernel.sys.ucred import ucred
from exittui.machine.lang import embed, macro, struct
from exittui.machine.queue import LINK, LIST_HEAD, TAILQ_HEAD

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info
    from exittui.kernel.arch.amd64.userland import program
    from exittui.kernel.kern.kern_descrip import filedesc
    from exittui.kernel.sys.user import user
    from exittui.kernel.uvm.uvm_map import vmspace

# p_stat
SIDL: Final = 1
SRUN: Final = 2
SSLEEP: Final = 3
SSTOP: Final = 4
SZOMB: Final = 5
SDEAD: Final = 6
SONPROC: Final = 7

# p_flag
P_INKTR: Final = 0x00000001
P_PROFPEND: Final = 0x00000002
P_ALRMPEND: Final = 0x00000004
P_SIGSUSPEND: Final = 0x00000008
P_CANTSLEEP: Final = 0x00000010
P_INSCHED: Final = 0x00000020
P_SINTR: Final = 0x00000080
P_SYSTEM: Final = 0x00000200
P_TIMEOUT: Final = 0x00000400
P_TIMEOUTRAN: Final = 0x00000800
P_TRACESINGLE: Final = 0x00001000
P_WEXIT: Final = 0x00002000
P_OWEUPC: Final = 0x00008000
P_SUSPSINGLE: Final = 0x00080000
P_THREAD: Final = 0x04000000
P_SUSPSIG: Final = 0x08000000
P_CPUPEG: Final = 0x40000000

# ps_flags
PS_CONTROLT: Final = 0x00000001
PS_EXEC: Final = 0x00000002
PS_INEXEC: Final = 0x00000004
PS_EXITING: Final = 0x00000008
PS_SUGID: Final = 0x00000010
PS_SUGIDEXEC: Final = 0x00000020
PS_PPWAIT: Final = 0x00000040
PS_ISPWAIT: Final = 0x00000080
PS_PROFIL: Final = 0x00000100
PS_TRACED: Final = 0x00000200
PS_WAITED: Final = 0x00000400
PS_COREDUMP: Final = 0x00000800
PS_SINGLEEXIT: Final = 0x00001000
PS_SINGLEUNWIND: Final = 0x00002000
PS_NOZOMBIE: Final = 0x00004000
PS_STOPPING: Final = 0x00008000
PS_SYSTEM: Final = 0x00010000
PS_EMBRYO: Final = 0x00020000
PS_ZOMBIE: Final = 0x00040000
PS_NOBROADCASTKILL: Final = 0x00080000
PS_PLEDGE: Final = 0x00100000
PS_WXNEEDED: Final = 0x00200000
PS_EXECPLEDGE: Final = 0x00400000
PS_ORPHAN: Final = 0x00800000
PS_CHROOT: Final = 0x01000000
PS_ITIMER: Final = 0x04000000
PS_WAITEVENT: Final = 0x10000000
PS_CONTINUED: Final = 0x20000000
PS_STOPPED: Final = 0x40000000
PS_TRAPPED: Final = 0x80000000

# fork1()
FORK_FORK: Final = 0x00000001
FORK_VFORK: Final = 0x00000002
FORK_IDLE: Final = 0x00000004
FORK_PPWAIT: Final = 0x00000008
FORK_SHAREFILES: Final = 0x00000010
FORK_SYSTEM: Final = 0x00000020
FORK_NOZOMBIE: Final = 0x00000040
FORK_SHAREVM: Final = 0x00000080
FORK_PTRACE: Final = 0x00000400

# exit1()
EXIT_NORMAL: Final = 0x00000001
EXIT_THREAD: Final = 0x00000002
EXIT_THREAD_NOCHECK: Final = 0x00000003

# single_thread_set()
SINGLE_SUSPEND: Final = 0x01
SINGLE_UNWIND: Final = 0x02
SINGLE_EXIT: Final = 0x03
SINGLE_MASK: Final = 0x0F
SINGLE_DEEP: Final = 0x10

THREAD_PID_OFFSET: Final = 100000
NO_PID: Final = 100000

# The largest value of an unsigned int: counts such as ps_suspendcnt wrap to it.
UINT_MAX: Final = 0xFFFFFFFF


class pgrp(struct):
    """A process group; sessions are not modelled."""

    pg_hash: LINK[pgrp] = None
    pg_members: LIST_HEAD[process] = embed(LIST_HEAD)  # [K]
    pg_id: int = 0
    pg_jobc: int = 0


class ptrace_state(struct):
    """What a debugger is told of a traced process."""

    pe_report_event: int = 0
    pe_other_pid: int = 0


class stackvars(struct):
    """Locals of a thread's system calls whose address is handed on."""

    status: int = 0
    newproc: proc | Any = None
    ru: rusage = embed(rusage)
    info: siginfo_t = embed(siginfo_t)
    ctx: sigctx = embed(sigctx)


class process(struct):
    """What the threads of a process share.

    Made by process_new(), on allprocess until exit1() moves it to zombprocess, freed by
    process_zap().
    """

    ps_refcnt: refcnt = embed(refcnt)  # [a] walkers of allprocess hold it
    ps_mainproc: proc | Any = None  # [I] the original thread
    ps_ucred: ucred | Any = None
    ps_sigacts: sigacts | Any = None  # [I]
    ps_fd: filedesc | Any = None
    ps_vmspace: vmspace | Any = None
    ps_pid: int = 0  # [I]
    ps_textvp: Any = None

    # [K] the kernel lock
    ps_list: LINK[process] = None
    ps_hash: LINK[process] = None
    ps_sibling: LINK[process] = None
    ps_children: LIST_HEAD[process] = embed(LIST_HEAD)
    ps_orphan: LINK[process] = None
    ps_orphans: LIST_HEAD[process] = embed(LIST_HEAD)
    ps_pglist: LINK[process] = None
    ps_sigiolst: LIST_HEAD[Any] = embed(LIST_HEAD)

    # [K|m] written with both, read with either
    ps_threads: TAILQ_HEAD[proc] = embed(TAILQ_HEAD)
    ps_pptr: process | Any = None
    ps_opptr: process | Any = None
    ps_ppid: int = 0
    ps_pgrp: pgrp | Any = None

    # [Q,m] written with both
    ps_klist: klist = embed(klist)

    # [a] atomic operations
    ps_flags: int = 0
    ps_siglist: int = 0

    # [m] ps_mtx
    ps_mtx: mutex = embed(mutex, mtx_wantipl=IPL_HIGH, mtx_name="ps_mtx")
    ps_single: proc | Any = None
    ps_trapped: proc | Any = None
    ps_threadcnt: int = 0
    ps_suspendcnt: int = 0
    ps_exitcnt: int = 0
    ps_tu: tusage = embed(tusage)
    ps_xexit: int = 0
    ps_xsig: int = 0
    ps_limit: plimit | Any = None  # [m,R]

    ps_lock: rwlock = embed(rwlock, rwl_name="pslock")
    ps_ptmask: int = 0
    ps_ptstat: ptrace_state | Any = None
    ps_ru: rusage | Any = None
    ps_cru: rusage = embed(rusage)
    ps_nice: int = NZERO
    ps_acflag: int = 0
    ps_start: int = 0
    ps_comm: str = ""

    def label(self) -> str:
        return self.ps_comm


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


@macro
def P_HASSIBLING(p: proc) -> bool:
    """True if the process of `p` counts more threads than this one."""
    return p.p_p.ps_threadcnt > 1
