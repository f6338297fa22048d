"""Choosers: who says which CPU goes next. The machine never does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import islice
from typing import TYPE_CHECKING

from exittui.errors import ScheduleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine.machine import Machine
    from exittui.machine.schedule import Schedule


class Chooser(ABC):
    """Picks the CPU that makes the next step: `choose` is all that one has to have.

    Long runs ask for `picks`, which a chooser may say more quickly than by choosing each time.
    """

    @abstractmethod
    def choose(self, machine: Machine) -> int | None:
        """A CPU that can go on, or None to stop here."""

    def picks(self, machine: Machine) -> Iterator[int]:
        """The choices one after the other, while the machine makes each and does nothing else."""
        while (cpu := self.choose(machine)) is not None:
            yield cpu


class RoundRobin(Chooser):
    """Every CPU that can go on makes one step, in turn; interrupts arrive at once.

    A patient interrupt arrives when nothing else can go on.
    """

    def __init__(self) -> None:
        self._last = -1

    def choose(self, machine: Machine) -> int | None:
        """The next CPU, by number, after the one chosen last."""
        return next(self.picks(machine), None)

    def picks(self, machine: Machine) -> Iterator[int]:
        """The same, one after the other."""
        variables = machine.memory.variables
        armed = [name for name, _ in machine.prompt]
        cpus, guards = machine.standings()
        count, ready = machine.ncpu, machine.ready
        turn = range(count)
        while True:
            for name in armed:
                if variables[name] and (prompt := machine.arriving(patient=False)):
                    yield prompt[0]
                    break
            else:
                cpu = self._last + 1
                if cpu >= count:
                    cpu = 0
                # What stands at no condition can go on: mostly there is nothing to ask.
                if guards[cpus[cpu][0][0]] is not None:
                    for _ in turn:
                        if ready(cpu):
                            break
                        cpu = cpu + 1 if cpu + 1 < count else 0
                    else:
                        patient = machine.arriving(patient=True)
                        if not patient:
                            return
                        yield patient[0]
                        continue
                self._last = cpu
                yield cpu


class Random(Chooser):
    """Anything that can go on, each as likely as the other; the same seed picks the same.

    A patient interrupt arrives when nothing else can go on.
    """

    def __init__(self, seed: int) -> None:
        import random  # noqa: PLC0415 - 4 ms that only those pay who throw dice

        # Random(seed).random() is the same on every Python; randrange() and choice() need not be.
        self._random = random.Random(seed).random  # noqa: S311 - dice, not secrets

    def choose(self, machine: Machine) -> int | None:
        """One of those that can go on."""
        return next(self.picks(machine), None)

    def picks(self, machine: Machine) -> Iterator[int]:
        """The same, one after the other."""
        variables = machine.memory.variables
        armed = [name for name, _ in machine.prompt]
        cpus, guards = machine.standings()
        everyone, ready = range(machine.ncpu), machine.ready
        while True:
            enabled = [n for n in everyone if guards[cpus[n][0][0]] is None or ready(n)]
            for name in armed:
                if variables[name]:
                    enabled += machine.arriving(patient=False)
                    break
            if not enabled:
                enabled += machine.arriving(patient=True)
                if not enabled:
                    return
            yield enabled[int(self._random() * len(enabled))]


class Scripted(Chooser):
    """Plays a schedule."""

    def __init__(self, schedule: Schedule) -> None:
        self._picks = schedule.picks
        self._next = 0

    def choose(self, machine: Machine) -> int | None:
        """The next pick; raises ScheduleError where it does not fit the run."""
        return next(self.picks(machine), None)

    def picks(self, machine: Machine) -> Iterator[int]:
        """The same, one after the other."""
        cpus, guards = machine.standings()
        count, ready = machine.choices, machine.ready
        for cpu in islice(self._picks, self._next, None):
            self._next += 1
            if cpu >= count or (guards[cpus[cpu][0][0]] is not None and not ready(cpu)):
                raise ScheduleError(
                    f"choice {self._next} of the schedule is {named(machine, cpu)}, which "
                    f"{why_not(machine, cpu)}"
                )
            yield cpu


def named(machine: Machine, number: int) -> str:
    """A choice by name, whether or not there is one of this number."""
    return machine.choice(number) if number < machine.choices else f"cpu{number}"


def why_not(machine: Machine, cpu: int) -> str:
    """Why a CPU cannot be chosen now, and which can, as the end of a sentence."""
    enabled = machine.enabled()
    others = ", ".join(machine.choice(number) for number in enabled) or "none"
    if cpu >= machine.choices:
        return f"does not exist (0 to {machine.ncpu - 1} do); can go on: {others}"
    if machine.result is not None:
        return f"cannot go on: the machine stopped with a {machine.result.kind}"
    if cpu >= machine.ncpu:
        return f"cannot arrive now; can go on: {others}"
    wait = machine.wait(cpu)
    if wait is None:
        return f"can go on; can go on: {others}"
    reason = {"spin": "spins in", "halt": "idles in", "finished": "has finished"}[wait.kind]
    return f"{reason} {wait.text}".rstrip(" :") + f"; can go on: {others}"
