"""A shot as an SVG picture: a grid of monospaced cells that reads the same everywhere."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.export.shots import Film, Row, Shot, Style

CELL: Final = (8, 17)
"""Width and height of a cell in pixels."""
_BASELINE: Final = 13
_GROUND: Final = "#12161e"
_INK: Final = "#c8ccd4"
_FONT: Final = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"

_OPEN: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
    'font-family="{font}" font-size="13" role="img">'
)


def svg(film: Film, shot: Shot) -> str:
    """The whole picture, which needs nothing from outside."""
    width, height = film.width * CELL[0], film.height * CELL[1]
    return "\n".join(
        [
            _OPEN.format(width=width, height=height, font=_FONT),
            f"<title>{html.escape(shot.words or film.title)}</title>",
            f'<rect width="{width}" height="{height}" fill="{_GROUND}"/>',
            *(line for number, row in enumerate(shot.rows) for line in _row(row, number)),
            "</svg>",
            "",
        ]
    )


def _row(row: Row, number: int) -> Iterator[str]:
    """The grounds, then the texts, of one row."""
    column, top = 0, number * CELL[1]
    for text, style in row:
        ink, ground = style.ink or _INK, style.ground or _GROUND
        if style.reverse:
            ink, ground = ground, ink
        left, width = column * CELL[0], len(text) * CELL[0]
        if ground != _GROUND:
            yield f'<rect x="{left}" y="{top}" width="{width}" height="{CELL[1]}" fill="{ground}"/>'
        if text.strip():
            yield (
                f'<text x="{left}" y="{top + _BASELINE}" textLength="{width}" '
                f'lengthAdjust="spacingAndGlyphs" fill="{ink}"{_attributes(style)} '
                f'xml:space="preserve">{html.escape(text)}</text>'
            )
        column += len(text)


def _attributes(style: Style) -> str:
    found = ""
    if style.bold:
        found += ' font-weight="bold"'
    if style.italic:
        found += ' font-style="italic"'
    if style.dim:
        found += ' opacity="0.6"'
    lines = [
        word
        for is_set, word in ((style.underline, "underline"), (style.strike, "line-through"))
        if is_set
    ]
    return found + (f' text-decoration="{" ".join(lines)}"' if lines else "")
