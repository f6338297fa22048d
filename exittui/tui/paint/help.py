"""The help: the one table of commands, with the keys and words of each."""

from __future__ import annotations

from functools import cache
from typing import Final

from exittui.session.commands import COMMANDS, SCREEN_KEYS, keys_of
from exittui.tui.lines import Line, Lines, Run, frame
from exittui.tui.paint.values import cell

_KEYS: Final = 11
_USAGE: Final = 30
_ONE_LINE: Final = 110
"""Cells from which the help of a command stands beside it, not below it."""


@cache
def _table(wide: bool) -> Lines:  # noqa: FBT001 - a cached function
    """All lines of the table."""
    lines: list[Line] = []
    group = ""
    for command in COMMANDS:
        if command.group != group:
            group = command.group
            lines += [(), ((group, "title"),)]
        head = (cell(keys_of(command), _KEYS, "strong"), cell(command.usage, _USAGE, "call"))
        lines += _entry(head, command.help, wide=wide)
    lines += [(), (("on the screen alone", "title"),)]
    for keys, short, text in SCREEN_KEYS:
        head = (cell(keys, _KEYS, "strong"), cell(short, _USAGE, "quiet"))
        lines += _entry(head, text, wide=wide)
    lines += [(), (("words", "title"), ("  each command also answers to", "quiet"))]
    lines += [
        (cell("", _KEYS), cell(command.words[0], _USAGE, "call"), (", ".join(rest), "quiet"))
        for command in COMMANDS
        if (rest := command.words[1:])
    ]
    return tuple(lines[1:])


def _entry(head: tuple[Run, Run], text: str, *, wide: bool) -> list[Line]:
    """A key, a usage and its help, beside them or below."""
    if wide:
        return [(*head, (text, "text"))]
    return [head, (cell("", _KEYS), (text, "quiet"))]


def lines_beyond(width: int, height: int) -> int:
    """How many lines do not fit."""
    return max(len(_table(width >= _ONE_LINE)) - (height - 2), 0)


def paint(width: int, height: int, top: int = 0) -> Lines:
    """The pane with its frame, from line `top` of the table on."""
    table = _table(width >= _ONE_LINE)
    below = len(table) - top - (height - 2)
    title = [("Help", "title"), ("  Esc closes, ↑ ↓ move", "quiet")]
    return frame(title, table[top:], width, height, above=top, below=below)
