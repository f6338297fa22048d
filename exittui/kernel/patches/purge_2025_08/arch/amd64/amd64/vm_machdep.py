"""arch/amd64/amd64/vm_machdep.c 1.47: cpu_exit() is about the machine alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exittui.kernel.sys.proc import proc


def cpu_exit(p: proc) -> None:
    """Free what the machine keeps for a thread: nothing here."""
