"""kern/sys_futex.c 1.22: what pthread_join() sleeps on.

A semaphore of librthread is a word in the memory of its process and futex(2): who waits sleeps
while the word is 0, who posts sets it and wakes them. Here the word is a struct known by process
and number, so that a program can post and wait by name; a join is a wait for what the thread that
ends has posted before its __threxit().
Simplified: one list of words for the system; the look at the word in user memory is a field of
the struct; no timeouts and no requeueing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.param import INFSLP, PCATCH, PWAIT
from exittui.kernel.sys.pool import PR_WAITOK, pool
from exittui.kernel.sys.rwlock import rwlock
from exittui.machine.lang import struct, variable
from exittui.machine.queue import LINK, LIST_FOREACH, LIST_HEAD, LIST_INSERT_HEAD

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_rwlock import rw_enter_write, rw_exit_write
    from exittui.kernel.kern.kern_synch import rwsleep_nsec, wakeup
    from exittui.kernel.kern.subr_pool import pool_get
    from exittui.kernel.sys.proc import proc


class futex(struct):
    """A word that threads of one process sleep on. Locked by ftlock."""

    ft_pid: int = 0
    ft_word: int = 0
    ft_value: int = 0
    ft_entry: LINK[futex] = None

    def label(self) -> str:
        return f"futex{self.ft_word} of {self.ft_pid}"


ftpool: pool = variable(pool, pr_name="futexpl")
ftlock: rwlock = variable(rwlock, rwl_name="futex")
ftlist: LIST_HEAD[futex] = variable(LIST_HEAD)


def futex_get(pid: int, word: int) -> futex:
    """The futex of a word of a process, made when it is first asked for. ftlock is write-held."""
    for f in LIST_FOREACH(ftlist, "ft_entry"):
        if f.ft_pid == pid and f.ft_word == word:
            return f
    pool_get(ftpool, PR_WAITOK)
    made = futex(ft_pid=pid, ft_word=word)
    LIST_INSERT_HEAD(ftlist, made, "ft_entry")
    return made


def sys_sem_wait(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """FUTEX_WAIT until the word is not 0, then take one from it."""
    rw_enter_write(ftlock)
    f = futex_get(p.p_p.ps_pid, v[0])
    while f.ft_value == 0:
        error = rwsleep_nsec(f, ftlock, PWAIT | PCATCH, "fsleep", INFSLP)
        if error:
            rw_exit_write(ftlock)
            return error
    f.ft_value -= 1
    rw_exit_write(ftlock)
    return 0


def sys_sem_post(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """Add one to the word, and FUTEX_WAKE who sleeps on it."""
    rw_enter_write(ftlock)
    f = futex_get(p.p_p.ps_pid, v[0])
    f.ft_value += 1
    wakeup(f)
    rw_exit_write(ftlock)
    return 0
