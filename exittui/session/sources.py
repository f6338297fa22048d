"""The text of the model's files, read once each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from exittui.session.views import SourceText

if TYPE_CHECKING:
    from exittui.machine import Image, Statement

_QUOTES: Final = '"""'


def _prose(lines: tuple[str, ...]) -> frozenset[int]:
    """The numbers of the lines that belong to docstrings."""
    inside = False
    found = set()
    for number, line in enumerate(lines, 1):
        quotes = line.count(_QUOTES)
        if inside or (quotes and line.lstrip().startswith(_QUOTES)):
            found.add(number)
        if quotes % 2:
            inside = not inside
    return frozenset(found)


class Sources:
    """The files an image was linked from."""

    def __init__(self, image: Image) -> None:
        self._files = image.files
        self._texts: dict[str, SourceText] = {}

    def text(self, statement: Statement) -> SourceText:
        """The file of a statement; nothing but the statement where the file cannot be read."""
        file = statement.file
        if file not in self._texts:
            try:
                lines = tuple(Path(self._files[file]).read_text(encoding="utf-8").splitlines())
            except (OSError, KeyError):
                lines = ("",) * (statement.line - 1) + (statement.text,)
            name = statement.upstream or file
            self._texts[file] = SourceText(name, file, lines, _prose(lines))
        return self._texts[file]
