"""kern/kern_sched.c 1.104: run queues, choosing a thread and a CPU, the idle loop, sched_exit.

A run queue holds the threads of four priorities, 32 queues a CPU. The choice of a CPU is the
kernel's and has no chance in it.

Simplified: halting CPUs (SPCF_SHOULDHALT), SMR, clock interrupts, barriers and tracepoints are left
out; a set of CPUs that the kernel keeps in a local is an integer of bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.arch.amd64.pmap import pmap_resident_count
from exittui.kernel.sys.proc import (
    FORK_IDLE,
    FORK_NOZOMBIE,
    FORK_SHAREFILES,
    FORK_SHAREVM,
    FORK_SYSTEM,
    P_CPUPEG,
    P_INSCHED,
    SRUN,
    SSLEEP,
    proc,
)
from exittui.kernel.sys.sched import (
    CPU_AT,
    CPU_MASK,
    SCHED_NQS,
    SPCF_ITIMER,
    SPCF_PROFCLOCK,
    SPCF_SWITCHCLEAR,
    cpu_is_idle,
    cpuset,
    cpuset_isset,
    ffs,
    prochead,
)
from exittui.kernel.sys.systm import _kernel_lock_held
from exittui.machine.lang import KASSERT, panic, variable
from exittui.machine.queue import (
    LIST_FIRST,
    LIST_INSERT_HEAD,
    LIST_REMOVE,
    TAILQ_EMPTY,
    TAILQ_FIRST,
    TAILQ_FOREACH,
    TAILQ_INSERT_TAIL,
    TAILQ_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_idle_cycle, cpu_info
    from exittui.kernel.arch.amd64.locore import cpu_switchto
    from exittui.kernel.arch.amd64.machdep import cpu_unidle, need_resched
    from exittui.kernel.kern.init_main import uvmexp
    from exittui.kernel.kern.kern_exit import exit2
    from exittui.kernel.kern.kern_fork import fork1
    from exittui.kernel.kern.kern_lock import __mp_release_all, kernel_lock
    from exittui.kernel.kern.kern_resource import tuagg_add_runtime
    from exittui.kernel.kern.sched_bsd import mi_switch
    from exittui.kernel.sys.systm import (
        KERNEL_ASSERT_LOCKED,
        KERNEL_UNLOCK,
        SCHED_ASSERT_LOCKED,
        SCHED_LOCK,
        SCHED_UNLOCK,
    )

FORK_IDLEPROC: Final = FORK_SHAREVM | FORK_SHAREFILES | FORK_NOZOMBIE | FORK_SYSTEM | FORK_IDLE
# "idle%d"
IDLE_NAMES: Final = tuple(f"idle{n}" for n in range(64))

sched_idle_cpus: cpuset = variable(cpuset)
sched_queued_cpus: cpuset = variable(cpuset)
sched_all_cpus: cpuset = variable(cpuset)

sched_nmigrations: int = variable(0)
sched_nomigrations: int = variable(0)
sched_noidle: int = variable(0)
sched_stolen: int = variable(0)
sched_choose: int = variable(0)
sched_wasidle: int = variable(0)

sched_cost_priority: int = variable(1)
sched_cost_runnable: int = variable(3)
sched_cost_resident: int = variable(1)


def sched_init_cpu(ci: cpu_info) -> None:
    """Set up the scheduler's state of one CPU, and its idle thread."""
    spc = ci.ci_schedstate
    while len(spc.spc_qs) < SCHED_NQS:
        ph = prochead()
        spc.spc_qs = spc.spc_qs + (ph,)
    spc.spc_idleproc = None
    sched_kthreads_create(ci)


def sched_kthreads_create(ci: cpu_info) -> None:
    """Make the idle thread of a CPU: a kernel process with proc0's address space."""
    spc = ci.ci_schedstate
    if fork1(curproc(), FORK_IDLEPROC, sched_idle, ci, None, curproc().p_stk):
        panic("fork idle")
    spc.spc_idleproc = curproc().p_stk.newproc
    spc.spc_idleproc.p_p.ps_comm = IDLE_NAMES[ci.ci_cpuid]
    spc.spc_idleproc.p_name = IDLE_NAMES[ci.ci_cpuid]
    spc.spc_idleproc.p_addr.u_name = "u-area of " + IDLE_NAMES[ci.ci_cpuid]


