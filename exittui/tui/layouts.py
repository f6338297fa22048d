"""The layouts: which panes share a slot, and how the slots divide the screen.

A slot is a stack of panes of which one is seen; the others stand as words in its frame. Every
layout has every pane somewhere, so that nothing is out of reach in any of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDE: Final = (180, 50)
"""From here there are three columns."""


class Slot(NamedTuple):
    """A stack of panes in one rectangle."""

    name: str
    panes: tuple[str, ...]


class Split(NamedTuple):
    """Parts one below the other, or side by side; the weights say what each gets."""

    name: str
    down: bool
    parts: tuple[Tree, ...]
    weights: tuple[int, ...]


Tree = Slot | Split


def _down(name: str, *parts: tuple[int, Tree]) -> Split:
    return Split(
        name=name,
        down=True,
        parts=tuple(part for _, part in parts),
        weights=tuple(size for size, _ in parts),
    )


def _across(name: str, *parts: tuple[int, Tree]) -> Split:
    return Split(
        name=name,
        down=False,
        parts=tuple(part for _, part in parts),
        weights=tuple(size for size, _ in parts),
    )


_OVERVIEW: Final = _down(
    "overview",
    (
        5,
        _across(
            "middle",
            (
                58,
                _down(
                    "left",
                    (2, Slot("source", ("source",))),
                    (1, Slot("below", ("threads", "stack", "ps", "choices", "end"))),
                ),
            ),
            (
                42,
                _down(
                    "right",
                    (3, Slot("cpus", ("cpus",))),
                    (2, Slot("locks", ("locks", "waits", "order", "stops"))),
                    (3, Slot("lists", ("lists", "objects", "trees"))),
                ),
            ),
        ),
    ),
    (1, Slot("lanes", ("timeline", "events", "console", "branches"))),
)

_OVERVIEW_WIDE: Final = _down(
    "overview-wide",
    (
        5,
        _across(
            "middle",
            (
                38,
                _down(
                    "left",
                    (5, Slot("source", ("source",))),
                    (3, Slot("below", ("threads", "ps"))),
                ),
            ),
            (
                31,
                _down(
                    "centre",
                    (3, Slot("cpus", ("cpus",))),
                    (4, Slot("stack", ("stack",))),
                    (5, Slot("objects", ("objects", "end"))),
                ),
            ),
            (
                31,
                _down(
                    "right",
                    (3, Slot("locks", ("locks", "order"))),
                    (5, Slot("lists", ("lists", "trees"))),
                    (2, Slot("waits", ("waits",))),
                    (2, Slot("choices", ("choices", "stops"))),
                ),
            ),
        ),
    ),
    (
        1,
        _across(
            "foot",
            (56, Slot("lanes", ("timeline",))),
            (24, Slot("events", ("events", "branches"))),
            (20, Slot("console", ("console",))),
        ),
    ),
)

_CODE: Final = _across(
    "code",
    (
        62,
        _down(
            "left",
            (6, Slot("source", ("source",))),
            (1, Slot("lanes", ("timeline", "events", "console", "branches"))),
        ),
    ),
    (
        38,
        _down(
            "right",
            (2, Slot("cpus", ("cpus", "locks", "waits", "order"))),
            (3, Slot("stack", ("stack", "threads", "ps"))),
            (3, Slot("objects", ("objects", "lists", "trees", "choices", "stops", "end"))),
        ),
    ),
)

_KERNEL: Final = _across(
    "kernel",
    (
        50,
        _down(
            "left",
            (2, Slot("threads", ("threads", "ps"))),
            (3, Slot("trees", ("trees", "lists"))),
            (2, Slot("source", ("source", "stack", "choices"))),
        ),
    ),
    (
        50,
        _down(
            "right",
            (2, Slot("cpus", ("cpus", "timeline", "branches", "stops"))),
            (2, Slot("locks", ("locks", "waits", "order"))),
            (4, Slot("objects", ("objects", "events", "console", "end"))),
        ),
    ),
)

_TIME: Final = _down(
    "time",
    (2, Slot("lane", ("timeline",))),
    (
        3,
        _across(
            "middle",
            (50, Slot("source", ("source", "stack", "threads", "ps"))),
            (
                50,
                _down(
                    "right",
                    (2, Slot("choices", ("choices", "cpus", "locks", "waits", "order"))),
                    (2, Slot("events", ("events", "console", "objects", "lists", "trees", "end"))),
                    (1, Slot("branches", ("branches", "stops"))),
                ),
            ),
        ),
    ),
)

LAYOUTS: Final[dict[str, tuple[Tree, Tree]]] = {
    "overview": (_OVERVIEW, _OVERVIEW_WIDE),
    "code": (_CODE, _CODE),
    "kernel": (_KERNEL, _KERNEL),
    "time": (_TIME, _TIME),
}
"""By name: for a desk, and for a wide one."""


def tree_for(layout: str, width: int, height: int) -> Tree:
    """The tree of a layout for a terminal of this size."""
    desk, wide = LAYOUTS[layout]
    return wide if width >= WIDE[0] and height >= WIDE[1] else desk


def slots_of(tree: Tree) -> Iterator[Slot]:
    """All slots, in reading order."""
    if isinstance(tree, Slot):
        yield tree
        return
    for part in tree.parts:
        yield from slots_of(part)
