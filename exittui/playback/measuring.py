"""Figures of a scenario in virtual time, under kernel after kernel: what a script can show and ask.

They are those of `exittui compare`, measured when the script comes to them: no file holds one. The
scenario of the script itself is run, from its beginning to its end, beside the machine one looks
at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from attrs import frozen

from exittui.compare.outcome import measure
from exittui.compare.table import shown, table
from exittui.errors import UsageError
from exittui.playback.budget import MEASURED, RUN, booted
from exittui.playback.questions import SAME
from exittui.scenario.script import FIGURES

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.compare.outcome import Outcome
    from exittui.playback.budget import Budget
    from exittui.scenario.model import Scenario


@frozen
class Figure:
    """One row: its name, and for each kernel the value, as a number and for people."""

    name: str
    values: tuple[int | None, ...]
    words: tuple[str, ...]

    @property
    def smallest(self) -> int | None:
        """The number of the kernel that has less than all others."""
        values = [value if value is not None else 0 for value in self.values]
        least = min(values)
        return values.index(least) if values.count(least) == 1 else None


@frozen
class Figures:
    """A small table: what a caption shows."""

    kernels: tuple[str, ...]
    rows: tuple[Figure, ...]


class Measuring:
    """Measures each kernel once."""

    def __init__(self, scenario: Scenario, cache: Path | None, budget: Budget) -> None:
        """Of this scenario; `cache` keeps linked kernels, `budget` bounds how long the runs are."""
        self._budget = budget
        self._scenario = attrs.evolve(scenario, script=(), lesson=None)
        self._without = scenario.lesson.without if scenario.lesson is not None else ()
        self._cache = cache
        self._outcomes: dict[str, Outcome] = {}

    def figures(self, names: tuple[str, ...], kernels: tuple[str, ...]) -> Figures:
        """Rows by name; raises UsageError where a kernel does not come to the end of its run."""
        self._budget.spend(len(kernels))
        outcomes = [self._outcome(kernel) for kernel in kernels]
        rows = {(row.group, row.name.strip()): row for row in table("", "", outcomes).rows}
        found = []
        for name in names:
            row = rows.get(FIGURES[name])
            values = row.values if row is not None else (0,) * len(kernels)
            unit = row.unit if row is not None else ""
            found.append(Figure(name, values, tuple(shown(value, unit) for value in values)))
        return Figures(kernels, tuple(found))

    def least(self, name: str, kernels: tuple[str, ...]) -> str:
        """The kernel with the least of a figure, or `SAME` where no one has."""
        (row,) = self.figures((name,), kernels).rows
        return SAME if row.smallest is None else kernels[row.smallest]

    def _outcome(self, kernel: str) -> Outcome:
        if kernel not in self._outcomes:
            without = self._without if kernel == self._scenario.kernels[0] else ()
            budget = self._budget
            budget.spend(RUN + booted(self._scenario))
            found = measure(
                self._scenario,
                kernel,
                without,
                cache=self._cache,
                spent=lambda steps: budget.spend(steps // MEASURED),
            )
            if found.result != "done":
                raise UsageError(f"nothing to measure under {kernel}: {found.message}")
            self._outcomes[kernel] = found
        return self._outcomes[kernel]
