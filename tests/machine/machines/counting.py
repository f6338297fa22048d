"""A function with statistics, and locals that are read for a while."""

from __future__ import annotations

from exittui.machine.lang import variable

calls: int = variable(0)
shown: int = variable(0)
turns: int = variable(0)
steps: int = variable(3)


def work(n: int) -> None:
    """`calls` only makes up `shown`, which nobody reads; `turns` decides; `steps` fills a local."""
    global calls, shown, turns
    m = n + 1
    calls += 1
    shown = calls * 2
    k = m
    while k > 0:
        k -= 1
    if turns:
        k = steps
        turns = k + 1
