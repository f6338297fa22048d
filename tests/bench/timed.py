"""What virtual time promises, measured: `python -m tests.bench.timed [large]`.

The comparable model in simpy has CPUs, a kernel lock, a make that keeps its jobs running, and
processes that compute, hold the lock and are torn down: some ten events a process, where the
machine executes thousands of statements. Both run in this process, one after the other, so the
ratios mean the same on any machine. Times are those of the CPU, so that others may use it too;
with `large`, two kernels run ten thousand processes, which takes as long as it says.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from typing import TYPE_CHECKING, Any

import attrs
import simpy

from exittui.compare.meter import Meter
from exittui.compare.parallel import Task, run_all
from exittui.machine.clockwork import Clockwork
from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.scenario.play import priced

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from exittui.scenario.model import Scenario

KERNEL = "mpi-2025-05"
CPUS = 16


def best(measure: Callable[[], float], times: int = 5) -> float:
    """The smallest of a few measurements."""
    return min(measure() for _ in range(times))


def simpy_event(processes: int = 4000) -> float:
    """Seconds an event takes in the comparable model."""
    environment = simpy.Environment()
    cpus = simpy.Resource(environment, CPUS)
    kernel_lock = simpy.Resource(environment, 1)
    jobs = simpy.Resource(environment, CPUS)

    def locked(nanoseconds: int) -> Generator[Any, Any, None]:
        with kernel_lock.request() as request:
            yield request
            yield environment.timeout(nanoseconds)

    def child(job: Any) -> Generator[Any, Any, None]:
        with cpus.request() as cpu:
            yield cpu
            for _ in range(3):
                yield environment.timeout(10_000)
                yield from locked(1_000)
            yield environment.timeout(5_000)
            yield from locked(500)
        jobs.release(job)

    def make() -> Generator[Any, Any, None]:
        for _ in range(processes):
            job = jobs.request()
            yield job
            yield from locked(2_000)
            environment.process(child(job))

    environment.process(make())
    gc.collect()
    gc.disable()
    start = time.process_time()
    count = 0
    try:
        while True:
            environment.step()
            count += 1
    except simpy.core.EmptySchedule:
        pass
    elapsed = time.process_time() - start
    gc.enable()
    return elapsed / count


def sized(processes: int) -> Scenario:
    """The build of sixteen CPUs, with so many processes."""
    scenario = find("make")
    (workload,) = scenario.workload
    return attrs.evolve(scenario, workload=(attrs.evolve(workload, processes=processes),))


def step(processes: int, *, measured: bool) -> tuple[float, int, float]:
    """Seconds that a statement takes, how many there are to a process, seconds a process takes."""
    scenario = sized(processes)
    built = build(scenario, KERNEL, past=False)
    machine = built.machine
    made = priced(built)
    if measured:
        clockwork = Meter(machine, made).clockwork
    else:
        clockwork = Clockwork(machine, made, {}, lambda *_: None)
    gc.collect()
    gc.disable()
    start = time.process_time()
    clockwork.run()
    elapsed = time.process_time() - start
    gc.enable()
    steps = sum(clockwork.hits)
    return elapsed / steps, steps // processes, elapsed / processes


def report(name: str, value: str, goal: str) -> None:
    """One line of the result."""
    print(f"{name:<58} {value:>16}   {goal}")


def main() -> None:
    """Measure everything and print it."""
    event = best(simpy_event)
    bare = best(lambda: step(200, measured=False)[0])
    full = best(lambda: step(200, measured=True)[0])
    report("statements a second / simpy events a second", f"{event / bare:.2f}", "goal 0.5 or more")
    report("the same, with all that is measured", f"{event / full:.2f}", "goal 0.5 or more")
    report("statements to a process of the workload", f"{step(200, measured=False)[1]:,}", "")
    few, some = (
        best(lambda count=count: step(count, measured=True)[2], 2)  # type: ignore[misc]
        for count in (200, 1600)
    )
    report("a process among 1,600 / one among 200", f"{some / few:.2f}", "linear is 1")
    report("a statement", f"{full * 1e9:.0f} ns", f"simpy event {event * 1e9:.0f} ns")
    if "large" in sys.argv[1:]:
        large(event)


def large(event: float) -> None:
    """Two kernels at once, each in a process of its own."""
    start = time.perf_counter()
    tasks = [Task(kernel, sized(10_000), kernel) for kernel in ("reaper", KERNEL)]
    outcomes = run_all(tasks)
    elapsed = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    made = sum(outcome.steps for outcome in outcomes)
    report(
        "two kernels, 10,000 processes on 16 CPUs",
        f"{elapsed:.0f} s",
        f"goal 60 s; {used:.0f} s of CPU for {made:,} statements, {used / event:,.0f} simpy events",
    )


if __name__ == "__main__":
    main()
