"""The threads pane: one row each, as ps(1) would, with flags by name."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from exittui.session.curtain import COVERED
from exittui.tui.content import Content, Entry, Target
from exittui.tui.lines import Line, Run, fit, on
from exittui.tui.looks import cpu
from exittui.tui.paint.values import DEAD, NOTHING, cell, value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from exittui.session.views import ThreadView, Value

_TID, _STAT, _CPU, _WMESG, _QUEUE = 6, 14, 4, 10, 10
_ROOMY: Final = 68
"""Cells inside the frame from which names have two more."""
_WIDE: Final = 100
"""Cells from which the message, the channel and the run queue have columns of their own."""
_WIDEST: Final = 140
"""Cells from which there is room for the functions of the stack."""


class _Columns(NamedTuple):
    """The cells of the columns that are not the same at every width."""

    names: int
    waits: int
    flags: int
    """0: all that is left."""


def content(fetch: Callable[[int, int], Sequence[ThreadView]], total: int, width: int) -> Content:
    """The pane; only the rows that are seen are asked for."""
    inner = width - 4
    if width >= _WIDEST:
        columns = _Columns(24, 24, 30)
    elif width >= _WIDE:
        columns = _Columns(20, 20, 0)
    else:
        columns = _Columns(14 if inner < _ROOMY else 16, 14 + max(inner - 64, 0) // 2, 0)

    def rows(first: int, count: int) -> list[Entry]:
        return [
            Entry(_row(view, inner, columns), Target("thread", number))
            for number, view in enumerate(fetch(first, count), start=first)
        ]

    title = (("Threads", "title"), (f" {total}", "faint"))
    return Content(title, total, rows, heading=(_heading(inner, columns),))


def _heading(inner: int, columns: _Columns) -> Line:
    head: list[Run] = [
        cell("tid", _TID, "faint"),
        cell("thread", columns.names, "faint"),
        cell("p_stat", _STAT, "faint"),
        cell("cpu", _CPU, "faint"),
    ]
    if inner + 4 < _WIDE:
        head.append(cell("waits", columns.waits, "faint"))
    else:
        head += [
            cell("wmesg", _WMESG, "faint"),
            cell("wchan", columns.waits, "faint"),
            cell("run queue", _QUEUE, "faint"),
        ]
    if columns.flags:
        return (*head, cell("p_flag", columns.flags, "faint"), ("stack", "faint"))
    return (*head, ("p_flag", "faint"))


@lru_cache(512)
def _row(view: ThreadView, width: int, columns: _Columns) -> Line:
    plain = "freed" if view.freed else "dead" if view.dead else "text"
    name = view.name + (DEAD if view.dead and not view.freed else "")
    look = cpu(view.cpu) if view.cpu is not None and not view.freed else plain
    runs: list[Run] = [
        cell(view.tid, _TID, plain if view.freed else "quiet"),
        cell(name, columns.names, look),
        *value(view.stat, plain, _STAT - 1),
        (" ", "text"),
        _on(view, look),
    ]
    if width + 4 < _WIDE:
        runs += [*_waits(view, columns.waits - 1), (" ", "text")]
    else:
        ink = "waits" if view.wchan.text else "faint"
        runs += [*value(view.wmesg, ink, _WMESG - 1), (" ", "text")]
        runs += [*value(view.wchan, ink, columns.waits - 1), (" ", "text")]
        queue = "text" if view.queue.text else "faint"
        runs += [*value(view.queue, queue, _QUEUE - 1), (" ", "text")]
    if view.flags.text or view.flags.old is not None:
        runs += value(view.flags, plain, max(columns.flags - 1, 0))
    elif columns.flags:
        runs.append((" " * (columns.flags - 1), "text"))
    if columns.flags:
        danger = view.stack == "freed" and not view.freed
        runs.append((f" {view.stack}", "danger" if danger else "quiet"))
    line = fit(runs, width)
    return on(line, "@here") if view.focus else line


def _on(view: ThreadView, look: str) -> Run:
    """The number of its CPU."""
    if view.cpu_covered:
        return cell("▒", _CPU, "faint")
    return cell(NOTHING if view.cpu is None else str(view.cpu), _CPU, look)


def _waits(view: ThreadView, width: int) -> list[Run]:
    """In one column: the message and the channel it sleeps on, or the run queue it is on."""
    queued = view.queue.text or (view.queue.old is not None and not view.wchan.text)
    if queued:
        # What is covered must not tell that the thread is on a queue: it may be on none.
        head = "" if view.queue == COVERED else "runq "
        return value(_named(view.queue, head), "text", width)
    message, channel = view.wmesg, view.wchan
    if channel.text and message.text and message.old is None and channel.old is None:
        text = channel.text if channel.text == message.text else f"{message.text} {channel.text}"
        faded = channel.fading or message.fading
        return value(channel._replace(text=text, fading=faded), "waits", width)
    return value(channel, "waits" if channel.text else "faint", width)


def _named(shown: Value, head: str) -> Value:
    old = shown.old
    return shown._replace(
        text=f"{head}{shown.text}" if shown.text else "",
        old=f"{head}{old}" if old else old,
    )
