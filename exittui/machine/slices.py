"""Work that is done slice by slice: a generator that pauses between them and returns what it made.

Whoever has others to answer takes a slice at a time, and may close it at any pause; whoever has
not takes it `whole`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

Told = TypeVar("Told")
Made = TypeVar("Made")

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Slices = Generator[None, None, Made]


def whole(slices: Generator[Told, None, Made], told: Callable[[Told], None] | None = None) -> Made:
    """All slices one after the other; what they make. What each has to say is `told`."""
    while True:
        try:
            said = next(slices)
        except StopIteration as end:
            made: Made = end.value
            return made
        if told is not None:
            told(said)
