"""The CPUs pane: what each runs, and the two page tables it believes to be on.

```
 0 ● worker.2† SDEAD  sched_exit()                       int on
     %cr3 worker  ≠ ci_proc_pmap –                     ipl NONE
     holds kernel_lock              AST IPI  mtx 0  klock 1
```
`≠` is loud only where interrupts are on: in between, the two may differ, and do. `klock` is how
often the CPU holds or waits for the kernel lock, `mtx` how many spin mutexes it holds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from exittui.session.curtain import HIDDEN
from exittui.tui.lines import Line, Lines, Run, between, frame, length, on
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
    digits = len(str(len(cpus) - 1))
    body: list[Line] = []
    for view in cpus[top : top + fits]:
        body.extend(paint_one(view, width - 4, each, digits))
    title = [("CPUs", "title")]
    return frame(title, body, width, height, above=top, below=len(cpus) - top - fits)


@lru_cache(512)
def paint_one(view: CpuView, width: int, lines: int, digits: int = 1) -> tuple[Line, ...]:
    """One CPU in one, two or three lines; its number in so many digits."""
    if lines == 1:
        rows = [_strip(view, width, digits)]
    elif lines == FULL:
        rows = [_who(view, width, digits), _tables(view, width), _locks(view, width)]
    else:
        rows = [_who(view, width, digits, brief=True), _all(view, width)]
    return (on(rows[0], "@focus") if view.focus else rows[0], *rows[1:])


def _who(view: CpuView, width: int, digits: int, *, brief: bool = False) -> Line:
    """Who runs there, and what; in a brief view also what it spins for and holds."""
    right: list[Run] = [(" int ", "quiet"), *_interrupts(view)]
    left = [*_thread(view, digits), *(_troubles(view) if brief else _doing(view))]
    if brief:
        left += _held(view, width - length(left) - length(right))
    return between(left, right, width)


def _thread(view: CpuView, digits: int) -> list[Run]:
    """The number, the thread and its state."""
    return [
        (f"{view.number:<{digits}} {GLYPH[view.state]} ", cpu(view.number)),
        *named(view.thread, dead=view.dead, freed=view.freed, look=cpu(view.number)),
        (" ", "text"),
        *value(view.stat, "dead" if view.dead else "text"),
        (" ", "text"),
    ]


def _doing(view: CpuView) -> list[Run]:
    if view.state == "idle":
        return [("idle", "quiet")]
    return [(f"{view.function}()", "call")] if view.function else []


def _interrupts(view: CpuView) -> list[Run]:
    return value(view.interrupts, "waits" if view.interrupts.text == "off" else "quiet")


def _sign(view: CpuView, gap: str = " ") -> Run:
    if view.cr3.text == HIDDEN:
        return (f"{gap}▒{gap}", "faint")
    if view.differ:
        return (f"{gap}≠{gap}", "loud" if view.loud else "differ")
    return (f"{gap}={gap}", "faint")


def _pair(view: CpuView) -> list[Run]:
    """The two page tables, side by side."""
    return [
        ("%cr3 ", "quiet"),
        *_page_table(view.cr3),
        _sign(view),
        ("ci_proc_pmap ", "quiet"),
        *_page_table(view.pmap),
    ]


def _page_table(shown: Value) -> list[Run]:
    """The name of a page table, in red if it is freed while it is in use."""
    return value(shown, "danger" if shown.text.endswith("(freed)") else "text")


def _tables(view: CpuView, width: int) -> Line:
    pair: list[Run] = [("    ", "text"), *_pair(view)]
    level = view.ipl.text
    look = "quiet" if level == "NONE" else "text"
    right: list[Run] = [(" ipl ", "quiet"), *value(view.ipl, look)]
    silent = level == "NONE" and view.ipl.old is None
    for shorter in ([(" ", "text"), *value(view.ipl, look)], []):
        # The two page tables are what is never cut.
        if length(pair) + length(right) > width:
            right = [] if silent else shorter
    return between(pair, right, width)


def _locks(view: CpuView, width: int) -> Line:
    """What it holds and spins for; what is pending, and the counts."""
    left: list[Run] = [("    ", "text"), *_holds(view)]
    right = _pending(view)
    room = width - length(left) - length(right)
    right += _counts(view) if room >= _COUNTS else _levels(view, room, ipl=False)
    return between(left, right, width)


_COUNTS: Final = len("  mutexes 0  kernel lock 0")


def _holds(view: CpuView) -> list[Run]:
    runs: list[Run] = []
    if view.adrift:
        runs.append(("stands on a freed stack  ", "danger"))
    if view.awaits:
        runs += [("spins for ", "waits"), (view.awaits, "waits")]
    if view.holds:
        runs += [("  holds " if runs else "holds ", "quiet"), (", ".join(view.holds), "text")]
    return runs or [("no locks", "faint")]


def _pending(view: CpuView) -> list[Run]:
    """What waits for the CPU: an AST, a switch that is wanted, interrupts."""
    if view.pending.text or view.pending.old is not None:
        return [(" ", "text"), *value(view.pending, "waits")]
    return []


def _counts(view: CpuView) -> list[Run]:
    """How many spin mutexes it holds, how often the kernel lock."""
    runs: list[Run] = []
    for name, count in (("  mutexes ", view.mutexes), ("  kernel lock ", view.kernel_locks)):
        runs += [(name, "quiet"), *value(count, "quiet" if count.text == "0" else "text")]
    return runs


def _strip(view: CpuView, width: int, digits: int) -> Line:
    """Everything in one line, for narrow screens and many CPUs: what says nothing goes first."""
    left = _thread(view, digits)
    left += [] if view.state == "idle" else _troubles(view)
    right: list[Run] = [
        *_pending(view),
        (" %cr3 ", "quiet"),
        *_page_table(view.cr3),
        _sign(view, ""),
        *_page_table(view.pmap),
        (" int ", "quiet"),
        *_interrupts(view),
    ]
    right += _levels(view, width - length(left) - length(right))
    return between([*left, *_held(view, width - length(left) - length(right))], right, width)


def _all(view: CpuView, width: int) -> Line:
    """The second line of two: the page tables, what is pending, and the counts."""
    left: list[Run] = [("    ", "text"), *_pair(view)]
    right = _pending(view)
    right += _levels(view, width - length(left) - length(right))
    return between(left, right, width)


def _troubles(view: CpuView) -> list[Run]:
    """What it stands on, what it spins for, or what it does."""
    if view.adrift:
        return [("stands on a freed stack", "danger")]
    if view.awaits:
        return [("spins for ", "waits"), (view.awaits, "waits")]
    return _doing(view)


def _held(view: CpuView, room: int) -> list[Run]:
    """The locks it holds, if there is room for them."""
    holds: list[Run] = [("  holds ", "quiet"), (", ".join(view.holds), "text")]
    return holds if view.holds and length(holds) <= room else []


def _levels(view: CpuView, room: int, *, ipl: bool = True) -> list[Run]:
    """The level and counts there is room for; those that say something come first."""
    counts = [("mtx", view.mutexes), ("klock", view.kernel_locks)]
    if ipl:
        counts.insert(0, ("ipl", view.ipl))
    runs: list[Run] = []
    for loud in (True, False):
        for name, count in counts:
            silent = count.text in {"0", "NONE"} and count.old is None
            shown: list[Run] = [
                (f" {name} ", "quiet"),
                *value(count, "quiet" if silent else "text"),
            ]
            if silent is not loud and length(runs) + length(shown) <= room:
                runs += shown
    return runs


def strip_order(cpus: Sequence[CpuView], height: int) -> list[int]:
    """The numbers of the CPUs in a strip: the first ones, and the focused one."""
    chosen = [view.number for view in cpus[:height]]
    focused = next((view.number for view in cpus if view.focus), None)
    if chosen and focused is not None and focused not in chosen:
        chosen[-1] = focused
    return chosen


def paint_strip(cpus: Sequence[CpuView], width: int, height: int) -> Lines:
    """One or two lines for each CPU, without a frame; the focused one is always among them."""
    each = strip_lines(len(cpus), height)
    by_number = {view.number: view for view in cpus}
    chosen = strip_order(cpus, height // each)
    side: Run = (" ", "text")
    strip: list[Line] = [
        (side, *line, side)
        for number in chosen
        for line in paint_one(by_number[number], width - 2, each)
    ]
    hidden = len(cpus) - len(chosen)
    if hidden and strip:
        note: list[Run] = [(f" +{hidden} CPUs ", "more")]
        strip[-1] = between(strip[-1][:-1], note, width)
    return tuple(strip)


def strip_lines(cpus: int, height: int) -> int:
    """How many lines each CPU has in a strip."""
    return 2 if 2 * cpus <= height else 1
