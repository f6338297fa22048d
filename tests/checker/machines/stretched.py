"""A function whose steps depend on bits, fields, variables and what its caller knows."""

from __future__ import annotations

from exittui.machine.lang import struct, variable

FLAG = 4


class cpu(struct):
    number: int = 0


class box(struct):
    b_flags: int = 0
    b_size: int = 0
    b_used: int = 0
    b_label: str = ""


one: box = variable(box)
total: int = variable(0)
limit: int = variable(3)


def weight(n: int) -> int:
    w = n
    if one.b_flags & FLAG:
        w += 10
    if one.b_size > limit:
        w += 100
    one.b_used = w
    return w


def work(n: int) -> None:
    global total
    w: int = weight(1)
    total = w + n
    if one.b_used + total > 1000:
        one.b_size = 0
