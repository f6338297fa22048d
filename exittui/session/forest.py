"""The kernel's process lists as trees: the family, orphans, hashes, run queues, the dead.

Everything is read from the lists themselves, not from what the processes say of each other, so
what is linked wrongly is seen where it is linked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import PS_SYSTEM, SDEAD
from exittui.session.naming import PS_FLAGS, flags
from exittui.session.views_trees import TreeRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine, struct
    from exittui.session.naming import Naming
    from exittui.session.things import Things

_MOST: Final = 20_000
"""Rows after which a list that runs in a circle is left."""


class Forest:
    """Walks the lists of a machine."""

    def __init__(self, machine: Machine, things: Things, naming: Naming) -> None:
        self._machine = machine
        self._things = things
        self._naming = naming

    def rows(self) -> tuple[TreeRow, ...]:
        """All trees, from top to bottom."""
        rows: list[TreeRow] = []
        for part in (self._family, self._by_lists, self._hashes, self._queues):
            for row in part():
                rows.append(row)
                if len(rows) >= _MOST:
                    return tuple(rows)
        return tuple(rows)

    # -- the family ----------------------------------------------------------------------------

    def _family(self) -> Iterator[TreeRow]:
        """Processes by ps_children, with their threads and orphans."""
        yield TreeRow(0, "processes", "by ps_children", "head")
        first = self._things.variable("process0") or self._things.variable("initprocess")
        if first is not None:
            yield from self._process(first, 1, set(), last=True)

    def _process(self, pr: struct, level: int, seen: set[int], *, last: bool) -> Iterator[TreeRow]:
        if id(pr) in seen:
            yield TreeRow(level, f"{self._naming.process(pr)} again", "a circle", "process")
            return
        seen.add(id(pr))
        read, walk = self._things.read, self._things.walk
        threads = walk(read(pr, "ps_threads"), "p_thr_link")
        children = walk(read(pr, "ps_children"), "ps_sibling")
        orphans = walk(read(pr, "ps_orphans"), "ps_orphan")
        yield self._process_row(pr, level, last=last)
        if not read(pr, "ps_flags", 0) & PS_SYSTEM:
            for p in threads:
                final = p is threads[-1] and not children and not orphans
                yield self._thread_row(p, level + 1, last=final)
        for child in children:
            yield from self._process(
                child, level + 1, seen, last=child is children[-1] and not orphans
            )
        if orphans:
            yield TreeRow(level + 1, "ps_orphans", str(len(orphans)), "list", last=True)
            for orphan in orphans:
                yield self._process_row(orphan, level + 2, last=orphan is orphans[-1])

    def _process_row(self, pr: struct, level: int, *, last: bool = False) -> TreeRow:
        read = self._things.read
        note = f"{read(pr, 'ps_pid', '')} {flags(read(pr, 'ps_flags', 0) or 0, PS_FLAGS)}"
        freed = self._things.freed(pr)
        name = self._naming.process(pr)
        return TreeRow(level, name, note.strip(), "process", _number(pr), freed=freed, last=last)

    def _thread_row(self, p: struct, level: int, *, last: bool = False) -> TreeRow:
        read = self._things.read
        note = f"{read(p, 'p_tid', '')} {self._naming.state(read(p, 'p_stat'))}"
        return TreeRow(
            level,
            self._naming.thread(p),
            note,
            "thread",
            _number(p),
            dead=read(p, "p_stat") == SDEAD,
            freed=self._things.freed(p),
            last=last,
        )

    # -- lists ---------------------------------------------------------------------------------

    def _by_lists(self) -> Iterator[TreeRow]:
        for name in ("allprocess", "zombprocess"):
            yield from self._listed(name, self._things.variable(name), "ps_list", self._process_row)
        yield from self._listed(
            "allproc", self._things.variable("allproc"), "p_list", self._thread_row
        )
        dead = self._things.variable("deadproc")
        yield from self._listed("deadproc", dead, _dead_link(dead), self._thread_row)
        for number, info in enumerate(self._machine.infos):
            head = self._things.read(self._spc(info), "spc_deadproc")
            name = f"spc_deadproc of cpu{number}"
            yield from self._listed(name, head, _dead_link(head), self._thread_row)

    def _listed(self, name: str, head: Any, link: str, row: Any) -> Iterator[TreeRow]:
        """The head of a list and what is on it; nothing where this kernel has none."""
        if head is None:
            return
        members = self._things.walk(head, link)
        yield TreeRow(0, name, str(len(members)) if members else "empty", "head", _number(head))
        for one in members:
            yield row(one, 1, last=one is members[-1])

    def _spc(self, info: struct) -> Any:
        return self._things.read(info, "ci_schedstate")

    # -- hashes and queues ---------------------------------------------------------------------

    def _hashes(self) -> Iterator[TreeRow]:
        tables = (
            ("tidhashtbl", "p_hash", self._thread_row),
            ("pidhashtbl", "ps_hash", self._process_row),
        )
        for name, link, row in tables:
            table = self._things.variable(name)
            heads = table if isinstance(table, tuple) else (table,) if table is not None else ()
            filled = [
                (bucket, members)
                for bucket, head in enumerate(heads)
                if (members := self._things.walk(head, link))
            ]
            if heads:
                count = sum(len(members) for _, members in filled)
                yield TreeRow(0, name, f"{count} in {len(filled)} of {len(heads)} buckets", "head")
            for bucket, members in filled:
                if len(heads) > 1:
                    yield TreeRow(1, f"[{bucket}]", str(len(members)), "list")
                for one in members:
                    yield row(one, 2 if len(heads) > 1 else 1, last=one is members[-1])

    def _queues(self) -> Iterator[TreeRow]:
        for number, info in enumerate(self._machine.infos):
            queues = self._things.read(self._spc(info), "spc_qs") or ()
            heads = queues if isinstance(queues, tuple) else (queues,)
            threads = [
                (level, p)
                for level, head in enumerate(heads)
                for p in self._things.walk(head, "p_runq")
            ]
            note = str(len(threads)) if threads else "empty"
            yield TreeRow(0, f"run queue of cpu{number}", note, "head", _number(self._spc(info)))
            for level, p in threads:
                row = self._thread_row(p, 1, last=p is threads[-1][1])
                where = f"{row.note} queue {level}" if len(heads) > 1 else row.note
                yield TreeRow(
                    1, row.text, where, "thread", row.number, row.dead, row.freed, row.last
                )


def _number(target: Any) -> int | None:
    """The number that names an object in views."""
    return None if target is None else int(target.__dict__["_oid"])


def _dead_link(head: Any) -> str:
    """The link by which the dead are listed: p_hash, or p_runq in a tail queue."""
    return "p_runq" if type(head).__name__ == "TAILQ_HEAD" else "p_hash"
