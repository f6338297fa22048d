"""kern/subr_pool.c 1.237: pool_get() and pool_put().

With PR_WAITOK pool_get() calls assertwaitok() at once, whether or not it would have to wait.
pool_put() ends the life of the struct.

Simplified: pool_get() never does wait, and it hands out nothing: the caller makes the struct in its
next statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.sys.pool import PR_WAITOK
from exittui.kernel.sys.systm import ISSET
from exittui.machine.lang import free

if TYPE_CHECKING:
    from exittui.kernel.kern.subr_xxx import assertwaitok
    from exittui.kernel.sys.pool import pool
    from exittui.machine.lang import struct


def pool_get(pp: pool, flags: int) -> None:
    """Take an item: the right to make one in the next statement. May sleep if PR_WAITOK.

    Simplified: the mutex of the pool, its pages and its wait for memory are left out.
    """
    if ISSET(flags, PR_WAITOK):
        assertwaitok()
    pp.pr_nout += 1


def pool_put(pp: pool, v: struct) -> None:
    """Give an item back. Whoever still uses it afterwards is caught."""
    pp.pr_nout -= 1
    free(v)
