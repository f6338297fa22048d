"""The end of a run: what the kernel said, the steps that led there, and the backtrace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.tui.content import Content, Entry, Target, listed
from exittui.tui.lines import Line, Run, cells, fit
from exittui.tui.looks import cpu
from exittui.tui.paint.events import GLYPH

if TYPE_CHECKING:
    from exittui.session.views_things import EndingView, Led

EMPTY: Final = (
    "how the run ends is told here: the message of a panic, a violation or a deadlock, "
    "the steps that led there, and the backtrace"
)
_BAD: Final = frozenset({"panic", "violation", "deadlock"})


def content(view: EndingView | None, width: int) -> Content:
    """The pane."""
    title: list[Run] = [("End", "title")]
    if view is None:
        return listed(title, [], empty=EMPTY)
    inner = width - 4
    bad = view.kind in _BAD
    title += [(" ", "text"), (view.kind, "danger" if bad else "good")]
    if view.cpu is not None:
        title += [(" on ", "quiet"), (f"cpu{view.cpu}", cpu(view.cpu))]
        title.append((f", {view.thread}, step {view.step}", "quiet"))
    entries = [
        Entry(((line, "danger" if bad else "text"),))
        for message in view.message
        for line in _broken(message, inner)
    ]
    if view.led:
        entries.append(_head("the steps that led there, the last one first"))
        entries += [Entry(_led(one, inner), Target("step", one.step)) for one in view.led[::-1]]
    if view.frames:
        entries.append(_head("backtrace"))
    for number, (function, place) in enumerate(view.frames):
        runs: list[Run] = [
            (f"{number:3} ", "number"),
            (f"{function}()", "call"),
            (f" {place}", "faint"),
        ]
        entries.append(Entry(fit(runs, inner), Target("command", f"frame {number}")))
    return listed(title, entries)


def _head(text: str) -> Entry:
    return Entry(((text, "quiet"),))


def _led(one: Led, width: int) -> Line:
    """A step that led there."""
    sign, look = GLYPH.get(one.kind, ("·", "faint"))
    ran = one.kind == "ran"
    runs: list[Run] = [
        (f"{one.step:6} ", "faint"),
        (f"{one.cpu} ", cpu(one.cpu)),
        (sign, look),
        (" ", "text"),
        (one.text, "quiet" if ran else "text"),
    ]
    return fit(runs, width)


def _broken(text: str, width: int) -> list[str]:
    """The text in lines broken between words."""
    lines = [""]
    for word in text.split():
        if lines[-1] and cells(lines[-1]) + 1 + cells(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines
