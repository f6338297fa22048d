"""`exittui reproduce NAME`: published times beside those of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from exittui.cli.arguments import reproduce_parser
from exittui.cli.cache import cache_folder
from exittui.cli.compare import Progress, write
from exittui.compare.published import MEASUREMENTS
from exittui.compare.reproduction import reproduce
from exittui.errors import ExitCode, UsageError, did_you_mean
from exittui.export.reproduction import FORMATS, svg
from exittui.scenario.library import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.scenario.model import Scenario


def command(words: Sequence[str]) -> int:
    """Calibrate, predict, say how far off that is."""
    arguments = reproduce_parser().read(words)
    measured = MEASUREMENTS.get(arguments.name)
    if measured is None:
        hint = did_you_mean(arguments.name, MEASUREMENTS)
        known = ", ".join(MEASUREMENTS)
        raise UsageError(f"nothing published is known as {arguments.name!r}{hint}; known: {known}")
    if arguments.picture and not arguments.sweep:
        raise UsageError("--picture shows the sweep: it does not go with --no-sweep")
    scenario = find(measured.workload)
    if arguments.processes is not None:
        scenario = _sampled(scenario, arguments.processes)
    with Progress() as progress:
        found = reproduce(
            measured,
            scenario,
            sweep=arguments.sweep,
            cache=cache_folder(),
            report=progress.report,
        )
    for line in FORMATS[arguments.format](found):
        print(line)
    if arguments.picture:
        write(arguments.picture, svg(found))
    return ExitCode.OK


def _sampled(scenario: Scenario, processes: int) -> Scenario:
    """The same workload, more or less of it."""
    (workload,) = scenario.workload
    before = workload.before * processes // workload.processes
    return attrs.evolve(
        scenario, workload=(attrs.evolve(workload, processes=processes, before=before),)
    )
