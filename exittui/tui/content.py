"""What a pane of rows holds: a title, headings, and rows that can be chosen and entered.

A `Content` knows how many rows there are and makes only those that are seen, so a pane over a
thousand threads costs what a pane over ten does. Each row may have a `Target`: what entering it
does, as plain data, for the screen alone carries anything out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from exittui.tui.lines import Line, Lines, Run, fit, frame, on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Target(NamedTuple):
    """What entering a row does.

    `kind` is `object` (its number), `command` (a line for the prompt's language), `thread` (a row
    of the thread list), `cpu` (its number), `step` (a position) or `stop` (a breakpoint's number).
    """

    kind: str
    value: int | str
    field: str = ""
    """The field of `object` that the row shows, for `why`; the value is then whose field it is."""
    link: int | None = None
    """The object that this field points to."""


class Entry(NamedTuple):
    """One row."""

    line: Line
    target: Target | None = None


class Content(NamedTuple):
    """Rows of a pane, made as they are seen."""

    title: tuple[Run, ...]
    total: int
    fetch: Callable[[int, int], Sequence[Entry]]
    """The rows from a number on, so many at most."""
    heading: tuple[Line, ...] = ()
    empty: str = ""
    """What would fill it."""
    at_end: bool = False
    """It grows at its end, which is what one wants to see."""
    at: int | None = None
    """The row that is to be seen, if a person has not chosen another."""


def listed(
    title: Sequence[Run],
    entries: Sequence[Entry],
    *,
    heading: Sequence[Line] = (),
    empty: str = "",
    at_end: bool = False,
    at: int | None = None,
) -> Content:
    """The content of few rows, all of which are made already."""
    return Content(
        title=tuple(title),
        total=len(entries),
        fetch=lambda first, count: entries[first : first + count],
        heading=tuple(heading),
        empty=empty,
        at_end=at_end,
        at=at,
    )


def rows_of(content: Content, height: int) -> int:
    """How many rows there is room for."""
    return max(height - 2 - len(content.heading), 0)


def first_row(content: Content, height: int, top: int | None, cursor: int | None) -> int:
    """The first row to show: `top` if a person has scrolled, and so that `cursor` is seen."""
    rows = rows_of(content, height)
    last = max(content.total - rows, 0)
    if top is None:
        if content.at_end:
            top = last
        elif content.at is not None:
            top = max(content.at - rows // 2, 0)
        else:
            top = 0
    if cursor is not None and rows:
        top = min(max(top, cursor - rows + 1), cursor)
    return max(0, min(top, last))


def paint(
    content: Content, width: int, height: int, top: int = 0, cursor: int | None = None
) -> Lines:
    """The pane with its frame, from row `top` on; the row of the cursor lit."""
    inner = width - 4
    rows = rows_of(content, height)
    entries = content.fetch(top, rows)
    body: list[Line] = [*content.heading, *(entry.line for entry in entries)]
    if cursor is not None and top <= cursor < top + len(entries):
        at = len(content.heading) + cursor - top
        body[at] = on(fit(body[at], inner), "@cursor")
    if not content.total and content.empty:
        body.extend(_words(content.empty, inner))
    below = content.total - top - min(len(entries), rows)
    return frame(content.title, body, width, height, above=top, below=below)


def _words(text: str, width: int) -> list[Line]:
    """A sentence broken between words."""
    lines: list[str] = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return [((line, "faint"),) for line in lines]
