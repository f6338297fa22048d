"""Peterson's algorithm for two processes, one variable of each kind."""

from __future__ import annotations

from exittui.machine.lang import KASSERT, spin, struct, variable


class side(struct):
    wants: bool = False
    inside: bool = False


left: side = variable(side)
right: side = variable(side)
turn: int = variable(0)


def enter(me: side, other: side, mine: int) -> None:
    """Take the lock, do the critical section, leave."""
    global turn
    me.wants = True
    turn = mine
    while other.wants and turn == mine:
        spin()
    me.inside = True
    KASSERT(not other.inside)
    me.inside = False
    me.wants = False
