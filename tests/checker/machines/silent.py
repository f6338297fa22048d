"""Two CPUs clear what is clear already, and look at it; one of them may set it."""

from __future__ import annotations

from typing import cast

from exittui.machine.lang import KASSERT, macro, struct, this_cpu, variable


class cpu(struct):
    number: int = 0
    saw: int = 0


word: int = variable(0)
bits: int = variable(0)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


def clear(others: int) -> None:
    """Clear it, and look; perhaps set it and look once more."""
    global bits, word
    word = 0
    bits &= ~4
    me().saw = word + bits
    if others:
        word = 1
        bits |= 4
        me().saw = word + bits
    KASSERT(me().saw < 9)


def apart(_: int) -> None:
    """Touch nothing that another CPU touches."""
    me().saw = 1
    me().saw = 0
    KASSERT(me().saw < 9)
