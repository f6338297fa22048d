"""Frames and stacks as data.

A frame is a list: program counter, the frame it returns into, label, the caller's slot for the
result (0 for none), then the function's variables. A label is 256 times the number of the stack's
struct (its *area*), plus the depth. So a frame says which stack it stands on, and the frames of a
machine can be told apart without looking at addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from exittui.machine.image import FINISHED, FIRST_SLOT, UNDERMINED

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine.image import Image
    from exittui.machine.lang import struct
    from exittui.machine.memory import Memory

Frame = list[Any]
DEPTHS = 256
SAVED = "_sp"
"""Where an area keeps the top frame of its stack while no CPU stands on it."""


class FreedStack(Exception):  # noqa: N818 - what happened, not a program error
    """A CPU is about to run on a stack whose area was freed."""

    def __init__(self, area: struct | None) -> None:
        super().__init__()
        self.area = area


class NullCall(Exception):  # noqa: N818 - what happened, not a program error
    """A call through a pointer that is NULL."""


@attrs.frozen
class FrameView:
    """One frame, for display: where it stands and the values of its variables."""

    pc: int
    function: str
    file: str
    line: int
    text: str
    area: struct | None
    variables: dict[str, Any]


class Stacks:
    """The stacks of one machine: makes them, moves CPUs between them."""

    def __init__(
        self, image: Image, memory: Memory, journal: Callable[[tuple[Any, ...]], None]
    ) -> None:
        self._image = image
        self._memory = memory
        self._journal = journal
        self.cpus: list[list[Any]] = []
        self.floor: Frame = [FINISHED, None, 0, 0, None]
        """What the first frame of every stack returns into."""

    def first(self, label: int, function: str, args: tuple[Any, ...], result: int = 0) -> Frame:
        """The frame of `function(*args)` about to start."""
        linked = self._image.functions[function]
        if len(args) != len(linked.parameters):
            raise TypeError(f"{function}() takes {linked.parameters}, given {len(args)} arguments")
        empty = [None] * (len(linked.variables) - len(args))
        return [linked.entry, self.floor, label, result, *args, *empty]

    def new_stack(self, area: struct, function: str, *args: object) -> Frame:
        """A stack on `area` that will run the function when a CPU pivots onto it."""
        label = area.__dict__["_oid"] * DEPTHS
        saved = [FINISHED, self.first(label, function, args), label + 1, 0]
        self._save(area, saved)
        return saved

    def area(self, frame: Frame) -> struct | None:
        """The struct whose stack the frame stands on, freed or not; None for boot."""
        return self._memory.heap.get(frame[2] // DEPTHS)

    def _save(self, area: struct, frame: Frame | None) -> None:
        fields = area.__dict__
        self._journal((fields, SAVED, fields.get(SAVED)))
        fields[SAVED] = frame

    def pivot(self, frame: Frame, cpu: list[Any], sp: Frame, following: int) -> None:
        """Move the executing function, with its variables, onto the stack of `sp`."""
        left, entered = self.area(frame), self.area(sp)
        if entered is not None and self._memory.is_freed(entered):
            raise FreedStack(entered)
        moved = [following, sp[1], sp[2], sp[3], *frame[FIRST_SLOT:]]
        if left is not None and not self._memory.is_freed(left):
            self._save(left, frame)
        self._journal((cpu, 0, frame))
        cpu[0] = moved
        if entered is not None:
            self._save(entered, None)

    def undermine(self, area: struct) -> None:
        """After `area` was freed: whoever stands on it makes no further step."""
        number = area.__dict__["_oid"]
        for cpu in self.cpus:
            frame = cpu[0]
            if frame[2] // DEPTHS == number:
                self._journal((cpu, 0, frame))
                cpu[0] = [UNDERMINED, frame, frame[2] + 1, 0]

    def chain(self, frame: Frame | None) -> list[Frame]:
        """The frame and those it returns into, innermost first, without the floor."""
        chain = []
        while frame is not None and frame is not self.floor:
            chain.append(frame)
            frame = frame[1]
        return chain

    def views(self, frame: Frame | None) -> tuple[FrameView, ...]:
        """The frames of a stack for display, outermost first."""
        return tuple(self.view(one) for one in reversed(self.chain(frame)) if one[0] > UNDERMINED)

    def view(self, frame: Frame) -> FrameView:
        """One frame for display."""
        statement = self._image.statements[frame[0]]
        function = self._image.functions[statement.function]
        return FrameView(
            pc=frame[0],
            function=statement.function,
            file=statement.file,
            line=statement.line,
            text=statement.text,
            area=self.area(frame),
            variables={
                name: value
                for name, value in zip(function.variables, frame[FIRST_SLOT:], strict=True)
                if not name.startswith(".")
            },
        )
