"""The help: the one table of commands, with the keys and words of each."""

from __future__ import annotations

from functools import cache
from typing import Final

from exittui.session.commands import COMMANDS, SCREEN_KEYS, keys_of
from exittui.tui.lines import Line, Lines, Run, frame
from exittui.tui.paint.values import cell

_KEYS: Final = 11
_USAGE: Final = 30
_PRESSED: Final = {
    ":": "colon",
    "Tab": "tab",
    "`": "grave_accent",
    "Enter": "enter",
    "Bksp": "backspace",
    "y": "y",
    "Esc": "escape",
}
"""The keys of the screen alone that a click on their row can press."""
_ONE_LINE: Final = 110
"""Cells from which the help of a command stands beside it, not below it."""


@cache
def _table(wide: bool) -> tuple[tuple[Line, str], ...]:  # noqa: FBT001 - a cached function
    """All lines of the table; to each what a click on it does, as `command NAME` or `key KEY`."""
    rows: list[tuple[Line, str]] = []
    group = ""
    for command in COMMANDS:
        if command.group != group:
            group = command.group
            rows += [((), ""), (((group, "title"),), "")]
        head = (cell(keys_of(command), _KEYS, "strong"), cell(command.usage, _USAGE, "call"))
        rows += [(line, f"command {command.name}") for line in _entry(head, command.help, wide)]
    rows += [((), ""), ((("on the screen alone", "title"),), "")]
    for keys, short, text in SCREEN_KEYS:
        head = (cell(keys, _KEYS, "strong"), cell(short, _USAGE, "quiet"))
        key = _PRESSED.get(keys.strip(), "")
        rows += [(line, f"key {key}" if key else "") for line in _entry(head, text, wide)]
    rows += [((), ""), ((("words", "title"), ("  each command also answers to", "quiet")), "")]
    rows += [
        ((cell("", _KEYS), cell(command.words[0], _USAGE, "call"), (", ".join(rest), "quiet")), "")
        for command in COMMANDS
        if (rest := command.words[1:])
    ]
    return tuple(rows[1:])


def _entry(head: tuple[Run, Run], text: str, wide: bool) -> list[Line]:  # noqa: FBT001 - as above
    """A key, a usage and its help, beside them or below."""
    if wide:
        return [(*head, (text, "text"))]
    return [head, (cell("", _KEYS), (text, "quiet"))]


def lines_beyond(width: int, height: int) -> int:
    """How many lines do not fit."""
    return max(len(_table(width >= _ONE_LINE)) - (height - 2), 0)


def deed_at(width: int, row: int) -> str:
    """What a click on a row of the table does, as the table has it; nothing for most others."""
    table = _table(width >= _ONE_LINE)
    return table[row][1] if 0 <= row < len(table) else ""


def paint(width: int, height: int, top: int = 0) -> Lines:
    """The pane with its frame, from line `top` of the table on."""
    table = [line for line, _ in _table(width >= _ONE_LINE)]
    below = len(table) - top - (height - 2)
    title = [("Help", "title"), ("  Esc closes, ↑ ↓ move, a click does it", "quiet")]
    return frame(title, table[top:], width, height, above=top, below=below)
