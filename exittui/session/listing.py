"""The process lists of the kernel, and each process with its threads and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import PS_SYSTEM, SDEAD
from exittui.machine import FREED
from exittui.session.naming import PS_FLAGS, flags
from exittui.session.views import ListRow, Member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from exittui.machine import Machine, struct
    from exittui.session.changes import Changes
    from exittui.session.naming import Naming
    from exittui.session.things import Things
    from exittui.session.values import Values

_DEPENDS_ON: Final = frozenset(
    {
        "ps_list",
        "p_list",
        "p_hash",
        "p_runq",
        "p_thr_link",
        "lh_first",
        "tqh_first",
        "tqh_last",
        "p_stat",
        "kn_selnext",
        FREED,
    }
)
_COUNTS: Final = (
    ("threads", "ps_threadcnt"),
    ("exitcnt", "ps_exitcnt"),
    ("susp", "ps_suspendcnt"),
)


class Listing:
    """Keeps who is on which list until a move touches a link."""

    def __init__(self, machine: Machine, things: Things, naming: Naming) -> None:
        self._machine = machine
        self._things = things
        self._naming = naming
        self._members: dict[str, tuple[Member, ...]] = {}
        self._gone: dict[str, tuple[str, ...]] = {}
        self._walked: dict[str, tuple[Member, ...]] = {}
        self._quiet = False

    def moved(self, changes: Changes) -> None:
        """The session has moved: walk the lists again if it may have changed one."""
        if changes.jump:
            self._members = {}
            self._walked = {}
        elif not _DEPENDS_ON.isdisjoint(changes.fields) or not self._quiet:
            self._members, self._walked = self._walked, {}

    def rows(self, values: Values) -> tuple[ListRow, ...]:
        """All rows, from top to bottom."""
        rows = list(self._lists())
        for pr in self._processes():
            rows.extend(self._process(pr, values))
        self._quiet = not any(member.new for row in rows for member in row.members) and not any(
            row.gone for row in rows
        )
        return tuple(rows)

    def _processes(self) -> list[struct]:
        """The processes that are not the kernel's own, living and zombies."""
        read, walk = self._things.read, self._things.walk
        heads = [self._things.variable(name) for name in ("allprocess", "zombprocess")]
        found = [pr for head in heads if head is not None for pr in walk(head, "ps_list")]
        users = [pr for pr in found if not read(pr, "ps_flags", 0) & PS_SYSTEM]
        return sorted(users, key=lambda pr: -int(read(pr, "ps_pid", 0)))

    def _lists(self) -> Iterable[ListRow]:
        variable = self._things.variable
        for name in ("allprocess", "zombprocess"):
            head = variable(name)
            if head is not None:
                yield self._row(name, head, "ps_list", self._process_member)
        head = variable("deadproc")
        if head is not None:
            yield self._row("deadproc", head, self._dead_link(head), self._thread_member)
            for number, info in enumerate(self._machine.infos):
                spc = self._things.read(info, "ci_schedstate")
                dead = self._things.read(spc, "spc_deadproc")
                if dead is not None:
                    link = self._dead_link(dead)
                    name = f"cpu{number} deadproc"
                    yield self._row(name, dead, link, self._thread_member)

    def _dead_link(self, head: struct) -> str:
        """The link by which the dead are listed: p_hash, or p_runq in a tail queue."""
        return "p_runq" if type(head).__name__ == "TAILQ_HEAD" else "p_hash"

    def _row(
        self,
        name: str,
        head: struct,
        link: str,
        member: Callable[[struct], Member],
        *,
        key: str = "",
        level: int = 0,
    ) -> ListRow:
        key = key or name
        if key in self._walked:
            known, left = self._walked[key], self._gone.get(key, ())
            return ListRow(name, level, known, gone=left, number=_number(head))
        now = [member(one) for one in self._things.walk(head, link)]
        before = self._members.get(key)
        gone: tuple[str, ...] = ()
        shown = tuple(now)
        if before is not None:
            old = {one.text for one in before}
            names = {one.text for one in now}
            shown = tuple(
                Member(one.text, one.dead, one.freed, new=one.text not in old) for one in now
            )
            gone = tuple(one.text for one in before if one.text not in names)
        self._walked[key] = shown
        self._gone[key] = gone
        return ListRow(name, level, shown, gone=gone, number=_number(head))

    def _process_member(self, pr: struct) -> Member:
        return Member(self._naming.process(pr), freed=self._things.freed(pr))

    def _thread_member(self, p: struct) -> Member:
        dead = self._things.read(p, "p_stat") == SDEAD
        return Member(self._naming.thread(p), dead=dead, freed=self._things.freed(p))

    def _knote_member(self, kn: struct) -> Member:
        return Member(self._naming.thing(kn), freed=self._things.freed(kn))

    def _process(self, pr: struct, values: Values) -> Iterable[ListRow]:
        read = self._things.read
        name = self._naming.process(pr)
        counts = tuple(
            (short, values.field(pr, field, _signed))
            for short, field in _COUNTS
            if field != "ps_suspendcnt" or self._suspending(pr, values)
        )
        key = f"{name} {read(pr, 'ps_pid')}"
        yield ListRow(key, 0, (), counts, number=_number(pr))
        shown = values.field(pr, "ps_flags", _process_flags)
        if shown.text or shown.old:
            yield ListRow("ps_flags", 1, flags=shown)
        threads = read(pr, "ps_threads")
        yield self._row(
            "ps_threads",
            threads,
            "p_thr_link",
            self._thread_member,
            key=f"{key} threads",
            level=1,
        )
        notes = read(read(pr, "ps_klist"), "kl_list")
        if notes is not None and (
            read(notes, "lh_first") is not None or self._members.get(f"{key} notes")
        ):
            yield self._row(
                "ps_klist",
                notes,
                "kn_selnext",
                self._knote_member,
                key=f"{key} notes",
                level=1,
            )

    def _suspending(self, pr: struct, values: Values) -> bool:
        """Whether the count of threads yet to stop says something now."""
        count = values.field(pr, "ps_suspendcnt")
        return count.text != "0" or count.old is not None


def _number(target: struct | None) -> int | None:
    """The number that names an object in views."""
    return None if target is None else int(target.__dict__["_oid"])


def _signed(count: Any) -> str:
    """A count that may have wrapped, as the person who lets it wrap thinks of it."""
    value = count or 0
    return str(value - (1 << 32) if value >> 31 else value)


def _process_flags(value: Any) -> str:
    return flags(value or 0, PS_FLAGS)
