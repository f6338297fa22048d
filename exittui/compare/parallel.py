"""Several runs at once, each in a process of its own.

The runs know nothing of each other, so what comes out is what would one after the other.
"""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final

import attrs

from exittui.compare.outcome import Outcome, measure
from exittui.errors import ExittuiError, InternalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from exittui.scenario.model import Scenario

    Report = Callable[[str, int, int], None]

LARGE: Final = 100
"""From so many processes of a workload on, a run is worth a process of its own."""


@attrs.frozen
class Task:
    """One run to be made; `label` is what its progress is told under."""

    label: str
    scenario: Scenario
    kernel: str
    without: tuple[str, ...] = ()
    factors: Mapping[str, float] | None = None
    segments: int = 0
    cache: Path | None = None

    def run(self, report: Report | None) -> Outcome:
        """Make it."""

        def progress(done: int, of: int) -> None:
            if report is not None:
                report(self.label, done, of)

        return measure(
            self.scenario,
            self.kernel,
            self.without,
            cache=self.cache,
            factors=self.factors,
            segments=self.segments,
            progress=progress,
        )


def run_all(
    tasks: Iterable[Task], report: Report | None = None, *, workers: int | None = None
) -> list[Outcome]:
    """The outcomes of all tasks, in their order."""
    tasks = list(tasks)
    size = max(sum(one.processes for one in task.scenario.workload) for task in tasks)
    most = min(len(tasks), workers if workers is not None else os.cpu_count() or 1)
    if most <= 1 or size < LARGE:
        return [task.run(report) for task in tasks]
    return _Pool(tasks, report).run(most)


class _Pool:
    """So many processes, each of which makes its share of the runs."""

    def __init__(self, tasks: Sequence[Task], report: Report | None) -> None:
        self._tasks = tasks
        self._report = report
        self._context = multiprocessing.get_context("spawn")
        self._outcomes: dict[int, Outcome] = {}
        self._running: dict[Connection, BaseProcess] = {}

    def run(self, most: int) -> list[Outcome]:
        """All outcomes; the first error ends everything."""
        try:
            for first in range(most):
                self._start(range(first, len(self._tasks), most))
            while self._running:
                for connection in wait(list(self._running)):
                    self._receive(connection)  # type: ignore[arg-type] # it is one of ours
        finally:
            for process in self._running.values():
                process.terminate()
        return [self._outcomes[index] for index in range(len(self._tasks))]

    def _start(self, share: range) -> None:
        ours, theirs = self._context.Pipe(duplex=False)
        tasks = [(index, self._tasks[index]) for index in share]
        process = self._context.Process(target=_work, args=(theirs, tasks))
        process.start()
        theirs.close()
        self._running[ours] = process

    def _receive(self, connection: Connection) -> None:
        try:
            message = connection.recv()
        except EOFError:
            raise InternalError("a process that made runs ended early") from None
        match message:
            case (int() as index, Outcome() as outcome):
                self._outcomes[index] = outcome
            case (int() as index, int() as done, int() as of):
                if self._report is not None:
                    self._report(self._tasks[index].label, done, of)
            case ExittuiError():
                raise message
            case None:
                self._running.pop(connection).join()


def _work(connection: Connection, tasks: Sequence[tuple[int, Task]]) -> None:
    """What a process does: one task after the other."""
    for index, task in tasks:

        def report(_: str, done: int, of: int, index: int = index) -> None:
            connection.send((index, done, of))

        try:
            connection.send((index, task.run(report)))
        except ExittuiError as error:
            connection.send(UsageError(error.message))
            return
    connection.send(None)
