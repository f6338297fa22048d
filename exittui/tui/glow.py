"""What a lesson points to glows: the words in a pane, or the title of the pane."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from exittui.tui.paint.cpus import GLYPH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.tui.content import Content
    from exittui.tui.lines import Line, Lines, Run

GLOW: Final = "glow"
_LOOKED_AT: Final = 2000
_SLICE: Final = 100
"""Rows that are looked through for a word, in slices."""


def lit(lines: Lines, words: tuple[str, ...]) -> Lines:
    """The lines with these words glowing; an empty word is the whole pane, by its title."""
    if not words or not lines:
        return lines
    if "" in words:
        return (_titled(lines[0]), *lines[1:])
    wanted = _wanted(words)
    return (lines[0], *(tuple(_line(line, wanted)) for line in lines[1:]))


def brought(content: Content, words: tuple[str, ...]) -> Content:
    """The rows so that the first of them which has one of these words is seen."""
    if not any(words):
        return content
    wanted = _wanted(words)
    for first in range(0, min(content.total, _LOOKED_AT), _SLICE):
        for row, entry in enumerate(content.fetch(first, _SLICE), start=first):
            if wanted.search("".join(text for text, _ in entry.line)):
                return content._replace(at=row)
    return content


def _wanted(words: tuple[str, ...]) -> re.Pattern[str]:
    """The words as whole names: `worker` is not the beginning of `worker.3001`.

    The number of a CPU is meant where its row begins, and no other number that is the same.
    """
    glyphs = "".join(GLYPH.values())
    names = "|".join(
        rf"{word}(?= [{glyphs}])" if word.isdigit() else re.escape(word) for word in words if word
    )
    return re.compile(rf"(?<![\w.])(?:{names})(?!\w|\.\w)")


def _titled(line: Line) -> Line:
    return tuple((text, GLOW if look == "title" else look) for text, look in line)


def _line(line: Line, wanted: re.Pattern[str]) -> Iterator[Run]:
    for text, look in line:
        at = 0
        for match in wanted.finditer(text):
            if match.start() > at:
                yield text[at : match.start()], look
            yield match.group(), GLOW
            at = match.end()
        if at < len(text):
            yield text[at:], look
