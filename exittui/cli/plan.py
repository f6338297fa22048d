"""From arguments to a run: which scenario under which kernel, and who chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from exittui.cli.cache import cache_folder
from exittui.errors import UsageError
from exittui.scenario.build import build
from exittui.scenario.library import find

if TYPE_CHECKING:
    import argparse

    from exittui.scenario.build import Built
    from exittui.scenario.model import Run, Scenario


@attrs.frozen
class Plan:
    """All that is asked of a run; the scenario says what the arguments leave open."""

    scenario: Scenario
    kernel: str
    without: tuple[str, ...]
    run: Run

    def build(self) -> Built:
        """The machine at the start of the run, whose choices are those asked for."""
        scenario = attrs.evolve(self.scenario, run=self.run)
        return build(scenario, self.kernel, self.without, cache=cache_folder())


def plan(arguments: argparse.Namespace, commands: tuple[str, ...] = ()) -> Plan:
    """The run that the arguments ask for; `commands` are words the scenario may be mistaken for."""
    scenario = find(arguments.scenario, also=commands, cache=cache_folder())
    return Plan(
        scenario=scenario,
        kernel=arguments.kernel or scenario.kernels[0],
        without=tuple(dict.fromkeys(arguments.without)),
        run=_run(arguments, scenario.run),
    )


def _run(arguments: argparse.Namespace, run: Run) -> Run:
    """The choices: a schedule is played, a seed means dice, else as the scenario says."""
    chooser, seed, schedule = arguments.chooser, arguments.seed, arguments.schedule
    if schedule is not None and (chooser or "scripted") != "scripted":
        raise UsageError(f"--schedule replays choices: it does not go with --chooser {chooser}")
    if seed is not None and (schedule is not None or (chooser or "random") != "random"):
        raise UsageError("--seed goes with the random chooser only")
    if schedule is not None:
        run = attrs.evolve(run, chooser="scripted", schedule=schedule)
    elif seed is not None:
        run = attrs.evolve(run, chooser="random", seed=seed)
    elif chooser is not None:
        run = attrs.evolve(run, chooser=chooser)
    if run.chooser == "scripted" and run.schedule is None:
        raise UsageError("the scripted chooser needs --schedule")
    if getattr(arguments, "rules", None) is not None:
        run = attrs.evolve(run, rules=arguments.rules)
    limit = getattr(arguments, "max_steps", None)
    return run if limit is None else attrs.evolve(run, max_steps=limit)
