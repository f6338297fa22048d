"""What came out of one kernel under one scenario: plain data, complete when the run has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from exittui.compare.meter import Hold, Lock, Meter, Segment, Wake
from exittui.compare.places import POINTS
from exittui.machine.slices import whole
from exittui.scenario.build import build, building
from exittui.scenario.play import priced, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from exittui.compare.accounts import Time
    from exittui.scenario.build import Built
    from exittui.scenario.model import Scenario

    Progress = Callable[[int, int], None]
    Spent = Callable[[int], None]

SLICE: Final = 20_000
"""Special steps between two looks at how much work was made."""
PAUSE: Final = 4096
"""Special steps after which whoever has the run made may do something else."""

_STRIKE: Final = 2
"""A tick of a running clock takes as long as so many steps, whether or not it comes to anything."""

MAX_STEPS_A_CHILD: Final = 1_000_000
"""More than any process of a workload takes; a run that makes more does not end."""


@attrs.frozen
class Cpu:
    """Where the time of one CPU went: together, the whole run."""

    user: int
    system: int
    spin: int
    idle: int


@attrs.frozen
class Latency:
    """From exit() to the return of the parent's wait4(), over all processes."""

    count: int
    median: int
    p99: int
    switches: int
    """The median of how often CPUs, all together, switched threads meanwhile."""


@attrs.frozen
class Ending:
    """One process whose end was followed: when and where it came to each point."""

    pid: int
    name: str
    points: Mapping[str, tuple[int, int]]


@attrs.frozen
class Outcome:
    """One run in virtual time. All times are nanoseconds."""

    kernel: str
    without: tuple[str, ...]
    result: str
    message: str
    steps: int
    end: int
    cpus: tuple[Cpu, ...]
    counts: Mapping[str, int]
    latency: Latency | None
    locks: tuple[Lock, ...]
    charged: Mapping[str, Time]
    peaks: Mapping[str, int]
    functions: tuple[tuple[str, int, int], ...]
    """Name, time and calls of the functions that took the most, most first."""
    endings: tuple[Ending, ...]
    segments: tuple[Segment, ...]
    wakes: tuple[Wake, ...]
    holds: tuple[Hold, ...]
    counters: tuple[tuple[int, str, int], ...]

    @property
    def total(self) -> Cpu:
        """All CPUs together."""
        return Cpu(
            sum(cpu.user for cpu in self.cpus),
            sum(cpu.system for cpu in self.cpus),
            sum(cpu.spin for cpu in self.cpus),
            sum(cpu.idle for cpu in self.cpus),
        )


def measure(
    scenario: Scenario,
    kernel: str,
    without: tuple[str, ...] = (),
    *,
    cache: Path | None = None,
    factors: Mapping[str, float] | None = None,
    segments: int = 0,
    progress: Progress | None = None,
    spent: Spent | None = None,
) -> Outcome:
    """Run a scenario under a kernel in virtual time.

    `factors` multiplies costs by name; `segments` is how much of the lanes to keep; `progress` is
    told how many processes have exited, of how many; `spent` is told how much work was made since
    it was told last, in steps, and may raise.
    """
    built = build(scenario.ticking(), kernel, without, cache=cache, past=False)
    return run(built, factors=factors, segments=segments, progress=progress, spent=spent)


def measuring(
    scenario: Scenario,
    kernel: str,
    without: tuple[str, ...] = (),
    *,
    cache: Path | None = None,
    spent: Spent | None = None,
) -> Generator[tuple[int, int] | None, None, Outcome]:
    """`measure`, slice by slice: what has exited is told once the kernel runs."""
    built = yield from building(scenario.ticking(), kernel, without, cache=cache, past=False)
    return (yield from running(built, spent=spent))


def run(
    built: Built,
    *,
    factors: Mapping[str, float] | None = None,
    segments: int = 0,
    progress: Progress | None = None,
    spent: Spent | None = None,
) -> Outcome:
    """Run a machine that stands at its start to its end, and measure it."""
    slices = running(built, factors=factors, segments=segments, spent=spent)
    return whole(slices, None if progress is None else lambda told: progress(*told))


