"""How much work a script may make, counted in steps: the same on every machine, without a clock.

A step of the machine that one looks at is the unit. Whatever else a script can ask for is counted
as so many steps as take about as long: the machine it begins with, what it looks at, what it looks
through of the past, and the runs it measures. The factors are rough, and on the safe side where
much is asked for; what a lesson does on a small machine costs little besides its steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field

from exittui.errors import UsageError
from exittui.scenario.copies import calls
from exittui.session.scanning import READS

if TYPE_CHECKING:
    from exittui.scenario.build import Built
    from exittui.scenario.expression import Expression
    from exittui.scenario.model import Scenario

MOST_WORK: Final = 30_000
"""A seventh more than the longest script of the library takes."""

MEASURED: Final = 32
"""So many steps of a run that is only measured are made in the time of one that is looked at."""
RUN: Final = 600
"""What a run that is measured costs besides its steps: a kernel, a machine, its accounts."""
_LOOKED_THROUGH: Final = 100
"""So many steps of the past are looked through, for who wrote something, in the time of one."""
_CHOICE: Final = 48
_CLOCKS: Final = 16
"""A step costs one more for each so many CPUs that are asked who can go on; fewer with clocks."""
_CPU: Final = 50
_THREAD: Final = 40
_CALL: Final = 5
_CLASS: Final = 2
"""What it costs to boot a CPU, and to make a thread, a call of a program, a class of a workload."""


@define
class Budget:
    """How much work a script may still make, both ways together; no file asks for more."""

    left: int = MOST_WORK
    step: int = 1
    """What one step of the machine costs."""
    rows: int = 0
    """How many threads and CPUs the machine begins with: what lists and commands go through."""
    most: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Remember what there was."""
        self.most = self.left

    @classmethod
    def of(cls, built: Built, work: int = MOST_WORK) -> Budget:
        """The budget of a script over a machine, less what that has cost to be booted."""
        scenario, ncpu = built.scenario, built.machine.ncpu
        step = 1 + ncpu // (_CLOCKS if scenario.run.chooser == "timed" else _CHOICE)
        budget = cls(work, step=step, rows=_threads(scenario) + ncpu)
        budget.left -= booted(scenario)
        return budget

    def spend(self, work: int) -> None:
        """Take it off; raises UsageError when nothing is left."""
        self.left -= work
        if self.left < 0:
            raise UsageError(
                f"the script takes more than the work of {self.most} steps in all; "
                "--work N allows more"
            )

    def moved(self, steps: int) -> None:
        """The machine has made so many steps forward, or back."""
        self.spend(abs(steps) * self.step)

    def commanded(self) -> None:
        """A command is carried out, which may look at every thread."""
        self.spend(1 + self.rows // READS)

    def looked(self, expression: Expression, before: int = 0) -> None:
        """An expression has been evaluated that had `before` seen so much."""
        self.spend(1 + (expression.seen - before) // READS)

    def searched(self, position: int) -> None:
        """The past was looked through for something, from this position on."""
        self.spend(position // _LOOKED_THROUGH + self.rows // READS)


def booted(scenario: Scenario) -> int:
    """What it costs to boot a machine with all it begins with."""
    classes = sum(workload.classes for workload in scenario.workload)
    made = sum(map(calls, scenario.process))
    return scenario.cpus * _CPU + _threads(scenario) * _THREAD + made * _CALL + classes * _CLASS


def _threads(scenario: Scenario) -> int:
    return sum(one.count * sum(thread.count for thread in one.thread) for one in scenario.process)
