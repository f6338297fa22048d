"""The threads of a machine in the order in which they are shown."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import P_SYSTEM, SDEAD, SRUN
from exittui.machine import ALLOCATED, FREED
from exittui.machine.image import UNDERMINED
from exittui.session.naming import P_FLAGS, flags
from exittui.session.views import ThreadView, Value

if TYPE_CHECKING:
    from exittui.machine import Machine, struct
    from exittui.session.changes import Changes
    from exittui.session.naming import Naming
    from exittui.session.things import Things
    from exittui.session.values import Values

_SHOWN_FREED: Final = 3
_FUNCTIONS: Final = 6
"""Functions of a stack that a row has room for."""
_MEMBERSHIP: Final = frozenset({ALLOCATED, FREED})


class Roster:
    """Keeps the order of the threads until one is made or freed."""

    def __init__(self, machine: Machine, things: Things, naming: Naming) -> None:
        self._machine = machine
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
            queue=self._queue(p, values),
            stack=self._stack(p, cpu),
        )

    def _queue(self, p: struct, values: Values) -> Value:
        """The run queue a thread is on; its link is that of the sleep queues too."""
        read = self._things.read
        text = self._runnable(p, read(p, "p_stat"), read(p, "p_runq"))
        was_state, state = values.changes.was(p, "p_stat")
        was_link, link = values.changes.was(p, "p_runq")
        if not (was_state or was_link):
            return Value(text)
        old = self._runnable(
            p,
            state if was_state else read(p, "p_stat"),
            link if was_link else read(p, "p_runq"),
        )
        return Value(text) if old == text else Value(text, old)

    def _runnable(self, p: struct, state: Any, link: Any) -> str:
        if state != SRUN or link is None:
            return ""
        read = self._things.read
        return f"cpu{read(read(p, 'p_cpu'), 'ci_cpuid', 0)} {read(p, 'p_runpri', 0) >> 2}"

    def _stack(self, p: struct, cpu: int | None) -> str:
        """The innermost functions of a stack."""
        area = self._things.read(p, "p_addr")
        if area is None:
            return ""
        if self._things.freed(area):
            return "freed"
        machine = self._machine
        stacks = machine.stacks
        frame = stacks.cpus[cpu][0] if cpu is not None else self._things.read(area, "_sp")
        image = machine.image
        chain = (one for one in stacks.chain(frame) if one[0] > UNDERMINED)
        return " < ".join(image.statements[one[0]].function for one in islice(chain, _FUNCTIONS))
