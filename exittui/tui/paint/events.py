"""The event log: switches, sleeps, wakeups, deaths and panics, the latest at the foot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.tui.content import Content, Entry, Target, listed
from exittui.tui.lines import Line, Run, fit
from exittui.tui.looks import cpu

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.session.views import EventView

GLYPH: Final = {
    "switch": ("⇄", "text"),
    "sleep": ("z", "waits"),
    "wakeup": ("!", "good"),
    "dead": ("†", "dead"),
    "free": ("x", "quiet"),
    "zombie": ("Z", "dead"),
    "call": ("›", "quiet"),
    "panic": ("✖", "alert"),
    "violation": ("✖", "alert"),
    "deadlock": ("✖", "alert"),
}


def content(events: Sequence[EventView], width: int, position: int = 0) -> Content:
    """The pane; `events` end at the present one."""
    entries = [
        Entry(_row(event, width - 4, fresh=event.step == position), Target("step", event.step))
        for event in events
    ]
    empty = "switches, sleeps, wakeups and panics will stand here"
    return listed([("Events", "title")], entries, empty=empty, at_end=True)


def _row(event: EventView, width: int, *, fresh: bool) -> Line:
    sign, look = GLYPH.get(event.kind, ("·", "text"))
    runs: list[Run] = [
        (f"{event.step:6} ", "strong" if fresh else "faint"),
        (f"{event.cpu} ", cpu(event.cpu)),
        (sign, look),
        (" ", "text"),
        (event.text, "strong" if fresh else "alert" if look == "alert" else "text"),
    ]
    return fit(runs, width)
