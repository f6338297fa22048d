"""Choosers: who says which CPU goes next. The machine never does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from exittui.errors import ScheduleError

if TYPE_CHECKING:
    from exittui.machine.machine import Machine
    from exittui.machine.schedule import Schedule


class Chooser(Protocol):
    """Picks the CPU that makes the next step."""

    def choose(self, machine: Machine) -> int | None:
        """A CPU that can go on, or None to stop here."""
        ...


class RoundRobin:
    """Every CPU that can go on makes one step, in turn; interrupts arrive at once."""

    def __init__(self) -> None:
        self._last = -1

    def choose(self, machine: Machine) -> int | None:
        """The next CPU, by number, after the one chosen last.

        A patient interrupt arrives when nothing else can go on.
        """
        variables = machine.memory.variables
        for armed, _ in machine.prompt:
            if variables[armed] and (prompt := machine.arriving(patient=False)):
                return prompt[0]
        ready = machine.ready
        count = machine.ncpu
        cpu = self._last
        for _ in range(count):
            cpu += 1
            if cpu >= count:
                cpu = 0
            if ready(cpu):
                self._last = cpu
                return cpu
        patient = machine.arriving(patient=True)
        return patient[0] if patient else None


class Random:
    """Anything that can go on, each as likely as the other; the same seed picks the same.

    A patient interrupt arrives when nothing else can go on.
    """

    def __init__(self, seed: int) -> None:
        import random  # noqa: PLC0415 - 4 ms that only those pay who throw dice

        # Random(seed).random() is the same on every Python; randrange() and choice() need not be.
        self._random = random.Random(seed).random  # noqa: S311 - dice, not secrets

    def choose(self, machine: Machine) -> int | None:
        """One of those that can go on."""
        enabled = machine.enabled()
        if machine.image.interrupts:
            patient = machine.arriving(patient=True)
            enabled = tuple(number for number in enabled if number not in patient) or patient
        if not enabled:
            return None
        return enabled[int(self._random() * len(enabled))]


class Scripted:
    """Plays a schedule."""

    def __init__(self, schedule: Schedule) -> None:
        self._picks = schedule.picks
        self._next = 0

    def choose(self, machine: Machine) -> int | None:
        """The next pick; raises ScheduleError where it does not fit the run."""
        if self._next >= len(self._picks):
            return None
        cpu = self._picks[self._next]
        self._next += 1
        if cpu < machine.choices and machine.ready(cpu):
            return cpu
        raise ScheduleError(
            f"choice {self._next} of the schedule is {named(machine, cpu)}, which "
            f"{why_not(machine, cpu)}"
        )


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
    return f"{reason} {wait.text}".rstrip() + f"; can go on: {others}"
