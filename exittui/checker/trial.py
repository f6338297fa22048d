"""Single runs as checks: one schedule for each chooser, judged like those of a search.

They cost a hundredth of what a search does, so they come first where many scenarios are to be
looked through. Which functions they execute tells where a search is worth while.
"""

from __future__ import annotations

from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.checker.findings import of_stop
from exittui.checker.judge import ScenarioJudge
from exittui.machine import Random, RoundRobin
from exittui.scenario.build import build
from exittui.scenario.library import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from exittui.machine import Chooser, Machine

SEEDS: Final = 8
"""So many random runs, with seeds from 0."""

LONGEST: Final = 20_000
"""Steps after which a run is left: those of the library that are longer are benchmarks."""


@attrs.frozen
class Trial:
    """What the runs of one scenario have shown, as plain data but for the set."""

    findings: tuple[dict[str, Any], ...]
    """Those of a report, the first for each property, with `chooser`: the words that choose it."""
    executed: frozenset[str]
    """The names of the functions of which a statement was executed."""
    steps: int
    """Of all runs together."""


def choosers() -> Iterator[tuple[str, Callable[[], Chooser]]]:
    """The choosers, each with the words that ask for it on the command line."""
    yield "", RoundRobin
    for seed in range(SEEDS):
        yield f" --chooser random --seed {seed}", partial(Random, seed)


def trial(scenario: str, kernel: str, without: tuple[str, ...], cache: Path | None) -> Trial:
    """One run for each chooser; raises LinkError where the kernel does not link."""
    built = build(find(scenario), kernel, without, cache=cache)
    machine, judge = built.machine, ScenarioJudge(built)
    found: dict[str, dict[str, Any]] = {}
    places: set[int] = set()
    steps = 0
    for words, make in choosers():
        _run(machine, make(), places)
        if machine.result is not None:
            seen = [of_stop(machine)]
        else:
            seen = [] if machine.enabled() else judge.end(machine, 0)
        steps += machine.position
        for one in seen:
            if one.name not in found:
                picks = machine.schedule().picks
                found[one.name] = {
                    "kind": str(one.kind),
                    "property": one.name,
                    "message": one.message,
                    "preemptions": sum(a != b for a, b in pairwise(picks)),
                    "steps": len(picks),
                    "story": [],
                    "chooser": words,
                    "schedule": str(machine.schedule()),
                }
        machine.goto(0)
        machine.start()
    names = frozenset(machine.image.statements[pc].function for pc in places)
    return Trial(tuple(found.values()), names, steps)


def _run(machine: Machine, chooser: Chooser, places: set[int]) -> None:
    """Run as far as it goes, and note where."""
    cpus, _ = machine.standings()
    for cpu in islice(chooser.picks(machine), LONGEST):
        places.add(cpus[cpu][0][0])
        machine.step(cpu)
        if machine.result is not None:
            return
