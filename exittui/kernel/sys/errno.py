"""sys/errno.h 1.25: the error numbers the model returns."""

from __future__ import annotations

from typing import Final

EPERM: Final = 1
ENOENT: Final = 2
ESRCH: Final = 3
EINTR: Final = 4
EBADF: Final = 9
ECHILD: Final = 10
ENOMEM: Final = 12
EACCES: Final = 13
EBUSY: Final = 16
EINVAL: Final = 22
EAGAIN: Final = 35
EWOULDBLOCK: Final = 35
EDEADLK: Final = 11
ENOSYS: Final = 78
ECANCELED: Final = 88

# Internal: restart the system call.
ERESTART: Final = -1
EJUSTRETURN: Final = -2
