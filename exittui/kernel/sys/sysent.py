"""sys/systm.h 1.171: struct sysent, an entry of the system call table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from exittui.machine.lang import struct
from exittui.machine.queue import LINK

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.proc import trapframe
    from exittui.kernel.sys.proc import proc

SY_NOLOCK: Final = 0x01


class sysent(struct):
    """A system call: its function, and whether that runs without the kernel lock."""

    sy_link: LINK[sysent] = None
    sy_name: str = ""
    sy_flags: int = 0
    sy_call: Callable[[proc, tuple[Any, ...], trapframe], int] = None  # type: ignore[assignment]  # set when made

    def label(self) -> str:
        return self.sy_name
