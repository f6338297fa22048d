"""kern/sysv_sem.c 1.64: semaphores.

Simplified: no process has anything to undo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exittui.kernel.sys.proc import process


def semexit(pr: process) -> None:
    """Undo what an exiting process has done to semaphores: nothing."""
