"""sys/mplock.h 1.14: the recursive big lock, struct __mp_lock.

Simplified: the real lock hands out tickets and serves them in order. Here the tickets are a queue
of CPUs, first in first out like they are: ticket numbers only ever grow, and with them no state of
the machine would ever come round again. The head of the queue is the holder; mpl_owner repeats it
in a form one can read. The part of a CPU (struct __mp_lock_cpu) lives in cpu_info, as there is one
such lock only. The struct has lost its underscores: functions and structs share names here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.machine.lang import embed, struct
from exittui.machine.queue import TAILQ_HEAD

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info


class mp_lock(struct):
    """A recursive spinning lock. The first of mpl_users holds it, the others spin in order."""

    mpl_users: TAILQ_HEAD[cpu_info] = embed(TAILQ_HEAD)
    mpl_owner: cpu_info | None = None
    mpl_name: str = "kernel_lock"

    def label(self) -> str:
        return self.mpl_name
