"""sys/ucred.h 1.14: credentials, as far as fork, exit and kill look at them."""

from __future__ import annotations

from exittui.kernel.sys.refcnt import refcnt
from exittui.machine.lang import embed, struct


class ucred(struct):
    """Who a process acts for: shared, counted, never changed once it is shared."""

    cr_refcnt: refcnt = embed(refcnt)
    cr_uid: int = 0
    cr_ruid: int = 0
    cr_svuid: int = 0