def running(
    built: Built,
    *,
    factors: Mapping[str, float] | None = None,
    segments: int = 0,
    spent: Spent | None = None,
) -> Generator[tuple[int, int], None, Outcome]:
    """`run`, slice by slice: each tells how many processes have exited, of how many."""
    machine, scenario = built.machine, built.scenario
    meter = Meter(machine, priced(built, factors), segments=segments)
    children = sum(workload.processes for workload in scenario.workload)
    limit = children * MAX_STEPS_A_CHILD if children else scenario.run.max_steps
    clockwork, steps, told, more = meter.clockwork, 0, 0, True
    size = left = SLICE if children else SLICE // 100
    while more and steps < limit:
        more = clockwork.run(specials=min(left, PAUSE))
        left -= min(left, PAUSE)
        if not (more and left):
            left = size
            steps = sum(clockwork.hits)
            if spent is not None:
                work = steps + clockwork.struck * _STRIKE
                spent(work - told)
                told = work
        if more:
            yield len(meter.points), children
    end = meter.finish()
    return _outcome(built, meter, end)


def _outcome(built: Built, meter: Meter, end: int) -> Outcome:
    clockwork = meter.clockwork
    result, message = verdict(built)
    steps = sum(clockwork.hits)
    if result == "limit":
        message = f"stopped after {steps} steps"
    return Outcome(
        kernel=built.kernel,
        without=built.without,
        result=result,
        message=message,
        steps=steps,
        end=end,
        cpus=tuple(
            Cpu(user, end - user - spin - idle, spin, idle)
            for user, spin, idle in zip(clockwork.user, clockwork.spin, clockwork.idle, strict=True)
        ),
        counts={
            "switches": meter.switches,
            **{what: meter.count(what) for what in ("wakeups", "IPIs", "forks")},
        },
        latency=_latency(meter),
        locks=tuple(sorted(meter.locks.values(), key=lambda lock: (-lock.waited, lock.name))),
        charged=meter.accounts.charged,
        peaks=meter.peaks,
        functions=_functions(meter),
        endings=tuple(
            Ending(pid, meter.names[pid], _in_order(points))
            for pid, points in list(meter.points.items())[:MOST_ENDINGS]
        ),
        segments=tuple(meter.segments),
        wakes=tuple(meter.wakes),
        holds=tuple(meter.holds),
        counters=tuple(meter.counters),
    )


MOST_ENDINGS: Final = 64
"""As many ends of processes as one can look at; the latencies are of all."""


def _in_order(points: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    return {name: points[name] for name in POINTS if name in points}


def _latency(meter: Meter) -> Latency | None:
    waits = sorted(
        points["return"][0] - points["exit"][0]
        for points in meter.points.values()
        if "return" in points
    )
    if not waits:
        return None
    switches = sorted(
        counts["return"] - counts["exit"]
        for counts in meter.switches_by.values()
        if "return" in counts
    )
    return Latency(
        count=len(waits),
        median=waits[len(waits) // 2],
        p99=waits[min(len(waits) - 1, _p99(waits))],
        switches=switches[len(switches) // 2],
    )


def _p99(waits: list[int]) -> int:
    return len(waits) * 99 // 100


def _functions(meter: Meter) -> tuple[tuple[str, int, int], ...]:
    """The time of each function's own statements, and how often it was entered."""
    image, clockwork = meter.machine.image, meter.clockwork
    spent: dict[str, int] = {}
    for statement in image.statements:
        pc = statement.pc
        if clockwork.hits[pc]:
            time = clockwork.spent[pc] or clockwork.hits[pc] * clockwork.price(pc)
            spent[statement.function] = spent.get(statement.function, 0) + time
    most = sorted(spent.items(), key=lambda item: (-item[1], item[0]))[:40]
    return tuple(
        (name, time, clockwork.hits[image.functions[name].entry])
        for name, time in most
        if name in image.functions
    )
