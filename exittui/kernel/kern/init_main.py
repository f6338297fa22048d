"""kern/init_main.c 1.328: process 0, init, the idle threads and the reaper; how a machine boots.

main() is followed, on each CPU, by cpu_hatch() (arch/amd64/amd64/cpu.c), which switches to the idle
thread; proc0 sleeps for ever. boot_process(), boot_thread() and boot_start() are not the kernel's:
they make the processes a scenario begins with, out of fork1() and thread_fork() as far as possible.

Simplified: autoconfiguration, file systems and all other kernel threads are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.kernel.arch.amd64.pmap import pmap_kernel
from exittui.kernel.sys.param import PVM
from exittui.kernel.sys.proc import (
    FORK_FORK,
    FORK_IDLE,
    P_INSCHED,
    P_SYSTEM,
    P_THREAD,
    PS_SYSTEM,
    SONPROC,
    proc,
    process,
)
from exittui.kernel.sys.resource import plimit
from exittui.kernel.sys.sched import CPU_AT
from exittui.kernel.sys.signalvar import SAS_NOCLDWAIT, sigacts
from exittui.kernel.sys.ucred import ucred
from exittui.kernel.sys.user import user
from exittui.machine.lang import new_stack, panic, struct, variable
from exittui.machine.queue import LIST_INSERT_HEAD, TAILQ_FIRST, TAILQ_INSERT_TAIL

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info
    from exittui.kernel.arch.amd64.trap import child_return
    from exittui.kernel.arch.amd64.userland import program
    from exittui.kernel.arch.amd64.vm_machdep import cpu_fork
    from exittui.kernel.kern.init_sysent import sysent_init
    from exittui.kernel.kern.kern_descrip import fdinit
    from exittui.kernel.kern.kern_exit import reaper
    from exittui.kernel.kern.kern_fork import (
        alloctid,
        fork1,
        lastpid,
        lasttid,
        maxprocess,  # noqa: F401 - written by boot_limits()
        maxthread,  # noqa: F401 - written by boot_limits()
        nthreads,
        process_initialize,
        thread_new,
    )
    from exittui.kernel.kern.kern_kthread import kthread_create
    from exittui.kernel.kern.kern_proc import (
        allproc,
        allprocess,
        enternewpgrp,
        pidhashtbl,
        tidhashtbl,
    )
    from exittui.kernel.kern.kern_prot import crfree, crhold
    from exittui.kernel.kern.kern_sched import sched_init_cpu, sched_toidle, setrunqueue
    from exittui.kernel.kern.kern_sig import siginit
    from exittui.kernel.kern.kern_synch import sleep_queue_init, sleep_setup
    from exittui.kernel.sys.systm import (
        KERNEL_LOCK,
        KERNEL_UNLOCK,
        SCHED_LOCK,
        SCHED_UNLOCK,
        cold,  # noqa: F401 - written by main()
    )
    from exittui.kernel.uvm.uvm_glue import uvm_uarea_alloc
    from exittui.kernel.uvm.uvm_map import uvm_map, uvm_unmap, uvmspace_init0, vmspace0


class uvmexp_(struct):
    """struct uvmexp: counters."""

    swtch: int = 0
    forks: int = 0

    def label(self) -> str:
        return "uvmexp"


uvmexp: uvmexp_ = variable(uvmexp_)
proc0: proc = variable(proc, p_name="swapper", p_flag=P_SYSTEM, p_stat=SONPROC)
process0: process = variable(process, ps_comm="swapper", ps_flags=PS_SYSTEM)
limit0: plimit = variable(plimit)
sigacts0: sigacts = variable(sigacts)
initprocess: process | Any = variable(None)
reaperproc: proc | Any = variable(None)


def main(ncpu: int) -> None:
    """Boot: proc0, the idle threads of all CPUs, init without a program, the reaper."""
    global cold
    main_proc0()
    main_init()
    main_cpus(ncpu)
    main_kthreads()
    cold = 0
    sleep_setup(proc0, PVM, "scheduler")
    proc0.p_flag &= ~P_INSCHED
    KERNEL_UNLOCK()


def main_proc0() -> None:
    """The part of main() that makes process 0 by hand."""
    uvmspace_init0()
    sleep_queue_init()
    sysent_init()
    curcpu().ci_curproc = proc0
    proc0.p_cpu = curcpu()
    KERNEL_LOCK()
    cr = ucred()
    proc0.p_ucred = cr
    process_initialize(process0, proc0)
    siginit(sigacts0)
    process0.ps_sigacts = sigacts0
    process0.ps_limit = limit0
    process0.ps_fd = fdinit()
    proc0.p_fd = process0.ps_fd
    process0.ps_vmspace = vmspace0
    proc0.p_vmspace = vmspace0
    proc0.p_addr = uvm_uarea_alloc()
    proc0.p_addr.u_pcb.pcb_cr3 = pmap_kernel()
    proc0.p_addr.u_pcb.pcb_pmap = pmap_kernel()
    curcpu().ci_cr3 = pmap_kernel()
    LIST_INSERT_HEAD(allproc, proc0, "p_list")
    LIST_INSERT_HEAD(tidhashtbl, proc0, "p_hash")
    LIST_INSERT_HEAD(allprocess, process0, "ps_list")
    LIST_INSERT_HEAD(pidhashtbl, process0, "ps_hash")
    enternewpgrp(process0, 0)


def main_cpus(ncpu: int) -> None:
    """The scheduler's state and the idle thread of each CPU."""
    i = 0
    while i < ncpu:
        sched_init_cpu(CPU_AT(i))
        i += 1


