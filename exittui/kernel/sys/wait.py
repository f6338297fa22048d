"""sys/wait.h 1.20: options and results of wait4(2) and waitid(2)."""

from __future__ import annotations

from typing import Final

from exittui.machine.lang import macro

WNOHANG: Final = 0x01
WUNTRACED: Final = 0x02
WSTOPPED: Final = WUNTRACED
WEXITED: Final = 0x04
WCONTINUED: Final = 0x08
WNOWAIT: Final = 0x10
WTRAPPED: Final = 0x20

WAIT_ANY: Final = -1
WAIT_MYPGRP: Final = 0

P_ALL: Final = 0
P_PGID: Final = 1
P_PID: Final = 2

WCOREFLAG: Final = 0o200
_WCONTINUED: Final = 0o177777


@macro
def _WSTATUS(x: int) -> int:
    """The signal in a wait status."""
    return x & 0o177


@macro
def WCOREDUMP(x: int) -> int:
    """True if the signal came with a core dump."""
    return x & WCOREFLAG


@macro
def W_EXITCODE(ret: int, sig: int) -> int:
    """The wait status of a process that exited with `ret` or died of `sig`."""
    return (ret & 0xFF) << 8 | sig


@macro
def W_STOPCODE(sig: int) -> int:
    """The wait status of a process stopped by `sig`."""
    return sig << 8 | 0o177
