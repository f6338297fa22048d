"""Who goes next while a session runs on by itself.

The choosers of the machine count their own choices, which does not go together with stepping back
and by hand. These look at the run instead: the same place in it gives the same choice. From the
start of a run they choose as those of the machine do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.machine import Chooser, RoundRobin, Schedule
from exittui.scenario.play import chooser

if TYPE_CHECKING:
    from exittui.machine import Machine
    from exittui.scenario.build import Built


class Turns(Chooser):
    """The CPU after the one that made the last step, by number, of those that can go on.

    Interrupts arrive at once, patient ones when nothing else can go on.
    """

    def choose(self, machine: Machine) -> int | None:
        """The next CPU, or None if none can go on."""
        count = machine.ncpu
        if machine.image.interrupts and (prompt := machine.arriving(patient=False)):
            return prompt[0]
        cpu = self._last(machine)
        for _ in range(count):
            cpu = cpu + 1 if cpu + 1 < count else 0
            if machine.ready(cpu):
                return cpu
        patient = machine.arriving(patient=True) if machine.image.interrupts else ()
        return patient[0] if patient else None

    def onward(self, machine: Machine) -> Chooser:
        """The same for a while in which the machine only goes on: this one is quicker."""
        return _Onward(self._last(machine))

    def _last(self, machine: Machine) -> int:
        """The CPU chosen last; interrupts do not take a turn."""
        choice, count = machine.history.choice, machine.ncpu
        for index in range(machine.position - 1, -1, -1):
            cpu = choice(index)
            if cpu < count:
                return cpu
        return -1


class _Onward(RoundRobin):
    """Turns that remember who had the last."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self._last = last


class Along(Chooser):
    """A schedule as far as it fits the run; where it does not, turns."""

    def __init__(self, schedule: Schedule) -> None:
        self._picks = schedule.picks
        self._turns = Turns()

    def choose(self, machine: Machine) -> int | None:
        """The pick for this step of the run, if it exists and can go on."""
        position = machine.position
        if position < len(self._picks):
            cpu = self._picks[position]
            if cpu < machine.choices and machine.ready(cpu):
                return cpu
        return self._turns.choose(machine)


class Dice(Chooser):
    """As the machine's `Random`, with the throw for each position kept."""

    def __init__(self, seed: int) -> None:
        import random  # noqa: PLC0415 - 4 ms that only those pay who throw dice

        self._random = random.Random(seed).random  # noqa: S311 - dice, not secrets
        self._thrown: list[float] = []

    def choose(self, machine: Machine) -> int | None:
        """One of those that can go on."""
        enabled = machine.enabled()
        if machine.image.interrupts:
            patient = machine.arriving(patient=True)
            enabled = tuple(number for number in enabled if number not in patient) or patient
        if not enabled:
            return None
        position = machine.position
        while len(self._thrown) <= position:
            self._thrown.append(self._random())
        return enabled[int(self._thrown[position] * len(enabled))]


class Alone(Chooser):
    """One CPU and nothing else."""

    def __init__(self, cpu: int) -> None:
        self._cpu = cpu

    def choose(self, machine: Machine) -> int | None:
        """The CPU while it can go on."""
        return self._cpu if machine.ready(self._cpu) else None


def chooser_for(built: Built) -> Chooser:
    """The chooser a scenario asks for, in a form that a session can go back over."""
    run = built.scenario.run
    if run.chooser == "timed":
        return chooser(run, built)
    if run.chooser == "random":
        return Dice(run.seed)
    if run.schedule is not None:
        return Along(Schedule.parse(run.schedule))
    return Turns()
