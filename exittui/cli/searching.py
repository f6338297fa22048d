"""Searches with clocks: time, memory and progress, here or in as many processes as one likes.

What is searched is said in `checker/tasks.py`, which knows no clock. Any executor with the
interface of `concurrent.futures` will do; two can be asked for, the standard library's and Dask's.

Control-C ends the searches that run, each with what it has found until then, and begins no other.
A terminal sends it to the workers too; they listen to it while they search.
"""

from __future__ import annotations

import contextlib
import resource
import shutil
import signal
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from exittui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from exittui.checker.search import Outcome

_INTERVAL: Final = 0.5
"""Seconds between two lines of progress."""

EXECUTORS: Final = ("process", "dask")


class Asked(Protocol):
    """What can be handed to a worker: a search, or a hunk to explain."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        ...

    def answer(self, stop: Callable[[Outcome], str], say: Callable[[str], None]) -> dict[str, Any]:
        """The result as plain data; `stop` is asked now and then, `say` told how far it is."""
        ...


@contextlib.contextmanager
def workers(jobs: int, kind: str = "process") -> Iterator[Executor | None]:
    """An executor with so many processes; none for one job of the usual kind."""
    if kind == "dask":
        with _dask(jobs) as executor:
            yield executor
    elif jobs == 1:
        yield None
    else:
        context = get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context, initializer=_deaf) as executor:
            yield executor


@contextlib.contextmanager
def _dask(jobs: int) -> Iterator[Executor]:
    try:
        from distributed import Client  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise UsageError("--executor dask needs the package 'distributed'") from None
    made = Client(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
    with made as client:
        yield client.get_executor()


def _deaf() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def searched(
    task: Asked, seconds: float | None = None, *, shown: bool = False, before: str = ""
) -> dict[str, Any]:
    """The report of a task, with the time it took and the memory of this process."""
    started = time.monotonic()
    progress = _Progress(seconds, shown=shown, before=before)
    data = task.answer(progress.stop, progress.say)
    progress.line.wipe()
    data["seconds"] = round(time.monotonic() - started, 3)
    data["megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return data


def _searched_there(task: Asked, seconds: float | None) -> dict[str, Any]:
    """The same in a worker, which hears Control-C while it searches."""
    try:
        kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    except ValueError:  # not the main thread of its process, as with Dask
        return searched(task, seconds)
    try:
        return searched(task, seconds)
    finally:
        signal.signal(signal.SIGINT, kept)


def all_searched(
    tasks: Sequence[Asked],
    executor: Executor | None,
    seconds: float | None = None,
    *,
    jobs: int = 1,
) -> Iterator[dict[str, Any]]:
    """The reports in the order of the tasks; after Control-C those there are.

    `jobs` is how many workers the executor has.
    """
    if executor is None:
        many = len(tasks) > 1
        for number, task in enumerate(tasks):
            before = f"{number} of {len(tasks)} done, {task.title}: " if many else ""
            data = searched(task, seconds, shown=True, before=before)
            yield data
            if data.get("interrupted"):
                return
        return
    yield from _there(tasks, executor, seconds, jobs)


def _there(
    tasks: Sequence[Asked], executor: Executor, seconds: float | None, jobs: int
) -> Iterator[dict[str, Any]]:
    """No more searches are handed out than there are workers: what waits could not be ended."""
    waiting = list(reversed(tasks))
    futures: list[Future[dict[str, Any]]] = []
    titles = [task.title for task in tasks]
    line = _Line(shown=True)
    told, stopped = 0, False
    while told < len(futures) or waiting:
        running = sum(not one.done() for one in futures)
        while waiting and running < jobs:
            futures.append(executor.submit(_searched_there, waiting.pop(), seconds))
            running += 1
        try:
            doing = [
                title
                for title, one in zip(titles, futures, strict=False)  # those that were begun
                if not one.done()
            ]
            done = len(futures) - len(doing)
            line.write(f"{done} of {len(tasks)} done, under way: {'; '.join(doing)}")
            wait([one for one in futures if not one.done()], _INTERVAL, FIRST_COMPLETED)
            while told < len(futures) and futures[told].done():
                line.wipe()
                yield futures[told].result()
                told += 1
        except KeyboardInterrupt:
            if stopped:
                raise
            stopped = True
            waiting.clear()
    line.wipe()


class _Line:
    """One line on standard error that is written over and over, if somebody sees it."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._written = False

    def write(self, text: str) -> None:
        """Show this instead of what stands there."""
        if self._shown:
            # A line that is wrapped could not be taken back.
            text = text[: shutil.get_terminal_size().columns - 1]
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self._written = True

    def wipe(self) -> None:
        """Leave nothing there."""
        if self._written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._written = False


@attrs.define
class _Progress:
    """Says how far a search is, and stops it when its time is up."""

    seconds: float | None
    shown: bool = attrs.field(kw_only=True)
    before: str = attrs.field(kw_only=True, default="")
    line: _Line = attrs.field(init=False)
    begin: float = attrs.field(init=False, factory=time.monotonic)
    last: float = attrs.field(init=False, factory=time.monotonic)

    def __attrs_post_init__(self) -> None:
        self.line = _Line(shown=self.shown)
        if self.before:
            self.line.write(self.before.rstrip(": "))

    def say(self, text: str) -> None:
        """Begin the line with this from now on."""
        self.before = f"{text}: "
        self.line.write(text)

    def stop(self, outcome: Outcome) -> str:
        """Asked by the search now and then."""
        now = time.monotonic()
        if now - self.last >= _INTERVAL:
            self.last = now
            if outcome.states or not self.before:
                self.line.write(self.before + self._told(outcome, now - self.begin))
        if self.seconds is not None and now - self.begin >= self.seconds:
            return f"{self.seconds:g} seconds"
        return ""

    @staticmethod
    def _told(outcome: Outcome, passed: float) -> str:
        many = len(outcome.seen)
        return (
            f"{outcome.states:,} states, {outcome.states / passed:,.0f}/s, "
            f"{outcome.frontier:,} open, {outcome.depth:,} steps deep, "
            f"{many or 'nothing'} violated, {_share(outcome.explored)} explored by estimate"
        )


def _share(part: float) -> str:
    """A share of the whole; a very small one is not shown as nothing."""
    return f"{part:.1%}" if part >= 0.001 else "under 0.1%"  # noqa: PLR2004 - what a digit shows
