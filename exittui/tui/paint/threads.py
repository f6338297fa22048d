"""The threads pane: one row each, as ps(1) would, with flags by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.tui.content import Content, Entry, Target
from exittui.tui.lines import Line, Run, fit, on
from exittui.tui.looks import cpu
from exittui.tui.paint.values import DEAD, NOTHING, cell, value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from exittui.session.views import ThreadView

_TID, _STAT, _CPU, _WMESG = 6, 14, 4, 10


def content(fetch: Callable[[int, int], Sequence[ThreadView]], total: int, width: int) -> Content:
    """The pane; only the rows that are seen are asked for."""
    wide = width >= 100  # noqa: PLR2004 - room for the message beside the channel
    channels = 22 if wide else 13
    names = 24 if wide else 14
    head: list[Run] = [
        cell("tid", _TID, "faint"),
        cell("thread", names, "faint"),
        cell("p_stat", _STAT, "faint"),
        cell("cpu", _CPU, "faint"),
        cell("wchan", channels, "faint"),
    ]
    if wide:
        head.append(cell("wmesg", _WMESG, "faint"))
    head.append(("p_flag", "faint"))
    inner = width - 4

    def rows(first: int, count: int) -> list[Entry]:
        return [
            Entry(_row(view, inner, names, channels, wide=wide), Target("thread", number))
            for number, view in enumerate(fetch(first, count), start=first)
        ]

    title = (("Threads", "title"), (f" {total}", "faint"))
    return Content(title, total, rows, heading=(tuple(head),))


def _row(view: ThreadView, width: int, names: int, channels: int, *, wide: bool) -> Line:
    plain = "freed" if view.freed else "dead" if view.dead else "text"
    name = view.name + (DEAD if view.dead and not view.freed else "")
    look = cpu(view.cpu) if view.cpu is not None and not view.freed else plain
    waits = "waits" if view.wchan.text else "faint"
    runs: list[Run] = [
        cell(view.tid, _TID, plain if view.freed else "quiet"),
        cell(name, names, look),
        *value(view.stat, plain, _STAT - 1),
        (" ", "text"),
        cell(NOTHING if view.cpu is None else str(view.cpu), _CPU, look),
        *value(view.wchan, waits, channels - 1),
        (" ", "text"),
    ]
    if wide:
        runs += [*value(view.wmesg, waits, _WMESG - 1), (" ", "text")]
    if view.flags.text or view.flags.old is not None:
        runs += value(view.flags, plain)
    line = fit(runs, width)
    return on(line, "@here") if view.focus else line
