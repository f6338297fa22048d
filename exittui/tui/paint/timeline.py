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

from typing import TYPE_CHECKING, Final

from exittui.session.views_timeline import TimelineView
from exittui.tui.lines import MORE, Line, Lines, Run, between, cells, clip, fit, frame
from exittui.tui.looks import cpu

if TYPE_CHECKING:
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
        fit(_lane(lane, view, cursor), inner) for lane in view.lanes[top : top + shown]
    ]
    if lock:
        body.append(fit(_kernel_lock(view, cursor), inner))
    if fates:
        body.append(fit(_fates(view, cursor), inner))
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
    return _lane(shown, view, -1)


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


def _lane(lane: Lane, view: TimelineView, cursor: int) -> list[Run]:
    mine = cpu(lane.cpu)
    drawn = [(" ", "text")] * view.columns
    for span in lane.spans:
        _fill(drawn, span, mine)
    for span in lane.spins:
        for column in range(span.column, min(span.column + span.width, view.columns)):
            drawn[column] = ("░", mine)
    for mark in lane.marks:
        if 0 <= mark.column < view.columns:
            drawn[mark.column] = SIGNS.get(mark.kind, ("·", "text"))
    for span in lane.spans:
        _name(drawn, span, mine)
    return [(f"{lane.cpu:<2} ", mine), *_joined(drawn, view, cursor)]


def _fill(drawn: list[Run], span: Span, mine: str) -> None:
    """A stretch in which one thread runs."""
    idle = span.state == "idle"
    sign, look = ("▁", "faint") if idle else ("▇", mine)
    end = min(span.column + span.width, len(drawn))
    for column in range(span.column, end):
        drawn[column] = (sign, look)


def _name(drawn: list[Run], span: Span, mine: str) -> None:
    """The name of a thread in its stretch, between the signs, where there is room."""
    plain = "▁" if span.state == "idle" else "▇"
    end = min(span.column + span.width, len(drawn))
    at, room = _gap([sign == plain for sign, _ in drawn[span.column : end]], cells(span.text) + 2)
    look = "faint" if span.state == "idle" else mine
    for column, letter in enumerate(_called(span.text, room - 2), start=span.column + at + 1):
        drawn[column] = (letter, look)


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


def _gap(free: list[bool], wanted: int) -> tuple[int, int]:
    """The first stretch of free columns of that width, or the longest one: where, and how wide."""
    best, begin = (0, 0), 0
    for column, one in enumerate([*free, False]):
        if one:
            continue
        width = column - begin
        if width > best[1]:
            best = (begin, width)
        if best[1] >= wanted:
            return best
        begin = column + 1
    return best


def _kernel_lock(view: TimelineView, cursor: int) -> list[Run]:
    drawn: list[Run] = [("·", "faint")] * view.columns
    for span in view.kernel_lock:
        if span.state == "held":
            look = cpu(int(span.text)) if span.text.isdigit() else "text"
            for column in range(span.column, min(span.column + span.width, view.columns)):
                drawn[column] = (span.text[-1:] or "?", look)
    return [("K  ", "quiet"), *_joined(drawn, view, cursor)]


def _fates(view: TimelineView, cursor: int) -> list[Run]:
    """The part of the schedules that fail: low blocks for few, full and loud where all do."""
    drawn: list[Run] = [(" ", "faint")] * view.columns
    for span in view.fates:
        sign, look = "·", "faint"
        if span.state == "all":
            sign, look = _FULL, "alert"
        elif span.state == "some":
            sign, look = _BLOCKS[min(int(float(span.text) * len(_BLOCKS) / 100), 6)], "waits"
        elif span.state == "unknown":
            sign = " "
        for column in range(span.column, min(span.column + span.width, view.columns)):
            drawn[column] = (sign, look)
    return [("✖  ", "alert"), *_joined(drawn, view, cursor)]


def _joined(drawn: list[Run], view: TimelineView, cursor: int) -> list[Run]:
    """Neighbours of one look as one run; the present column on a ground of its own."""
    found: list[Run] = []
    for column, (sign, ink) in enumerate(drawn):
        ground = "@now" if column == view.position_column else "@cursor" if column == cursor else ""
        look = ink + ground
        if found and found[-1][1] == look:
            found[-1] = (found[-1][0] + sign, look)
        else:
            found.append((sign, look))
    return found


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
