"""kern/kern_kthread.c 1.46: kernel threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import (
    FORK_NOZOMBIE,
    FORK_SHAREFILES,
    FORK_SHAREVM,
    FORK_SYSTEM,
    stackvars,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.kernel.kern.init_main import proc0
    from exittui.kernel.kern.kern_fork import fork1

FORK_KTHREAD: Final = FORK_SHAREVM | FORK_SHAREFILES | FORK_NOZOMBIE | FORK_SYSTEM


def kthread_create(func: Callable[[Any], None], arg: Any, newpp: stackvars, name: str) -> int:
    """Make a kernel process of one thread that runs `func(arg)` in proc0's address space."""
    error = fork1(proc0, FORK_KTHREAD, func, arg, None, newpp)
    if error:
        return error
    newpp.newproc.p_p.ps_comm = name
    newpp.newproc.p_name = name
    newpp.newproc.p_addr.u_name = "u-area of " + name
    return 0
