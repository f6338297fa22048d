"""The views of a session: built from the machine, and only what is asked for.

A view is built once for a moment and handed out until the session moves. What would cost time in
proportion to the number of threads, lists and locks is kept from one moment to the next, and built
again only when the last move wrote to a field it depends on (`Changes.fields`), or went far.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from exittui.session.changes import Changes
from exittui.session.events import EventLog
from exittui.session.listing import Listing
from exittui.session.locking import Locking
from exittui.session.naming import REQUESTED, Naming, pending
from exittui.session.roster import Roster
from exittui.session.sentences import Speaker
from exittui.session.sources import Sources
from exittui.session.things import Things
from exittui.session.values import Values
from exittui.session.views import CpuView, Elsewhere, Mark, SourceView, StatusView, Value
from exittui.session.waiting import awaited

if TYPE_CHECKING:
    from exittui.machine import Statement, struct
    from exittui.session.curtain import Curtain
    from exittui.session.session import Session
    from exittui.session.views import (
        EventView,
        ListRow,
        LockView,
        Sentence,
        SourceText,
        ThreadView,
    )
    from exittui.session.wider import Wider


class Viewer:
    """Looks at a session for those who draw it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._machine = machine = session.machine
        self.things = Things(machine)
        self.naming = Naming(machine, self.things)
        self.values = Values(self.things, self.naming, Changes(machine, 0, 0))
        self._sources = Sources(machine.image)
        self._roster = Roster(machine, self.things, self.naming)
        self._locking = Locking(machine, self.things, self.naming)
        self._listing = Listing(machine, self.things, self.naming)
        self._log = EventLog(machine, self.things, self.naming)
        self._speaker = Speaker(session, self)
        self.curtain: Curtain | None = None
        """What is not shown at present."""
        self._moment: tuple[int, int, int] | None = None
        self._cpus: tuple[Any, tuple[CpuView, ...]] | None = None

    @functools.cached_property
    def wider(self) -> Wider:
        """The views that not every screen shows at once."""
        from exittui.session.wider import Wider  # noqa: PLC0415 - not before the first picture

        return Wider(self._session, self)

    @property
    def changes(self) -> Changes:
        """What the last move changed."""
        self._now()
        return self.values.changes

    def _now(self) -> None:
        """Notice that the session has moved."""
        machine, session = self._machine, self._session
        moment = (machine.position, session.moved_from, machine.recorded)
        if moment == self._moment:
            return
        unseen = self._moment is None or self._moment[0] != session.moved_from
        self._moment = moment
        changes = Changes(machine, session.moved_from, machine.position)
        changes.jump |= unseen
        before = None if unseen or self.values.changes.jump else self.values.changes
        self.values = Values(self.things, self.naming, changes, before)
        self._roster.moved(changes)
        self._locking.moved(changes)
        self._listing.moved(changes)
        if "wider" in self.__dict__:
            self.wider.moved(changes)

    def status(self) -> StatusView:
        """The bar."""
        session, machine = self._session, self._machine
        return StatusView(
            title=session.title,
            kernel=session.kernel,
            position=machine.position,
            recorded=machine.recorded,
            focus=session.focus,
            chooser=session.chooser_name,
            result=self._speaker.result(),
        )

    def source(self) -> SourceView:
        """The source around the statement that the focused CPU will run next."""
        machine, focus = self._machine, self._session.focus
        here = machine.next_statement(focus)
        source = self._sources.text(here)
        marks: list[Mark] = []
        others: list[Elsewhere] = []
        for cpu in range(machine.ncpu):
            statement = machine.next_statement(cpu)
            waits = not machine.ready(cpu)
            if statement.file == here.file:
                marks.append(Mark(statement.line, cpu, waits))
            if cpu != focus:
                place = self._session.breakpoints.places.name(statement)
                text = statement.text.partition("\n")[0]
                at = (statement.file, statement.line, place, statement.function)
                others.append(Elsewhere(cpu, *at, text, waits))
        function = machine.image.functions.get(here.function)
        return SourceView(
            source=source,
            function=here.function,
            line=here.line,
            last_line=max(here.last_line, here.line),
            marks=tuple(marks),
            elsewhere=tuple(others),
            breakpoints=self._session.breakpoints.lines(here.file),
            path=tuple(frame.function for frame in machine.frames(focus)[:-1]),
            hunk=(function.patch or "") if function is not None else "",
            real=self._session.beside.of(here) if self._session.beside is not None else None,
        )

    def cpus(self) -> tuple[CpuView, ...]:
        """All CPUs."""
        self._now()
        moment = (self._moment, self._session.focus)
        if self._cpus is None or self._cpus[0] != moment:
            views = tuple(self._cpu(number) for number in range(self._machine.ncpu))
            self._cpus = (moment, views)
        found = self._cpus[1]
        return found if self.curtain is None else tuple(map(self.curtain.cpu, found))

    def _cpu(self, number: int) -> CpuView:
        machine, things, values = self._machine, self.things, self.values
        info = machine.infos[number]
        p = things.read(info, "ci_curproc")
        wait = machine.wait(number)
        statement = machine.next_statement(number)
        state = "user" if statement.kind == "user" else "runs"
        if wait is not None:
            state = {"spin": "spins", "halt": "idle"}.get(wait.kind, "finished")
        cr3, pmap = things.read(info, "ci_cr3"), things.read(info, "ci_proc_pmap")
        lock = awaited(machine, number)
        area = machine.area(number)
        stat = values.field(p, "p_stat", self.naming.state)
        return CpuView(
            number=number,
            focus=number == self._session.focus,
            enabled=machine.ready(number),
            state=state,
            thread=self.naming.thread(p),
            tid=str(things.read(p, "p_tid", "")),
            dead=stat.text == "SDEAD",
            stat=stat,
            function=statement.function,
            cr3=values.field(info, "ci_cr3", self._page_table),
            pmap=values.field(info, "ci_proc_pmap", self._page_table),
            differ=self._differ(cr3, pmap),
            interrupts=values.field(info, "ci_intr", lambda on: "on" if on else "off"),
            mutexes=values.field(info, "ci_mutex_level"),
            ipl=values.field(info, "ci_ipl", self.naming.level),
            kernel_locks=values.field(info, "ci_mplc_depth"),
            pending=self._pending(number, info, p),
            freed=p is not None and things.freed(p),
            adrift=area is not None and things.freed(area),
            holds=self._locking.held_by(number),
            awaits=self.naming.lock(lock) if lock is not None else "",
        )

    def _pending(self, number: int, info: struct, p: struct | None) -> Value:
        """What waits for a CPU, and what waited before the last move."""
        read, was = self.things.read, self.values.changes.was
        now: list[int] = []
        old: list[int] = []
        for target, field in ((read(p, "p_md"), "md_astpending"), (info, "ci_want_resched")):
            written, before = was(target, field) if target is not None else (False, None)
            now.append(read(target, field, 0) or 0)
            old.append((before or 0) if written else now[-1])
        requested = self.things.variable(REQUESTED) or 0
        written, before = was(None, REQUESTED)
        text = pending(number, now, requested)
        past = pending(number, old, (before or 0) if written else requested)
        return Value(text) if text == past else Value(text, past)

    def _page_table(self, pmap: struct | None) -> str:
        """A page table by its name, marked if it was freed."""
        if pmap is None:
            return ""
        name = self.naming.page_table(pmap)
        return f"{name} (freed)" if self.things.freed(pmap) else name

    def _differ(self, cr3: struct | None, pmap: struct | None) -> bool:
        """Whether %cr3 and ci_proc_pmap contradict each other.

        A kernel thread has no user map: nothing is recorded while the kernel's own is loaded.
        """
        if pmap is None:
            return cr3 is not None and cr3 is not self.things.variable("kernel_pmap_store")
        return cr3 is not pmap

    def thread_count(self) -> int:
        """How many threads there are to show."""
        self._now()
        return len(self._roster.threads())

    def thread_at(self, row: int) -> struct | None:
        """The thread of a row of the list."""
        self._now()
        threads = self._roster.threads()
        return threads[row] if 0 <= row < len(threads) else None

    def listed_threads(self) -> list[struct]:
        """All threads, in the order of the list."""
        self._now()
        return self._roster.threads()

    def threads(self, first: int, rows: int) -> tuple[ThreadView, ...]:
        """The threads from number `first` on."""
        self._now()
        focus = self.things.read(self._machine.infos[self._session.focus], "ci_curproc")
        running = {
            id(self.things.read(info, "ci_curproc")): number
            for number, info in enumerate(self._machine.infos)
        }
        found = self._roster.views(first, rows, self.values, running, focus)
        return found if self.curtain is None else tuple(map(self.curtain.thread, found))

    def locks(self, *, patient: bool = True) -> tuple[LockView, ...]:
        """The locks worth a row: the big ones, and those held, awaited or used before.

        Who is in a hurry is not told which step took one before that is at hand.
        """
        self._now()
        found = self._locking.views(self.values, patient=patient)
        if self.curtain is None:
            return found
        # Whether a lock has a row would tell whether it was ever taken: it has one, the last.
        asked = [
            self._locking.view(lock, self.values, patient=patient) for lock in self.curtain.locks
        ]
        always = {one.number for one in found[: self._locking.pinned]}
        last = {one.number for one in asked} - always
        rows = [one for one in found if one.number not in last]
        rows += [one for one in asked if one.number in last]
        return tuple(map(self.curtain.lock, rows))

    def lists(self) -> tuple[ListRow, ...]:
        """The process lists and the processes."""
        self._now()
        found = self._listing.rows(self.values)
        return found if self.curtain is None else self.curtain.lists(found)

    def events(self, rows: int) -> tuple[EventView, ...]:
        """The last events up to now."""
        return self._log.last(rows)

    def sentence(self) -> Sentence:
        """What just happened, or what blocks whom."""
        self._now()
        found = self._speaker.sentence()
        return found if self.curtain is None else self.curtain.sentence(found)

    def text_of(self, statement: Statement) -> SourceText:
        """The text of the file of a statement."""
        return self._sources.text(statement)

    def held_locks(self) -> list[struct]:
        """The locks that somebody holds, oldest first."""
        self._now()
        return self._locking.held()

    # for the sentence

    def events_of_last_step(self) -> tuple[EventView, ...]:
        """The events of the step that led here."""
        position = self._machine.position
        if not position:
            return ()
        return tuple(self._log.of(self._machine.record(position - 1)))

    def lock_view(self, lock: struct) -> LockView:
        """One lock."""
        self._now()
        return self._locking.view(lock, self.values)

    def field(self, target: struct | None, field: str) -> Value:
        """One field, with what it was."""
        return self.values.field(target, field)
