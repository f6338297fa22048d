"""sys/sched.h 1.73: the scheduler's state per CPU, and sets of CPUs.

Simplified: a run queue and a wait channel bucket are structs in tuples, made at boot. Sets of CPUs
are integers of bits, for at most 64 CPUs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.machine.lang import cpus, embed, macro, struct
from exittui.machine.queue import LIST_HEAD, TAILQ_HEAD

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info
    from exittui.kernel.sys.proc import proc

SCHED_NQS: Final = 32
SCHED_PPQ: Final = 128 // SCHED_NQS
NICE_WEIGHT: Final = 2
ESTCPUMAX: Final = NICE_WEIGHT * 20 - SCHED_PPQ

SPCF_SEENRR: Final = 0x0001
SPCF_SHOULDYIELD: Final = 0x0002
SPCF_SWITCHCLEAR: Final = SPCF_SEENRR | SPCF_SHOULDYIELD
SPCF_SHOULDHALT: Final = 0x0004
SPCF_HALTED: Final = 0x0008
SPCF_PROFCLOCK: Final = 0x0010
SPCF_ITIMER: Final = 0x0020


class prochead(struct):
    """One run queue: the threads of four priorities."""

    ph_qs: TAILQ_HEAD[proc] = embed(TAILQ_HEAD)


class schedstate_percpu(struct):
    """What the scheduler knows of one CPU."""

    # [S] sched_lock
    spc_nrun: int = 0
    spc_whichqs: int = 0
    spc_qs: tuple[prochead, ...] = ()
    # [o] the CPU itself
    spc_idleproc: proc | Any = None
    spc_curpriority: int = 0
    spc_schedflags: int = 0  # [a] SPCF_*
    spc_runtime: int = 0
    spc_deadproc: LIST_HEAD[proc] = embed(LIST_HEAD)


class cpuset(struct):
    """[a] A set of CPUs, one bit each."""

    cs_set: int = 0


# ffs(3) without a loop: a power of two modulo 67 is different for each of the first 66.
_FFS: Final = (
    0, 1, 2, 40, 3, 16, 41, 24, 4, 13, 17, 60, 42, 20, 25, 55, 5, 0, 14,
    11, 18, 63, 61, 29, 43, 31, 21, 52, 26, 45, 56, 48, 6, 33, 0, 39, 15, 23,
    12, 59, 19, 54, 64, 10, 62, 28, 30, 51, 44, 47, 32, 38, 22, 58, 53, 9, 27,
    50, 46, 37, 57, 8, 49, 36, 7, 35, 34,
)  # fmt: skip


@macro
def ffs(value: int) -> int:
    """The number of the lowest bit set, counted from 1; 0 if none is."""
    return _FFS[(value & -value) % 67]


@macro
def CPU_MASK(ci: cpu_info) -> int:
    """The bit of `ci` in a set of CPUs."""
    return 1 << ci.ci_cpuid


@macro
def cpuset_isset(cs: cpuset, ci: cpu_info) -> bool:
    """True if `ci` is in the set."""
    return bool(cs.cs_set & 1 << ci.ci_cpuid)


@macro
def CPU_AT(index: int) -> Any:
    """The CPU of that number."""
    return cpus()[index]


@macro
def cpu_is_idle(ci: cpu_info) -> bool:
    """True if nothing is queued for `ci`."""
    return ci.ci_schedstate.spc_whichqs == 0


def scheduler_wait_hook(parent: proc, child: proc) -> None:
    """Charge the parent for what the child it waited for used of the CPU."""
    parent.p_estcpu = min(parent.p_estcpu + child.p_estcpu, ESTCPUMAX)
