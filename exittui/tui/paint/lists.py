"""The lists pane: the kernel's process lists, and each process' threads and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.tui.content import Content, Entry
from exittui.tui.lines import Line, Run, cells, fit
from exittui.tui.paint.values import DEAD, NOTHING, cell, target, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.session.views import ListRow, Member
    from exittui.session.views_trees import TreeRow


def content(rows: Sequence[ListRow], width: int, title: str = "Lists") -> Content:
    """The pane."""
    inner = width - 4
    longest = max((cells(row.name) + row.level + 2 for row in rows), default=0)
    names = min(max(12, longest), inner // 2)

    def fetch(first: int, count: int) -> list[Entry]:
        return [
            Entry(_row(row, names, inner), target(row.number))
            for row in rows[first : first + count]
        ]

    return Content(((title, "title"),), len(rows), fetch)


def _row(row: ListRow, names: int, width: int) -> Line:
    title = "strong" if row.counts else "quiet"
    runs: list[Run] = [cell(" " * row.level + row.name, names, title)]
    for number, (name, count) in enumerate(row.counts):
        runs += [("  " if number else "", "text"), (name + " ", "quiet"), *value(count)]
    if row.flags.text or row.flags.old is not None:
        runs += value(row.flags, "waits")
    elif not row.counts:
        room = width
        for number, member in enumerate(row.members):
            runs += [(" " if number else "", "text"), *_member(member)]
            room -= len(member.text) + 1
            if room < 0:
                break  # a thousand more would be cut off
        runs += [run for name in row.gone for run in ((" ", "text"), (f"−{name}", "old"))]
        if not row.members and not row.gone:
            runs.append((NOTHING, "faint"))
    return fit([run for run in runs if run[0]], width)


def _member(member: Member) -> list[Run]:
    text = member.text + (DEAD if member.dead and not member.freed else "")
    if member.new:
        return [(text, "new")]
    return [(text, "freed" if member.freed else "dead" if member.dead else "text")]


def trees(rows: Sequence[TreeRow], width: int) -> Content:
    """The kernel's lists as trees."""
    inner = width - 4
    branches = _branches(rows)

    def fetch(first: int, count: int) -> list[Entry]:
        last = first + count
        return [
            Entry(_tree_row(row, branch, inner), target(row.number))
            for row, branch in zip(rows[first:last], branches[first:last], strict=True)
        ]

    return Content((("Trees", "title"),), len(rows), fetch)


def _branches(rows: Sequence[TreeRow]) -> list[str]:
    """What stands before each row: a line for each level on which more follows below it."""
    found: list[str] = []
    follows: list[bool] = []
    for row in reversed(rows):
        level = row.level
        del follows[level + 1 :]
        follows += [False] * (level + 1 - len(follows))
        sign = "├ " if follows[level] else "└ "
        lines = ["│ " if more else "  " for more in follows[1:level]]
        found.append("".join(lines) + sign if level else "")
        follows[level] = True
    found.reverse()
    return found


def _tree_row(row: TreeRow, branch: str, width: int) -> Line:
    look = {"head": "title", "process": "strong", "list": "quiet"}.get(row.kind, "text")
    if row.freed:
        look = "freed"
    elif row.dead:
        look = "dead"
    name = row.text + (DEAD if row.dead and not row.freed else "")
    return fit([(branch, "frame"), (name, look), (f"  {row.note}", "quiet")], width)
