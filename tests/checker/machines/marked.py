"""A CPU asks itself for an interrupt; what its handler does depends on when it arrives, or not."""

from __future__ import annotations

from typing import cast

from exittui.machine.lang import interrupt, macro, spin, struct, this_cpu, variable


class cpu(struct):
    number: int = 0
    enabled: int = 1


requests: int = variable(0)
flag: int = variable(1)
turn: int = variable(0)
mark: int = variable(0)
begun: int = variable(0)
done: int = variable(0)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


@macro
def deliverable(ci: cpu) -> bool:
    return bool(ci.enabled) and bool(requests >> ci.number & 1)


@interrupt("ipi", when=deliverable, masks="enabled", armed="requests")
def handler() -> None:
    """Set the mark while the flag is set."""
    global requests, mark
    requests &= ~(1 << me().number)
    if flag and mark < 99:
        mark = 2
    me().enabled = 1


def stand() -> None:
    """Set the mark; whoever turns may stop."""
    global begun, mark, done
    begun = 1
    new: int = 1
    mark = 4 * mark + new
    done = 1


def blink() -> None:
    """Ask, and set the flag for a moment only."""
    global requests, flag
    while not begun:
        spin()
    flag = 0
    requests |= 2
    flag = 1
    flag = 0


def circle() -> None:
    """Ask, and turn in a circle until told to stop."""
    global requests, turn
    while not begun:
        spin()
    requests |= 2
    while not done:
        turn = 1
        turn = 0


def watch() -> None:
    """See how far it has turned, and set the mark."""
    global begun, mark, done
    begun = 1
    new: int = 1 + 2 * turn
    mark = 4 * mark + new
    done = 1
