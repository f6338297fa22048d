"""sys/resource.h 1.14: what a thread or a process used, and what it may use.

Simplified: times are integers of nanoseconds; the counters of `struct rusage` that nothing in the
model counts are left out. A generation lock guards `struct tusage` in the kernel (pc_lock); here a
tusage is read and written in one statement, so there is none.
"""

from __future__ import annotations

from typing import Final

from exittui.kernel.sys.refcnt import refcnt
from exittui.machine.lang import embed, struct

RLIMIT_CPU: Final = 0
RLIMIT_NPROC: Final = 7
RLIM_INFINITY: Final = (1 << 63) - 1

RUSAGE_SELF: Final = 0
RUSAGE_CHILDREN: Final = -1
RUSAGE_THREAD: Final = 1


class rusage(struct):
    """Resources used: by a thread, by the dead threads of a process, by reaped children."""

    ru_utime: int = 0
    ru_stime: int = 0
    ru_maxrss: int = 0
    ru_ixrss: int = 0
    ru_idrss: int = 0
    ru_isrss: int = 0
    ru_nsignals: int = 0
    ru_nvcsw: int = 0
    ru_nivcsw: int = 0


class tusage(struct):
    """Time used, in ticks of the statistics clock and in nanoseconds of running."""

    tu_uticks: int = 0
    tu_sticks: int = 0
    tu_iticks: int = 0
    tu_ixrss: int = 0
    tu_idrss: int = 0
    tu_isrss: int = 0
    tu_runtime: int = 0


class plimit(struct):
    """Limits, shared between the processes that inherited them and counted."""

    pl_refcnt: refcnt = embed(refcnt)
    pl_nproc: int = RLIM_INFINITY  # pl_rlimit[RLIMIT_NPROC].rlim_cur
