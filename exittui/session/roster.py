"""The threads of a machine in the order in which they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.kernel.sys.proc import P_SYSTEM, SDEAD
from exittui.machine import ALLOCATED, FREED
from exittui.session.naming import P_FLAGS, flags
from exittui.session.views import ThreadView

if TYPE_CHECKING:
    from exittui.machine import struct
    from exittui.session.changes import Changes
    from exittui.session.naming import Naming
    from exittui.session.things import Things
    from exittui.session.values import Values

_SHOWN_FREED: Final = 3
_MEMBERSHIP: Final = frozenset({ALLOCATED, FREED})


class Roster:
    """Keeps the order of the threads until one is made or freed."""

    def __init__(self, things: Things, naming: Naming) -> None:
        self._things = things
        self._naming = naming
        self._threads: list[struct] | None = None

    def moved(self, changes: Changes) -> None:
        """The session has moved: forget the order if a thread may have come or gone."""
        if changes.jump or not _MEMBERSHIP.isdisjoint(changes.fields):
            self._threads = None

    def threads(self) -> list[struct]:
        """User threads by process and number, kernel threads, then the last freed ones."""
        if self._threads is None:
            read = self._things.read
            everyone = self._things.all("proc")
            freed = [p for p in everyone if self._things.freed(p)]
            alive = [p for p in everyone if not self._things.freed(p)]

            def order(p: struct) -> tuple[bool, int, int]:
                kernel = bool(read(p, "p_flag", 0) & P_SYSTEM)
                pid = read(read(p, "p_p"), "ps_pid", 0)
                return kernel, -pid if not kernel else pid, read(p, "p_tid", 0)

            self._threads = sorted(alive, key=order) + freed[-_SHOWN_FREED:]
        return self._threads

    def views(
        self,
        first: int,
        rows: int,
        values: Values,
        running: dict[int, int],
        focus: struct | None,
    ) -> tuple[ThreadView, ...]:
        """Some of the threads; `running` has the CPU of each that runs, by identity."""
        return tuple(
            self._view(p, values, running.get(id(p)), focus=p is focus)
            for p in self.threads()[first : first + rows]
        )

    def _view(self, p: struct, values: Values, cpu: int | None, *, focus: bool) -> ThreadView:
        read = self._things.read
        return ThreadView(
            tid=str(read(p, "p_tid", "")),
            name=self._naming.thread(p),
            stat=values.field(p, "p_stat", self._naming.state),
            cpu=cpu,
            wchan=values.field(p, "p_wchan", self._naming.channel),
            wmesg=values.field(p, "p_wmesg"),
            flags=values.field(p, "p_flag", lambda value: flags(value or 0, P_FLAGS)),
            dead=read(p, "p_stat") == SDEAD,
            freed=self._things.freed(p),
            focus=focus,
        )
