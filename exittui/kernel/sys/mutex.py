"""sys/mutex.h 1.22: the spinning mutex and the interrupt priority levels.

Covers struct mutex and the levels a mutex can want.

Simplified: WITNESS (lock order checks at every entry) is left out; mtx_name stands for the name its
lock object would have, for people only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.machine.lang import struct

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.cpu import cpu_info

IPL_NONE: Final = 0x0
IPL_SOFTCLOCK: Final = 0x1
IPL_SOFTNET: Final = 0x2
IPL_BIO: Final = 0x3
IPL_NET: Final = 0x4
IPL_SOFTTTY: Final = 0x5
IPL_TTY: Final = 0x6
IPL_VM: Final = 0x7
IPL_AUDIO: Final = 0x8
IPL_CLOCK: Final = 0x9
IPL_STATCLOCK: Final = 0x9
IPL_SCHED: Final = 0x9
IPL_HIGH: Final = 0x9
IPL_IPI: Final = 0xA
IPL_MPFLOOR: Final = IPL_TTY


class mutex(struct):
    """A lock a CPU spins for; its holder runs at mtx_wantipl or above until it leaves.

    mtx_owner is the CPU inside, None when free. mtx_oldipl is the level to go back to.
    """

    mtx_owner: cpu_info | Any = None
    mtx_wantipl: int = IPL_NONE
    mtx_oldipl: int = IPL_NONE
    mtx_name: str = "mutex"

    def label(self) -> str:
        return self.mtx_name
