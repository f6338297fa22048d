"""The colours of a line of the model, found one line at a time.

A kernel function is plain Python, so a small scanner is enough: comments, strings, numbers,
keywords and called names. What lies inside a docstring is known beforehand (`SourceText.prose`).
Lines are kept once coloured, because the same ones are drawn again with every step.
"""

from __future__ import annotations

import keyword
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from exittui.tui.lines import Line, Run

_TOKEN: Final = re.compile(
    r"""(?P<comment>\#.*)|(?P<string>"[^"]*"|'[^']*')|(?P<literal>\b\d\w*|\b[A-Z][A-Z0-9_]+\b)"""
    r"""|(?P<call>\b[A-Za-z_]\w*(?=\())|(?P<word>\b[A-Za-z_]\w*)"""
)
_KEYWORDS: Final = frozenset(keyword.kwlist) - {"None", "True", "False"}
_LITERALS: Final = frozenset({"None", "True", "False"})


@lru_cache(maxsize=4096)
def colour(text: str, prose: bool = False) -> Line:  # noqa: FBT001, FBT002 - a cached function
    """The line in runs of text and look."""
    if prose:
        return ((text, "prose"),)
    runs: list[Run] = []
    end = 0
    for found in _TOKEN.finditer(text):
        look = found.lastgroup or "code"
        word = found.group()
        if word in _KEYWORDS:
            look = "keyword"
        elif word in _LITERALS:
            look = "literal"
        elif look == "word":
            continue
        if found.start() > end:
            runs.append((text[end : found.start()], "code"))
        runs.append((word, look))
        end = found.end()
    if end < len(text):
        runs.append((text[end:], "code"))
    return tuple(runs)
