"""A played script as one page of text and pictures, to be handed out: it needs nothing else."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from exittui.export.picture import svg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.export.shots import Film, Shot

_MARKS: Final = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*(.+?)\*\*", re.DOTALL), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*\s][^*]*?)\*"), r"<em>\1</em>"),
)
_LOOKS: Final = """\
body { font: 17px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c2230; background: #fff }
@media (prefers-color-scheme: dark) { body { color: #d5d9e0; background: #171b24 } }
figure { margin: 1.5rem 0 } svg { width: 100%; height: auto; border-radius: 6px }
code { font-family: ui-monospace, monospace; font-size: .92em }
td, th { padding: 0 1rem 0 0; text-align: right } td:first-child { text-align: left }
details { margin: .5rem 0 1.5rem } summary { cursor: pointer }
"""


def page(film: Film) -> str:
    """The whole page."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(film.title)}</title>",
            f"<style>\n{_LOOKS}</style></head><body>",
            f"<h1>{html.escape(film.title)}</h1>",
            f"<p>{html.escape(film.about)}</p>",
            *(line for shot in film.shots for line in _shot(film, shot)),
            "</body></html>",
            "",
        ]
    )


def _shot(film: Film, shot: Shot) -> Iterator[str]:
    if shot.chapter:
        yield f"<h2>{html.escape(shot.chapter)}</h2>"
    yield f"<figure>{svg(film, shot)}</figure>"
    yield from blocks(shot.words)
    if shot.table:
        yield "<table>"
        for number, row in enumerate(shot.table):
            cell = "td" if number else "th"
            yield f"<tr>{''.join(f'<{cell}>{html.escape(one)}</{cell}>' for one in row)}</tr>"
        yield "</table>"
    if shot.asked:
        yield "<ol>"
        yield from (f"<li>{html.escape(choice)}</li>" for choice in shot.asked)
        yield "</ol>"
        yield (
            "<details><summary>The answer</summary>"
            f"<p><strong>{html.escape(shot.answer)}</strong>. {marked(shot.reason)}</p></details>"
        )


def blocks(text: str) -> Iterator[str]:
    """Paragraphs, which an empty line ends, and lists, whose items begin with `- `."""
    for part in text.split("\n\n"):
        first, *items = re.split(r"(?:^|\n)- ", part.strip())
        if first.strip():
            yield f"<p>{marked(first)}</p>"
        if items:
            yield f"<ul>{''.join(f'<li>{marked(item)}</li>' for item in items)}</ul>"


def marked(text: str) -> str:
    """The small part of Markdown that captions are written in."""
    found = html.escape(text)
    for pattern, instead in _MARKS:
        found = pattern.sub(instead, found)
    return found
