"""A run of a built scenario: from the first choice to an end that has a name.

The machine stops by itself only for a panic or a violation. That nothing can go on any more is
`done` if every program has ended, or belongs to a process that may wait for ever, and `deadlock`
if not. That somebody could go on, but nobody chose, is `limit`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from attrs import frozen

from exittui.errors import UsageError
from exittui.kernel.invariants import watch
from exittui.machine import Random, RoundRobin, Schedule, Scripted
from exittui.scenario.stuck import stuck

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from exittui.machine import Chooser, Machine
    from exittui.machine.timed import Prices
    from exittui.scenario.build import Built
    from exittui.scenario.model import Run


@frozen
class End:
    """How a run ended.

    `result` is one of `scenario.model.RESULTS`, `message` says it in words, and `unmet` has a
    sentence for each expectation of the scenario that does not hold.
    """

    result: str
    message: str
    steps: int
    switches: int
    schedule: str
    unmet: tuple[str, ...]


class Play:
    """One run: iterate over `steps()`, or go straight to its `end()`."""

    def __init__(self, built: Built, run: Run) -> None:
        self.built = built
        self.machine: Machine = built.machine
        if run.rules:
            watch(self.machine)
        self._chooser = chooser(run, built)
        self._limit = run.max_steps

    def steps(self) -> Iterator[int]:
        """Make one step after the other; the number of each, when it has been made."""
        machine = self.machine
        for cpu in islice(self._chooser.picks(machine), self._limit - machine.position):
            machine.step(cpu)
            yield machine.position - 1
            if machine.result is not None:
                return

    def end(self) -> End:
        """Run on as far as it goes; how it ended."""
        self.machine.run(self._chooser, self._limit - self.machine.position)
        return ending(self.built)


def chooser(run: Run, built: Built) -> Chooser:
    """Who chooses, as a scenario or the command line names them."""
    if run.chooser == "round-robin":
        return RoundRobin()
    if run.chooser == "timed":
        from exittui.machine.timed import Timed  # noqa: PLC0415 - most runs have no clocks

        return Timed(priced(built))
    if run.chooser == "random":
        return Random(run.seed)
    if run.schedule is None:
        raise UsageError("the scripted chooser needs a schedule")
    return Scripted(Schedule.parse(run.schedule))


def priced(built: Built, factors: Mapping[str, float] | None = None) -> Prices:
    """What the statements of a built scenario cost; `factors` multiplies costs by name."""
    from exittui.kernel.costs import prices  # noqa: PLC0415 - most runs have no clocks

    scenario = built.scenario
    return prices(
        built.machine.image,
        page_unit=scenario.time.page_unit,
        factors=factors,
        running=scenario.clock_runs,
    )


def ending(built: Built) -> End:
    """How the run ends where the machine stands now."""
    from exittui.scenario.expect import unmet  # noqa: PLC0415  # a start has no end to judge

    machine = built.machine
    result, message = verdict(built)
    return End(
        result=result,
        message=message,
        steps=machine.position,
        switches=switches(machine),
        schedule=str(machine.schedule()),
        unmet=unmet(built, result, message),
    )


def verdict(built: Built) -> tuple[str, str]:
    """The result of the run so far, and the words for it."""
    machine = built.machine
    if machine.result is not None:
        return machine.result.kind, machine.result.message
    enabled = machine.enabled()
    if enabled:
        cpus = ", ".join(f"cpu{cpu}" for cpu in enabled)
        return "limit", f"stopped after {machine.position} steps; can go on: {cpus}"
    why = stuck(built)
    if why:
        return "deadlock", why
    return "done", "every program has ended"


def switches(machine: Machine) -> int:
    """How often a CPU has changed from one thread to another."""
    return sum(len(machine.history.writers(info, "ci_curproc")) for info in machine.infos)
