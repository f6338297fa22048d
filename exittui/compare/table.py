"""The figures of several kernels side by side, row by row, with how far each is from the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from exittui.compare.accounts import CHARGED, Time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exittui.compare.outcome import Outcome

MOST_LOCKS: Final = 6
NS: Final = "ns"
COUNT: Final = "count"
_UNITS: Final = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"))

_OF_A_LOCK: Final = {
    "waited": NS,
    "held": NS,
    "waited for": COUNT,
    "longest wait": NS,
    "taken": COUNT,
}

CHARGE_TITLES: Final = {
    "ru": "in the usage wait4() reports",
    "tu": "to the process, too late to be reported",
    "nobody": "to nobody",
    "kernel threads": "to kernel threads",
    "alive": "to threads still alive",
}


@attrs.frozen
class Row:
    """One figure under each kernel; None where a kernel has none."""

    group: str
    name: str
    unit: str
    values: tuple[int | None, ...]
    detail: bool = False
    """What only a file has room for: text leaves it out, or says it in fewer words."""

    def differences(self) -> tuple[float | None, ...]:
        """How far each value is from the first, as a fraction of it."""
        first = self.values[0]
        return tuple(
            None if value is None or not first else (value - first) / first for value in self.values
        )


@attrs.frozen
class Table:
    """All figures of a comparison."""

    scenario: str
    title: str
    kernels: tuple[str, ...]
    results: tuple[str, ...]
    rows: tuple[Row, ...]


def shown(value: int | None, unit: str) -> str:
    """A value for people."""
    if value is None:
        return "-"
    if unit != NS:
        return f"{value:,}"
    for size, name in _UNITS:
        if abs(value) >= size:
            return f"{value / size:,.2f} {name}"
    return f"{value} ns"


def table(scenario: str, title: str, outcomes: Sequence[Outcome]) -> Table:
    """The outcomes as rows; the first is what the others are compared with."""
    return Table(
        scenario=scenario,
        title=title,
        kernels=tuple(_label(one) for one in outcomes),
        results=tuple(f"{one.result}: {one.message}" for one in outcomes),
        rows=tuple(_rows(outcomes)),
    )


def _label(outcome: Outcome) -> str:
    return outcome.kernel + "".join(f" without {hunk}" for hunk in outcome.without)


def _rows(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    def row(group: str, name: str, unit: str, values: Sequence[int | None]) -> Row:
        return Row(group, name, unit, tuple(values))

    yield row("run", "real time", NS, [one.end for one in outcomes])
    yield row("run", "steps of the model", COUNT, [one.steps for one in outcomes])
    for what in ("switches", "wakeups", "IPIs", "forks"):
        name = "context switches" if what == "switches" else what
        yield row("run", name, COUNT, [one.counts[what] for one in outcomes])
    latencies = [one.latency for one in outcomes]
    if any(latencies):
        for name, field in (("median", "median"), ("99th percentile", "p99")):
            values = [getattr(one, field) if one else None for one in latencies]
            yield row("exit() to the parent's return", name, NS, values)
        switches = [one.switches if one else None for one in latencies]
        yield row("exit() to the parent's return", "context switches meanwhile", COUNT, switches)
    for kind in ("user", "system", "spin", "idle"):
        yield row("CPU time", kind, NS, [getattr(one.total, kind) for one in outcomes])
    yield from _cpus(outcomes)
    yield from _locks(outcomes)
    for where in CHARGED:
        times = [one.charged[where] for one in outcomes]
        if any(time.total for time in times):
            yield row("charged", CHARGE_TITLES[where], NS, [time.total for time in times])
    yield row("charged", "  of that reported as system", NS, [_system(one) for one in outcomes])
    for what in ("procs", "stacks", "zombies"):
        yield row("most at a time", what, COUNT, [one.peaks[what] for one in outcomes])


def _system(outcome: Outcome) -> int:
    """What time(1) would print as sys: spinning is time in the kernel too."""
    time: Time = outcome.charged["ru"]
    return time.system + time.spin


def _cpus(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """Where the time of each CPU went, by itself."""
    for cpu in range(len(outcomes[0].cpus)):
        for kind in ("user", "system", "spin", "idle"):
            values = tuple(getattr(one.cpus[cpu], kind) for one in outcomes)
            yield Row("each CPU", f"cpu{cpu} {kind}", NS, values, detail=True)


def _locks(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    found = [{lock.name: lock for lock in one.locks} for one in outcomes]
    waited: dict[str, int] = {}
    for locks in found:
        for lock in locks.values():
            waited[lock.name] = waited.get(lock.name, 0) + lock.waited
    known = sorted(waited, key=lambda name: (-waited[name], name))
    most = [name for name in known if waited[name]][:MOST_LOCKS]
    for name in known:
        detail = name not in most
        for what, unit in _OF_A_LOCK.items():
            field = {"waited for": "contended", "longest wait": "longest"}.get(what, what)
            values = tuple(getattr(locks[name], field) if name in locks else 0 for locks in found)
            more = detail or what in {"longest wait", "taken"}
            yield Row("locks", f"{name} {what}", unit, values, detail=more)
