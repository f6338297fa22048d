"""kern/subr_prof.c 1.41: profiling, of which only its end is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.sys.proc import PS_PROFIL

if TYPE_CHECKING:
    from exittui.kernel.sys.proc import process


def stopprofclock(pr: process) -> None:
    """Profile a process no longer."""
    if pr.ps_flags & PS_PROFIL:
        pr.ps_flags &= ~PS_PROFIL
