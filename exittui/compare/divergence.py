"""Where two kernels part: the first statement that differs, and the points of an exit in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from exittui.compare.outcome import run
from exittui.compare.places import POINT_TITLES
from exittui.scenario.build import build

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from exittui.compare.outcome import Outcome
    from exittui.machine.image import Statement
    from exittui.scenario.model import Scenario


@attrs.frozen
class Stand:
    """Where one kernel stands when it parts from the other."""

    kernel: str
    step: int
    cpu: int
    function: str
    place: str
    text: str


@attrs.frozen
class Divergence:
    """The first step that differs between two runs; the steps before it were the same."""

    step: int
    stands: tuple[Stand, Stand]


def diverge(
    scenario: Scenario, kernels: Sequence[str], *, cache: Path | None = None, segments: int = 0
) -> tuple[list[Outcome], list[Divergence | None]]:
    """Run a scenario that is small enough to keep its past, and find where the kernels part.

    Each kernel is compared with the first.
    """
    outcomes, pasts = [], []
    for kernel in kernels:
        built = build(scenario.ticking(), kernel, cache=cache)
        outcomes.append(run(built, segments=segments))
        pasts.append(_Past(kernel, built.machine))
    return outcomes, [_between(pasts[0], other) for other in pasts[1:]]


class _Past:
    """The steps of one run, one by one."""

    def __init__(self, kernel: str, machine: Any) -> None:
        self.kernel = kernel
        self._machine = machine
        self.length = machine.recorded

    def key(self, index: int) -> tuple[int, str, str]:
        statement = self.statement(index)
        return self._machine.history.cpu(index), statement.function, statement.text

    def statement(self, index: int) -> Statement:
        found: Statement = self._machine.history.statement(index)
        return found

    def stand(self, index: int) -> Stand:
        statement = self.statement(index)
        return Stand(
            kernel=self.kernel,
            step=index + 1,
            cpu=self._machine.history.cpu(index),
            function=statement.function,
            place=f"{statement.file}:{statement.line}",
            text=statement.text,
        )


def _between(one: _Past, other: _Past) -> Divergence | None:
    for index in range(min(one.length, other.length)):
        if one.key(index) != other.key(index):
            return Divergence(index + 1, (one.stand(index), other.stand(index)))
    return None


def aligned(outcomes: Sequence[Outcome]) -> list[tuple[str, str, list[int | None]]]:
    """Process, point and, by kernel, when it was come to after the process called exit().

    Processes are matched by name and by the order in which they exit.
    """
    rows = []
    tables = [_endings(one) for one in outcomes]
    for key, ending in tables[0].items():
        for point, title in POINT_TITLES.items():
            times = [_since(table.get(key, {}), point) for table in tables]
            if any(time is not None for time in times):
                rows.append((ending["name"], title, times))
    return rows


def _endings(outcome: Outcome) -> dict[tuple[str, int], dict[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = {}
    seen: dict[str, int] = {}
    for ending in outcome.endings:
        seen[ending.name] = seen.get(ending.name, 0) + 1
        number = seen[ending.name]
        name = ending.name if number == 1 else f"{ending.name} ({number})"
        found[(ending.name, number)] = {"name": name, **ending.points}
    return found


def _since(points: dict[str, Any], point: str) -> int | None:
    if point not in points:
        return None
    return int(points[point][0] - points["exit"][0])
