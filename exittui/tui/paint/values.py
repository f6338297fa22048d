"""Pieces that several panes share: a value with what it was, a thread's name, a CPU's digit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.session.curtain import HIDDEN
from exittui.tui.content import Target
from exittui.tui.lines import Run, cells, clip
from exittui.tui.looks import cpu

if TYPE_CHECKING:
    from exittui.session.views import Value

DEAD: Final = "†"
NOTHING: Final = "–"
_LOUD: Final = frozenset({"danger", "freed", "dead"})
"""What these looks say is more than that a value is new."""


def value(shown: Value, look: str = "text", width: int = 0, nothing: str = NOTHING) -> list[Run]:
    """The value; lit, with the old one before it, if the last move changed it, then fading.

    With a `width`, exactly so many cells are filled: when there is not room for both, the old
    value goes. `nothing` stands for an empty one.
    """
    text = shown.text or nothing
    if text == HIDDEN:
        look = "faint"
    if shown.old is None:
        ink = "fading" if shown.fading and look not in _LOUD else look
        runs: list[Run] = [(clip(text, width) if width else text, ink)]
    else:
        old = (shown.old or nothing) + "→"
        if width and cells(old) + cells(text) > width:
            old = "→" if cells(text) < width else ""
        runs = [(old, "old"), (clip(text, width) if width else text, "new")]
    missing = width - sum(cells(part) for part, _ in runs)
    if missing > 0:
        runs.append((" " * missing, "text"))
    return [run for run in runs if run[0]]


def cell(text: str, width: int, look: str = "text") -> Run:
    """Text of a column: cut with `…`, or filled up to one blank before the next column."""
    text = clip(text, width - 1)
    return (text + " " * (width - cells(text)), look)


def digit(number: int) -> Run:
    """A CPU's number in its colour."""
    return (str(number), cpu(number))


def named(name: str, *, dead: bool = False, freed: bool = False, look: str = "text") -> list[Run]:
    """A thread's name: with `†` once it is dead, struck through once it is freed."""
    if freed:
        return [(name, "freed")]
    if dead:
        return [(name, "dead"), (DEAD, "dead")]
    return [(name, look)]


def target(number: int | None) -> Target | None:
    """Entering a row shows that object."""
    return None if number is None else Target("object", number)
