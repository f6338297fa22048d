"""sys/rwlock.h 1.32: the sleeping reader/writer lock.

rwl_owner is one word and is only changed by compare-and-swap, as in the kernel. The word holds
the writer (a thread), or RWLOCK_READ_INCR for every reader, or 0. rwl_waiters and rwl_readers
count sleeping writers and readers; their addresses are the wait channels.
"""

from __future__ import annotations

from typing import Any, Final

from exittui.machine.lang import macro, struct

RWLOCK_READ_INCR: Final = 8

RW_WRITE: Final = 0x0001
RW_READ: Final = 0x0002
RW_DOWNGRADE: Final = 0x0004
RW_UPGRADE: Final = 0x0005
RW_OPMASK: Final = 0x0007
RW_INTR: Final = 0x0010
RW_SLEEPFAIL: Final = 0x0020
RW_NOSLEEP: Final = 0x0040
RW_RECURSEFAIL: Final = 0x0080
RW_DUPOK: Final = 0x0100
RW_WRITE_OTHER: Final = 0x0100


# The words of a lock that nobody writes; at most 64 readers at once.
RWLOCK_READS: Final = tuple(range(0, 65 * RWLOCK_READ_INCR, RWLOCK_READ_INCR))


@macro
def RWLOCK_ISWRITE(owner: Any) -> bool:
    """True if the word of a lock says that a thread writes (RWLOCK_WRLOCK is set)."""
    return owner not in RWLOCK_READS


class rwlock(struct):
    """A lock held by one writing thread or by any number of readers; waiting is sleeping."""

    rwl_owner: Any = 0  # the writing thread, or a number
    rwl_waiters: int = 0
    rwl_readers: int = 0
    rwl_name: str = "rwlock"

    def label(self) -> str:
        return self.rwl_name
