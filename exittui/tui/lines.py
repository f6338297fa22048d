"""Lines of a pane as plain data: runs of text, each with the name of a look.

Panes are drawn as tuples of lines so that two drawings can be compared for a few microseconds and
only the lines that differ are sent to the terminal. Nothing here knows Textual: the very first
picture is written before Textual is loaded (`first.py`), and tests read the lines as text.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Run = tuple[str, str]
"""A piece of text and the name of its look, as `looks.py` has it."""
Line = tuple[Run, ...]
Lines = tuple[Line, ...]

MORE: Final = "…"
"""Stands where something was cut."""


def cells(text: str) -> int:
    """How many cells a terminal gives to `text`."""
    return len(text) if text.isascii() else _cells(text)


@lru_cache(8192)
def _cells(text: str) -> int:
    """The same of text that is not ASCII, most of which comes again and again."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def clip(text: str, width: int) -> str:
    """`text` in at most `width` cells, ending in `…` if something was cut."""
    if cells(text) <= width:
        return text
    if width <= 0:
        return ""
    if text.isascii():
        return text[: width - 1] + MORE
    kept = text
    while kept and cells(kept) > width - 1:
        kept = kept[:-1]
    return kept + MORE


def pad(text: str, width: int) -> str:
    """`text` in exactly `width` cells, cut with `…` or filled with blanks."""
    text = clip(text, width)
    return text + " " * (width - cells(text))


def length(line: Iterable[Run]) -> int:
    """The cells of all runs together."""
    return sum(cells(text) for text, _ in line)


def fit(line: Sequence[Run], width: int, blank: str = "text") -> Line:
    """The line in exactly `width` cells: cut with `…`, or filled with blanks of look `blank`."""
    room = width
    kept: list[Run] = []
    for text, look in line:
        size = len(text) if text.isascii() else _cells(text)
        if size > room:
            if room > 0:
                kept.append((clip(text, room), look))
            elif kept:
                last, last_look = kept.pop()
                kept.append((clip(last + MORE + MORE, cells(last)), last_look))
            return tuple(kept)
        if size:
            kept.append((text, look))
            room -= size
    if room > 0:
        kept.append((" " * room, blank))
    return tuple(kept)


def between(left: Sequence[Run], right: Sequence[Run], width: int, blank: str = "text") -> Line:
    """`left` at the left, `right` at the right; when there is not room for both, `left` gives.

    Where that would leave it less than a third, `right` goes.
    """
    room = width - length(right)
    if room < width // 3 and length(left) > room:
        return fit(left, width, blank)
    return (*fit(left, room, blank), *right)


def on(line: Iterable[Run], ground: str) -> Line:
    """The line with the ground (`@focus`, …) of a look behind every run that has none."""
    return tuple((text, look if "@" in look else look + ground) for text, look in line)


def frame(
    title: Sequence[Run],
    body: Sequence[Sequence[Run]],
    width: int,
    height: int,
    *,
    look: str = "frame",
    above: int = 0,
    below: int = 0,
    note: Sequence[Run] = (),
) -> Lines:
    """A box of `width` by `height` with a title around `body`, one blank at either side.

    `above` and `below` say how many rows there are that are not shown: both stand in the frame,
    so that nothing is cut without a sign.
    """
    rows = max(height - 2, 0)
    top = _edge("╭╮", ((" ", look), *title, (" ", look)), _more(above, "▴"), width, look)
    bottom = _edge("╰╯", note, _more(below, "▾"), width, look)
    middle = [_sided(tuple(line), width, look) for line in body[:rows]]
    empty: Line = (("│" + " " * (width - 2) + "│", look),)
    middle.extend([empty] * (rows - len(middle)))
    return (top, *middle, bottom)


@lru_cache(2048)
def _sided(line: Line, width: int, look: str) -> Line:
    """A line between the sides of its frame; most lines of a screen stay what they are."""
    return (("│ ", look), *fit(line, width - 4), (" │", look))


def _more(rows: int, arrow: str) -> str:
    """The sign that so many rows are not shown, or nothing if all are."""
    return f" {arrow} {rows} more " if rows > 0 else ""


def _edge(ends: str, title: Sequence[Run], more: str, width: int, look: str) -> Line:
    """The upper or lower edge of a box, with its title and the sign that there is more."""
    left, right = ends[0], ends[1]
    room = width - 4 - cells(more)
    if title and length(title) > room:
        title = (*fit(title[:-1], room - 1), (" ", look))
    rule: Run = ("─" * (room - length(title)), look)
    end: Run = ("─" + right, look)
    if more:
        return ((left + "─", look), *title, rule, (more, "more"), end)
    return ((left + "─", look), *title, (rule[0] + end[0], look))


def plain(lines: Iterable[Line]) -> str:
    """The lines as text, for people who test them."""
    return "\n".join("".join(text for text, _ in line) for line in lines)
