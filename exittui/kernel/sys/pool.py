"""sys/pool.h 1.80: pools of structs, as accounts.

Simplified: the items of a pool come from the machine's allocator and never run out; a pool counts
how many are out.
"""

from __future__ import annotations

from typing import Final

from exittui.machine.lang import struct

PR_WAITOK: Final = 0x0001
PR_NOWAIT: Final = 0x0002
PR_LIMITFAIL: Final = 0x0004
PR_ZERO: Final = 0x0008


class pool(struct):
    """A kind of item and how many of it are in use."""

    pr_name: str = "pool"
    pr_nout: int = 0

    def label(self) -> str:
        return self.pr_name
