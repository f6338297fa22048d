"""CPUs that sleep: what they would do next is tried already, in another order.

At a state several choices are tried, one after the other. When the second is, all schedules that
begin with the first have been gone through; and if the two do not conflict, a schedule that begins
with the second and makes the first step before anything that conflicts with it is one of these, in
another order. So whoever was tried before *sleeps* while the others are: that step is not tried
until something is done that conflicts with it, which wakes the sleeper (sleep sets, Godefroid
1996). Where only sleepers could go on, nothing is left to try; where all but one sleep, that one
goes on, whoever can notice it, up to where it wakes one. Where paths say that a sleeper's step
could be taken alone (see `lookahead.py`), nothing is left to try either: all schedules from there
begin with it, in some order.

A state is met again with other sleepers. What has been tried there is kept as who slept then: those
who sleep no more are tried, and whoever slept both times stays asleep.

Interrupts do not sleep, for when one arrives its CPU cannot do anything else; for the same reason
who is interrupted wakes. A step that stops the machine, or that writes what a property of states
looks at, does not sleep either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from exittui.checker.lookahead import Path
    from exittui.checker.places import Place


class Sleepers:
    """Who sleeps now, and before what."""

    __slots__ = ("paths",)

    def __init__(self) -> None:
        self.paths: dict[int, Path] = {}
        """By CPU, what its next step accesses."""

    def put(self, paths: dict[int, Path]) -> None:
        """These sleep, and nobody else."""
        self.paths = {**paths}

    def wake(self, cpu: int) -> None:
        """This CPU sleeps no more, if it did."""
        self.paths.pop(cpu, None)

    def disturb(self, reads: Iterable[Place], writes: Collection[Place]) -> None:
        """Something was done: it wakes those with whose step it conflicts."""
        woken = [cpu for cpu, path in self.paths.items() if path.conflicts(0, reads, writes)]
        for cpu in woken:
            del self.paths[cpu]

    def mask(self) -> int:
        """Who sleeps, as bits."""
        return sum(1 << cpu for cpu in self.paths)
