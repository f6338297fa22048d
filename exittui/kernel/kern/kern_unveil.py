"""kern/kern_unveil.c 1.55: unveil(2).

Simplified: no process has unveiled anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exittui.kernel.sys.proc import process


def unveil_destroy(pr: process) -> None:
    """Forget what a process may see of the file system: it sees everything."""
