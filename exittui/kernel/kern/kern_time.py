"""kern/kern_time.c 1.170: nanosleep. No process has interval timers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.kern.kern_timeout import TICK_NSEC
from exittui.kernel.sys.errno import EINTR, ERESTART, EWOULDBLOCK
from exittui.kernel.sys.param import PCATCH, PWAIT

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_synch import nowake, tsleep_nsec
    from exittui.kernel.sys.proc import proc


def sys_nanosleep(p: proc, v: tuple[Any, ...], retval: Any) -> int:
    """nanosleep(ticks): sleep for so many ticks of the clock, or until a signal.

    What would be left to sleep is not said.
    """
    error = tsleep_nsec(nowake, PWAIT | PCATCH, "nanoslp", max(v[0], 1) * TICK_NSEC)
    if error == ERESTART:
        error = EINTR
    if error == EWOULDBLOCK:
        error = 0
    return error


def cancel_all_itimers() -> None:
    """Stop the interval timers of the running process. There are none."""
