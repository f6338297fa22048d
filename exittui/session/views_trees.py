"""Frozen pictures of the kernel's lists as trees: families, threads, hashes, run queues."""

from __future__ import annotations

from typing import NamedTuple


class TreeRow(NamedTuple):
    """One line of a tree."""

    level: int
    text: str
    note: str = ""
    """What stands beside it: its number, state, flags."""
    kind: str = ""
    """`head` for the head of a list, `process`, `thread`, or `list` for a list in a process."""
    number: int | None = None
    """Names the object for `Wider.object`."""
    dead: bool = False
    freed: bool = False
    last: bool = False
    """No brother comes after it."""
