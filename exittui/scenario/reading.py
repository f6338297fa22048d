"""The bytes of a file that may hold a scenario or a session: never too many, and no waiting.

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


def bytes_of(path: Path, most: int = MAX_BYTES) -> bytes:
    """At most one byte more than `most`, by default what a scenario may have.

    Raises OSError, or ValueError for what can be no name.
    """
    # Without O_NONBLOCK a pipe is opened only when somebody writes to it.
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as stream:
        mode = os.fstat(number).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return stream.read(most + 1)
