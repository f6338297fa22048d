"""Moves a machine through its state graph: one choice and what follows from it, and back again.

A move is one step in the full graph; what it is in the reduced graph is told in `reduced.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from exittui.checker.sleeping import Sleepers
from exittui.checker.tokens import Tokens
from exittui.machine.image import UNDERMINED
from exittui.machine.machine import FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.checker.lookahead import Path
    from exittui.machine import Machine


class Spot(NamedTuple):
    """Where the machine stands, and what of it the journal does not say."""

    position: int
    fingerprint: int
    held: tuple[Any, ...] = ()
    tops: tuple[int, ...] = ()
    paths: tuple[Any, ...] = ()
    everything: tuple[Any, ...] = ()


class Mover:
    """One machine, moved from state to state; the base makes single steps."""

    def __init__(self, machine: Machine) -> None:
        """The machine stands at the start of its run; `watch` is called after what it notices."""
        self.machine = machine
        self.watch: Callable[[], None] | None = None
        self.tokens = Tokens(machine)
        self.fingerprint = self.tokens.whole()
        self.steps = 0
        """Steps made, those tried and taken back included."""
        self.relied: set[int] = set()
        """The numbers of the guesses that what was done since somebody cleared it relies on."""
        self.wanted = self.written = 0
        """The tracked places that were read first, and those written, since somebody cleared it.

        See `live.py`; here none are.
        """
        self.sleepers = Sleepers()
        """Whom the next move need not try."""
        self.covered = False
        """Whether all that could go on from where the last move has led is tried elsewhere."""
        self._cpus = machine._cpus  # noqa: SLF001 - the search is the machine's other half
        self._journal = machine._journal  # noqa: SLF001
        self._marks = machine._marks  # noqa: SLF001
        self._picks = machine._picks  # noqa: SLF001
        self._steps = machine._steps  # noqa: SLF001
        self._threads = machine.stacks.cpus
        self._status = machine._status  # noqa: SLF001
        self._armed = [kind.armed for kind in machine.image.interrupts]
        self._numbers = range(machine.ncpu)
        self._variables = machine.memory.variables

    def ready(self, choice: int) -> bool:
        """Whether this CPU can make a step, or this interrupt arrive, as `Machine.ready` says.

        Of an interrupt that nobody waits for, as of a clock, that says nothing: see `able`.
        """
        c = self._cpus[choice]
        frame = c[0]
        guard = self.machine._guards[frame[0]]  # noqa: SLF001 - the hot path of every search
        if guard is None:
            return True
        try:
            return bool(guard(frame, c))
        except FAULTS:
            return True  # the step itself will say what is wrong

    def able(self, choice: int) -> bool:
        """Whether this can be chosen now: is among what `Machine.enabled` tells."""
        kind = choice // self.machine.ncpu
        return (not kind or bool(self._variables[self._armed[kind - 1]])) and self.ready(choice)

    def choices(self) -> tuple[int, ...]:
        """What can be chosen here. A CPU whose stack is gone goes first: it is the violation."""
        machine = self.machine
        guards = machine._guards  # noqa: SLF001 - this is the hot path of every search
        found = []
        number = 0
        try:
            for c in self._threads:
                f = c[0]
                guard = guards[f[0]]
                if guard is None:
                    if f[0] == UNDERMINED:
                        return (number,)
                    found.append(number)
                elif guard(f, c):
                    found.append(number)
                number += 1
        except Exception:  # noqa: BLE001 - a condition that fails: the machine knows what to say
            return machine.enabled()
        for armed in self._armed:
            if self._variables[armed]:
                return machine.enabled()
        return tuple(found)

    def pressing(self, choices: tuple[int, ...]) -> tuple[int, ...]:
        """Those of the choices here that have to be tried, as long as they lead to new states."""
        return choices

    def sleeper(self, choice: int) -> Path | None:
        """What a choice accesses, if it may sleep (see `sleeping.py`); here none does."""
        del choice
        return None

    def without(self, lines: tuple[int, ...]) -> list[int]:
        """The fingerprints of this state without some of these interrupts; here none."""
        del lines
        return []

    def begin(self) -> None:
        """A search begins, at the start of the run."""
        self.sleepers.put({})

    def spot(self) -> Spot:
        """Here, to come back to."""
        return Spot(self.machine.position, self.fingerprint)

    def back(self, spot: Spot) -> None:
        """Back to a state on the way here."""
        if len(self._marks) > spot.position:
            self.machine.retract(spot.position)
        self.fingerprint = spot.fingerprint

    def move(self, choice: int) -> None:
        """Make one step."""
        journal = self._journal
        c = self._cpus[choice]
        f = c[0]
        mark = len(journal)
        self._marks.append(mark)
        self._picks.append(choice)
        try:
            self._steps[f[0]](f, c)
        except Exception as fault:  # noqa: BLE001 - the machine tells them apart
            self.machine.history.forget_all()
            self.machine._fault(fault, choice)  # noqa: SLF001
        self.steps += 1
        self.fingerprint ^= self.tokens.change(journal[mark:])
        if self.watch is not None:
            self.watch()

    def follow(self, choice: int) -> bool:
        """Make one step of a run that is known; whether others can notice it, for all one knows."""
        self.move(choice)
        return True
