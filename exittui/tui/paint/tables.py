"""Panes of plain rows: ps(1), console, choices, branches, stops, and the graphs of waits."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from exittui.tui.content import Content, Entry, Target, listed
from exittui.tui.lines import Line, Run, fit, on
from exittui.tui.looks import cpu
from exittui.tui.paint.syntax import colour
from exittui.tui.paint.values import cell, digit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.session.views_moving import BranchView, BreakpointView, ChoiceView
    from exittui.session.views_things import ConsoleLine, Edge, GraphView, ProcessRow

_ALL_THREADS = 100_000
"""THREAD_PID_OFFSET: what ps(1) adds to the number of a thread."""


def processes(rows: Sequence[ProcessRow], width: int) -> Content:
    """The processes, as ps(1) would show them now."""
    inner = width - 4
    head = (
        cell("pid", 6, "faint"),
        cell("tid", 7, "faint"),
        cell("ppid", 6, "faint"),
        cell("stat", 7, "faint"),
        cell("wait", 9, "faint"),
        ("command", "faint"),
    )

    def fetch(first: int, count: int) -> list[Entry]:
        return [Entry(_process(row, inner), _thread_of(row)) for row in rows[first : first + count]]

    return Content((("ps(1)", "title"),), len(rows), fetch, heading=(head,))


def _thread_of(row: ProcessRow) -> Target | None:
    return Target("command", f"thread {row.tid - _ALL_THREADS}") if row.tid > 0 else None


def _process(row: ProcessRow, width: int) -> Line:
    whole = row.tid < 0
    dead = row.stat.startswith("Z") or row.stat == "?"
    plain = "dead" if dead else "text"
    runs: list[Run] = [
        cell(str(row.pid) if whole else "", 6, plain),
        cell("" if whole else str(row.tid), 7, "quiet"),
        cell(str(row.ppid) if whole else "", 6, "quiet"),
        cell(row.stat, 7, plain),
        cell(row.wait, 9, "waits"),
        (row.command + ("†" if dead and whole else "") + " ", plain if whole else "quiet"),
    ]
    if row.cpu is not None:
        runs += [("on ", "faint"), digit(row.cpu), (" ", "text")]
    runs.append((row.flags if whole else "", "faint"))
    if row.note:
        runs.append((f" {row.note}", "danger"))
    return fit(runs, width)


def console(kernel: Sequence[ConsoleLine], answers: Sequence[str], width: int) -> Content:
    """What the kernel has printed, and below it what commands have."""
    inner = width - 4
    entries = [
        Entry(
            fit(
                [(f"{line.step:6} ", "faint"), digit(line.cpu), (f" {line.text}", "strong")], inner
            ),
            Target("step", line.step),
        )
        for line in kernel
    ]
    entries += [
        Entry(fit([(line, "prompt" if line.startswith(("ddb{", "(gdb)")) else "text")], inner))
        for line in answers
    ]
    empty = "panics, kernel printf and what commands answer will stand here"
    return listed([("Console", "title")], entries, empty=empty, at_end=True)


def choices(rows: Sequence[ChoiceView], width: int) -> Content:
    """What can go next, and what each would do."""
    entries = [
        Entry(_choice(row, width - 4), Target("command", f"pick {row.number}")) for row in rows
    ]
    title = [("Choices", "title"), (" Enter lets one go", "faint")]
    return listed(title, entries, empty="the run has ended: nothing can go on")


@lru_cache(512)
def _choice(row: ChoiceView, width: int) -> Line:
    mark = "▶" if row.recorded else " "
    runs: list[Run] = [
        (mark, "strong"),
        (f"{row.name} ", cpu(row.cpu) if row.enabled else "faint"),
    ]
    if not row.enabled:
        runs.append((row.why_not, "quiet"))
        return fit(runs, width)
    runs.append((f"{row.thread} ", "quiet"))
    if row.writes:
        runs += [("⇒ ", "faint"), ("; ".join(row.writes), "text"), ("  ", "text")]
    runs += [(f"{row.function}() ", "call"), *colour(row.text.partition("\n")[0].strip())]
    return fit(runs, width)


def branches(rows: Sequence[BranchView], width: int) -> Content:
    """The tree of branches."""
    entries = []
    for row in rows:
        runs: list[Run] = [
            ("▸ " if row.current else "  ", "strong"),
            ("   " * max(row.depth - 1, 0) + ("└─ " if row.depth else ""), "frame"),
            (row.name, "strong" if row.current else "text"),
            (f"  from {row.at}" if row.parent is not None else "", "faint"),
            (f"  to {row.length}", "quiet"),
            (f"  at {row.position}", "faint"),
            (f"  {row.end}", "waits"),
        ]
        line = fit(runs, width - 4)
        entries.append(
            Entry(
                on(line, "@here") if row.current else line, Target("command", f"switch {row.name}")
            )
        )
    title = [("Branches", "title"), (f" {len(rows)}", "faint")]
    return listed(title, entries)


def stops(rows: Sequence[BreakpointView], width: int) -> Content:
    """Breakpoints, watchpoints and catchpoints."""
    entries = []
    for row in rows:
        extra = [f"if {row.condition}" if row.condition else ""]
        extra += [f"cpu {row.cpu}" if row.cpu is not None else "", row.thread]
        extra += ["once" if row.temporary else "", f"ignore {row.ignore}" if row.ignore else ""]
        runs: list[Run] = [
            ("● " if row.enabled else "○ ", "break" if row.enabled else "faint"),
            (f"{row.number} ", "number"),
            (f"{row.kind[:5]} ", "quiet"),
            (row.what, "text" if row.enabled else "faint"),
            ("  " + " ".join(part for part in extra if part), "quiet"),
            (f"  hit {row.hits}×" if row.hits else "", "faint"),
        ]
        entries.append(Entry(fit(runs, width - 4), Target("stop", row.number)))
    empty = "b on a line, or `break`, `watch` and `catch` at the prompt, put stops here"
    return listed([("Stops", "title")], entries, empty=empty)


def graph(view: GraphView, title: str, width: int, empty: str) -> Content:
    """A graph as its arrows; those of a circle are marked."""

    def fetch(first: int, count: int) -> list[Entry]:
        return [_edge(edge, width - 4) for edge in view.edges[first : first + count]]

    head: list[Line] = []
    if view.circle:
        head.append(fit([("circle: " + " → ".join(view.circle), "alert")], width - 4))
    total = len(view.edges)
    return Content(((title, "title"),), total, fetch, heading=tuple(head), empty=empty)


@lru_cache(512)
def _edge(edge: Edge, width: int) -> Entry:
    look = "danger" if edge.bad else "text"
    runs: list[Run] = [
        ("↻ " if edge.bad else "  ", look),
        (edge.source, look),
        (" → ", "faint"),
        (edge.target, look),
        (f"  {edge.why}", "quiet"),
        (f"  {edge.step}" if edge.step is not None else "", "faint"),
    ]
    return Entry(fit(runs, width), Target("step", edge.step) if edge.step is not None else None)
