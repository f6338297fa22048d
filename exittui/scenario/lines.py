"""Where each key of a TOML text stands: what an error message needs and tomllib does not keep.

tomllib has accepted the text before this scan sees it, so the scan only has to follow the
structure, not to check it: brackets, commas, keys and line ends. A path it does not know falls
back to the nearest one above it, so that an error always has a line to name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
    (?P<string> \"\"\" (?:\\.|[^\\])*? \"\"\"+ | '''.*?'''+
              | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
  | (?P<comment> \#[^\n]* )
  | (?P<newline> \n )
  | (?P<mark> [\[\]{}=,.] )
  | (?P<bare> [^\s\[\]{}=,.#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")


class KeyLines:
    """The line of every key and array element of one TOML text."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._tokens = list(_tokens(text))
        self._at = 0
        self._scan()

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest path above it that the text names."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def paths(self) -> list[Path]:
        """Every path that the text gives a value or a table."""
        return list(self._lines)

    def _scan(self) -> None:
        """Read statements: headers set the table that the keys after them belong to."""
        table: Path = ()
        counts: dict[Path, int] = {}
        while self._at < len(self._tokens):
            kind, text, line = self._tokens[self._at]
            if kind == "newline":
                self._at += 1
            elif text == "[" and kind == "mark":
                table = self._header(line, counts)
            else:
                self._key_value(table)

    def _header(self, line: int, counts: dict[Path, int]) -> Path:
        """`[a.b]` or `[[a.b]]`: an array of tables means its newest element."""
        self._at += 1
        many = self._peek() == "["
        self._at += many
        keys = self._dotted("]")
        self._at += 1 + many
        path: Path = ()
        for depth, key in enumerate(keys):
            path = (*path, key)
            self._lines.setdefault(path, line)
            if many and depth == len(keys) - 1:
                counts[path] = counts.get(path, -1) + 1
            if path in counts:
                path = (*path, counts[path])
                self._lines.setdefault(path, line)
        return path

    def _key_value(self, table: Path) -> None:
        """`a.b = value`: every prefix of the key stands on this line."""
        line = self._tokens[self._at][2]
        path = table
        for key in self._dotted("="):
            path = (*path, key)
            self._lines.setdefault(path, line)
        self._at += 1
        self._value(path)

    def _dotted(self, end: str) -> list[str]:
        """The parts of a key, up to the mark that ends it."""
        keys = []
        while self._at < len(self._tokens):
            kind, text, _ = self._tokens[self._at]
            if kind == "mark" and text == end:
                break
            if kind == "string":
                keys.append(_unquoted(text))
            elif kind == "bare":
                keys.append(text)
            self._at += 1
        return keys

    def _value(self, path: Path) -> None:
        """One value; the elements of arrays and inline tables are paths of their own."""
        opener = self._peek()
        if opener not in ("[", "{"):
            while self._at < len(self._tokens) and not self._ends_value():
                self._at += 1
            return
        closer = "]" if opener == "[" else "}"
        self._at += 1
        index = 0
        while self._at < len(self._tokens):
            kind, text, line = self._tokens[self._at]
            if kind == "newline" or text == ",":
                self._at += 1
            elif kind == "mark" and text == closer:
                self._at += 1
                return
            elif opener == "{":
                self._key_value(path)
            else:
                element = (*path, index)
                self._lines[element] = line
                self._value(element)
                index += 1

    def _peek(self) -> str:
        if self._at >= len(self._tokens):
            return ""
        kind, text, _ = self._tokens[self._at]
        return text if kind == "mark" else ""

    def _ends_value(self) -> bool:
        kind, text, _ = self._tokens[self._at]
        return kind == "newline" or (kind == "mark" and text in ",]}")


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """(kind, text, line) of everything but blanks and comments."""
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "comment":
            yield kind, match.group(), line
        line += match.group().count("\n")


def _unquoted(text: str) -> str:
    """A quoted key as the name it stands for."""
    if text.startswith("'"):
        return text[1:-1]
    return _ESCAPES.sub(lambda found: chr(int(found[1] or found[2], 16)), text[1:-1])
