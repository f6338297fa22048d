"""sys/refcnt.h 1.13: reference counts and conditions.

The functions are in kern/kern_synch.c, as upstream.

Simplified: the trace points are left out.
"""

from __future__ import annotations

from exittui.machine.lang import struct


class refcnt(struct):
    """A count of references; the first belongs to whoever made it."""

    r_refs: int = 1


class cond(struct):
    """Something to wait for once: c_wait is 1 until cond_signal()."""

    c_wait: int = 0
