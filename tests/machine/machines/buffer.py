"""A bounded buffer on a queue: producers wait while it is full, consumers while it is empty."""

from __future__ import annotations

from exittui.machine.lang import KASSERT, free, spin, struct, variable
from exittui.machine.queue import (
    LINK,
    TAILQ_EMPTY,
    TAILQ_FIRST,
    TAILQ_HEAD,
    TAILQ_INSERT_TAIL,
    TAILQ_REMOVE,
)


class item(struct):
    number: int = 0
    link: LINK[item] = None


queue: TAILQ_HEAD[item] = variable(TAILQ_HEAD)
count: int = variable(0)
total: int = variable(0)


def produce(first: int, many: int, room: int) -> None:
    """Put `many` new items, numbered from `first`, into a buffer that holds `room`."""
    global count
    made = 0
    while made < many:
        while count >= room:
            spin()
        new = item(number=first + made)
        TAILQ_INSERT_TAIL(queue, new, "link")
        count += 1
        made += 1


def consume(many: int) -> None:
    """Take `many` items out, free them, and add up their numbers."""
    global count, total
    taken = 0
    while taken < many:
        while TAILQ_EMPTY(queue):
            spin()
        got = TAILQ_FIRST(queue)
        assert got is not None
        TAILQ_REMOVE(queue, got, "link")
        count -= 1
        total += got.number
        KASSERT(got.number > 0)
        free(got)
        taken += 1
