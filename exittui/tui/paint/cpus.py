"""The CPUs pane: what each runs, and the two page tables it believes to be on.

```
 0 ● worker.2† 3001 SDEAD  sched_exit()     int on
     %cr3 worker  ≠ ci_proc_pmap –       mutexes 0
     holds kernel_lock ×1
```
`≠` is loud only where interrupts are on: in between, the two may differ, and do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.tui.lines import Line, Lines, Run, between, fit, frame, length, on
from exittui.tui.looks import cpu
from exittui.tui.paint.values import named, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.session.views import CpuView, Value

GLYPH: Final = {"runs": "●", "user": "◆", "spins": "◌", "idle": "○", "finished": "■"}
FULL: Final = 3
"""Lines of a CPU when there is room for everything."""


def lines_each(cpus: int, rows: int) -> int:
    """How many lines each of so many CPUs gets in so many rows."""
    return max(min(FULL, rows // max(cpus, 1)), 1)


def paint(cpus: Sequence[CpuView], width: int, height: int, top: int = 0) -> Lines:
    """The pane with its frame, from CPU `top` on."""
    rows = height - 2
    each = lines_each(len(cpus), rows)
    fits = max(rows // each, 1)
    top = max(0, min(top, len(cpus) - fits))
    body: list[Line] = []
    for view in cpus[top : top + fits]:
        body.extend(paint_one(view, width - 4, each))
    title = [("CPUs", "title")]
    return frame(title, body, width, height, above=top, below=len(cpus) - top - fits)


def paint_one(view: CpuView, width: int, lines: int) -> list[Line]:
    """One CPU in one, two or three lines."""
    first = _who(view, width) if lines > 1 else _strip(view, width)
    rows: list[Line] = [on(first, "@focus") if view.focus else first]
    if lines > 1:
        rows.append(_tables(view, width))
    if lines > 2:  # noqa: PLR2004 - the third line
        rows.append(fit([("    ", "text"), *_locks(view)], width))
    return rows


def _digit(view: CpuView) -> list[Run]:
    look = cpu(view.number)
    return [(f"{view.number} {GLYPH[view.state]} ", look)]


def _who(view: CpuView, width: int) -> Line:
    left: list[Run] = [
        *_digit(view),
        *named(view.thread, dead=view.dead, freed=view.freed, look=cpu(view.number)),
        (" ", "text"),
        *value(view.stat, "dead" if view.dead else "text"),
        (" ", "text"),
    ]
    doing = "idle" if view.state == "idle" else f"{view.function}()" if view.function else ""
    left.append((doing, "quiet" if view.state == "idle" else "call"))
    right: list[Run] = [(" int ", "quiet"), *_interrupts(view)]
    return between(left, right, width)


def _interrupts(view: CpuView) -> list[Run]:
    return value(view.interrupts, "waits" if view.interrupts.text == "off" else "quiet")


def _pair(view: CpuView) -> list[Run]:
    """The two page tables, side by side."""
    sign: Run = (" = ", "faint")
    if view.differ:
        sign = (" ≠ ", "loud" if view.loud else "differ")
    return [
        ("%cr3 ", "quiet"),
        *_page_table(view.cr3),
        sign,
        ("ci_proc_pmap ", "quiet"),
        *_page_table(view.pmap),
    ]


def _page_table(shown: Value) -> list[Run]:
    """The name of a page table, in red if it is freed while it is in use."""
    return value(shown, "danger" if shown.text.endswith("(freed)") else "text")


def _tables(view: CpuView, width: int) -> Line:
    look = "quiet" if view.mutexes.text == "0" else "text"
    mutexes: list[Run] = [(" mutexes ", "quiet"), *value(view.mutexes, look)]
    pair: list[Run] = [("    ", "text"), *_pair(view)]
    if length(pair) + length(mutexes) > width:
        mutexes = [(" mtx ", "quiet"), *value(view.mutexes, look)]
    return between(pair, mutexes, width)


def _locks(view: CpuView) -> list[Run]:
    runs: list[Run] = []
    if view.adrift:
        runs.append(("stands on a freed stack  ", "danger"))
    if view.holds:
        runs += [("holds ", "quiet"), (", ".join(view.holds), "text")]
    if view.awaits:
        runs += [("  " if runs else "", "text"), ("awaits ", "waits"), (view.awaits, "waits")]
    return runs or [("no locks", "faint")]


def _strip(view: CpuView, width: int) -> Line:
    """Everything in one line, for narrow screens and many CPUs."""
    left: list[Run] = [
        *_digit(view),
        *named(view.thread, dead=view.dead, freed=view.freed, look=cpu(view.number)),
        (" ", "text"),
        *value(view.stat, "dead" if view.dead else "text"),
        ("  ", "text"),
    ]
    if view.adrift:
        left.append(("stands on a freed stack", "danger"))
    elif view.awaits:
        left += [("awaits ", "waits"), (view.awaits, "waits")]
    elif view.state == "idle":
        left.append(("idle", "quiet"))
    else:
        left.append((f"{view.function}()", "call"))
    sign: Run = ("=", "faint")
    if view.differ:
        sign = ("≠", "loud" if view.loud else "differ")
    right: list[Run] = [
        (" %cr3 ", "quiet"),
        *_page_table(view.cr3),
        sign,
        *_page_table(view.pmap),
        (" int ", "quiet"),
        *_interrupts(view),
        (" mtx ", "quiet"),
        *value(view.mutexes, "quiet" if view.mutexes.text == "0" else "text"),
    ]
    holds: list[Run] = [("  holds ", "quiet"), (", ".join(view.holds), "text")]
    if view.holds and length(left) + length(holds) + length(right) <= width:
        left += holds
    return between(left, right, width)


def strip_order(cpus: Sequence[CpuView], height: int) -> list[int]:
    """The numbers of the CPUs in a strip: the first ones, and the focused one."""
    chosen = [view.number for view in cpus[:height]]
    focused = next((view.number for view in cpus if view.focus), None)
    if chosen and focused is not None and focused not in chosen:
        chosen[-1] = focused
    return chosen


def paint_strip(cpus: Sequence[CpuView], width: int, height: int) -> Lines:
    """A line for each CPU, without a frame; the focused one is always among them."""
    by_number = {view.number: view for view in cpus}
    chosen = strip_order(cpus, height)
    side: Run = (" ", "text")
    strip: list[Line] = [
        (side, *paint_one(by_number[number], width - 2, 1)[0], side) for number in chosen
    ]
    hidden = len(cpus) - len(chosen)
    if hidden and strip:
        note: list[Run] = [(f" +{hidden} CPUs ", "more")]
        strip[-1] = between(strip[-1][:-1], note, width)
    return tuple(strip)
