"""kern/kern_synch.c 1.223: sleeping and waking, reference counts, conditions.

Sleep queues are hashed by the address of the wait channel, as in the kernel.

Simplified: splsched(), tracepoints and __thrsleep(2) are left out. The list of threads that
wakeup_n() has taken off is a variable instead of a local, for it is only touched under sched_lock.
INFSLP is 0 here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.sys.errno import EINTR, ERESTART, EWOULDBLOCK
from exittui.kernel.sys.param import INFSLP, PCATCH, PNORELOCK, PRIMASK, PWAIT
from exittui.kernel.sys.proc import (
    P_CANTSLEEP,
    P_INSCHED,
    P_SINTR,
    P_SUSPSIG,
    P_TIMEOUT,
    P_TIMEOUTRAN,
    P_WEXIT,
    PS_STOPPING,
    SINGLE_SUSPEND,
    SONPROC,
    SSLEEP,
    SSTOP,
    proc,
)
from exittui.kernel.sys.signalvar import sigmask
from exittui.kernel.sys.systm import _kernel_lock_held
from exittui.machine.lang import KASSERT, address, atomic_cas, embed, macro, panic, struct, variable
from exittui.machine.lang import spin as CPU_BUSY_CYCLE
from exittui.machine.queue import (
    TAILQ_FIRST,
    TAILQ_FOREACH,
    TAILQ_HEAD,
    TAILQ_INSERT_TAIL,
    TAILQ_NEXT,
    TAILQ_REMOVE,
)

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_lock import mtx_enter, mtx_leave
    from exittui.kernel.kern.kern_rwlock import rw_assert_anylock, rw_enter, rw_exit, rw_status
    from exittui.kernel.kern.kern_sched import setrunqueue
    from exittui.kernel.kern.kern_sig_post import cursig
    from exittui.kernel.kern.kern_sig_stop import (
        proc_suspend_check,
        process_stop,
        process_suspend_signal,
    )
    from exittui.kernel.kern.kern_timeout import timeout_add_nsec, timeout_del
    from exittui.kernel.kern.sched_bsd import mi_switch, setrunnable
    from exittui.kernel.sys.mutex import mutex
    from exittui.kernel.sys.refcnt import cond, refcnt
    from exittui.kernel.sys.rwlock import rwlock
    from exittui.kernel.sys.systm import (
        SCHED_ASSERT_LOCKED,
        SCHED_LOCK,
        SCHED_UNLOCK,
    )

TABLESIZE: Final = 128


class slpquehead(struct):
    """[S] One bucket of the sleep queues."""

    sq_qs: TAILQ_HEAD[proc] = embed(TAILQ_HEAD)


slpque: tuple[slpquehead, ...] = variable(())

# The local list of wakeup_n(). [S]
wakeq: TAILQ_HEAD[proc] = variable(TAILQ_HEAD)

# The channel to sleep on when nobody is to wake one.
nowake: slpquehead = variable(slpquehead)


@macro
def LOOKUP(ident: Any) -> TAILQ_HEAD[proc]:
    """The sleep queue of a wait channel."""
    return slpque[(address(ident) >> 6) % TABLESIZE].sq_qs


def sleep_queue_init() -> None:
    """Make the sleep queues. Called once, at boot."""
    global slpque
    while len(slpque) < TABLESIZE:
        qp = slpquehead()
        slpque = slpque + (qp,)


def tsleep(ident: Any, priority: int, wmesg: str, timo: int) -> int:
    """Sleep on `ident` until woken; with PCATCH, until a signal too.

    The kernel lock is held, unless nobody is to wake the sleep or it has a limit.
    """
    KASSERT((priority & ~(PRIMASK | PCATCH)) == 0)
    KASSERT(ident is not nowake or priority & PCATCH or timo != 0)
    KASSERT(ident is nowake or timo or _kernel_lock_held())
    sleep_setup(ident, priority, wmesg)
    return sleep_finish(timo, True)


def tsleep_nsec(ident: Any, priority: int, wmesg: str, nsecs: int) -> int:
    """Sleep on `ident` for so many nanoseconds at most; INFSLP means without limit."""
    return tsleep(ident, priority, wmesg, nsecs)


def msleep(ident: Any, mtx: mutex, priority: int, wmesg: str, timo: int) -> int:
    """Sleep on `ident`, giving up the mutex `mtx` once on the sleep queue, and take it back."""
    KASSERT((priority & ~(PRIMASK | PCATCH | PNORELOCK)) == 0)
    KASSERT(ident is not nowake or priority & PCATCH or timo != 0)
    KASSERT(mtx is not None)
    sleep_setup(ident, priority, wmesg)
    mtx_leave(mtx)
    error = sleep_finish(timo, True)
    if priority & PNORELOCK == 0:
        mtx_enter(mtx)
    return error


def msleep_nsec(ident: Any, mtx: mutex, priority: int, wmesg: str, nsecs: int) -> int:
    """As msleep(), for so many nanoseconds at most; INFSLP means without limit."""
    return msleep(ident, mtx, priority, wmesg, nsecs)


def rwsleep(ident: Any, rwl: rwlock, priority: int, wmesg: str, timo: int) -> int:
    """Sleep on `ident`, giving up the rwlock once on the sleep queue, and take it back."""
    KASSERT((priority & ~(PRIMASK | PCATCH | PNORELOCK)) == 0)
    KASSERT(ident is not nowake or priority & PCATCH or timo != 0)
    KASSERT(ident is not rwl)
    rw_assert_anylock(rwl)
    status = rw_status(rwl)
    sleep_setup(ident, priority, wmesg)
    rw_exit(rwl)
    error = sleep_finish(timo, True)
    if priority & PNORELOCK == 0:
        rw_enter(rwl, status)
    return error


def rwsleep_nsec(ident: Any, rwl: rwlock, priority: int, wmesg: str, nsecs: int) -> int:
    """As rwsleep(), for so many nanoseconds at most; INFSLP means without limit."""
    return rwsleep(ident, rwl, priority, wmesg, nsecs)


def sleep_setup(ident: Any, prio: int, wmesg: str) -> None:
    """Put the running thread on the sleep queue of `ident`; it runs on until sleep_finish().

    A wakeup from here on is not lost: it takes the thread off the queue again. An exiting thread
    does not catch signals. A dead one must not come here.
    """
    p = curproc()
    if p.p_flag & P_CANTSLEEP:
        panic("sleep: %s failed insomnia", p.p_p.ps_comm)
    if ident is None:
        panic("sleep: no ident")
    if p.p_stat != SONPROC:
        panic("sleep: not SONPROC but %d", p.p_stat)
    if p.p_flag & P_WEXIT:
        prio &= ~PCATCH
    SCHED_LOCK()
    p.p_wchan = ident
    p.p_wmesg = wmesg
    p.p_slptime = 0
    p.p_slppri = prio & PRIMASK
    p.p_flag |= P_INSCHED
    if prio & PCATCH:
        p.p_flag |= P_SINTR
    p.p_stat = SSLEEP
    TAILQ_INSERT_TAIL(LOOKUP(ident), p, "p_runq")
    SCHED_UNLOCK()


def sleep_finish(timo: int, do_sleep: int) -> int:
    """Sleep, if `do_sleep` and nobody woke the thread since sleep_setup(); then look for signals.

    `timo` limits the sleep, in nanoseconds. A thread that was stopped meanwhile switches in any
    case.
    """
    p = curproc()
    error = 0
    error1 = 0
    if timo != INFSLP:
        KASSERT((p.p_flag & (P_TIMEOUT | P_TIMEOUTRAN)) == 0)
        timeout_add_nsec(p.p_sleep_to, timo)
    catch = p.p_flag & P_SINTR
    if catch != 0:
        error = sleep_signal_check(p, False)
        if error != 0:
            catch = 0
            do_sleep = 0
    SCHED_LOCK()
    if p.p_wchan is None:
        do_sleep = 0
    if not do_sleep:
        unsleep(p)
    if p.p_stat == SSTOP:
        do_sleep = 1
    p.p_flag &= ~P_INSCHED
    if do_sleep:
        KASSERT(p.p_stat == SSLEEP or p.p_stat == SSTOP)
        p.p_ru.ru_nvcsw += 1
        mi_switch()
    else:
        KASSERT(p.p_stat == SONPROC or p.p_stat == SSLEEP)
        p.p_stat = SONPROC
    if p.p_stat != SONPROC:
        panic("sleep_finish !SONPROC")
    p.p_cpu.ci_schedstate.spc_curpriority = p.p_usrpri
    SCHED_UNLOCK()
    p.p_flag &= ~P_SINTR
    if timo != INFSLP:
        error1 = sleep_cancel(p)
    if catch != 0:
        error = sleep_signal_check(p, True)
    if error == 0:
        error = error1
    return error


def sleep_cancel(p: proc) -> int:
    """Make sure that the timeout of a sleep is over: EWOULDBLOCK if it has ended the sleep.

    If it can no more be deleted it runs or has run: spin until it says that it has. A part of
    sleep_finish() in the kernel.
    """
    if timeout_del(p.p_sleep_to):
        return 0
    while p.p_flag & P_TIMEOUTRAN == 0:
        CPU_BUSY_CYCLE()
    flag = p.p_flag
    p.p_flag &= ~(P_TIMEOUT | P_TIMEOUTRAN)
    if flag & P_TIMEOUT:
        return EWOULDBLOCK
    return 0


def sleep_signal_check(p: proc, after_sleep: bool) -> int:
    """Before and after an interruptible sleep: an errno if a suspension or signal ends it.

    Before the sleep a request to stop is honoured by sleeping in SSTOP; after it, a stop that came
    since is left for userret().
    """
    pr = p.p_p
    ctx = p.p_stk.ctx
    err = proc_suspend_check(p, 1)
    if err != 0:
        if err != EWOULDBLOCK:
            return err
        if not after_sleep:
            mtx_enter(pr.ps_mtx)
            process_suspend_signal(pr)
            SCHED_LOCK()
            p.p_stat = SSTOP
            SCHED_UNLOCK()
            mtx_leave(pr.ps_mtx)
    sig = cursig(p, ctx, True)
    if sig != 0:
        if ctx.sig_stop:
            if not after_sleep:
                mtx_enter(pr.ps_mtx)
                pr.ps_xsig = sig
                p.p_siglist &= ~sigmask(sig)
                pr.ps_flags |= PS_STOPPING
                SCHED_LOCK()
                process_stop(pr, P_SUSPSIG, SINGLE_SUSPEND)
                p.p_flag |= P_SUSPSIG
                SCHED_UNLOCK()
                process_suspend_signal(pr)
                SCHED_LOCK()
                p.p_stat = SSTOP
                SCHED_UNLOCK()
                mtx_leave(pr.ps_mtx)
        elif ctx.sig_intr and not ctx.sig_ignore:
            return EINTR
        else:
            return ERESTART
    return 0


def wakeup_proc(p: proc) -> int:
    """End the sleep of `p`, if it sleeps; whether it did. A stopped thread stays stopped.

    sched_lock is held.
    """
    awakened = 0
    SCHED_ASSERT_LOCKED()
    if p.p_wchan is not None:
        awakened = 1
        if p.p_stat != SSLEEP and p.p_stat != SSTOP:
            panic("thread %d p_stat is %d", p.p_tid, p.p_stat)
        unsleep(p)
        if p.p_stat == SSLEEP:
            setrunnable(p)
    return awakened


def endtsleep(p: proc) -> None:
    """The time a sleep was limited to is over: end it, and let sleep_finish() go on."""
    SCHED_LOCK()
    awakened = wakeup_proc(p)
    SCHED_UNLOCK()
    flags = P_TIMEOUTRAN
    if awakened:
        flags |= P_TIMEOUT
    p.p_flag |= flags


def unsleep(p: proc) -> None:
    """Take `p` off its sleep queue, if it is on one. sched_lock is held."""
    SCHED_ASSERT_LOCKED()
    if p.p_wchan is not None:
        TAILQ_REMOVE(LOOKUP(p.p_wchan), p, "p_runq")
        p.p_wchan = None
        p.p_wmesg = None


def wakeup_n(ident: Any, n: int) -> None:
    """Make up to `n` threads sleeping on `ident` runnable, first come first served; -1 is all.

    A thread between sleep_setup() and sleep_finish() is only taken off the queue.
    """
    SCHED_LOCK()
    qp = LOOKUP(ident)
    p = TAILQ_FIRST(qp)
    while p is not None and n != 0:
        pnext = TAILQ_NEXT(p, "p_runq")
        if p.p_stat != SSLEEP and p.p_stat != SSTOP:
            panic("thread %d p_stat is %d", p.p_tid, p.p_stat)
        KASSERT(p.p_wchan is not None)
        if p.p_wchan == ident:
            TAILQ_REMOVE(qp, p, "p_runq")
            p.p_wchan = None
            p.p_wmesg = None
            TAILQ_INSERT_TAIL(wakeq, p, "p_runq")
            n -= 1
        p = pnext
    while p := TAILQ_FIRST(wakeq):
        TAILQ_REMOVE(wakeq, p, "p_runq")
        if p.p_stat == SSLEEP:
            setrunnable(p)
    SCHED_UNLOCK()


def wakeup(chan: Any) -> None:
    """Make all threads sleeping on `chan` runnable."""
    wakeup_n(chan, -1)


def wakeup_one(chan: Any) -> None:
    """Make the first thread sleeping on `chan` runnable."""
    wakeup_n(chan, 1)


def sys_sched_yield(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """sched_yield(2): let the siblings run, at the lowest priority among them."""
    mtx_enter(p.p_p.ps_mtx)
    newprio = p.p_usrpri
    for q in TAILQ_FOREACH(p.p_p.ps_threads, "p_thr_link"):
        newprio = max(newprio, q.p_runpri)
    mtx_leave(p.p_p.ps_mtx)
    SCHED_LOCK()
    setrunqueue(p.p_cpu, p, newprio)
    p.p_ru.ru_nvcsw += 1
    mi_switch()
    SCHED_UNLOCK()
    return 0


def refcnt_init(r: refcnt) -> None:
    """One reference: the owner's."""
    r.r_refs = 1


