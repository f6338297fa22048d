"""What is wrong with a script whose every value is well formed: keys that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.errors import ExpressionError, did_you_mean
from exittui.kernel.catalog import KERNELS
from exittui.scenario.copies import calls
from exittui.scenario.expression.parser import parse
from exittui.scenario.fault import Fault
from exittui.scenario.script import ACTIONS, FIGURES, FOR, MEASURED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.scenario.lines import Path
    from exittui.scenario.model import Scenario
    from exittui.scenario.script import Cue

MAX_STEPS: Final = 150_000
"""By how much a script may move the machine, and how long a run that somebody watches may be."""

MAX_THREADS: Final = 256
"""Threads of a scenario that somebody watches, and processes of its workloads."""

MAX_CALLS: Final = 2000
"""System calls of all programs of a scenario that somebody watches."""

PANES: Final = (
    "source",
    "threads",
    "locks",
    "lists",
    "cpus",
    "timeline",
    "events",
    "objects",
    "stack",
    "console",
)
"""What `show` can point to besides what an expression names."""


def script(scenario: Scenario) -> Iterator[Fault]:
    """Every misfit of a script."""
    if scenario.script and scenario.run.max_steps > MAX_STEPS:
        yield Fault(("run", "max-steps"), "is too much to be played", f"1 to {MAX_STEPS}")
    threads = sum(
        process.count * sum(thread.count for thread in process.thread)
        for process in scenario.process
    )
    for index, workload in enumerate(scenario.workload):
        if scenario.script and workload.processes > MAX_THREADS:
            path: Path = ("workload", index, "processes")
            yield Fault(path, "is too many", f"up to {MAX_THREADS} with a script")
    if scenario.script and threads > MAX_THREADS:
        yield Fault(("process",), f"makes {threads} threads", f"up to {MAX_THREADS} with a script")
    made = sum(map(calls, scenario.process))
    if scenario.script and made > MAX_CALLS:
        problem = f"makes programs of {made} calls"
        yield Fault(("process",), problem, f"up to {MAX_CALLS} with a script")
    yield from _lesson(scenario)
    for index, cue in enumerate(scenario.script):
        path = ("script", index)
        given = [key for key in ACTIONS if cue.given(key)]
        if len(given) != 1:
            problem = "does nothing" if not given else f"does {len(given)} things"
            yield Fault(path, f"{problem}; accepted: exactly one of {', '.join(ACTIONS)}")
            continue
        for key, actions in FOR.items():
            if cue.given(key) and given[0] not in actions:
                known = " or ".join(map(repr, actions))
                yield Fault((*path, key), f"goes with {known}, not with {given[0]!r}")
        yield from _needed(cue, path)
        yield from _measured(cue, path)
        yield from _formulas(cue, path)


def _lesson(scenario: Scenario) -> Iterator[Fault]:
    lesson = scenario.lesson
    if lesson is None or scenario.kernels[0] not in KERNELS:
        return
    hunks = [hunk.name for hunk in KERNELS[scenario.kernels[0]].hunks]
    for index, name in enumerate(lesson.without):
        if name not in hunks:
            problem = f"is no hunk of {scenario.kernels[0]}{did_you_mean(name, hunks)}"
            yield Fault(("lesson", "without", index), problem, ", ".join(hunks) or "none")


def _needed(cue: Cue, path: Path) -> Iterator[Fault]:
    """What an action cannot do without."""
    if cue.ask is not None:
        for key in ("kind", "of"):
            if not cue.given(key):
                yield Fault((*path, key), "missing: the answer is computed from it")
    if cue.goal is not None:
        if (cue.until is None) == (cue.result is None):
            yield Fault((*path, "goal"), "is reached where?", "either 'until' or 'result'")
        if cue.solution is None:
            yield Fault((*path, "solution"), "missing: commands that reach the goal, for --check")
    if cue.choices is not None and len(set(cue.choices)) < len(cue.choices):
        yield Fault((*path, "choices"), "has the same choice twice", "each one once")


def _measured(cue: Cue, path: Path) -> Iterator[Fault]:
    """Figures that there are, under kernels that there are."""
    asked = cue.kind in MEASURED
    if (asked or cue.measure is not None) and cue.under is None:
        yield Fault((*path, "under"), "missing: the kernels to measure", ", ".join(KERNELS))
    if cue.ask is not None and cue.under is not None and not asked:
        yield Fault((*path, "under"), f"goes with the kinds {' and '.join(MEASURED)}")
    for index, name in enumerate(cue.under or ()):
        if name not in KERNELS:
            hint = did_you_mean(name, KERNELS)
            yield Fault((*path, "under", index), f"is no kernel{hint}", ", ".join(KERNELS))
    if cue.under is not None and len(set(cue.under)) < len(cue.under):
        yield Fault((*path, "under"), "has the same kernel twice", "each one once")
    if cue.kind == "least" and cue.under is not None and len(cue.under) == 1:
        yield Fault((*path, "under"), "is one kernel; the least of one is no question", "2 or 3")
    if cue.kind == "cost" and cue.under is not None and len(cue.under) > 1:
        yield Fault((*path, "under"), "is more than one kernel", "1, or kind 'least'")
    if asked and cue.of is not None and cue.of not in FIGURES:
        hint = did_you_mean(cue.of, FIGURES)
        yield Fault((*path, "of"), f"is no figure{hint}", ", ".join(FIGURES))
    if cue.least is not None and cue.least not in (cue.under or ()):
        yield Fault((*path, "least"), "is none of the kernels measured", ", ".join(cue.under or ()))


def _formulas(cue: Cue, path: Path) -> Iterator[Fault]:
    """Expressions that nobody can read, whatever the kernel has names for."""
    of = None if cue.kind in MEASURED else cue.of
    texts = [("of", of), ("assert", cue.assert_), ("until", cue.until)]
    for key, text in texts:
        if text is None:
            continue
        try:
            parse(text)
        except ExpressionError as error:
            yield Fault((*path, key), f"is no expression: {error.message}")
    for index, text in enumerate(cue.show or ()):
        if text in PANES:
            continue
        try:
            parse(text)
        except ExpressionError as error:
            yield Fault((*path, "show", index), f"is no expression: {error.message}", _PANES)


_PANES: Final = f"{', '.join(PANES)}, or what an expression names"
