"""The stack pane: the functions of a thread, innermost first, and the variables of the chosen."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from exittui.tui.content import Content, Entry, Target, listed
from exittui.tui.lines import Line, Run, fit, on
from exittui.tui.looks import cpu
from exittui.tui.paint.objects import row
from exittui.tui.paint.syntax import colour

if TYPE_CHECKING:
    from exittui.session.views_things import FrameRow, StackView


def content(view: StackView, width: int) -> Content:
    """The pane."""
    inner = width - 4
    title: list[Run] = [
        ("Stack", "title"),
        (f" {view.thread}", "strong"),
        (f" {view.tid}", "quiet"),
    ]
    if view.cpu is not None:
        title.append((f" on {view.cpu}", cpu(view.cpu)))
    head: list[Line] = [fit([(view.why, "waits")], inner)] if view.why else []
    entries: list[Entry] = []
    for frame in view.frames:
        chosen = frame.number == view.selected
        entries.append(
            Entry(_frame(frame, inner, chosen=chosen), Target("command", f"frame {frame.number}"))
        )
        if chosen:
            names = min(max([6, *(len(one.name) + 3 for one in frame.locals)]), inner // 2)
            for one in frame.locals:
                target = None if one.link is None else Target("object", one.link)
                line = (("  ", "text"), *row(one, names, inner - 2))
                entries.append(Entry(line, target or Target("local", one.name)))
    return listed(title, entries, heading=head, at=view.selected or None)


@lru_cache(256)
def _frame(frame: FrameRow, width: int, *, chosen: bool) -> Line:
    """A function and where it stands; then its statement if it is chosen, else its arguments."""
    runs: list[Run] = [
        ("▸" if chosen else " ", "strong"),
        (f"{frame.number} ", "number"),
        (f"{frame.function}()", "call"),
        (f" {frame.place.rpartition('/')[2]} ", "faint"),
    ]
    if chosen:
        runs += colour(frame.text.partition("\n")[0].strip())
    else:
        arguments = ", ".join(f"{name}={text}" for name, text in frame.arguments)
        runs.append((arguments, "quiet"))
    line = fit(runs, width)
    return on(line, "@here") if chosen else line
