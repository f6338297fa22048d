"""Terminal recordings for asciinema: asciicast versions 2 and 3, chapters as markers.

Time is that of the shots, not of a clock, so the same film gives the same bytes. Version 2 counts
time from the start, version 3 from the event before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.export.shots import Film, Row, Style

_CLEAR = "\x1b[?25l\x1b[0m\x1b[2J"
_LEAVE = "\x1b[0m\x1b[?25h\r\n"


def version2(film: Film) -> Iterator[str]:
    """The lines of a cast of version 2."""
    head = {"version": 2, "width": film.width, "height": film.height, "title": film.title}
    yield _json(head)
    for time, kind, data in _events(film):
        yield _json([_seconds(time), kind, data])


def version3(film: Film) -> Iterator[str]:
    """The lines of a cast of version 3."""
    term = {"cols": film.width, "rows": film.height}
    yield _json({"version": 3, "term": term, "title": film.title})
    before = 0
    for time, kind, data in _events(film):
        yield _json([_seconds(time - before), kind, data])
        before = time
    yield _json([0, "x", "0"])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _seconds(milliseconds: int) -> float:
    return milliseconds / 1000


def _events(film: Film) -> Iterator[tuple[int, str, str]]:
    """(milliseconds, kind, data): what is written, and the markers where chapters begin."""
    time = 0
    yield time, "o", _CLEAR
    shown: tuple[Row, ...] = ()
    for shot in film.shots:
        if shot.chapter:
            yield time, "m", shot.chapter
        yield time, "o", _drawn(shot.rows, shown)
        shown = shot.rows
        time += round(shot.seconds * 1000)
    yield time, "o", _LEAVE


def _drawn(rows: tuple[Row, ...], shown: tuple[Row, ...]) -> str:
    """The rows that are not shown yet."""
    parts = []
    for number, row in enumerate(rows):
        if number < len(shown) and shown[number] == row:
            continue
        parts.append(f"\x1b[{number + 1};1H")
        parts.extend(f"\x1b[{_sgr(style)}m{text}" for text, style in row)
    return "".join([*parts, "\x1b[0m"])


def _sgr(style: Style) -> str:
    """The parameters that set a style, whatever was set before."""
    codes = ["0"]
    flags = (
        (style.bold, "1"),
        (style.dim, "2"),
        (style.italic, "3"),
        (style.underline, "4"),
        (style.reverse, "7"),
        (style.strike, "9"),
    )
    codes += [code for is_set, code in flags if is_set]
    for base, colour in (("38", style.ink), ("48", style.ground)):
        if colour:
            red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
            codes.append(f"{base};2;{red};{green};{blue}")
    return ";".join(codes)
