"""sys/ptrace.h 1.17: requests of a debugger."""

from __future__ import annotations

from typing import Final

PT_TRACE_ME: Final = 0
PT_CONTINUE: Final = 7
PT_KILL: Final = 8
PT_ATTACH: Final = 9
PT_DETACH: Final = 10

PTRACE_FORK: Final = 0x0002
PT_SET_EVENT_MASK: Final = 13
