"""kern/kern_prot.c 1.83: credentials, as counted objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.sys.pool import pool
from exittui.machine.lang import variable

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_synch import refcnt_rele, refcnt_take
    from exittui.kernel.kern.subr_pool import pool_put
    from exittui.kernel.sys.ucred import ucred

ucred_pool: pool = variable(pool, pr_name="ucredpl")


def crhold(cr: ucred) -> ucred:
    """Take a reference."""
    refcnt_take(cr.cr_refcnt)
    return cr


def crfree(cr: ucred) -> None:
    """Drop a reference; with the last one the credentials are freed."""
    if refcnt_rele(cr.cr_refcnt):
        pool_put(ucred_pool, cr)
