"""The views behind the first ones: timeline, objects, stacks, ps(1), console, graphs, choices."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exittui.session.changes import Changes
    from exittui.session.forest import Forest
    from exittui.session.graphs import LockOrder, WaitGraph
    from exittui.session.inspecting import Inspector
    from exittui.session.processes import ProcessTable
    from exittui.session.session import Session
    from exittui.session.timeline import Timeline
    from exittui.session.viewer import Viewer
    from exittui.session.views_moving import BranchView, BreakpointView, ChoiceView, WhyView
    from exittui.session.views_things import (
        ConsoleLine,
        EndingView,
        GraphView,
        ObjectView,
        ProcessRow,
        StackView,
    )
    from exittui.session.views_timeline import TimelineView
    from exittui.session.views_trees import TreeRow


class Wider:
    """Looks at a session for those who draw more of it; each view is made when it is asked for."""

    def __init__(self, session: Session, viewer: Viewer) -> None:
        self._of = (session.machine, viewer.things, viewer.naming)
        self._session = session
        self._viewer = viewer

    # A start shows the timeline alone: what makes the other views is loaded when it is asked for.

    @functools.cached_property
    def inspector(self) -> Inspector:
        """Shows objects and stacks."""
        from exittui.session.inspecting import Inspector  # noqa: PLC0415 - as above

        return Inspector(*self._of, self._session.breakpoints.places.name)

    @functools.cached_property
    def table(self) -> ProcessTable:
        """Answers as ps(1) would."""
        from exittui.session.processes import ProcessTable  # noqa: PLC0415 - as above

        return ProcessTable(*self._of)

    @functools.cached_property
    def _timeline(self) -> Timeline:
        """Follows the run."""
        from exittui.session.timeline import Timeline  # noqa: PLC0415 - as above

        return Timeline(*self._of)

    @functools.cached_property
    def _waits(self) -> WaitGraph:
        """Knows who waits."""
        from exittui.session.graphs import WaitGraph  # noqa: PLC0415 - as above

        return WaitGraph(*self._of)

    @functools.cached_property
    def _order(self) -> LockOrder:
        """Knows which lock was taken while which was held."""
        from exittui.session.graphs import LockOrder  # noqa: PLC0415 - as above

        return LockOrder(*self._of)

    @functools.cached_property
    def _forest(self) -> Forest:
        """Walks the lists."""
        from exittui.session.forest import Forest  # noqa: PLC0415 - as above

        return Forest(*self._of)

    def moved(self, changes: Changes) -> None:
        """The session has moved."""
        if "_waits" in self.__dict__:
            self._waits.moved(changes)

    @property
    def behind(self) -> int:
        """How many steps the timeline has to look through before it can be drawn."""
        return self._timeline.behind

    def timeline(self, first: int, last: int, columns: int) -> TimelineView:
        """The positions `first` to `last` - 1 in at most `columns` columns."""
        return self._timeline.window(first, last, columns, self._session.known)

    @property
    def at_hand(self) -> bool:
        """Whether the steps that wrote what is shown can be told at once."""
        return self._session.machine.history.at_hand

    def read_on(self) -> bool:
        """Look through some more of the run for them; whether they are all known."""
        return self._session.machine.history.read_on()

    def object(self, number: int, *, patient: bool = True) -> ObjectView | None:
        """The object of this number, field by field; None if there is none.

        Who is in a hurry is not told which step wrote a field before that is `at_hand`.
        """
        found = self.inspector.find(number)
        if found is None:
            return None
        _ = self._viewer.changes
        view = self.inspector.object(found, self._viewer.values, patient=patient)
        curtain = self._viewer.curtain
        return view if curtain is None or view is None else curtain.object(view)

    def chosen_process(self, *, patient: bool = True) -> ObjectView | None:
        """The process of the chosen thread; its thread where it has none."""
        curtain = self._viewer.curtain
        if curtain is not None and curtain.on_cpu(self._session.focus):
            return None
        things, p = self._viewer.things, self._session.thread
        found = things.read(p, "p_p")
        return self.object(self.inspector.number(p if found is None else found), patient=patient)

    def thread_object(self, row: int) -> int | None:
        """The number of the object of a row of the thread list."""
        found = self._viewer.thread_at(row)
        return None if found is None else self.inspector.number(found)

    def stack(self, number: int | None = None, *, patient: bool = True) -> StackView:
        """The stack of the thread of this number; without one, of the chosen thread."""
        _ = self._viewer.changes
        session = self._session
        found = self.inspector.find(number) if number is not None else None
        thread = session.thread if found is None else found
        selected = session.frame if found is None else 0
        values = self._viewer.values
        return self.inspector.stack(thread, values, selected=selected, patient=patient)

    def processes(self, *, threads: bool = False) -> tuple[ProcessRow, ...]:
        """What ps(1) would show, with `threads` also a row for each thread (ps -H)."""
        return self.table.rows(threads=threads)

    def trees(self) -> tuple[TreeRow, ...]:
        """The kernel's lists as trees: the family, orphans, lists, hashes, run queues."""
        return self._forest.rows()

    def console(self) -> tuple[ConsoleLine, ...]:
        """What the kernel has written on its console."""
        from exittui.session.console import console  # noqa: PLC0415 - as above

        return console(self._session)

    def ending(self) -> EndingView | None:
        """How the run has ended, if it has."""
        from exittui.session.ending import ending  # noqa: PLC0415 - as above

        return ending(self._session)

    def waits(self) -> GraphView:
        """Who waits for whom."""
        _ = self._viewer.changes
        return self._waits.view()

    def lock_order(self) -> GraphView:
        """Which lock was taken while which was held."""
        return self._order.view()

    def choices(self) -> tuple[ChoiceView, ...]:
        """What can go next, and what it would do."""
        from exittui.session.choices import choices  # noqa: PLC0415 - as above

        return choices(self._session.machine, self._viewer.things, self._viewer.naming)

    def branches(self) -> tuple[BranchView, ...]:
        """The tree of branches, depth first."""
        return self._session.branches.views()

    def breakpoints(self) -> tuple[BreakpointView, ...]:
        """All breakpoints, watchpoints and catchpoints, by number."""
        return self._session.breakpoints.views()

    def why(self, text: str) -> WhyView:
        """Why the value of an expression is what it is; raises UsageError or ExpressionError."""
        from exittui.session.why import why_text  # noqa: PLC0415 - as above

        return why_text(self._session, text)

    def why_field(self, number: int, field: str) -> WhyView:
        """Why a field of the object of this number holds what it does."""
        from exittui.session.why import why_field  # noqa: PLC0415 - as above

        return why_field(self._session, self.inspector.find(number), field)
