"""Requests for interrupts that nobody minds.

A CPU is sent an IPI so that it finds the AST of the thread that it runs. While it runs kernel code
the handler of that IPI does nothing: what it changes it puts back, or nobody reads. In user mode it
does nothing either as long as no AST is pending. So two states that differ only in whether such an
IPI is on its way to a CPU are alike in all that can happen, but for this: where somebody makes the
thread of that CPU take an AST and has not sent his own IPI yet, the other one may bring it.

So the request is a tracked place (see `live.py`) that is read by nobody who waits for it to come,
but *minded*: it is wanted

* by a step that makes a thread take an AST, for all other CPUs; it is no matter where that thread
  is then, for it may be elsewhere in another order of the same steps;
* at a state where an AST of the thread of that CPU is pending;
* where the timer is or gets armed, for an IPI may keep it out for a while;
* at an end where it would stay on its way, as its CPU does not take interrupts.

Who sends an IPI writes the request. With more than two CPUs he may do that before the AST of
somebody else who came first in another order, so that there nothing counts as written.

That the handler does no more is a fact of the kernel's, looked after wherever one is gone through:
what reads or writes anything else refutes it, and all begins again without. So does a property of
states that looks at anything, for it may see the handler at work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.checker.places import ALIVE
from exittui.kernel.arch.amd64.ipi import LAPIC_IPI_VECTOR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.checker.discipline import Discipline
    from exittui.checker.places import Place
    from exittui.checker.slice import Slice
    from exittui.machine import Machine

REQUESTS: Final = "lapic_irr"
"""The variable with the requests of all CPUs."""

SHIFT: Final = 4
"""So many bits of it are a CPU's."""

AST: Final = "md_astpending"

THREAD: Final = "ci_curproc"

INNER: Final = "p_md"
"""The field of a thread with the struct in which the AST is."""

TWO: Final = 2
"""CPUs among which nobody sends an IPI before somebody else's AST."""

BY_OTHERS: Final = 1
"""A place whose writing wants the requests of all CPUs but the writer's."""

BY_ALL: Final = 2
"""A place whose writing wants all requests."""


class Requests:
    """The requests of one machine."""

    def __init__(self, machine: Machine, discipline: Discipline) -> None:
        """Nothing is known yet that is against them."""
        self._machine = machine
        self._discipline = discipline
        self._lines = {
            cpu + machine.ncpu * number: cpu
            for number, kind in enumerate(machine.image.interrupts, 1)
            for cpu in range(machine.ncpu)
            if kind.armed == REQUESTS
        }
        """By line, which CPU it is."""
        number = machine.image.cpu_struct
        known = [] if number is None else [number[1]]
        self._plain = {REQUESTS, ALIVE, THREAD, INNER, AST, *discipline.endings.flags, *known}
        """What the handler may access besides what it puts back.

        The number of a CPU never changes, nor does its thread while a handler runs. That an AST is
        read is said to be a read of the flags that end it, too.
        """
        self._looked: set[int] = set()
        """Where in user mode it was looked after."""
        self._timers = {one.armed for one in machine.image.interrupts} - {REQUESTS}
        self.bits: tuple[int, ...] = ()
        """By CPU, the tracked place; none if they are minded."""
        self.every = 0
        """All tracked places together."""
        self.mask = 0
        """The bits of them in the variable."""
        self.minded: list[tuple[int, int, int]] = [(0, 0, 0)] * machine.ncpu
        """By CPU: which requests it writes over, and wants where it writes what is minded so."""
        if self._lines:
            self._track()

    def _track(self) -> None:
        machine, discipline = self._machine, self._discipline
        variables = machine.memory.variables
        bits = []
        whole = discipline._place(variables, REQUESTS)  # noqa: SLF001 - it is the discipline's part
        for cpu in range(machine.ncpu):
            bit = LAPIC_IPI_VECTOR << SHIFT * cpu
            (place,) = discipline._split(whole, bit)  # noqa: SLF001 - as above
            place.live = 0
            place.request = 1 << len(discipline.tracked_places)
            discipline.tracked_places.append(place)
            bits.append(place.request)
            self.mask |= bit
        self.bits = tuple(bits)
        every = self.every = sum(bits)
        self.minded = [(every if len(bits) <= TWO else 0, every & ~own, every) for own in bits]
        discipline.minds = {AST: BY_OTHERS, **dict.fromkeys(self._timers, BY_ALL)}

    def drop(self) -> None:
        """They are minded after all."""
        if not self.bits:
            return
        tracked = self._discipline.tracked_places
        for number, place in enumerate(tracked):
            if place is not None and place.request:
                place.request = 0
                tracked[number] = None
        self.bits, self.mask, self.every = (), 0, 0
        self.minded = [(0, 0, 0)] * self._machine.ncpu
        self._discipline.minds.clear()
        self._discipline.guesses.misreads()

    def looks(self, line: int, place: int = 0) -> bool:
        """Whether what an interrupt does has to be looked after: it is one of these alone.

        In user mode only once at a place, and not where it takes an AST.
        """
        cpu = self._lines.get(line)
        if cpu is None or not self.bits or place in self._looked:
            return False
        requested = self._machine.memory.variables[REQUESTS] >> SHIFT * cpu & (1 << SHIFT) - 1
        if requested != LAPIC_IPI_VECTOR or (
            place and self._pending(getattr(self._machine.infos[cpu], THREAD))
        ):
            return False
        if place:
            self._looked.add(place)
        return True

    def look(self, line: int, places: Iterable[Place]) -> None:
        """What the handler of an interrupt has accessed."""
        cpu = self._lines[line]
        discipline = self._discipline
        for place in places:
            whole = place.whole or place
            if whole.key in self._plain or whole in discipline.modes:
                continue
            if not discipline.is_restored(whole, cpu):
                self.drop()
                return

    def wanted(self) -> int:
        """The requests that are wanted where the machine stands, as bits."""
        if not self.bits:
            return 0
        machine, found = self._machine, 0
        variables = machine.memory.variables
        if any(variables[name] for name in self._timers):
            return self.every
        for info, bit in zip(machine.infos, self.bits, strict=True):
            if self._pending(getattr(info, THREAD)):
                found |= bit
        return found

    def _pending(self, thread: Any) -> bool:
        """Whether an AST of a thread is pending that it may take."""
        if thread is None:
            return False
        inner = thread.__dict__.get(INNER)
        if inner is None:
            return True  # it is freed, and the CPU still runs it
        fields = inner.__dict__
        endings = self._discipline.endings
        over = AST in endings.by_field and endings.over(AST, fields["_oid"])
        return bool(fields[AST]) and not over

    def change(self, slice_: Slice) -> int:
        """What becomes of a fingerprint if these are no part of the state."""
        value = self._machine.memory.variables[REQUESTS] if self.bits else 0
        if not value & self.mask:
            return 0
        return slice_.token((0, REQUESTS, value)) ^ slice_.token((0, REQUESTS, value & ~self.mask))

    def left(self) -> int:
        """Of an end: the requests that would stay on their way."""
        if not self.bits:
            return 0
        machine, found = self._machine, 0
        variables = machine.memory.variables
        before = variables[REQUESTS]
        variables[REQUESTS] = self.mask
        enabled = machine.enabled()
        variables[REQUESTS] = before
        for line, cpu in self._lines.items():
            if line not in enabled:
                found |= self.bits[cpu]
        return found
