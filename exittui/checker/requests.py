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

from typing import TYPE_CHECKING, Any, Final, NamedTuple

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

IN_TURN: Final = 2
"""With more CPUs than these one may send its IPI before another one that set an AST first."""


class Minded(NamedTuple):
    """Requests, as bits of tracked places, that matter where a CPU writes."""

    sent: int
    """Those that it writes over where it sends an IPI."""
    others: int
    """Those of all other CPUs."""
    every: int


NOBODY: Final = Minded(0, 0, 0)

BY_OTHERS: Final = Minded._fields.index("others")
"""Which of them are wanted where a place is written that brings an AST."""

BY_ALL: Final = Minded._fields.index("every")
"""And one that arms the timer."""


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
        """What the handler may read besides what it puts back.

        The number of a CPU never changes, nor does its thread while a handler runs. That an AST is
        read is said to be a read of the flags that end it, too.
        """
        self.looked: set[int] = set()
        """Where in user mode it was looked after."""
        self._timers = {one.armed for one in machine.image.interrupts} - {REQUESTS}
        self.bits: tuple[int, ...] = ()
        """By CPU, the tracked place; none if they are minded."""
        self.every = 0
        """All tracked places together."""
        self.mask = 0
        """The bits of them in the variable."""
        self.minded = [NOBODY] * machine.ncpu
        """By CPU."""
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
        sent = every if machine.ncpu <= IN_TURN else 0
        self.minded = [Minded(sent, every & ~own, every) for own in bits]
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
        self.minded = [NOBODY] * self._machine.ncpu
        self._discipline.minds.clear()
        self._discipline.guesses.misreads()

    def looks(self, line: int) -> bool:
        """Whether what an interrupt does has to be looked after: it is one of these alone."""
        cpu = self._lines.get(line)
        if cpu is None or not self.bits:
            return False
        requested = self._machine.memory.variables[REQUESTS] >> SHIFT * cpu & (1 << SHIFT) - 1
        return bool(requested == LAPIC_IPI_VECTOR)

    def look(self, line: int, reads: Iterable[Place], writes: Iterable[Place]) -> None:
        """What the handler of an interrupt has accessed."""
        cpu = self._lines[line]
        if not self._harmless(cpu, reads, self._plain) or not self._harmless(
            cpu, writes, {REQUESTS}
        ):
            self.drop()

    def _harmless(self, cpu: int, places: Iterable[Place], allowed: set[str]) -> bool:
        """Whether these are places that the handler puts back, or may access."""
        discipline = self._discipline
        wholes = {place.whole or place for place in places}
        return all(
            one.key in allowed or one in discipline.modes or discipline.is_restored(one, cpu)
            for one in wholes
        )

    def wanted(self) -> int:
        """The requests that are wanted where the machine stands, as bits."""
        if not self.bits:
            return 0
        machine, found = self._machine, 0
        variables = machine.memory.variables
        if any(variables[name] for name in self._timers):
            return self.every
        for cpu, bit in enumerate(self.bits):
            if self.wants(cpu):
                found |= bit
        return found

    def wants(self, cpu: int) -> bool:
        """Whether an AST is pending that the thread of a CPU may take."""
        thread: Any = getattr(self._machine.infos[cpu], THREAD)
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
