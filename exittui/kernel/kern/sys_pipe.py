"""kern/sys_pipe.c 1.148: bytes that one program writes and another waits for.

What a scenario needs of pipes: to say which program goes first. A pipe is known by a number and
has no descriptors, so it never breaks and takes any number of bytes; one byte is read at a time.
Simplified: read() and write() of any other file are not there; nobody polls a pipe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.param import INFSLP, PCATCH, PSOCK
from exittui.kernel.sys.pool import PR_WAITOK, pool
from exittui.kernel.sys.rwlock import rwlock
from exittui.machine.lang import struct, variable
from exittui.machine.queue import LINK, LIST_FOREACH, LIST_HEAD, LIST_INSERT_HEAD

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_rwlock import rw_enter_write, rw_exit_write
    from exittui.kernel.kern.kern_synch import rwsleep_nsec, wakeup
    from exittui.kernel.kern.subr_pool import pool_get
    from exittui.kernel.sys.proc import proc


class pipe(struct):
    """A pipe: how many bytes are in it. Locked by pipe_lock."""

    pipe_id: int = 0
    pipe_cnt: int = 0
    pipe_link: LINK[pipe] = None

    def label(self) -> str:
        return f"pipe{self.pipe_id}"


pipe_pool: pool = variable(pool, pr_name="pipepl")
pipe_lock: rwlock = variable(rwlock, rwl_name="pipelk")
pipes: LIST_HEAD[pipe] = variable(LIST_HEAD)


def pipe_find(number: int) -> pipe:
    """The pipe of that number, made when it is first asked for. pipe_lock is held for writing."""
    for cpipe in LIST_FOREACH(pipes, "pipe_link"):
        if cpipe.pipe_id == number:
            return cpipe
    pool_get(pipe_pool, PR_WAITOK)
    made = pipe(pipe_id=number)
    LIST_INSERT_HEAD(pipes, made, "pipe_link")
    return made


def sys_read(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """read(pipe): take a byte out; sleep while there is none."""
    rw_enter_write(pipe_lock)
    rpipe = pipe_find(v[0])
    while rpipe.pipe_cnt == 0:
        error = rwsleep_nsec(rpipe, pipe_lock, PSOCK | PCATCH, "piperd", INFSLP)
        if error:
            rw_exit_write(pipe_lock)
            return error
    rpipe.pipe_cnt -= 1
    rw_exit_write(pipe_lock)
    retval.tf_rax = 1
    return 0


def sys_write(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """write(pipe): put a byte in, and wake who waits for it."""
    rw_enter_write(pipe_lock)
    wpipe = pipe_find(v[0])
    wpipe.pipe_cnt += 1
    wakeup(wpipe)
    rw_exit_write(pipe_lock)
    retval.tf_rax = 1
    return 0
