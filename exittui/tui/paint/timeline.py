"""The timeline: a lane for each CPU, one for the kernel lock, and a ruler of steps.

```
 0 ▇worker.2▇▇▇!▇▇▇†idle0▁▁▁▁▁▁▁
 1 ▇worker.1▇▇▇▇▇▇▇░░░░░░▇▇▇▇▇▇▇
 K 000000····11111111111111100000
   0         ▲ 412           1204
```
Where it is known how many schedules fail from each step, a lane more shows that, `✖ ···▁▁▂▂████`.
Full blocks run, low ones are idle, shaded ones spin; signs stand for what happened there.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from exittui.session.views_timeline import TimelineView
from exittui.tui.lines import MORE, Line, Lines, Run, between, cells, clip, fit, frame
from exittui.tui.looks import cpu

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.session.views_timeline import Lane, Span

MARGIN: Final = 3
"""Cells before the first column, the frame not counted."""
SIGNS: Final = {
    "violation": ("✖", "alert"),
    "panic": ("✖", "alert"),
    "interrupt": ("i", "break"),
    "free": ("x", "quiet"),
    "dead": ("†", "dead"),
    "wakeup": ("!", "good"),
    "sleep": ("z", "waits"),
    "switch": ("⇄", "strong"),
}
_LEGEND: Final = "⇄ switch  z sleep  ! wakeup  † dead  x free  i interrupt  ░ spins "
_BLOCKS: Final = "▁▂▃▄▅▆▇"
_FULL: Final = "█"
_LEAST_NAME: Final = 3
"""Letters of a process that say more than none."""
_LEAST_CUT: Final = 4
"""Cells below which a name that does not fit is left out."""
_SPARE: Final = 3
"""Rows that have to be left before the signs are told in words."""


def columns(width: int) -> int:
    """How many columns a pane of this width has."""
    return max(width - 4 - MARGIN, 1)


def paint(view: TimelineView, width: int, height: int, focus: int = 0, cursor: int = -1) -> Lines:
    """The pane with its frame; `cursor` is a column that a person is at, if they are."""
    inner = width - 4
    rows = height - 2
    ruler = rows > len(view.lanes)
    fates = bool(view.fates) and rows > len(view.lanes) + 1
    lock = rows > len(view.lanes) + 1 + fates
    shown = max(rows - ruler - lock - fates, 1)
    top = max(0, min(focus - shown + 1, len(view.lanes) - shown))
    body: list[Line] = [
        _grounded(_lane(lane, view.columns), view, cursor) for lane in view.lanes[top : top + shown]
    ]
    if lock:
        body.append(_grounded(_kernel_lock(view.kernel_lock, view.columns), view, cursor))
    if fates:
        body.append(_grounded(_fates(view.fates, view.columns), view, cursor))
    if ruler:
        body.append(_ruler(view, inner, cursor))
    if rows - len(body) > _SPARE:
        body += _told(view, inner, rows - len(body))
    title: list[Run] = [("Timeline", "title"), (f" {view.first}–{view.last - 1}", "faint")]
    below = len(view.lanes) - top - shown
    note: list[Run] = [(f" {_LEGEND}", "faint")] if width > cells(_LEGEND) + 8 else []
    return frame(title, body[:rows], width, height, above=top, below=below, note=note)


def lane(shown: Lane, columns: int, here: int | None) -> list[Run]:
    """One lane on its own, `here` the column of the present place."""
    view = TimelineView(0, columns, columns, 0, 0, here, (), ())
    return list(_grounded(_lane(shown, columns), view, -1))


def _told(view: TimelineView, width: int, rows: int) -> list[Line]:
    """Where there is room: what the signs before and after the present step stand for."""
    marks = sorted(
        ((mark.step, lane.cpu, mark) for lane in view.lanes for mark in lane.marks),
        key=lambda one: one[:2],
    )
    now = sum(step <= view.position for step, _, _ in marks)
    first = max(0, min(now - rows // 2, len(marks) - rows + 1))
    lines: list[Line] = [(("╌" * width, "frame"),)]
    for number, (step, cpu_number, mark) in enumerate(marks[first : first + rows - 1], start=first):
        sign, look = SIGNS.get(mark.kind, ("·", "text"))
        come = "text" if number < now else "faint"
        runs = [(f"{step:7} ", "faint"), (f"{cpu_number} ", cpu(cpu_number)), (f"{sign} ", look)]
        lines.append(fit([*runs, (mark.text, come)], width))
    return lines


@lru_cache(256)
def _lane(lane: Lane, columns: int) -> Line:
    mine = cpu(lane.cpu)
    drawn = _Drawn(columns, " ", "text")
    for span in lane.spans:
        idle = span.state == "idle"
        drawn.fill(span, "▁" if idle else "▇", "faint" if idle else mine)
    for span in lane.spins:
        drawn.fill(span, "░", mine)
    for mark in lane.marks:
        if 0 <= mark.column < columns:
            drawn.signs[mark.column], drawn.looks[mark.column] = SIGNS.get(mark.kind, ("·", "text"))
    for span in lane.spans:
        _name(drawn, span, mine)
    return ((f"{lane.cpu:<2} ", mine), *drawn.joined())


class _Drawn:
    """A lane on its way: the sign and the look of each column."""

    def __init__(self, columns: int, sign: str, look: str) -> None:
        self.columns = columns
        self.signs = [sign] * columns
        self.looks = [look] * columns

    def fill(self, span: Span, sign: str, look: str) -> None:
        """A stretch in which the same holds."""
        end = min(span.column + span.width, self.columns)
        width = max(end - span.column, 0)
        self.signs[span.column : end] = [sign] * width
        self.looks[span.column : end] = [look] * width

    def joined(self) -> Iterator[Run]:
        """Neighbours of one look as one run."""
        at = 0
        for look, alike in itertools.groupby(self.looks):
            end = at + len(list(alike))
            yield "".join(self.signs[at:end]), look
            at = end


def _name(drawn: _Drawn, span: Span, mine: str) -> None:
    """The name of a thread in its stretch, between the signs, where there is room."""
    plain = "▁" if span.state == "idle" else "▇"
    end = min(span.column + span.width, drawn.columns)
    at, room = _gap("".join(drawn.signs[span.column : end]), plain, cells(span.text) + 2)
    name = _called(span.text, room - 2)
    at += span.column + 1
    drawn.signs[at : at + len(name)] = name
    drawn.looks[at : at + len(name)] = ["faint" if span.state == "idle" else mine] * len(name)


def _called(name: str, room: int) -> str:
    """A thread's name in so many cells: whole, by its number, cut with a sign, or not at all.

    The number is what tells the threads of a process apart, so the name gives way to it.
    """
    if cells(name) <= room:
        return name
    head, dot, number = name.rpartition(".")
    if dot and head and cells(number) + 1 <= room:
        kept = room - cells(number) - 2
        return f"{head[:kept]}{MORE}.{number}" if kept >= _LEAST_NAME else f".{number}"
    return clip(name, room) if not dot and room >= _LEAST_CUT else ""


def _gap(signs: str, free: str, wanted: int) -> tuple[int, int]:
    """The first stretch of so many free columns, or the longest one: where, and how wide."""
    at = signs.find(free * wanted)
    if at >= 0:
        return at, wanted
    best, begin = (0, 0), 0
    for column, sign in enumerate(f"{signs} "):
        if sign != free:
            if column - begin > best[1]:
                best = (begin, column - begin)
            begin = column + 1
    return best


@lru_cache(16)
def _kernel_lock(spans: tuple[Span, ...], columns: int) -> Line:
    drawn = _Drawn(columns, "·", "faint")
    for span in spans:
        if span.state == "held":
            look = cpu(int(span.text)) if span.text.isdigit() else "text"
            drawn.fill(span, span.text[-1:] or "?", look)
    return (("K  ", "quiet"), *drawn.joined())


@lru_cache(16)
def _fates(spans: tuple[Span, ...], columns: int) -> Line:
    """The part of the schedules that fail: low blocks for few, full and loud where all do."""
    drawn = _Drawn(columns, " ", "faint")
    for span in spans:
        sign, look = "·", "faint"
        if span.state == "all":
            sign, look = _FULL, "alert"
        elif span.state == "some":
            sign, look = _BLOCKS[min(int(float(span.text) * len(_BLOCKS) / 100), 6)], "waits"
        elif span.state == "unknown":
            sign = " "
        drawn.fill(span, sign, look)
    return (("✖  ", "alert"), *drawn.joined())


def _grounded(line: Line, view: TimelineView, cursor: int) -> Line:
    """A lane with the present column, and that of the cursor, on grounds of their own."""
    if cursor >= 0 and cursor != view.position_column:
        line = _on_column(line, cursor, "@cursor")
    if view.position_column is not None:
        line = _on_column(line, view.position_column, "@now")
    return line


def _on_column(line: Line, column: int, ground: str) -> Line:
    """A lane with another ground in one column; each sign of it is one character and one cell."""
    at = column + MARGIN
    for number, (text, look) in enumerate(line):
        if at < len(text):
            parts = ((text[:at], look), (text[at], look + ground), (text[at + 1 :], look))
            return (*line[:number], *(run for run in parts if run[0]), *line[number + 1 :])
        at -= len(text)
    return line


def _ruler(view: TimelineView, width: int, cursor: int) -> Line:
    """Where in the window one stands."""
    column = cursor if cursor >= 0 else view.position_column
    if column is None:
        away = (
            f"← step {view.position}" if view.position < view.first else f"step {view.position} →"
        )
        return fit([(" " * MARGIN, "text"), (away, "strong")], width)
    step = view.step_at(cursor) if cursor >= 0 else view.position
    text = f"▲ {step}"
    if column + cells(text) > view.columns:
        text = f"{step} ▲"
        column = max(column - cells(text) + 1, 0)
    end = f"{view.last - 1} "
    line: list[Run] = [(" " * (MARGIN + column), "text"), (text, "strong")]
    if MARGIN + column + cells(text) + len(end) + 1 < width:
        return between(line, [(end, "faint")], width)
    return fit(line, width)
