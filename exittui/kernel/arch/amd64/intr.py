"""arch/amd64/amd64/intr.c 1.62: interrupt priority levels.

splx() runs nothing: an interrupt that the level holds back arrives when the level is low enough
(arch/amd64/vector.py).
"""

from __future__ import annotations

from exittui.kernel.arch.amd64.cpu import curcpu


def splraise(nlevel: int) -> int:
    """Go to the interrupt priority level nlevel if it is above the present one; return the old."""
    ci = curcpu()
    olevel: int = ci.ci_ipl
    ci.ci_ipl = max(olevel, nlevel)
    return olevel


def splx(nlevel: int) -> None:
    """Go to the interrupt priority level nlevel."""
    curcpu().ci_ipl = nlevel


def intr_disable() -> int:
    """Block interrupts on this CPU (cli); return what intr_restore() needs."""
    ef: int = curcpu().ci_intr
    curcpu().ci_intr = 0
    return ef


def intr_restore(ef: int) -> None:
    """Put the interrupt flag of this CPU back."""
    curcpu().ci_intr = ef
