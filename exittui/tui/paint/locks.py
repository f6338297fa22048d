"""The locks pane: who has each lock, how deep, since which step, and who waits for it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from exittui.tui.content import Content, Entry
from exittui.tui.lines import Line, Run, between, cells, fit, length
from exittui.tui.looks import cpu
from exittui.tui.paint.values import NOTHING, cell, digit, target, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.session.views import LockView


def content(locks: Sequence[LockView], width: int) -> Content:
    """The pane."""
    inner = width - 4
    names = min(max([10, *(cells(lock.name) + 1 for lock in locks)]), inner // 2)

    def rows(first: int, count: int) -> list[Entry]:
        return [
            Entry(_row(lock, names, inner), target(lock.number))
            for lock in locks[first : first + count]
        ]

    return Content((("Locks", "title"),), len(locks), rows)


@lru_cache(512)
def _row(lock: LockView, names: int, width: int) -> Line:
    free = not lock.owner.text
    runs: list[Run] = [cell(lock.name, names, "quiet" if free else "text")]
    if free:
        changed = lock.owner.old is not None
        runs += value(lock.owner, nothing="free") if changed else [(NOTHING, "faint")]
    else:
        look = cpu(lock.owner_cpu) if lock.owner_cpu is not None else "text"
        runs += value(lock.owner, look, nothing="free")
        if lock.depth > 1:
            runs.append((f" ×{lock.depth}", "text"))
    if lock.waiters or lock.waiting_cpus:
        runs.append((" waits:", "waits"))
        for number in lock.waiting_cpus:
            runs += [(" ", "text"), digit(number)]
        runs += [(f" {name}", "waits") for name in lock.waiters]
    if lock.since is None:
        return fit(runs, width)
    since = f" since {lock.since}"
    if length(runs) + len(since) > width:
        since = f" {lock.since}"
    return between(runs, [(since, "faint")], width)
