"""Kernels side by side: their heads, the points they share, where they part, their lanes.

```
 Points            reaper      mpi-2025-05
 sh calls exit()   0 ns        0 ns
 sh is SDEAD       2.89 µs  ▶  16.22 µs  ▶
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.tui.content import Content, Entry, Target, listed
from exittui.tui.lines import Line, Lines, Run, between, cells, clip, fit, frame, pad
from exittui.tui.looks import cpu
from exittui.tui.paint import bars
from exittui.tui.paint.bars import RESULT
from exittui.tui.paint.syntax import colour
from exittui.tui.paint.timeline import lane
from exittui.tui.paint.values import cell

if TYPE_CHECKING:
    from exittui.session.views_lockstep import (
        LanesView,
        LockstepView,
        PartingView,
        SideLanes,
        SideView,
    )

MARGIN: Final = 3
"""Cells before the first column of a lane, the frame not counted."""
SIGNS: Final = {
    "exit": ("E", "strong"),
    "dead": ("†", "dead"),
    "unmapped": ("u", "waits"),
    "freed": ("x", "quiet"),
    "sigchld": ("!", "good"),
    "return": ("W", "call"),
}
"""What stands for the points of an exit above the lanes."""
_SHORT: Final = {
    "exit": "calls exit()",
    "dead": "is SDEAD",
    "unmapped": "is unmapped",
    "freed": "address space freed",
    "sigchld": "sends SIGCHLD",
    "return": "parent's wait4() returns",
}
"""The points in as few words as a column has room for."""
_LEGEND: Final = "E exit()  † SDEAD  u unmapped  x freed  ! SIGCHLD  W wait4() returns  ░ spins "
_MODES: Final = {False: "one schedule", True: "each in its own time"}
_UNITS: Final = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"))
_NONE: Final = "–"
_ROW: Final = 36
"""Cells of what the row of a point says, before its columns."""
_CRAMPED: Final = 76
"""Cells below which a statement that differs gets a line of its own."""


def amount(value: int | None, *, own_time: bool, sign: str = "") -> str:
    """Steps as a number, nanoseconds in the unit that fits them."""
    if value is None:
        return _NONE
    head = "−" if value < 0 else sign
    value = abs(value)
    if not own_time:
        return f"{head}{value:,}"
    for size, name in _UNITS:
        if value >= size:
            return f"{head}{value / size:.2f} {name}"
    return f"{head}{value} ns"


def bar(view: LockstepView, width: int) -> Lines:
    """The first line: what is compared, how, and whether the kernels do the same just now."""
    right: list[Run] = [
        (" all do the same ", "good@bar") if view.alike else (" they differ ", "bar-strong"),
        (" ", "bar"),
    ]
    mode: list[Run] = [(" · ", "bar"), (_MODES[view.own_time], "bar-strong")]
    left: list[Run] = [(" exittui ", "bar-strong"), (" ", "bar")]
    used = sum(cells(text) for text, _ in (*left, *mode, *right))
    left.append((clip(view.title, max(width - used - 1, 0)), "bar"))
    return (between([*left, *mode], right, width, "bar"),)


def waiting(title: str, kernels: str, width: int) -> Lines:
    """The first line while the runs are being recorded."""
    left: list[Run] = [(" exittui ", "bar-strong"), (f" {title} · {kernels}", "bar")]
    return (between(left, [(" recording ", "bar-strong")], width, "bar"),)


def head(view: SideView, width: int, *, lead: bool, own_time: bool) -> Lines:
    """One kernel: its name, where it stands, how far that is from where all were aligned."""
    left: list[Run] = [
        ("▸" if lead else " ", "bar-strong"),
        (view.kernel, "bar-strong"),
        (" step ", "bar"),
        (f"{view.position:,}", "bar-strong"),
        (f" of {view.recorded:,}", "bar"),
    ]
    right: list[Run] = []
    if view.time is not None:
        right.append((f" {amount(view.time, own_time=True)}", "bar-strong"))
    if view.since:
        right.append((f" ({amount(view.since, own_time=own_time, sign='+')})", "bar"))
    if view.left is not None and view.position > view.left:
        right.append((" off the schedule", "waits@bar"))
    if view.ended:
        right += [(" ", "bar"), (f" {view.ended} ", RESULT.get(view.ended, "bar-strong"))]
    right.append((" ", "bar"))
    return (between(left, right, width, "bar"),)


def stand(view: SideView, width: int, height: int) -> Lines:
    """Where the CPUs of a kernel stand, in few lines: the one that goes next first."""
    source, focus = view.source, next((one.number for one in view.cpus if one.focus), 0)
    text = source.source.lines[source.line - 1].strip() if source.line else ""
    lines = [_standing(focus, source.line, source.function, text, width)]
    lines += bars.sentence(view.sentence, width)
    lines += [
        _standing(other.cpu, other.line, other.function, other.text.strip(), width)
        for other in source.elsewhere
    ]
    return tuple(lines[:height])


def _standing(number: int, line: int, function: str, text: str, width: int) -> Line:
    head: list[Run] = [(" ", "text"), (f"{number}▶", cpu(number)), (f"{line:5} ", "number")]
    return fit([*head, (f"{function}() ", "call"), *colour(text)], width)


def points(view: LockstepView, width: int) -> Content:
    """Every point of every exit, and when each kernel comes to it after the call of exit()."""
    inner = width - 4
    each = max(11, min(18, (inner - _ROW) // len(view.sides)))
    said = max(min(_ROW, inner - each * len(view.sides)), 12)
    heading: list[Run] = [cell("after exit()", said, "faint")]
    heading += [(pad(side.kernel, each - 1) + " ", "faint") for side in view.sides]
    entries = []
    for number, row in enumerate(view.points):
        look_of = "strong" if number == view.current else "text"
        line: list[Run] = [cell(f"{row.process} {_SHORT[row.point]}", said, look_of)]
        for reached, here in zip(row.reached, row.here, strict=True):
            text = amount(reached.after, own_time=view.own_time)
            look = "new" if here else "faint" if reached.position is None else "text"
            line += [(clip(text, each - 1), look), (" " * max(each - cells(text), 1), "text")]
        entries.append(Entry(fit(line, inner), Target("point", number)))
    return listed(
        [("Points of each exit", "title")],
        entries,
        heading=(fit(heading, inner),),
        empty="no process of this run calls exit()",
        at=view.current,
    )


def partings(view: LockstepView, width: int, height: int) -> Lines:
    """The first step that differs: what each kernel is about to do there."""
    body: list[Line] = []
    said: set[str] = set()
    for parting in view.partings:
        if parting is not None:
            body += _parting(parting, said, width - 4)
    if not body:
        body = [(("the kernels do the same from beginning to end", "good"),)]
    places = sorted({parting.position for parting in view.partings if parting is not None})
    title: list[Run] = [("First divergence", "title")]
    if places:
        title.append(("  step " + ", ".join(f"{place:,}" for place in places), "strong"))
    below = len(body) - (height - 2)
    return frame(title, body, width, height, below=below)


def _parting(view: PartingView, said: set[str], width: int) -> list[Line]:
    lines: list[Line] = []
    for kernel, number, function, text in view.stands:
        if kernel in said:
            continue
        said.add(kernel)
        where: list[Run] = [(f"cpu{number} ", cpu(number)), (f"{function}() ", "call")]
        name: Run = (pad(kernel, 16) + " ", "strong")
        if width < _CRAMPED:
            lines.append(fit([name, *(where if function else [])], width))
            lines.append(fit([("  ", "text"), *colour(text)], width))
        else:
            lines.append(fit([name, *(where if function else []), *colour(text)], width))
    return lines


def lanes(view: LanesView, width: int, height: int) -> Lines:
    """All lanes, kernel above kernel on one scale, as many rows as there are."""
    inner, rows = width - 4, height - 2
    each = max(rows // max(len(view.sides), 1), 2)
    body: list[Line] = []
    hidden = 0
    for side in view.sides:
        shown = side.lanes[: each - 1]
        hidden += len(side.lanes) - len(shown)
        body.append(fit(_points_row(side, view.columns), inner))
        for one in shown:
            here = None if side.here is None else side.here - side.indent
            label, *drawn = lane(one, _columns(side), here)
            body.append(fit([label, (" " * side.indent, "text"), *drawn], inner))
    span = f"  {amount(view.first, own_time=view.own_time)} to "
    span += amount(view.last, own_time=view.own_time, sign="+")
    title: list[Run] = [("Lanes", "title"), (span + ("" if view.own_time else " steps"), "faint")]
    note: list[Run] = [(f" {_LEGEND}", "faint")] if width > cells(_LEGEND) + 10 else []
    return frame(title, body[:rows], width, height, below=hidden, note=note)


def _columns(side: SideLanes) -> int:
    """How many columns the lanes of a kernel have."""
    ends = [span.column + span.width for one in side.lanes for span in one.spans]
    return max(ends, default=0)


def _points_row(side: SideLanes, columns: int) -> list[Run]:
    """The name of the kernel, and above its lanes the points of one exit."""
    drawn: list[Run] = [(" ", "text")] * (MARGIN + columns)
    for place, letter in enumerate(clip(side.kernel, max(columns, 1))):
        drawn[min(place, len(drawn) - 1)] = (letter, "strong")
    for column, point in side.points:
        drawn[MARGIN + column] = SIGNS[point]
    if side.here is not None:
        sign, ink = drawn[MARGIN + side.here]
        drawn[MARGIN + side.here] = ("▼", "strong") if sign == " " else (sign, ink + "@now")
    return drawn


def note(text: str, error: str, width: int) -> Lines:
    """The line above the keys."""
    if error:
        return (fit([(" ", "text"), (clip(error, width - 2), "error")], width),)
    return (fit([(" ", "text"), (clip(text, width - 2), "quiet")], width),)
