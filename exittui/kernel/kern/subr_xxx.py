"""kern/subr_xxx.c 1.17: assertwaitok().

Simplified: the other functions of the file concern devices and are left out.
"""

from __future__ import annotations

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.machine.lang import panic


def assertwaitok() -> None:
    """Panic unless this context may sleep: no mutex held.

    Simplified: the test for IPL_NONE before it only prints (kern.splassert is 1), and is left out;
    so is the one for SMR read sections, of which there are none here.
    """
    if curcpu().ci_mutex_level != 0:
        panic("assertwaitok: non-zero mutex count: %d", curcpu().ci_mutex_level)
