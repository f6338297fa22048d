"""sys/user.h 1.9 and arch/amd64/include/pcb.h 1.17: the u-area, a thread's pcb and kernel stack.

Every stack frame of the thread belongs to the u-area, so freeing it pulls the ground from under a
CPU that still stands on it.

Simplified: the u-area is USPACE, 6 pages; here it is one object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.machine.lang import embed, struct

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.pmap import pmap


class pcb(struct):
    """What cpu_switchto() saves and loads. pcb_cr3 names the page directory: the pmap itself."""

    pcb_rsp: Any = None
    pcb_cr3: pmap | Any = None
    pcb_pmap: pmap | Any = None


class user(struct):
    """The u-area of a thread: its pcb, and the ground its kernel stack stands on."""

    u_pcb: pcb = embed(pcb)
    u_name: str = "u-area"

    def label(self) -> str:
        return self.u_name
