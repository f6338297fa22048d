"""sys/sysctl.h 1.242: what ps(1) is told of a process or a thread."""

from __future__ import annotations

from typing import Final

from exittui.machine.lang import struct

# sysctl(2), second level of kern
KERN_PROC: Final = 66
KERN_FILE: Final = 73

KI_NOCPU: Final = -1


class kinfo_proc(struct):
    """A row of ps(1)."""

    p_pid: int = 0
    p_ppid: int = 0
    p__pgid: int = 0
    p_tid: int = -1
    p_comm: str = ""
    p_psflags: int = 0
    p_flag: int = 0
    p_siglist: int = 0
    p_sigmask: int = 0
    p_nice: int = 0
    p_stat: int = 0
    p_slptime: int = 0
    p_xstat: int = 0
    p_wmesg: str = ""
    p_pctcpu: int = 0
    p_rtime: int = 0
    p_uutime: int = 0
    p_cpuid: int = KI_NOCPU
