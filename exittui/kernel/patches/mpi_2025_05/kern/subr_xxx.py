"""kern/subr_xxx.c 1.17: a dead thread must not get to where one might sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.arch.amd64.cpu import curcpu, curproc
from exittui.kernel.sys.proc import SDEAD
from exittui.machine.lang import panic

if TYPE_CHECKING:
    from exittui.kernel.sys.systm import cold


def assertwaitok() -> None:
    """Panic unless this context may sleep: no mutex held, and not dead."""
    if curcpu().ci_mutex_level != 0:
        panic("non-zero mutex count: %d", curcpu().ci_mutex_level)
    if not cold and curproc().p_stat == SDEAD:
        panic("deads don't sleep")
