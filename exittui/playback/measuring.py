"""Figures of a scenario in virtual time, under kernel after kernel: what a script can show and ask.

They are those of `exittui compare`, measured when the script comes to them: no file holds one. The
scenario of the script itself is run, from its beginning to its end, beside the machine one looks
at.

That takes long enough for somebody to press a key, so it is done slice by slice. Whoever closes a
measurement before its end has the kernels that are through kept, but not paid for: the next time
costs of the budget what the first one would have, whatever was run before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
from attrs import frozen

from exittui.compare.outcome import measuring
from exittui.compare.table import shown, table
from exittui.errors import UsageError
from exittui.playback.budget import MEASURED, RUN, booted
from exittui.playback.questions import SAME
from exittui.scenario.script import FIGURES
from exittui.session.views_moving import Progress

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from exittui.compare.outcome import Outcome
    from exittui.playback.budget import Budget
    from exittui.scenario.model import Scenario

_EACH: Final = 1000
"""In so many parts it is told how far the run of a kernel has come."""


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


@frozen
class _Run:
    """What came out of a kernel, and the work that its run was."""

    outcome: Outcome
    work: int


class Measuring:
    """Measures each kernel once, slice by slice."""

    def __init__(self, scenario: Scenario, cache: Path | None, budget: Budget) -> None:
        """Of this scenario; `cache` keeps linked kernels, `budget` bounds how long the runs are."""
        self._budget = budget
        self._scenario = attrs.evolve(scenario, script=(), lesson=None)
        self._without = scenario.lesson.without if scenario.lesson is not None else ()
        self._cache = cache
        self._runs: dict[str, _Run] = {}
        self.paid: frozenset[str] = frozenset()
        """The kernels whose runs were taken off the budget."""

    def take_over(self, other: Measuring) -> None:
        """What another one has measured need not be run again, if the scenario is the same."""
        if (self._scenario, self._without) == (other._scenario, other._without):
            self._runs.update(other._runs)

    def figures(
        self, names: tuple[str, ...], kernels: tuple[str, ...]
    ) -> Generator[Progress, None, Figures]:
        """Rows by name; raises UsageError where a kernel does not come to the end of its run."""
        self._budget.spend(len(kernels))
        outcomes = []
        for kernel in kernels:
            outcome = yield from self._outcome(kernel, kernels)
            outcomes.append(outcome)
        rows = {(row.group, row.name.strip()): row for row in table("", "", outcomes).rows}
        found = []
        for name in names:
            row = rows.get(FIGURES[name])
            values = row.values if row is not None else (0,) * len(kernels)
            unit = row.unit if row is not None else ""
            found.append(Figure(name, values, tuple(shown(value, unit) for value in values)))
        return Figures(kernels, tuple(found))

    def least(self, name: str, kernels: tuple[str, ...]) -> Generator[Progress, None, str]:
        """The kernel with the least of a figure, or `SAME` where no one has."""
        (row,) = (yield from self.figures((name,), kernels)).rows
        return SAME if row.smallest is None else kernels[row.smallest]

    def _outcome(self, kernel: str, all_: tuple[str, ...]) -> Generator[Progress, None, Outcome]:
        """One kernel of all that are asked for; the first slice comes before anything is done."""
        if kernel in self.paid:
            return self._runs[kernel].outcome
        self._budget.spend(RUN + booted(self._scenario))
        if kernel in self._runs:
            self._budget.spend(self._runs[kernel].work)
        else:
            self._runs[kernel] = yield from self._run(kernel, all_)
        self.paid |= {kernel}
        return self._runs[kernel].outcome

    def _run(self, kernel: str, all_: tuple[str, ...]) -> Generator[Progress, None, _Run]:
        """Run it to its end, and say how far that is."""
        at, of = all_.index(kernel), len(all_)
        text = f"{kernel}, {at + 1} of {of}" if of > 1 else kernel
        without = self._without if kernel == self._scenario.kernels[0] else ()
        before = self._budget.left
        yield Progress(0, at * _EACH, of * _EACH, text)
        slices = measuring(
            self._scenario,
            kernel,
            without,
            cache=self._cache,
            spent=lambda steps: self._budget.spend(steps // MEASURED),
        )
        while True:
            try:
                told = next(slices)
            except StopIteration as end:
                found: Outcome = end.value
                break
            done, children = told or (0, 0)
            share = done * _EACH // children if children else 0
            yield Progress(0, at * _EACH + share, of * _EACH, text)
        if found.result != "done":
            raise UsageError(f"nothing to measure under {kernel}: {found.message}")
        return _Run(found, before - self._budget.left)