def refcnt_take(r: refcnt) -> None:
    """Take a reference; somebody must hold one."""
    r.r_refs += 1
    KASSERT(r.r_refs != 0)


def refcnt_rele(r: refcnt) -> bool:
    """Drop a reference; whether it was the last.

    atomic_dec_int_nv() is a loop here, as on machines without such an instruction: of two who drop
    theirs at once, only one drops the last.
    """
    refs = r.r_refs - 1
    while not atomic_cas(r, "r_refs", refs + 1, refs):
        refs = r.r_refs - 1
    KASSERT(refs != -1)
    return refs == 0


def refcnt_rele_wake(r: refcnt) -> None:
    """Drop a reference and wake whoever waits in refcnt_finalize() for the last."""
    if refcnt_rele(r):
        wakeup_one(r)


def refcnt_finalize(r: refcnt, wmesg: str) -> None:
    """Drop the owner's reference and sleep until all others are dropped."""
    refs = r.r_refs - 1
    while not atomic_cas(r, "r_refs", refs + 1, refs):
        refs = r.r_refs - 1
    KASSERT(refs != -1)
    while refs:
        sleep_setup(r, PWAIT, wmesg)
        refs = r.r_refs
        sleep_finish(INFSLP, refs)


def cond_init(c: cond) -> None:
    """Nothing has been signalled yet."""
    c.c_wait = 1


def cond_signal(c: cond) -> None:
    """Let the one that waits go on."""
    c.c_wait = 0
    wakeup_one(c)


def cond_wait(c: cond, wmesg: str) -> None:
    """Sleep until the condition is signalled."""
    wait = c.c_wait
    while wait:
        sleep_setup(c, PWAIT, wmesg)
        wait = c.c_wait
        sleep_finish(INFSLP, wait)
