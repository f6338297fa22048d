"""A CPU is sent an IPI that nobody minds, or somebody does: an AST is on its way, too."""

from __future__ import annotations

from typing import Any, cast

from exittui.machine.lang import (
    atomic_cas,
    embed,
    interrupt,
    interrupted_usermode,
    macro,
    spin,
    struct,
    this_cpu,
    usermode,
    variable,
)


class mdproc(struct):
    md_astpending: int = 0


class proc(struct):
    p_md: mdproc = embed(mdproc)


class cpu(struct):
    number: int = 0
    ci_intr: int = 0
    ci_ipl: int = 0
    ci_curproc: proc | None = None
    seen: int = 0


lapic_irr: int = variable(0)
a: int = variable(0)
b: int = variable(0)
done: int = variable(0)
p1: proc = variable(proc)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


@macro
def deliverable(ci: cpu) -> bool:
    return bool(ci.ci_intr) and bool(lapic_irr >> (ci.number << 2) & 1) and ci.ci_ipl < 1


@interrupt("ipi", when=deliverable, masks="ci_intr", armed="lapic_irr")
def ipi() -> bool:
    global lapic_irr
    ci = me()
    lapic_irr &= ~(1 << (ci.number << 2))
    s = ci.ci_ipl
    ci.ci_ipl = 1
    ci.ci_intr = 1
    ci.ci_ipl = s
    if interrupted_usermode():
        check_asts(ci.ci_curproc)
    return atomic_cas(me(), "ci_intr", 0, 1)


def check_asts(p: Any) -> None:
    me().ci_intr = 0
    while p.p_md.md_astpending:
        p.p_md.md_astpending = 0
        me().ci_intr = 1
        ast()
        me().ci_intr = 0


def aston(p: proc) -> None:
    p.p_md.md_astpending = 1


def send(number: int) -> None:
    global lapic_irr
    lapic_irr |= 1 << (number << 2)


def ast() -> None:
    """Double what is there by now."""
    global b
    b *= 2


def tell(late: int) -> None:
    """Send an IPI if somebody has asked for it, and another one later, perhaps with an AST."""
    global b, done
    if a > 0:
        send(1)
    b = 1
    if late:
        aston(p1)
    b += 2
    send(1)
    done = 1


def listen() -> None:
    """Be in user mode."""
    me().ci_curproc = p1
    ask()


@usermode
def ask() -> None:
    """Ask for the IPI, and wait."""
    global a
    me().ci_intr = 1
    a = 1
    while b == 0:
        spin()
    me().seen = b
    while done == 0:
        spin()
