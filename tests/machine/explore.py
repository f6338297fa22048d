"""Every schedule of a small machine, by stepping and undoing: for counting, nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine import Machine


@attrs.define
class Explored:
    """What was found: all schedules counted, states told apart by fingerprint."""

    schedules: int = 0
    states: set[int] = attrs.field(factory=set)
    ends: dict[str, int] = attrs.field(factory=dict)


def explore(machine: Machine, end: Callable[[Machine], str] = lambda _: "end") -> Explored:
    """Try every schedule; `end` names the kind of end a schedule comes to."""
    found = Explored()

    def visit() -> None:
        found.states.add(machine.fingerprint())
        enabled = machine.enabled()
        if not enabled:
            found.schedules += 1
            kind = end(machine)
            found.ends[kind] = found.ends.get(kind, 0) + 1
        for cpu in enabled:
            machine.step(cpu)
            visit()
            machine.undo()

    visit()
    return found
