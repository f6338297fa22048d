"""The objects pane: any struct, field by field; links are followed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from exittui.tui.content import Content, Entry, Target, listed
from exittui.tui.lines import Line, Run, between, fit, length
from exittui.tui.paint.values import cell, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.session.views_things import FieldView, ObjectView

EMPTY = (
    "Enter on a thread, a lock or a list shows its struct here; "
    "Enter follows a link, Bksp goes back"
)


def content(view: ObjectView | None, past: Sequence[str] | None, width: int) -> Content:
    """The pane; `past` are the names of the objects that lead to this one.

    Without a `past` nobody has chosen the object: it is the process of the chosen thread, and what
    the run has written in it comes first.
    """
    if view is None:
        return listed([("Objects", "title")], [], empty=EMPTY)
    inner = width - 4
    title: list[Run] = [("Objects", "title"), (f" {view.kind} ", "quiet")]
    title.append((view.name, "freed" if view.freed else "strong"))
    head: list[Line] = []
    if past is None:
        title.append((", of the chosen thread", "faint"))
    elif past:
        head.append(fit([(f"from {', '.join(reversed(past))}", "faint")], inner))
    if view.freed:
        head.append(fit([(f"freed by {view.freed_by}", "danger")], inner))
    names = min(max([8, *(len(one.name) + 1 for one in view.fields)]), inner // 2)
    fields = view.fields
    if past is None:
        fields = tuple(sorted(fields, key=lambda one: one.written is None))
    number, above = view.number, []
    if view.owner is not None:
        owner = [cell("(owner)", names, "quiet"), ("→ what it is embedded in", "quiet")]
        above.append(Entry(fit(owner, inner), Target("object", view.owner)))

    def fetch(first: int, count: int) -> list[Entry]:
        seen = fields[max(first - len(above), 0) : max(first + count - len(above), 0)]
        entries = [Entry(row(one, names, inner), _target(number, one)) for one in seen]
        return [*above[first : first + count], *entries]

    return Content(tuple(title), len(above) + len(fields), fetch, heading=tuple(head))


def _target(number: int, one: FieldView) -> Target:
    return Target("object", number, one.name, one.link)


@lru_cache(1024)
def row(one: FieldView, names: int, width: int) -> Line:
    """A field: its name, its value, what it points to, and the step that wrote it."""
    plain = one.kind in {"number", "flags", "text", "list", "NULL"}
    look = "faint" if one.kind == "NULL" else "text" if plain else "call"
    runs: list[Run] = [cell(one.name, names, "quiet"), *value(one.value, look)]
    if one.link is not None:
        runs.append((" →", "faint"))
    since: list[Run] = [] if one.written is None else [(f" {one.written}", "faint")]
    if since and length(runs) + length(since) > width:
        since = []
    return between(runs, since, width) if since else fit(runs, width)
