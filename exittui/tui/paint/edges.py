"""The frame of a pane: lit while it has the keys, with the names of the panes stacked behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.tui.lines import MORE, Line, Lines, Run, cells, length

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRAMES: Final = {"frame": "frame-on"}


def tabbed(lines: Lines, others: Sequence[str], *, lit: bool) -> Lines:
    """The lines of a pane with its frame as it has to be."""
    if not lines or not lines[0] or lines[0][0][1] != "frame":
        return lines
    if others:
        lines = (_named(lines[0], others), *lines[1:])
    if not lit:
        return lines
    return (_lit(lines[0]), *(_sides(line) for line in lines[1:-1]), _lit(lines[-1]))


def _lit(line: Line) -> Line:
    return tuple((text, _FRAMES.get(look, look)) for text, look in line)


def _sides(line: Line) -> Line:
    """Most lines have their frame in the first and the last run."""
    first, last = line[0], line[-1]
    if len(line) == 1:
        return ((first[0], "frame-on"),)
    return ((first[0], "frame-on"), *line[1:-1], (last[0], "frame-on"))


def _named(line: Line, others: Sequence[str]) -> Line:
    """The upper edge with the names of other panes at its right, as many as there is room for."""
    at = max(
        (number for number, (text, look) in enumerate(line) if look == "frame" and "──" in text),
        key=lambda number: cells(line[number][0]),
        default=-1,
    )
    if at < 0:
        return line
    rule = line[at][0]
    end = rule[-1] if not rule.endswith("─") else ""
    room = cells(rule) - len(end) - 2
    names: list[Run] = []
    for number, name in enumerate(others):
        left = " " if number else ""
        size = cells(name) + 2 + (2 if number + 1 < len(others) else 0)
        if length(names) + size > room:
            names.append((MORE, "more"))
            break
        names += [(f"{left}{name}", "tab")]
    if not names or length(names) + 2 > room:
        return line
    kept = "─" * (cells(rule) - len(end) - length(names) - 3)
    after: Run = (" ─" + end, "frame")
    return (*line[:at], (kept + " ", "frame"), *names, after, *line[at + 1 :])


def name_at(line: Line, x: int, others: Sequence[str]) -> str | None:
    """The name of another pane in the upper edge under a column."""
    at = 0
    for text, look in line:
        end = at + cells(text)
        if at <= x < end and look in {"tab", "more"}:
            word = text.strip()
            if word in others:
                return word
            return others[-1] if word == MORE and others else None
        at = end
    return None