def sched_idle(ci: cpu_info) -> None:
    """The idle thread: switch away while something is queued, bury the dead, halt. Never returns.

    It is what a CPU stands on whenever an exiting thread has left its own stack, so the dead on
    spc_deadproc can be handed on here and not before.
    """
    p = curproc()
    spc = ci.ci_schedstate
    KERNEL_UNLOCK()
    SCHED_LOCK()
    sched_all_cpus.cs_set |= CPU_MASK(ci)
    p.p_stat = SSLEEP
    p.p_cpu = ci
    mi_switch()
    sched_idle_cpus.cs_set &= ~CPU_MASK(ci)
    SCHED_UNLOCK()
    KASSERT(ci is curcpu())
    KASSERT(curproc() is spc.spc_idleproc)
    while True:
        while not cpu_is_idle(curcpu()):
            SCHED_LOCK()
            p.p_stat = SSLEEP
            mi_switch()
            SCHED_UNLOCK()
            while dead := LIST_FIRST(spc.spc_deadproc):
                LIST_REMOVE(dead, "p_hash")
                exit2(dead)
        sched_idle_cpus.cs_set |= CPU_MASK(ci)
        while cpu_is_idle(ci):
            cpu_idle_cycle()
        sched_idle_cpus.cs_set &= ~CPU_MASK(ci)


def sched_exit(p: proc) -> None:
    """The last of an exiting thread: queue it for burial by the idle thread, and switch there.

    Neither its stack nor its address space may be freed before the CPU has left them, so the
    thread is put on a list of this CPU that the idle thread, on its own stack, hands on.
    The kernel lock is held.
    """
    spc = curcpu().ci_schedstate
    LIST_INSERT_HEAD(spc.spc_deadproc, p, "p_hash")
    tuagg_add_runtime()
    KERNEL_ASSERT_LOCKED()
    sched_toidle()


def sched_toidle() -> None:
    """Switch to the idle thread and forget the one that runs. Does not return.

    The kernel lock goes first: from there to the pivot in cpu_switchto() the thread stands on its
    stack with no lock but, in the end, sched_lock.
    """
    spc = curcpu().ci_schedstate
    if _kernel_lock_held():
        __mp_release_all(kernel_lock)
    if spc.spc_schedflags & SPCF_ITIMER:
        spc.spc_schedflags &= ~SPCF_ITIMER
    if spc.spc_schedflags & SPCF_PROFCLOCK:
        spc.spc_schedflags &= ~SPCF_PROFCLOCK
    spc.spc_schedflags &= ~SPCF_SWITCHCLEAR
    SCHED_LOCK()
    idle = spc.spc_idleproc
    idle.p_stat = SRUN
    uvmexp.swtch += 1
    cpu_switchto(None, idle)
    panic("cpu_switchto returned")


def setrunqueue(ci: cpu_info | None, p: proc, prio: int) -> None:
    """Queue a thread for a CPU, the best one if `ci` is NULL. sched_lock is held."""
    queue = prio >> 2
    if ci is None:
        ci = sched_choosecpu(p)
    KASSERT(ci is not None)
    SCHED_ASSERT_LOCKED()
    KASSERT(p.p_wchan is None)
    KASSERT((p.p_flag & P_INSCHED) == 0)
    p.p_cpu = ci
    p.p_stat = SRUN
    p.p_runpri = prio
    spc = p.p_cpu.ci_schedstate
    spc.spc_nrun += 1
    TAILQ_INSERT_TAIL(spc.spc_qs[queue].ph_qs, p, "p_runq")
    spc.spc_whichqs |= 1 << queue
    sched_queued_cpus.cs_set |= CPU_MASK(p.p_cpu)
    if cpuset_isset(sched_idle_cpus, p.p_cpu):
        cpu_unidle(p.p_cpu)
    elif prio < spc.spc_curpriority:
        need_resched(ci)


def remrunqueue(p: proc) -> None:
    """Take a thread off its run queue. sched_lock is held."""
    queue = p.p_runpri >> 2
    SCHED_ASSERT_LOCKED()
    spc = p.p_cpu.ci_schedstate
    spc.spc_nrun -= 1
    TAILQ_REMOVE(spc.spc_qs[queue].ph_qs, p, "p_runq")
    if TAILQ_EMPTY(spc.spc_qs[queue].ph_qs):
        spc.spc_whichqs &= ~(1 << queue)
        if spc.spc_whichqs == 0:
            sched_queued_cpus.cs_set &= ~CPU_MASK(p.p_cpu)


def sched_chooseproc() -> Any:
    """The thread this CPU should run next: its own, then another's, then idle. sched_lock held."""
    global sched_noidle
    spc = curcpu().ci_schedstate
    SCHED_ASSERT_LOCKED()
    if spc.spc_whichqs:
        queue = ffs(spc.spc_whichqs) - 1
        p: Any = TAILQ_FIRST(spc.spc_qs[queue].ph_qs)
        remrunqueue(p)
        sched_noidle += 1
        if p.p_stat != SRUN:
            panic("thread %d not in SRUN: %d", p.p_tid, p.p_stat)
    else:
        p = sched_steal_proc(curcpu())
        if p is None:
            p = spc.spc_idleproc
            if p is None:
                panic("no idleproc set on CPU%d", curcpu().ci_cpuid)
            p.p_stat = SRUN
    KASSERT(p.p_wchan is None)
    KASSERT((p.p_flag & P_INSCHED) == 0)
    return p


