"""The source pane: the model's own text, with a mark where each CPU stands.

```
● 01▶ 158  __mp_release_all(kernel_lock)
```
A breakpoint's dot, the digits of the CPUs that stand before the line in their colours, an arrow,
the number, the text. The focused CPU's line is lit. CPUs that stand in another place have a line
each at the foot of the pane. Where there are sources of the real kernel, its statement stands below
the one that the focused CPU will run next, with the number of its line there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from exittui.tui.lines import MORE, Line, Lines, Run, fit, frame, on
from exittui.tui.looks import cpu
from exittui.tui.paint.syntax import colour

if TYPE_CHECKING:
    from exittui.session.views import Elsewhere, Mark, SourceView

GUTTER: Final = 10
"""Cells before the text of a line, the frame not counted."""
_MARGIN: Final = 3


def foot(view: SourceView, height: int) -> int:
    """How many lines at the foot belong to CPUs elsewhere, the rule above them included."""
    others = away(view)
    if not others:
        return 0
    return min(len(others), max(height // 4, 1)) + 1


def away(view: SourceView) -> tuple[Elsewhere, ...]:
    """The CPUs that stand elsewhere: not so near the focused one that their marks are seen too."""
    return tuple(
        other
        for other in view.elsewhere
        if other.file != view.source.path or abs(other.line - view.line) > _MARGIN
    )


def top_line(view: SourceView, height: int, top: int, cursor: int | None = None) -> int:
    """The first line to show: `top` as long as the line of interest keeps its distance."""
    rows = max(height - 2 - foot(view, height) - (view.real is not None), 1)
    line = cursor if cursor is not None else view.line
    margin = min(_MARGIN, rows // 3)
    last = max(len(view.source.lines) - rows + 1, 1)
    if not top or line < top + margin or line > top + rows - 1 - margin:
        top = line - rows // 3 if cursor is None or not top else _nearest(line, top, rows, margin)
    return max(1, min(top, last))


def _nearest(line: int, top: int, rows: int, margin: int) -> int:
    """The nearest first line to `top` from which `line` is seen with its margin."""
    return line - margin if line < top + margin else line - rows + 1 + margin


def paint(view: SourceView, width: int, height: int, top: int, cursor: int | None = None) -> Lines:
    """The pane with its frame; `top` as `top_line` gave it, `cursor` the line chosen by hand."""
    lines = view.source.lines
    below = foot(view, height)
    rows = max(height - 2 - below, 1)
    numbers = shown(view, height, top)
    marks: dict[int, list[Mark]] = {}
    for mark in view.marks:
        marks.setdefault(mark.line, []).append(mark)
    body = [
        _real(view, width - 4)
        if number is None
        else _source_line(view, number, width - 4, cursor, marks.get(number, []))
        for number in numbers
    ]
    title: list[Run] = [(view.source.name, "title")]
    if view.function:
        title.append((f"  {view.function}()", "call"))
    if view.hunk:
        title.append((f"  patched: {view.hunk}", "quiet"))
    above = top - 1
    rest = len(lines) - max((number for number in numbers if number), default=0)
    if below:
        body.extend([()] * (rows - len(body)))
        body.append((("╌" * (width - 4), "frame"),))
        body.extend(_elsewhere(other, width - 4) for other in _others(view, below - 1))
    return frame(title, body, width, height, above=above, below=rest, note=_path(view, width - 24))


def shown(view: SourceView, height: int, top: int) -> list[int | None]:
    """What stands in each row: the number of a line, or None for the real kernel's statement."""
    rows = max(height - 2 - foot(view, height), 1)
    numbers: list[int | None] = list(range(top, min(top + rows, len(view.source.lines) + 1)))
    if view.real is not None and view.last_line in numbers[: rows - 1]:
        numbers.insert(numbers.index(view.last_line) + 1, None)
    return numbers[:rows]


def _real(view: SourceView, width: int) -> Line:
    """The real kernel's statement, or why there is none; indented as the model's is."""
    real = view.real
    if real is None:
        return fit([], width)
    text = view.source.lines[view.line - 1]
    indent = " " * (len(text) - len(text.lstrip()))
    if not real.found:
        return fit([(" " * GUTTER, "text"), (f"{indent}{real.text}", "comment")], width)
    file = "" if real.file == view.source.name else f"{real.file} "
    line: list[Run] = [("    C", "quiet"), (f"{real.line:4} ", "number"), (indent, "text")]
    line.extend([(file, "quiet"), (real.text, "prose")])
    return fit(line, width)


def _path(view: SourceView, room: int) -> list[Run]:
    """The calls that lead here, as many of the innermost as there is room for."""
    if not view.path or room < len(view.function):
        return []
    kept = [view.function]
    used = len(view.function) + 2
    for name in reversed(view.path):
        used += len(name) + 3
        if used > room:
            kept.append(MORE)
            break
        kept.append(name)
    kept.reverse()
    callers = "".join(f"{name} › " for name in kept[:-1])
    return [(" " + callers, "quiet"), (kept[-1] + " ", "call")]


def _others(view: SourceView, room: int) -> tuple[Elsewhere, ...]:
    """The CPUs that get a line: all, or as many as there is room for."""
    return away(view)[:room]


def _source_line(
    view: SourceView, number: int, width: int, cursor: int | None, marks: list[Mark]
) -> Line:
    """One line with its gutter, where these CPUs stand."""
    text = view.source.lines[number - 1]
    here = view.line <= number <= view.last_line
    if not (marks or here or number == cursor or number in view.breakpoints):
        return _bare(text, number, number in view.source.prose, width)
    line: list[Run] = [("● ", "break") if number in view.breakpoints else ("  ", "text")]
    if len(marks) > 2:  # noqa: PLR2004 - two digits have room
        line.append((f"{len(marks)}×", "strong"))
    else:
        line.append((" " * (2 - len(marks)), "text"))
        line.extend((str(mark.cpu), cpu(mark.cpu)) for mark in marks)
    if marks:
        line.append(("◌" if all(mark.waits for mark in marks) else "▶", cpu(marks[0].cpu)))
    else:
        line.append(("│" if here else " ", "frame"))
    line.append((f"{number:4} ", "strong" if marks else "number"))
    line.extend(colour(text, number in view.source.prose))
    whole = fit(line, width)
    if number == cursor:
        return on(whole, "@cursor")
    if here:
        return on(whole, "@focus")
    return on(whole, "@here") if marks else whole


@lru_cache(4096)
def _bare(text: str, number: int, prose: bool, width: int) -> Line:  # noqa: FBT001 - cached
    """A line at which nothing is: most of them, and the same at every step."""
    return fit([("     ", "text"), (f"{number:4} ", "number"), *colour(text, prose)], width)


@lru_cache(512)
def _elsewhere(other: Elsewhere, width: int) -> Line:
    """Where another CPU stands."""
    mark = "◌" if other.waits else "▶"
    line: list[Run] = [
        ("  ", "text"),
        (f"{other.cpu}{mark} ", cpu(other.cpu)),
        (f"{other.place} ", "quiet"),
        (f"{other.function}() ", "call"),
        *colour(other.text.strip()),
    ]
    return fit(line, width)
