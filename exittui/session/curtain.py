"""What is not shown while it is asked for: places of views, covered until the answer is given.

A curtain is over fields of structs. It does not know of panes: the views that are made of those
fields have `HIDDEN` in their place, and so does what would tell the same in other words, as the
thread's name where the question is who is current, or the cross of a dead thread. What tells of
the past (events, the timeline) or of all at once (ps(1), trees, graphs) is not shown at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.session.views import ListRow, Member, Sentence, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.machine import struct
    from exittui.session.views import CpuView, LockView, ThreadView
    from exittui.session.views_things import ObjectView

HIDDEN: Final = "▒▒▒▒"
COVERED: Final = Value(HIDDEN)
LATER: Final = "not shown before you have answered"
SELF: Final = ""
"""Instead of a field: all that a lock or a list says."""
STACK: Final = "(stack)"
"""Instead of a field: where a CPU or a thread stands."""
PAST: Final = frozenset({"events", "timeline", "choices"})
"""Panes that tell of other moments than this one."""
WHOLE: Final = frozenset({"stack", "trees", "ps", "waits", "order", "end", "console"})
"""Panes that are covered as they are: they tell the same as others, in other words."""

_COUNTS: Final = {"threads": "ps_threadcnt", "exitcnt": "ps_exitcnt", "susp": "ps_suspendcnt"}
_SAYING: Final = Sentence(((f"{HIDDEN} What the last step did is {LATER}.", ""),))
_TABLES: Final = frozenset({"ci_cr3", "ci_proc_pmap"})


class Curtain:
    """Covers some places of one machine, for as long as a question about them is open."""

    def __init__(
        self, places: Iterable[tuple[struct, str]] = (), panes: frozenset[str] = frozenset()
    ) -> None:
        """Over these fields and whole panes; over none, only other moments than this are covered.

        `locks` are those that somebody may not be seen to own.
        """
        self._panes = panes
        self.locks: list[struct] = []
        self._fields: set[tuple[int, str]] = set()
        self._cpus: dict[int, set[str]] = {}
        self._threads: dict[str, set[str]] = {}
        self._kinds: set[str] = set()
        for target, field in places:
            self._add(target, field)

    def _add(self, target: struct, field: str) -> None:
        kind, fields = type(target).__name__, target.__dict__
        if field == SELF and kind in {"mutex", "mp_lock", "rwlock"}:
            self._kinds.add(kind)
            self.locks.append(target)
        self._fields.add((fields["_oid"], field))
        if kind == "cpu_info":
            self._cpus.setdefault(fields["ci_cpuid"], set()).add(field)
        if kind == "proc":
            self._threads.setdefault(str(fields.get("p_tid", "")), set()).add(field)

    @property
    def hidden(self) -> frozenset[str]:
        """The panes that are not shown."""
        if not self._fields and not self._panes:
            return PAST
        source = any(STACK in fields for fields in (*self._cpus.values(), *self._threads.values()))
        return PAST | WHOLE | self._panes | ({"source"} if source else frozenset())

    @property
    def places(self) -> frozenset[tuple[int, str]]:
        """What it is over: numbers of objects, and fields of them."""
        return frozenset(self._fields)

    def on_cpu(self, number: int) -> bool:
        """Whether it is not shown which thread this CPU runs."""
        return "ci_curproc" in self._cpus.get(number, ())

    def _over(self, number: int | None, field: str) -> bool:
        return number is not None and (number, field) in self._fields

    # -- views ---------------------------------------------------------------------------------

    def cpu(self, view: CpuView) -> CpuView:
        """One CPU."""
        mine = self._cpus.get(view.number, set())
        thread = self._threads.get(view.tid, set())
        if self.on_cpu(view.number):
            view = view._replace(
                thread=HIDDEN, tid="", dead=False, freed=False, adrift=False, stat=COVERED
            )
            view = view._replace(state="runs", cr3=COVERED, pmap=COVERED, differ=False)
        if mine & _TABLES:
            view = view._replace(cr3=COVERED, pmap=COVERED, differ=False)
        if "ci_intr" in mine:
            view = view._replace(interrupts=COVERED)
        if "p_stat" in thread:
            view = view._replace(stat=COVERED, dead=False)
        if STACK in mine or STACK in thread:
            view = view._replace(function=HIDDEN, awaits="")
        if "ci_mutex_level" in mine or "mutex" in self._kinds:
            view = view._replace(mutexes=COVERED, ipl=COVERED, holds=(HIDDEN,))
        if self._kinds:
            view = view._replace(kernel_locks=COVERED, holds=(HIDDEN,))
        return view

    def thread(self, view: ThreadView) -> ThreadView:
        """One thread."""
        mine = self._threads.get(view.tid, set())
        if any(map(self.on_cpu, self._cpus)):
            view = view._replace(stat=COVERED, cpu=None, cpu_covered=True, dead=False, focus=False)
            view = view._replace(stack=HIDDEN)
        if "p_stat" in mine:
            view = view._replace(stat=COVERED, queue=COVERED, dead=False)
        if mine & {"p_stat", "p_wchan"}:
            view = view._replace(wchan=COVERED, wmesg=COVERED)
        if "p_flag" in mine:
            view = view._replace(flags=COVERED)
        if STACK in mine or "p_addr" in mine:
            view = view._replace(stack=HIDDEN)
        if SELF in mine:
            view = view._replace(freed=False, dead=False)
        return view

    def lock(self, view: LockView) -> LockView:
        """One lock."""
        if any(map(self.on_cpu, self._cpus)):
            view = view._replace(owner=view.owner._replace(old=None))
        if view.owner_cpu is not None and self.on_cpu(view.owner_cpu):
            view = view._replace(owner=Value(f"{view.owner_cpu} {HIDDEN}"))
        if not self._over(view.number, SELF):
            return view
        return view._replace(
            owner=COVERED, owner_cpu=None, depth=1, since=None, waiters=(), waiting_cpus=()
        )

    def lists(self, rows: Iterable[ListRow]) -> tuple[ListRow, ...]:
        """The lists and the processes; a row below a process is of it."""
        found: list[ListRow] = []
        process: int | None = None
        for row in rows:
            if row.counts:
                process = row.number
            flags = self._over(process, "ps_flags")
            if row.name != "ps_flags" or not flags:
                found.append(self._row(row, process))
            if row.counts and flags:
                found.append(ListRow("ps_flags", 1, flags=COVERED))
        return tuple(found)

    def _row(self, row: ListRow, process: int | None) -> ListRow:
        counts = tuple(
            (name, COVERED if self._over(row.number, _COUNTS.get(name, name)) else count)
            for name, count in row.counts
        )
        row = row._replace(counts=counts)
        if row.counts and self._over(row.number, "ps_pid"):
            row = row._replace(name=f"{row.name.rpartition(' ')[0]} {HIDDEN}")
        threads = row.name == "ps_threads" and self._over(process, "ps_threadcnt")
        if threads or (not row.counts and self._over(row.number, SELF)):
            row = row._replace(members=(Member(HIDDEN),), gone=())
        dead = any("p_stat" in fields for fields in self._threads.values())
        dead = dead or any(map(self.on_cpu, self._cpus))
        if dead and not row.counts:
            members = tuple(one._replace(dead=False) for one in row.members)
            row = row._replace(members=members)
        return row

    def object(self, view: ObjectView) -> ObjectView:
        """One object, field by field."""
        whole = self._over(view.number, SELF)
        fields = tuple(
            one._replace(value=COVERED, link=None, kind="text", written=None)
            if whole or self._over(view.number, one.name)
            else one
            for one in view.fields
        )
        return view._replace(freed=view.freed and not whole, fields=fields)

    def sentence(self, said: Sentence) -> Sentence:
        """What just happened."""
        return _SAYING if self._fields or self._panes else said
