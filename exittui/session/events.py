"""The event log: what of each step is worth a line, found from its writes."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from exittui.kernel.sys.proc import PS_ZOMBIE, SDEAD, SONPROC, SRUN, SSLEEP, SSTOP
from exittui.machine import ALLOCATED, FREED
from exittui.session.views import EventView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine, StepRecord, Write, struct
    from exittui.session.naming import Naming
    from exittui.session.things import Things

LOOK_BACK: Final = 200
"""Steps that are looked through for events at once when too few are known."""

FARTHEST: Final = 8000
"""Steps beyond which a far jump does not look back for events."""

_FIELDS: Final = frozenset({"ci_curproc", "p_stat", "ps_flags", FREED, ALLOCATED})
_MADE_AND_FREED: Final = frozenset({"proc", "process", "user", "pmap", "vmspace"})


class EventLog:
    """Events of the steps up to any position, found as they are asked for."""

    def __init__(self, machine: Machine, things: Things, naming: Naming) -> None:
        self._machine = machine
        self._things = things
        self._naming = naming
        self._events: list[EventView] = []
        self._begin = self._end = 0
        """The steps whose events are known."""
        self._recorded = 0

    def last(self, rows: int) -> tuple[EventView, ...]:
        """The last events up to the present place, oldest first."""
        machine = self._machine
        position = machine.position
        self._cut(position)
        if position < self._begin or position > self._end + LOOK_BACK:
            self._events.clear()
            self._begin = self._end = position
        self._events.extend(self._between(self._end, position))
        self._end = max(self._end, position)
        known = self._known(position)
        steps = looked = LOOK_BACK
        while known < rows and self._begin and looked <= FARTHEST:
            self._look_back(steps)
            known = self._known(position)
            steps *= 2  # each look costs something of its own
            looked += steps
        shown = list(self._events[max(known - rows, 0) : known])
        result = machine.result
        if result is not None:
            shown.append(EventView(position, result.cpu, result.kind, result.message))
        return tuple(shown[-rows:])

    def _look_back(self, steps: int) -> None:
        """Find the events of so many more steps before those that are known."""
        first = max(self._begin - steps, 0)
        earlier = list(self._between(first, self._begin))
        self._events = earlier + self._events
        self._begin = first

    def _between(self, first: int, last: int) -> Iterator[EventView]:
        """The events of some steps of the past."""
        history = self._machine.history
        for step, write in history.changes(first, last, _FIELDS):
            found = self._of_write(write)
            if found is not None:
                yield EventView(step + 1, history.cpu(step), *found)

    def _known(self, position: int) -> int:
        return bisect_right(self._events, position, key=lambda event: event.step)

    def _cut(self, position: int) -> None:
        """Forget the events of a future that was dropped."""
        recorded = self._machine.recorded
        if recorded < self._recorded or (recorded == position and position < self._end):
            keep = min(position, recorded)
            del self._events[self._known(keep) :]
            self._end = min(self._end, keep)
            self._begin = min(self._begin, self._end)
        self._recorded = recorded

    def of(self, record: StepRecord) -> Iterator[EventView]:
        """The events of one step."""
        step = record.index + 1
        for write in record.writes:
            found = self._of_write(write)
            if found is not None:
                yield EventView(step, record.cpu, *found)

    def _of_write(self, write: Write) -> tuple[str, str] | None:
        match write.field:
            case "ci_curproc" if write.old is not write.new:
                old, new = self._naming.thread(write.old), self._naming.thread(write.new)
                return "switch", f"{old} → {new}"
            case "p_stat":
                return self._of_state(write)
            case "ps_flags" if (write.new or 0) & ~(write.old or 0) & PS_ZOMBIE:
                return "zombie", f"{self._naming.process(write.target)} is a zombie"
            case "(freed)" | "(allocated)" if write.field in {FREED, ALLOCATED}:
                kind = type(write.target).__name__
                if kind in _MADE_AND_FREED:
                    done = "freed" if write.field == FREED else "made"
                    return ("free" if done == "freed" else "call"), f"{write.name} is {done}"
        return None

    def _of_state(self, write: Write) -> tuple[str, str] | None:
        p = write.target
        name = self._naming.thread(p)
        old, new = write.old, write.new
        if new == SSLEEP and old != SSTOP:
            return self._sleep(name, p)
        if new == SDEAD:
            return "dead", f"{name} is dead: it may not sleep any more"
        if new == SSTOP:
            return "sleep", f"{name} is stopped"
        if new == SRUN and old in {SSLEEP, SSTOP} and not self._is_idle(p):
            return "wakeup", f"{name} is woken"
        if new == SONPROC and old == SSLEEP:
            return "wakeup", f"{name} did not go to sleep after all"
        return None

    def _sleep(self, name: str, p: struct | None) -> tuple[str, str] | None:
        message = self._things.read(p, "p_wmesg") or ""
        channel = self._naming.channel(self._things.read(p, "p_wchan"))
        if not channel:
            return None  # an idle thread: it sleeps on nothing, and nobody wakes it
        words = f"{name} sleeps on {message or channel}"
        return "sleep", f"{words} ({channel})" if message else words

    def _is_idle(self, p: struct | None) -> bool:
        """Whether a thread is what its CPU runs for want of another."""
        spc = self._things.read(self._things.read(p, "p_cpu"), "ci_schedstate")
        return p is not None and self._things.read(spc, "spc_idleproc") is p