def main_init() -> None:
    """Process 1, whose program is yet to come; exec has reset its signals."""
    global initprocess
    initprocess = boot_process(process0, 1, "init", 4)
    initprocess.ps_sigacts.ps_sigflags &= ~SAS_NOCLDWAIT


def main_kthreads() -> None:
    """The kernel threads that matter here: the reaper."""
    global reaperproc
    if kthread_create(reaper, None, proc0.p_stk, "reaper"):
        panic("fork reaper")
    reaperproc = proc0.p_stk.newproc


def boot_stack(ci: cpu_info) -> Any:
    """The stack on which a CPU starts."""
    area = user(u_name="boot stack")
    return new_stack(area, cpu_hatch, ci)


def cpu_hatch(ci: cpu_info) -> None:
    """Where a CPU begins: on a stack of its own, from which it switches to its idle thread."""
    ci.ci_cr3 = pmap_kernel()
    sched_toidle()


def boot_process(parent: process, pid: int, name: str, pages: int) -> process:
    """Make a process, a group of its own, with one thread that does not run yet.

    pid 0 leaves the choice of the pid to allocpid().
    """
    global lastpid
    curp: Any = TAILQ_FIRST(parent.ps_threads)
    if fork1(curp, FORK_FORK | FORK_IDLE, child_return, None, None, curp.p_stk):
        panic("boot_process")
    p = curp.p_stk.newproc
    pr: process = p.p_p
    if pid != 0:
        pr.ps_pid = pid
        lastpid = max(lastpid, pid)
    pr.ps_comm = name
    pr.ps_vmspace.vm_name = "vmspace of " + name
    pr.ps_vmspace.vm_map.pmap.pm_name = "pmap of " + name
    p.p_name = name
    p.p_addr.u_name = "u-area of " + name
    p.p_program = None
    p.p_pc = 0
    npages = pages - pr.ps_vmspace.vm_map.size
    if npages >= 0:
        uvm_map(pr.ps_vmspace, npages)
    else:
        uvm_unmap(pr.ps_vmspace, -npages)
    enternewpgrp(pr, pr.ps_pid)
    pr.ps_pgrp.pg_jobc = 1
    return pr


def boot_uid(pr: process, uid: int) -> None:
    """Give a process that has one thread, which has not run, to a user who is not root."""
    p: Any = TAILQ_FIRST(pr.ps_threads)
    cr = ucred(cr_uid=uid, cr_ruid=uid, cr_svuid=uid)
    crhold(cr)
    crfree(p.p_ucred)
    crfree(pr.ps_ucred)
    p.p_ucred = cr
    pr.ps_ucred = cr


def boot_thread(pr: process, tid: int, prog: program) -> proc:
    """Give the first thread of a process its program, or make a further one. It does not run yet.

    tid 0 leaves the choice of the thread id to alloctid().
    """
    global nthreads, lasttid
    first: Any = TAILQ_FIRST(pr.ps_threads)
    p: proc = first
    if first.p_program is not None:
        nthreads += 1
        uaddr = uvm_uarea_alloc()
        p = thread_new(first, uaddr)
        p.p_flag |= P_THREAD
        p.p_p = pr
        p.p_fd = pr.ps_fd
        p.p_vmspace = pr.ps_vmspace
        uaddr.u_name = first.p_addr.u_name
        cpu_fork(first, p, child_return, p)
        p.p_tid = alloctid()
        LIST_INSERT_HEAD(allproc, p, "p_list")
        LIST_INSERT_HEAD(tidhashtbl, p, "p_hash")
        TAILQ_INSERT_TAIL(pr.ps_threads, p, "p_thr_link")
        pr.ps_threadcnt += 1
    if tid != 0:
        p.p_tid = tid
        lasttid = max(lasttid, tid)
    p.p_program = prog
    p.p_pc = 0
    return p


def boot_start(p: proc, ci: cpu_info) -> None:
    """Put a thread that was made at boot on the run queue of a CPU."""
    SCHED_LOCK()
    setrunqueue(ci, p, p.p_usrpri)
    SCHED_UNLOCK()


def boot_limits(processes: int, threads: int) -> None:
    """Set kern.maxproc and kern.maxthread."""
    global maxprocess, maxthread
    maxprocess = processes
    maxthread = threads
