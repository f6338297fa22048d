"""sys/sysctl.h 1.242: what ps(1) is told of a process or a thread."""

from __future__ import annotations

from exittui.machine.lang import struct


class kinfo_proc(struct):
    """A row of ps(1)."""

    p_pid: int = 0
    p_ppid: int = 0
    p_tid: int = -1
    p_comm: str = ""
    p_psflags: int = 0
    p_flag: int = 0
    p_stat: int = 0
    p_xstat: int = 0
    p_wmesg: str = ""
    p_uutime: int = 0
    p_cpuid: int = -1
