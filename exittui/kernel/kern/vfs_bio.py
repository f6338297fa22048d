"""kern/vfs_bio.c 1.210: waiting for a disk.

What it stands for: a system call that looks at a file may sleep, without catching signals.

Simplified: there are no buffers. The disk answers at the next tick of the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.kernel.kern.kern_timeout import TICK_NSEC
from exittui.kernel.sys.param import PRIBIO
from exittui.machine.lang import struct, variable

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_synch import tsleep_nsec


class buf(struct):
    """A block of the disk."""

    b_bcount: int = 512


bogus: buf = variable(buf)


def biowait() -> int:
    """Sleep until the disk has done what it was asked for."""
    tsleep_nsec(bogus, PRIBIO + 1, "biowait", TICK_NSEC)
    return 0
