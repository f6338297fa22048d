"""Arrivals of interrupts that can wait: they need not be tried where nothing would notice them.

Where an interrupt can arrive while its CPU runs kernel code, its handler often does nothing that
what the CPUs do next depends on, nor the other way round: an IPI that only asks a CPU to look for
ASTs is such a one. Then every schedule in which it arrives now and somebody moves later is as good
as one in which that step goes first, and the arrival is tried only behind it: up to where it does
matter, for instance before the CPU turns interrupts off on its way to user mode.

In the terms of persistent sets: what is tried are the next steps of all CPUs, and the arrivals that
may not wait. What can happen without any of these are the handlers of the others, each from its
arrival to its return. These are gone through and taken back (their *paths*, see `lookahead.py`). An
arrival may wait if

* its handler returns to the interrupted code soon, does not interrupt user mode, stops nowhere,
  violates nothing, and writes nothing that a property of states looks at;
* at no statement of it, nor at its end, can another interrupt arrive on the same CPU;
* no step of what is tried conflicts with its path, and neither does what somebody read to find
  that he cannot go on, so that nobody else can go on because of it;
* no path of another arrival that waits conflicts with its own.

That the handler keeps the interrupted code from moving until it returns is no dependence: as
everywhere in this reduction, it is a process of its own (see `discipline.py`).

Where a handler does nothing but to take the request back, the state behind it need not be gone
through either: whatever goes on from there goes on from here, with the arrival before it or later.
So such a state is left out, from where it waits here to where it is tried all the same.

If a step that is tried stops the machine, everything is tried instead. So it is where no step that
was tried has led to a new state: a step that waits must not wait all around a cycle. A search that
goes depth first is done with any new state before it is done with the one that it came from; so,
by induction over the order in which states are done with, what waits is tried in the end (Holzmann,
Godefroid and Pirottin 1992).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.checker.lookahead import Path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.checker.scouting import Scout

SOON: Final = 200
"""Statements of a handler that returns soon."""


def waiting(mover: Scout, choices: Iterable[int], beside: Iterable[Path]) -> list[Path] | None:
    """The paths of these, if all are interrupts that can wait for each other and what is beside."""
    found: list[Path] = []
    for choice in choices:
        handled = mover.handled(choice) if choice >= mover.machine.ncpu else None
        if handled is None or any(
            handled.spoilt(0, *other.accesses) for other in (*beside, *found)
        ):
            return None
        found.append(handled)
    return found


def pressing(mover: Scout, choices: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the choices that may not wait."""
    ncpu = mover.machine.ncpu
    lines = [choice for choice in choices if choice >= ncpu]
    if not lines or len(lines) == len(choices):
        return choices
    paths = {}
    for line in lines:
        path = mover.handled(line)
        if path is not None:
            paths[line] = path
    if not paths:
        return choices
    tried = Path()
    for choice in range(mover.machine.choices):
        if choice in paths:
            continue
        if not mover.peek(choice, tried, ready=choice in choices):
            return choices
    waiting: dict[int, Path] = {}
    while paths:
        line, path = paths.popitem()
        reads, writes = tuple(path.reads), [*path.writes]
        if tried.spoilt(0, reads, writes) or any(
            other.conflicts(0, reads, writes) for other in waiting.values()
        ):
            # It is tried, too: what waits must not conflict with that either.
            if not mover.peek(line, tried, ready=True):
                return choices
            paths |= waiting
            waiting = {}
        else:
            waiting[line] = path
    return tuple(choice for choice in choices if choice not in waiting)
