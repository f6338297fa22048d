"""What the machine promises, measured: `python -m tests.bench.machine`.

Every figure is a ratio of two things measured in this run, so that it means the same on any
machine. Each time is the best of a few repetitions: what disturbs a measurement only adds to it.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import simpy

from exittui.machine import Machine, RoundRobin
from exittui.scenario.build import build
from exittui.scenario.load import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

KERNEL = "mpi-2025-05"
LONG = 100_000


def best(measure: Callable[[], float], times: int = 5) -> float:
    """The smallest of a few measurements."""
    return min(measure() for _ in range(times))


def timed(action: Callable[[], object]) -> float:
    """How many seconds it took."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    action()
    elapsed = time.perf_counter() - start
    gc.enable()
    return elapsed


def simpy_event(events: int = 200_000) -> float:
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


def bare_next(events: int = 1_000_000) -> float:
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
    sleep all the while, 60 to a process.
    """
    parts = [f"title = 'bench'\ndescription = 'bench'\nkernels = ['{KERNEL}']\ncpus = {cpus}"]
    for number in range(busy):
        program = ", ".join(["['sched_yield']"] * 60)
        parts.append(f"[[process]]\nname = 'p{number}'\n[[process.thread]]\nprogram = [{program}]")
    while sleeping:
        threads = min(sleeping, 60)
        sleeping -= threads
        parts.append(f"[[process]]\nname = 's{sleeping}'")
        parts += ["[[process.thread]]\nprogram = [['pause']]\nstart = 'asleep'"] * threads
    return build(parse("\n".join(parts), name="bench", file="bench.toml"), KERNEL).machine


def forward(machine: Machine, steps: int) -> float:
    """Seconds a step takes from the start, round-robin choosing."""
    machine.goto(0)
    made = []
    elapsed = timed(lambda: made.append(machine.run(RoundRobin(), steps)))
    return elapsed / made[0]


def backward(machine: Machine) -> float:
    """Seconds that undoing one step takes, one call a step."""
    steps = machine.position

    def run() -> None:
        for _ in range(steps):
            machine.undo()

    return timed(run) / steps


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


def report(name: str, value: str, goal: str) -> None:
    """One line of the result."""
    print(f"{name:<58} {value:>16}   {goal}")


def main() -> None:
    """Measure everything and print it."""
    machine = start(cpus=2, busy=8)
    event = best(simpy_event)
    step = best(lambda: forward(machine, 20_000))
    report("steps a second / simpy events a second", f"{event / step:.2f}", "goal 1 or more")
    report("a step / a bare next()", f"{step / best(bare_next):.1f}", "")
    back = []
    for _ in range(5):
        forward(machine, 20_000)
        back.append(backward(machine))
    report("undoing a step / making it", f"{min(back) / step:.2f}", "goal below 1")

    few, many = start(cpus=2, busy=2, sleeping=4), start(cpus=2, busy=2, sleeping=2400)
    ratio = best(lambda: forward(many, 5_000)) / best(lambda: forward(few, 5_000))
    report("a step with 2,400 threads / with 4", f"{ratio:.2f}", "goal below 1.2")

    recorded, taken = long_run()
    report("bytes a recorded step", f"{taken / recorded.recorded:.0f}", "goal below 300")
    far = 0.0
    for position in (0, LONG, LONG // 2, 0, LONG // 4, LONG):
        there = position
        far = max(far, timed(lambda there=there: recorded.goto(there)))  # type: ignore[misc]
    report(
        f"going anywhere in {recorded.recorded:,} steps",
        f"{far * 1e3:.0f} ms",
        f"goal below 50 ms; {far / event:,.0f} simpy events",
    )
    report("a step", f"{step * 1e9:.0f} ns", f"simpy event {event * 1e9:.0f} ns")


if __name__ == "__main__":
    main()
