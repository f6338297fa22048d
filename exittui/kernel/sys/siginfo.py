"""sys/siginfo.h 1.14: what waitid(2) and a signal handler learn."""

from __future__ import annotations

from typing import Final

from exittui.machine.lang import struct

SI_USER: Final = 0

CLD_EXITED: Final = 1
CLD_KILLED: Final = 2
CLD_DUMPED: Final = 3
CLD_TRAPPED: Final = 4
CLD_STOPPED: Final = 5
CLD_CONTINUED: Final = 6


class siginfo_t(struct):
    """Signal or child, its code and its status."""

    si_signo: int = 0
    si_code: int = 0
    si_pid: int = 0
    si_uid: int = 0
    si_status: int = 0
