"""Breakpoints, watchpoints and catchpoints: where and when a run stops.

A `Stop` says what makes it hit: program counters that a CPU comes to (`pcs`), writes of some fields
(`trigger`), or a value that is not what it was (`watch`); and what else must be so: the CPU, the
thread, a condition, a count of hits to pass over. `scanning` finds the hits in what was executed,
so a run without stops pays nothing, and one with them next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from exittui.session.places import Place, Places
from exittui.session.views_moving import BreakpointView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exittui.machine import Image, Statement, Write, struct
    from exittui.scenario.expression import Expression
    from exittui.session.origin import Origin

    Hit = Callable[[int, Write], bool]


@define(eq=False)
class Stop:
    """One reason to stop; it can be switched off, counts its hits, and may go with the first."""

    number: int
    kind: str
    """`breakpoint`, `watchpoint` or `catchpoint`."""
    what: str
    """The words that set it: `kern/kern_exit.py:158`, `lock kernel_lock`, `worker.ps_flags`."""
    place: Place | None = None
    pcs: frozenset[int] = frozenset()
    fields: frozenset[str] = frozenset()
    trigger: Hit | None = None
    watch: Expression | None = None
    frame: Any = None
    """The frame and slot of a variable that is watched."""
    slot: int = 0
    origin: Origin | None = None
    """Where it was set, if it means something only there."""
    interrupts: bool = False
    lands_after: bool = False
    """Going back, it stops behind the step that hits, as places do; events stop before it."""
    condition: Expression | None = None
    condition_text: str = ""
    cpu: int | None = None
    thread: struct | None = None
    thread_name: str = ""
    temporary: bool = False
    enabled: bool = True
    ignore: int = 0
    hits: int = 0
    was: Any = field(default=None)
    """What a watched value was when it was last looked at."""
    words: Callable[[Any], str] | None = None
    """Puts a watched value into words, where its field has better ones."""
    told: tuple[str, str] | None = None
    """Old and new value, after a hit of a watchpoint."""

    @property
    def line(self) -> int:
        """The line of its place; 0 if it has none."""
        return self.place.line if self.place is not None else 0


class Breakpoints:
    """All that stops a run, by number; and the places at which it can."""

    def __init__(self, image: Image) -> None:
        self.places = Places(image)
        self._stops: dict[int, Stop] = {}
        self._next = 1

    # -- those set -----------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Stop]:
        return iter(self._stops.values())

    def __len__(self) -> int:
        return len(self._stops)

    def __getitem__(self, number: int) -> Stop:
        return self._stops[number]

    def __contains__(self, number: object) -> bool:
        return number in self._stops

    def number(self) -> int:
        """The number of the next one."""
        return self._next

    def add(self, stop: Stop) -> Stop:
        """Set it."""
        self._stops[stop.number] = stop
        self._next = max(self._next, stop.number + 1)
        return stop

    def remove(self, number: int) -> None:
        """Clear it."""
        del self._stops[number]

    def active(self) -> list[Stop]:
        """Those that are switched on."""
        return [stop for stop in self._stops.values() if stop.enabled]

    # -- places --------------------------------------------------------------------------------

    def lines(self, file: str) -> frozenset[int]:
        """The lines of a file that have one."""
        return frozenset(
            stop.place.line for stop in self if stop.place is not None and stop.place.file == file
        )

    def at(self, place: Place) -> list[Stop]:
        """Those at a place."""
        return [stop for stop in self if stop.place == place]

    def set(self, place: Place) -> Stop:
        """A plain breakpoint at a place."""
        pcs = self.places.pcs_of(place)
        return self.add(Stop(self._next, "breakpoint", str(place), place=place, pcs=pcs))

    def toggle(self, place: Place) -> bool:
        """Set a breakpoint, or clear what is there; whether one is set now."""
        if self.clear(place):
            return False
        self.set(place)
        return True

    def clear(self, place: Place | None) -> int:
        """Clear those at one place, or all; how many were cleared."""
        gone = [stop.number for stop in self if place is None or stop.place == place]
        for number in gone:
            del self._stops[number]
        return len(gone)

    def pcs_of(self, place: Place) -> frozenset[int]:
        """The program counters of a place."""
        return self.places.pcs_of(place)

    def find(self, text: str, here: Statement) -> Place:
        """The place that a person means; see `Places.find`."""
        return self.places.find(text, here)

    def views(self) -> tuple[BreakpointView, ...]:
        """All of them for display."""
        return tuple(
            BreakpointView(
                number=stop.number,
                kind=stop.kind,
                what=stop.what,
                temporary=stop.temporary,
                enabled=stop.enabled,
                hits=stop.hits,
                condition=stop.condition_text,
                ignore=stop.ignore,
                cpu=stop.cpu,
                thread=stop.thread_name,
                file=stop.place.file if stop.place is not None else "",
                line=stop.place.line if stop.place is not None else 0,
            )
            for stop in self
        )
