"""kern/kern_acct.c 1.49: process accounting.

Simplified: it is off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.machine.lang import variable

if TYPE_CHECKING:
    from exittui.kernel.sys.proc import proc

acctp: Any = variable(None)


def acct_process(p: proc) -> int:
    """Write an accounting record; would sleep, if accounting were on."""
    if acctp is None:
        return 0
    return 0
