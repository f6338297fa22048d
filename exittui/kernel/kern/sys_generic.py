"""kern/sys_generic.c 1.159: poll(2), and system calls of which only the time is modelled.

The first argument of those is how many steps to take, the second what each costs in virtual time.

Simplified: poll(2) is asked about no descriptor, which is enough to give a thread the kqueue that
exit1() has to take away from it. open(2) stands for all that hold the kernel lock, pread(2) for
all that do not; their files, vnodes and pipes are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.errno import EINTR, ERESTART
from exittui.kernel.sys.param import INFSLP, PCATCH, PSOCK

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_event import kqpoll_init
    from exittui.kernel.kern.kern_synch import nowake, tsleep_nsec
    from exittui.kernel.sys.proc import proc


def sys_open(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """open(steps, ns): work in the kernel with the kernel lock held."""
    n = v[0]
    while n > 0:
        n -= 1
    return 0


def sys_pread(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """pread(steps, ns): work in the kernel without the kernel lock."""
    n = v[0]
    while n > 0:
        n -= 1
    return 0


def sys_poll(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """poll(timeout): with 0 come back at once, else sleep until a signal. May sleep."""
    kqpoll_init()
    if v[0] == 0:
        return 0
    error = tsleep_nsec(nowake, PSOCK | PCATCH, "kqsel", INFSLP)
    if error == ERESTART:
        return EINTR
    return error
