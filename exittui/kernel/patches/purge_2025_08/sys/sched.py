"""sys/sched.h 1.74: the dead of a CPU are a queue, linked by p_runq."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.machine.lang import embed, struct
from exittui.machine.queue import TAILQ_HEAD

if TYPE_CHECKING:
    from exittui.kernel.sys.proc import proc
    from exittui.kernel.sys.sched import prochead


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
    spc_deadproc: TAILQ_HEAD[proc] = embed(TAILQ_HEAD)
