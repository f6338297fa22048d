"""Threads that leave for good by one of two ways, and one that comes back."""

from __future__ import annotations

from typing import cast

from exittui.machine.lang import macro, panic, spin, struct, this_cpu, variable


class cpu(struct):
    number: int = 0


word: int = variable(0)
left: int = variable(0)
told: int = variable(0)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


def leave() -> None:
    """By the door that the word says."""
    global told
    seen: int = word
    if seen:
        go()
    else:
        go()
    told = seen


def go() -> None:
    """Never come back."""
    global left
    left += 1
    work()
    while left < 9:
        spin()
    panic("nobody is there")


def work() -> None:
    """Something that is done in several steps."""
    global left
    n = 3
    while n > 0:
        n -= 1
    left += 1


def look() -> None:
    """Do the same, and come back."""
    global left
    seen: int = word
    if seen:
        work()
    else:
        work()
    left += seen


def say() -> None:
    """Say one thing, then the other."""
    global word
    word = 1
    word = 0
