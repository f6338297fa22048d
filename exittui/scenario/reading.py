"""The bytes of a file that may hold a scenario: never more than one can have, and no waiting.

A pipe or a device is refused: it may have no end, or nobody who writes to it.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 64 * 1024


def bytes_of(path: Path) -> bytes:
    """At most one byte more than a scenario may have; raises OSError, or ValueError for a name."""
    # Without O_NONBLOCK a pipe is opened only when somebody writes to it.
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as stream:
        mode = os.fstat(number).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return stream.read(MAX_BYTES + 1)
