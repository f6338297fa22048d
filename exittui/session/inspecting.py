"""Objects field by field, and the stacks and variables of threads, for display."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import SONPROC, SSLEEP
from exittui.machine import describe, label, struct
from exittui.machine.image import FIRST_SLOT, UNDERMINED
from exittui.session.naming import P_FLAGS, PS_FLAGS, flags
from exittui.session.views import Value
from exittui.session.views_things import FieldView, FrameRow, ObjectView, StackView

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine import Machine, Statement
    from exittui.session.naming import Naming
    from exittui.session.things import Things
    from exittui.session.values import Values

_BITS: Final = {"p_flag": P_FLAGS, "ps_flags": PS_FLAGS}
_STATES: Final = "p_stat"


class Inspector:
    """Shows any object and any stack of a machine; `place` says where a statement stands."""

    def __init__(
        self,
        machine: Machine,
        things: Things,
        naming: Naming,
        place: Callable[[Statement], str],
    ) -> None:
        self._machine = machine
        self._place = place
        self._things = things
        self._naming = naming

    # -- objects -------------------------------------------------------------------------------

    def number(self, target: struct) -> int:
        """The number that names an object in views."""
        return int(target.__dict__["_oid"])

    def find(self, number: int) -> struct | None:
        """The object of a number, freed or not; None where none of that number was made yet."""
        return self._machine.memory.heap.get(number)

    def object(self, target: struct, values: Values, *, patient: bool = True) -> ObjectView:
        """A struct with all its fields.

        Without patience, the steps that wrote them are left out while they are not at hand.
        """
        machine = self._machine
        freed = self._things.freed(target)
        owner = target.embedded_in
        return ObjectView(
            number=self.number(target),
            kind=type(target).__name__,
            name=label(machine.memory, target),
            fields=tuple(
                self.field(target, name, value, values, patient=patient)
                for name, value in machine.memory.fields(target).items()
                if not name.startswith("_")
            ),
            owner=self.number(owner) if owner is not None else None,
            freed=freed,
            freed_by=machine.history.freed(target).removeprefix(", freed by ") if freed else "",
        )

    def field(
        self,
        target: struct | None,
        name: str,
        value: Any,
        values: Values,
        *,
        patient: bool = True,
    ) -> FieldView:
        """One field of a struct, or a variable of the kernel."""
        history = self._machine.history
        written = history.writers(target, name) if patient or history.at_hand else []
        was, before = values.changes.was(target, name)
        text = self.text(value, name)
        old = self.text(before, name) if was else None
        return FieldView(
            name=name,
            value=Value(text, old if old != text else None, not was and values.fades(target, name)),
            link=self._link(value),
            kind=self._kind(value, name),
            written=written[-1] + 1 if written else None,
        )

    def text(self, value: Any, name: str = "") -> str:
        """A value as people read it: flags and states by name, queues by their ends."""
        if name in _BITS and isinstance(value, int):
            names = flags(value, _BITS[name])
            return f"{value:#x} <{names}>" if names else f"{value:#x}"
        if name == _STATES:
            return self._naming.state(value)
        if isinstance(value, str):
            return f'"{value}"'
        if type(value).__name__ in {"TAILQ_HEAD", "LIST_HEAD"}:
            return self._queue(value)
        match value:
            case (struct(), (struct() | None) as following):
                return f"on a queue, next {describe(self._machine.memory, following)}"
        return describe(self._machine.memory, value)

    def _queue(self, value: struct) -> str:
        read = self._things.read
        first = read(value, "tqh_first") or read(value, "lh_first")
        return f"first {label(self._machine.memory, first)}" if first is not None else "empty"

    def _link(self, value: Any) -> int | None:
        if isinstance(value, tuple):
            value = next((one for one in reversed(value) if isinstance(one, struct)), None)
        return self.number(value) if isinstance(value, struct) else None

    def _kind(self, value: Any, name: str) -> str:
        if name in _BITS:
            return "flags"
        if value is None:
            return "NULL"
        if isinstance(value, struct):
            return type(value).__name__
        if isinstance(value, int):
            return "number"
        return "text" if isinstance(value, str) else "list"

    # -- stacks --------------------------------------------------------------------------------

    def frames(self, p: struct) -> list[Any]:
        """The frames of a thread, innermost first; none if it has no stack."""
        machine = self._machine
        cpu = self.cpu_of(p)
        if cpu is not None:
            return self._standing(machine.stacks.cpus[cpu][0])
        area = self._things.read(p, "p_addr")
        top = self._things.read(area, "_sp")
        return self._standing(top)

    def cpu_frames(self, cpu: int) -> list[Any]:
        """The frames that a CPU stands on, innermost first."""
        return self._standing(self._machine.stacks.cpus[cpu][0])

    def _standing(self, top: Any) -> list[Any]:
        chain = self._machine.stacks.chain(top)
        return [frame for frame in chain if frame[0] > UNDERMINED]

    def cpu_of(self, p: struct) -> int | None:
        """The CPU that stands on the stack of a thread."""
        area = self._things.read(p, "p_addr")
        for cpu, info in enumerate(self._machine.infos):
            if self._things.read(info, "ci_curproc") is p or (
                area is not None and self._machine.area(cpu) is area
            ):
                return cpu
        return None

    def stack(
        self, p: struct, values: Values, *, selected: int = 0, patient: bool = True
    ) -> StackView:
        """The stack of a thread, with the variables of the selected function.

        `patient` as for objects.
        """
        cpu = self.cpu_of(p)
        frames = self.frames(p)
        selected = min(selected, max(len(frames) - 1, 0))
        rows = self.rows(frames, values, patient=patient, whole=selected)
        return StackView(
            thread=self._naming.thread(p),
            tid=str(self._things.read(p, "p_tid", "")),
            cpu=cpu,
            frames=rows,
            why=self._why(p, cpu, shown=bool(rows)),
            selected=selected,
        )

    def rows(
        self,
        frames: list[Any],
        values: Values,
        *,
        patient: bool = True,
        whole: int | None = None,
    ) -> tuple[FrameRow, ...]:
        """Frames for display; with `whole`, that one alone with all its variables."""
        index = patient or self._machine.history.at_hand
        return tuple(
            self._row(number, frame, values, index=index)
            if whole in (None, number)
            else self._brief(number, frame)
            for number, frame in enumerate(frames)
        )

    def _brief(self, number: int, frame: Any) -> FrameRow:
        """A function with its arguments alone."""
        image = self._machine.image
        statement = image.statements[frame[0]]
        names = image.functions[statement.function].parameters
        told = ((name, self.text(frame[at])) for at, name in enumerate(names, FIRST_SLOT))
        return self._frame_row(number, statement, tuple(told), ())

    def _row(self, number: int, frame: Any, values: Values, *, index: bool) -> FrameRow:
        image = self._machine.image
        statement = image.statements[frame[0]]
        function = image.functions[statement.function]
        shown = tuple(
            self._local(frame, slot, name, statement.function, values, index=index)
            for slot, name in enumerate(function.variables, FIRST_SLOT)
            if not name.startswith(".")
        )
        count = len(function.parameters)
        arguments = tuple((one.name, one.value.text) for one in shown[:count])
        return self._frame_row(number, statement, arguments, shown)

    def _frame_row(
        self,
        number: int,
        statement: Statement,
        arguments: tuple[tuple[str, str], ...],
        shown: tuple[FieldView, ...],
    ) -> FrameRow:
        return FrameRow(
            number=number,
            function=statement.function,
            arguments=arguments,
            file=statement.file,
            line=statement.line,
            place=self._place(statement),
            text=statement.text,
            locals=shown,
        )

    def _local(
        self, frame: Any, slot: int, name: str, function: str, values: Values, *, index: bool
    ) -> FieldView:
        value = frame[slot]
        written = self._machine.history.local_writers(frame, slot) if index else []
        was, before = values.changes.was_local(function, name)
        text = self.text(value)
        old = self.text(before) if was else None
        return FieldView(
            name=name,
            value=Value(text, old if old != text else None),
            link=self._link(value),
            kind=self._kind(value, ""),
            written=written[-1] + 1 if written else None,
        )

    def _why(self, p: struct, cpu: int | None, *, shown: bool) -> str:
        read = self._things.read
        name = self._naming.thread(p)
        if self._things.freed(p):
            return f"{name} is freed{self._machine.history.freed(p)}"
        if cpu is not None:
            return ""
        if read(p, "p_stat") == SSLEEP and read(p, "p_wchan") is not None:
            channel = self._naming.channel(read(p, "p_wchan"))
            return f"{name} sleeps on {read(p, 'p_wmesg') or channel} ({channel})"
        if not shown:
            return f"{name} has no stack any more"
        state = self._naming.state(read(p, "p_stat"))
        on = " though no CPU runs it" if read(p, "p_stat") == SONPROC else ""
        return f"{name} is {state}{on}"
