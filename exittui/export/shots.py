"""What a played script looks like, as plain data: pictures of cells, and how long each stays."""

from __future__ import annotations

from attrs import frozen


@frozen
class Style:
    """Colours as `#rrggbb`, or nothing for the terminal's own, and attributes."""

    ink: str = ""
    ground: str = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


Row = tuple[tuple[str, Style], ...]
"""Runs of text; together they fill the width of the picture."""


@frozen
class Shot:
    """One picture: its rows, how long it stays, and what it is about.

    `chapter` is the title of the chapter that begins here, or empty. `words` is the caption as
    text; `asked` are the choices of a question, of which `answer` is right, both empty otherwise.
    """

    rows: tuple[Row, ...]
    seconds: float
    chapter: str = ""
    words: str = ""
    asked: tuple[str, ...] = ()
    answer: str = ""
    reason: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    """Figures that the caption shows: the head, and a line for each."""


@frozen
class Film:
    """All pictures of a script, of one size."""

    title: str
    about: str
    width: int
    height: int
    shots: tuple[Shot, ...]
