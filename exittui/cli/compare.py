"""`exittui compare SCENARIO`: kernels side by side, in virtual time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from exittui.cli.arguments import COMMANDS, compare_parser
from exittui.cli.cache import cache_folder
from exittui.compare.divergence import diverge
from exittui.compare.parallel import Task, run_all
from exittui.compare.table import table
from exittui.errors import ExitCode, UsageError, did_you_mean
from exittui.export.chrome import document, from_outcomes, from_runs
from exittui.export.lanes import svg
from exittui.export.tables import FORMATS
from exittui.kernel.catalog import KERNELS
from exittui.machine import Schedule
from exittui.scenario.build import build
from exittui.scenario.library import find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from exittui.compare.divergence import Divergence
    from exittui.compare.outcome import Outcome
    from exittui.scenario.model import Scenario

SEGMENTS: Final = 20_000
"""As much of the lanes as a picture can show."""


def command(words: Sequence[str]) -> int:
    """Run the scenario under each kernel and print what differs."""
    arguments = compare_parser().read(words)
    scenario = find(arguments.scenario, also=COMMANDS)
    kernels = _kernels(arguments.kernels, scenario)
    if arguments.screen:
        return _on_screen(arguments, scenario, kernels)
    for name in ("schedule", "theme"):
        if getattr(arguments, name):
            raise UsageError(f"--{name} goes with --screen")
    segments = SEGMENTS if arguments.lanes or arguments.trace else 0
    outcomes, partings = measured(scenario, kernels, segments)
    told = table(scenario.name, scenario.title, outcomes)
    for line in FORMATS[arguments.format](told, outcomes, partings):
        print(line)
    if arguments.lanes:
        write(arguments.lanes, svg(outcomes, f"{scenario.name}: {scenario.title}"))
    if arguments.trace:
        write(arguments.trace, "\n".join(document(_events(scenario, kernels, outcomes))) + "\n")
    return ExitCode.OK if all(one.result == "done" for one in outcomes) else ExitCode.UNMET


def _on_screen(arguments: argparse.Namespace, scenario: Scenario, kernels: tuple[str, ...]) -> int:
    """Kernels beside each other; of those of the scenario the first two, if none are named."""
    from exittui.cli import state  # noqa: PLC0415 - the table does without a screen
    from exittui.cli.screen import check_terminal  # noqa: PLC0415 - as above
    from exittui.session.lockstep import FEWEST, Kernel, Lockstep  # noqa: PLC0415 - as above

    for name in ("lanes", "trace"):
        if getattr(arguments, name):
            raise UsageError(f"--{name} goes with the table, not with --screen")
    if arguments.format != "text":
        raise UsageError("--format goes with the table, not with --screen")
    if arguments.kernels is None:
        kernels = kernels[:FEWEST]
    schedule = arguments.schedule
    lockstep = Lockstep(
        scenario,
        [Kernel(name) for name in kernels],
        schedule=None if schedule is None else Schedule.parse(schedule),
        own_time=schedule is None,
        cache=cache_folder(),
    )
    check_terminal()
    from exittui.tui.lockstep import run_lockstep  # noqa: PLC0415 - as above
    from exittui.tui.looks import THEMES  # noqa: PLC0415 - as above

    chosen = arguments.theme or state.read().get("theme")
    run_lockstep(lockstep, theme=chosen if chosen in THEMES else "dark")
    return ExitCode.OK


def measured(
    scenario: Scenario, kernels: Sequence[str], segments: int
) -> tuple[list[Outcome], list[Divergence | None]]:
    """The outcomes, and for a scenario without a workload where the kernels part."""
    if not scenario.workload:
        return diverge(scenario, kernels, cache=cache_folder(), segments=segments)
    with Progress() as progress:
        tasks = [
            Task(kernel, scenario, kernel, segments=segments, cache=cache_folder())
            for kernel in kernels
        ]
        return run_all(tasks, progress.report), []


def _events(
    scenario: Scenario, kernels: Sequence[str], outcomes: Sequence[Outcome]
) -> Iterator[dict[str, Any]]:
    if scenario.workload:
        return from_outcomes(outcomes)
    return from_runs(
        [build(scenario.ticking(), kernel, cache=cache_folder()) for kernel in kernels]
    )


def _kernels(text: str | None, scenario: Scenario) -> tuple[str, ...]:
    if text is None:
        return tuple(sorted(scenario.kernels, key=list(KERNELS).index))
    names = tuple(text.split(","))
    for name in names:
        if name not in KERNELS:
            hint = did_you_mean(name, KERNELS)
            raise UsageError(f"no kernel {name!r}{hint}; known: {', '.join(KERNELS)}")
    if len(set(names)) != len(names):
        raise UsageError("a kernel is named twice")
    return names


def write(path: str, text: str) -> None:
    """Write a file the user named."""
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise UsageError(f"{path!r}: is no name of a file") from None


class Progress:
    """One line on a terminal that says how far each run has come; nothing where nobody looks."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._done: dict[str, str] = {}
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)

    def report(self, label: str, done: int, of: int) -> None:
        """A run has come so far."""
        if not self._shown:
            return
        self._done[label] = f"{label} {done:,} of {of:,}"
        line = "  ".join(self._done.values())
        self._width = max(self._width, len(line))
        print(f"\r{line:<{self._width}}", end="", file=sys.stderr, flush=True)