def sched_choosecpu_fork(parent: proc, flags: int) -> Any:
    """A CPU for a new thread: an idle one with nothing queued, else that with the least queued."""
    choice = None
    best_run = 0
    cs = sched_idle_cpus.cs_set & ~sched_queued_cpus.cs_set & sched_all_cpus.cs_set
    if cs == 0:
        cs = sched_all_cpus.cs_set
    while cs != 0:
        ci = CPU_AT(ffs(cs) - 1)
        cs &= ~CPU_MASK(ci)
        run = ci.ci_schedstate.spc_nrun
        if choice is None or run < best_run:
            choice = ci
            best_run = run
    if choice is not None:
        return choice
    return curcpu()


def sched_choosecpu(p: proc) -> Any:
    """A CPU for a thread that wakes: where it was, if that is idle; else the cheapest."""
    global sched_choose, sched_wasidle, sched_nmigrations, sched_nomigrations
    choice = None
    last_cost = 0
    if p.p_flag & P_CPUPEG:
        return p.p_cpu
    sched_choose += 1
    cs = sched_idle_cpus.cs_set & ~sched_queued_cpus.cs_set & sched_all_cpus.cs_set
    if cs & CPU_MASK(p.p_cpu) or (
        p.p_cpu is curcpu() and p.p_cpu.ci_schedstate.spc_nrun == 0 and curproc() is p
    ):
        sched_wasidle += 1
        return p.p_cpu
    if cs == 0:
        cs = sched_all_cpus.cs_set
    while cs != 0:
        ci = CPU_AT(ffs(cs) - 1)
        cost = sched_proc_to_cpu_cost(ci, p)
        if choice is None or cost < last_cost:
            choice = ci
            last_cost = cost
        cs &= ~CPU_MASK(ci)
    if p.p_cpu is not choice:
        sched_nmigrations += 1
    else:
        sched_nomigrations += 1
    if choice is not None:
        return choice
    return curcpu()


def sched_steal_proc(self: cpu_info) -> Any:
    """Take the thread that is cheapest to move from another CPU's queue. sched_lock is held."""
    global sched_stolen
    best = None
    bestcost = 0
    if not cpuset_isset(sched_all_cpus, self):
        return None
    cs = sched_queued_cpus.cs_set
    while cs != 0:
        ci = CPU_AT(ffs(cs) - 1)
        cs &= ~CPU_MASK(ci)
        spc = ci.ci_schedstate
        queue = ffs(spc.spc_whichqs) - 1
        for p in TAILQ_FOREACH(spc.spc_qs[queue].ph_qs, "p_runq"):
            if p.p_flag & P_CPUPEG:
                continue
            cost = sched_proc_to_cpu_cost(self, p)
            if best is None or cost < bestcost:
                best = p
                bestcost = cost
    if best is None:
        return None
    remrunqueue(best)
    best.p_cpu = self
    sched_stolen += 1
    return best


def log2(i: int) -> int:
    """The logarithm to base 2, rounded down; 0 for 0."""
    ret = 0
    i >>= 1
    while i:
        ret += 1
        i >>= 1
    return ret


def sched_proc_to_cpu_cost(ci: cpu_info, p: proc) -> int:
    """What it would cost to run this thread on that CPU. A guess, in no unit."""
    cost = 0
    spc = ci.ci_schedstate
    if not cpuset_isset(sched_idle_cpus, ci):
        cost += (p.p_usrpri - spc.spc_curpriority) * sched_cost_priority
        cost += sched_cost_runnable
    if cpuset_isset(sched_queued_cpus, ci):
        cost += spc.spc_nrun * sched_cost_runnable
    if ci.ci_cpuid == 0:
        cost += sched_cost_runnable
    if p.p_cpu is ci and p.p_slptime == 0:
        l2resident = log2(pmap_resident_count(p.p_vmspace.vm_map.pmap))
        cost -= l2resident * sched_cost_resident
    return cost


def sched_peg_curproc(ci: cpu_info) -> None:
    """Keep the running thread on that CPU, and go there."""
    p = curproc()
    SCHED_LOCK()
    p.p_flag |= P_CPUPEG
    setrunqueue(ci, p, p.p_usrpri)
    p.p_ru.ru_nvcsw += 1
    mi_switch()
    SCHED_UNLOCK()


def sched_unpeg_curproc() -> None:
    """Let the running thread move again."""
    p = curproc()
    p.p_flag &= ~P_CPUPEG
