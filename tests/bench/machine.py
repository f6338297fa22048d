"""What the machine promises, measured: `python -m tests.bench.machine`.

Every figure is a ratio of two things measured in this run, so that it means the same on any
machine. The measurements are short and take turns, many rounds of them, and of each the shortest
counts: whatever else the computer does adds to some of them, and does so to all alike.
"""

from __future__ import annotations

import gc
import platform
import random
import time
import tracemalloc
from functools import partial
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import simpy

from exittui.machine import Machine, Random, RoundRobin, Scripted
from exittui.scenario.build import build
from exittui.scenario.load import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from exittui.machine import Chooser

KERNEL = "mpi-2025-05"
LONG = 100_000
SHORT = 20_000
"""Steps and events of one measurement: some milliseconds, so that a few of them are undisturbed."""

ROUNDS = 20


def best(measure: Callable[[], float], times: int = 5) -> float:
    """The smallest of a few measurements."""
    return min(measure() for _ in range(times))


def shortest(measures: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, float]:
    """The smallest result of each measurement, all of them taking turns."""
    found = dict.fromkeys(measures, float("inf"))
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name] = min(found[name], measure())
    return found


def timed(action: Callable[[], object]) -> float:
    """How many seconds it took."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    action()
    elapsed = time.perf_counter() - start
    gc.enable()
    return elapsed


def simpy_event(events: int = SHORT) -> float:
    """Seconds a simpy event takes, with eight processes that only let time pass."""
    environment = simpy.Environment()

    def process() -> Generator[Any, Any, None]:
        while True:
            yield environment.timeout(1)

    for _ in range(8):
        environment.process(process())

    def run() -> None:
        for _ in range(events):
            environment.step()

    return timed(run) / events


def bare_next(events: int = SHORT) -> float:
    """Seconds that next() on a generator takes, with its loop."""

    def count() -> Generator[int, None, None]:
        while True:
            yield 0

    generator = count()

    def run() -> None:
        for _ in range(events):
            next(generator)

    return timed(run) / events


def start(*, cpus: int, busy: int, sleeping: int = 0) -> Machine:
    """A machine of so many CPUs at the start of a run.

    `busy` processes give up the CPU 60 times each, through the whole kernel; `sleeping` threads
    sleep all the while, a thousand to a process.
    """
    parts = [
        f"title = 'bench'\ndescription = 'bench'\nkernels = ['{KERNEL}']\ncpus = {cpus}",
        f"[sysctl]\n'kern.maxthread' = {sleeping + 1000}",
    ]
    for number in range(busy):
        program = ", ".join(["['sched_yield']"] * 60)
        parts.append(f"[[process]]\nname = 'p{number}'\n[[process.thread]]\nprogram = [{program}]")
    for first in range(0, sleeping, 1000):
        count = min(sleeping - first, 1000)
        parts.append(f"[[process]]\nname = 's{first}'\n[[process.thread]]\ncount = {count}")
        parts.append("program = [['pause']]\nstart = 'asleep'")
    return build(parse("\n".join(parts), name="bench", file="bench.toml"), KERNEL).machine


def forward(
    machine: Machine, steps: int = SHORT, chooser: Callable[[], Chooser] = RoundRobin
) -> float:
    """Seconds a step takes from the start of the run, in one call."""
    machine.goto(0)
    machine.forget_future()
    made = []
    elapsed = timed(lambda: made.append(machine.run(chooser(), steps)))
    return elapsed / made[0]


def forward_by_one(machine: Machine, picks: Sequence[int]) -> float:
    """Seconds a step takes along known picks, one call a step."""
    machine.goto(0)
    machine.forget_future()

    def run() -> None:
        for pick in picks:
            machine.step(pick)

    return timed(run) / len(picks)


def backward(machine: Machine, *, at_once: bool = False) -> float:
    """Seconds that undoing a step takes, one call a step or all of them in one call."""
    machine.goto(machine.recorded)
    steps = machine.position

    def run() -> None:
        for _ in range(steps):
            machine.undo()

    return timed((lambda: machine.undo(steps)) if at_once else run) / steps


def once_more(machine: Machine) -> float:
    """Seconds that redoing a step takes, all of them in one call."""
    machine.goto(0)
    return timed(lambda: machine.redo(machine.recorded)) / machine.recorded


def long_run() -> tuple[Machine, int]:
    """A machine that has recorded LONG steps, and the bytes that they take."""
    machine = start(cpus=2, busy=24)
    machine.run(RoundRobin(), 100)
    gc.collect()
    tracemalloc.start()
    while machine.position < LONG and machine.run(RoundRobin(), LONG - machine.position):
        pass
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return machine, taken


def report(name: str, value: str, goal: str = "") -> None:
    """One line of the result."""
    print(f"{name:<58} {value:>16}   {goal}".rstrip())


def speeds() -> None:
    """Steps forwards and backwards, and what many threads cost."""
    machine = start(cpus=2, busy=8)
    forward(machine)
    schedule = machine.schedule()
    few, many = start(cpus=2, busy=2, sleeping=4), start(cpus=2, busy=2, sleeping=4000)
    took = shortest(
        {
            "event": simpy_event,
            "next": bare_next,
            "step": lambda: forward(machine),
            "random": lambda: forward(machine, chooser=lambda: Random(1)),
            "replay": lambda: forward(machine, chooser=lambda: Scripted(schedule)),
            "step by one": lambda: forward_by_one(machine, schedule.picks),
            "undo": lambda: backward(machine, at_once=True),
            "undo by one": lambda: backward(machine),
            "redo": lambda: once_more(machine),
            "few": lambda: forward(few),
            "many": lambda: forward(many),
        }
    )

    def ratio(name: str, one: str, other: str, goal: str = "") -> None:
        report(name, f"{took[one] / took[other]:.2f}", goal)

    ratio("steps a second / simpy events a second", "event", "step", "goal 1 or more")
    ratio("  the same, choosing at random", "event", "random")
    ratio("  the same, replaying a schedule", "event", "replay")
    ratio("a step / a bare next()", "step", "next")
    ratio("undoing a step / making it", "undo", "step", "goal below 1")
    ratio("  the same, one call a step, the choice known", "undo by one", "step by one", "below 1")
    ratio("redoing a step / making it", "redo", "step")
    ratio("a step with 4,000 threads / with 4", "many", "few", "goal below 1.2")
    nanoseconds = {name: f"{took[name] * 1e9:.0f} ns" for name in ("step", "event")}
    report("a step", nanoseconds["step"], f"simpy event {nanoseconds['event']}")


def distances() -> None:
    """What a long run takes of memory, and of time to go about in it."""
    recorded, taken = long_run()
    report("bytes a recorded step", f"{taken / recorded.recorded:.0f}", "goal below 300")
    dice = random.Random(1)  # noqa: S311 - dice, not secrets
    places = [0, LONG, *(dice.randrange(LONG) for _ in range(10)), 0, LONG]

    def going(before: int, there: int) -> float:
        recorded.goto(before)
        return timed(lambda: recorded.goto(there))

    ways = {
        f"{before} {there}": partial(going, before, there) for before, there in pairwise(places)
    }
    times = sorted(shortest(ways, rounds=5).values())
    report(
        f"going anywhere in {recorded.recorded:,} steps, median and most",
        f"{median(times) * 1e3:.0f} and {times[-1] * 1e3:.0f} ms",
        "goal below 50 ms",
    )


def main() -> None:
    """Measure everything and print it."""
    print(f"Python {platform.python_version()}")
    speeds()
    distances()


if __name__ == "__main__":
    main()
