"""Published times of a build beside those of the model.

Three numbers of the workload are calibrated, so that the baseline's real, user and sys come out as
published: how long the programs compute, how long they are in the kernel for other things than
starting and exiting, and how long make runs alone. Nothing else is fitted to anything, and what
any other kernel does is predicted: no figure of it enters. A sample of the build is run, and times
are multiplied up to the whole of it. Which compiler comes last is chance, and moves the real time
of a sample by more than kernels do; so several draws of the same workload are run, and a kernel is
compared with the baseline draw by draw.

The sweep asks what becomes of the prediction when an assumption is wrong: each cost of the table is
halved and doubled, and so are the assumptions of the workload. Baseline and changed kernel are
run with it, and their difference is compared with that without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from exittui.compare.parallel import Task, run_all
from exittui.compare.published import Times
from exittui.kernel.costs import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from exittui.compare.outcome import Outcome
    from exittui.compare.parallel import Report
    from exittui.compare.published import Measurement
    from exittui.scenario.model import Scenario, Spread, Workload

ROUNDS: Final = 12
NEAR: Final = 0.002
"""The baseline is calibrated when each time is this close to what was published."""

SWEPT: Final = 160
"""Processes in a run of the sweep."""

FACTORS: Final = (0.5, 2.0)
SEEDS: Final = (2, 3, 4, 5)
"""Other draws of the same workload than the calibrated one: what they change is chance."""

C2_OVER_C1: Final = 12.0
"""The dmesg of the machine says 18 µs for leaving C2, where the table has C1."""


@attrs.frozen
class Calibrated:
    """What was fitted to the baseline, for the whole build."""

    user: float
    """Seconds that all programs compute."""
    kernel: float
    """Seconds that they are in the kernel for other things than starting and exiting."""
    locked: float
    """The part of that with the kernel lock: assumed, not fitted."""
    alone: float
    """Seconds that make runs with nobody beside it."""


@attrs.frozen
class Prediction:
    """One kernel: what the model says of the whole build, the mean of all draws.

    `times` is the calibrated baseline's, changed by the mean difference from it.
    """

    kernel: str
    times: Times
    switches: int
    spin: float
    idle: float
    latency: int
    unaccounted: float
    """Seconds that are in no usage that wait4() reports."""
    fault: str = ""
    """How a run ended, if not well; the times are those up to there."""
    draws: tuple[Times, ...] = ()
    """How far it is from the baseline in each draw, as fractions."""

    def spread(self, name: str) -> tuple[float, float]:
        """The least and the largest difference of real, user or sys over the draws."""
        found = [getattr(one, name) for one in self.draws] or [0.0]
        return min(found), max(found)


@attrs.frozen
class Swept:
    """The difference that the change makes, when something is assumed otherwise."""

    name: str
    factor: str
    real: float
    sys: float
    fault: str = ""
    """How a run ended that did not come to its end; then there is no difference."""


@attrs.frozen
class Reproduction:
    """All of it."""

    measurement: Measurement
    sample: int
    calibrated: Calibrated
    predictions: tuple[Prediction, ...]
    sweep: tuple[Swept, ...]
    """The first is without any change, on the sample of the sweep."""

    def of(self, kernel: str) -> Prediction:
        """What the model says of one kernel."""
        return next(one for one in self.predictions if one.kernel == kernel)

    @property
    def predicted(self) -> Times:
        """How far the changed kernel is from the baseline, by the model."""
        measured = self.measurement
        return self.of(measured.changed).times.relative(self.of(measured.baseline).times)


def reproduce(
    measurement: Measurement,
    scenario: Scenario,
    *,
    sweep: bool = True,
    cache: Path | None = None,
    report: Report | None = None,
) -> Reproduction:
    """Calibrate, predict, sweep. The scenario has one workload, which is scaled to the sample."""
    lab = _Lab(measurement, scenario, cache, report)
    fitted = lab.calibrate()
    kernels = (measurement.baseline, measurement.changed, *measurement.predicted)
    return Reproduction(
        measurement=measurement,
        sample=scenario.workload[0].processes,
        calibrated=lab.calibrated(fitted),
        predictions=tuple(lab.predict(fitted, kernels)),
        sweep=tuple(lab.sweep(fitted)) if sweep else (),
    )


class _Lab:
    """Runs samples of the build, larger and smaller."""

    def __init__(
        self,
        measurement: Measurement,
        scenario: Scenario,
        cache: Path | None,
        report: Report | None,
    ) -> None:
        self._measurement = measurement
        self._scenario = scenario
        self._cache = cache
        self._report = report
        self._scale = measurement.processes / scenario.workload[0].processes

    def run(
        self, runs: Sequence[tuple[str, str, Workload, dict[str, float] | None]]
    ) -> list[Outcome]:
        """Outcomes of (label, kernel, workload, cost factors)."""
        return run_all(
            [
                Task(
                    label,
                    attrs.evolve(self._scenario, workload=(workload,)),
                    kernel,
                    factors=factors,
                    cache=self._cache,
                )
                for label, kernel, workload, factors in runs
            ],
            self._report,
        )

    # -- calibrating ---------------------------------------------------------------------------

    def calibrate(self) -> Workload:
        """The workload under which the baseline takes what was published, as near as it gets.

        How CPUs queue for a lock depends on every nanosecond, so the last part of the way is
        trying: of all workloads tried, the nearest is taken.
        """
        workload = self._scenario.workload[0]
        target = self._measurement.before
        best, nearest = workload, float("inf")
        for _ in range(ROUNDS):
            (outcome,) = self.run([("calibrating", self._measurement.baseline, workload, None)])
            got = times(outcome, self._scale)
            off = got.relative(target)
            distance = max(abs(off.real), abs(off.user), abs(off.sys))
            if distance < nearest:
                best, nearest = workload, distance
            if distance < NEAR:
                break
            workload = self._closer(workload, got, target)
        return best

    def _closer(self, workload: Workload, got: Times, target: Times) -> Workload:
        """Correct each of the three by what it governs."""
        alone = workload.before * 1e-6 * self._scale
        computing = (target.user - alone) / max(1e-9, got.user - alone)
        other = self._kernel_time(workload)
        work = max(0.05, 1 + (target.sys - got.sys) / max(1e-9, other))
        busy = (target.user - got.user + target.sys - got.sys) / self._scenario.cpus
        share = 1 - 1 / self._scenario.cpus
        alone = max(0.0, alone + (target.real - got.real - busy) / share)
        return attrs.evolve(
            workload,
            user=_times(workload.user, computing),
            locked=_times(workload.locked, work),
            unlocked=_times(workload.unlocked, work),
            before=round(alone * 1e6 / self._scale),
        )

    def _kernel_time(self, workload: Workload) -> float:
        """Seconds of other work in the kernel, in the whole build, without waiting."""
        each = _mean(workload.locked, workload) + _mean(workload.unlocked, workload)
        return each * 1e-6 * self._measurement.processes

    def calibrated(self, workload: Workload) -> Calibrated:
        """What calibrating came to, for the whole build."""
        locked = _mean(workload.locked, workload) * 1e-6 * self._measurement.processes
        return Calibrated(
            user=_mean(workload.user, workload) * 1e-6 * self._measurement.processes,
            kernel=self._kernel_time(workload),
            locked=locked,
            alone=workload.before * 1e-6 * self._scale,
        )

    # -- predicting ----------------------------------------------------------------------------

    def predict(self, fitted: Workload, kernels: Sequence[str]) -> Iterator[Prediction]:
        """What each kernel does, the baseline first."""
        draws = [fitted, *(_with(seed=seed)(fitted) for seed in SEEDS)]
        outcomes = self.run([(kernel, kernel, draw, None) for kernel in kernels for draw in draws])
        baseline = outcomes[: len(draws)]
        calibrated = times(baseline[0], self._scale)
        for number, kernel in enumerate(kernels):
            mine = outcomes[number * len(draws) : (number + 1) * len(draws)]
            yield self._prediction(kernel, mine, baseline, calibrated)

    def _prediction(
        self, kernel: str, mine: Sequence[Outcome], baseline: Sequence[Outcome], calibrated: Times
    ) -> Prediction:
        """The outcomes of all draws, for the whole build."""
        seconds, count = self._scale * 1e-9, len(mine)
        off = tuple(
            times(one, 1).relative(times(other, 1))
            for one, other in zip(mine, baseline, strict=True)
        )
        lost = [
            sum(one.charged[name].total for name in ("tu", "nobody", "kernel threads"))
            for one in mine
        ]
        faults = [f"{one.result}: {one.message}" for one in mine if one.result != "done"]
        return Prediction(
            kernel=kernel,
            times=calibrated.changed(_mean_of(off)),
            switches=round(sum(one.counts["switches"] for one in mine) / count * self._scale),
            spin=sum(one.total.spin for one in mine) / count * seconds,
            idle=sum(one.total.idle for one in mine) / count * seconds,
            latency=sum(one.latency.median if one.latency else 0 for one in mine) // count,
            unaccounted=sum(lost) / count * seconds,
            fault=faults[0] if faults else "",
            draws=off,
        )

    # -- sweeping ------------------------------------------------------------------------------

    def sweep(self, fitted: Workload) -> list[Swept]:
        """The difference under each changed assumption, the unchanged one first."""
        small = attrs.evolve(
            fitted,
            processes=min(SWEPT, fitted.processes),
            before=fitted.before * min(SWEPT, fitted.processes) // fitted.processes,
        )
        cases: list[tuple[str, str, Workload, dict[str, float] | None]] = [
            ("as assumed", "", small, None)
        ]
        cases += [
            ("chance: another seed", str(seed), _with(seed=seed)(small), None) for seed in SEEDS
        ]
        cases += [(name, how, change(small), None) for (name, how), change in _ASSUMPTIONS]
        for cost in table():
            cases += [
                (f"cost {cost.name}", f"×{factor:g}", small, {cost.name: factor})
                for factor in FACTORS
            ]
        cases.append(("cost wake-idle", f"×{C2_OVER_C1:g} (C2)", small, {"wake-idle": C2_OVER_C1}))
        measured = self._measurement
        outcomes = self.run(
            [
                ("sweeping", kernel, workload, factors)
                for _, _, workload, factors in cases
                for kernel in (measured.baseline, measured.changed)
            ]
        )
        found = []
        for case, before, after in zip(cases, outcomes[::2], outcomes[1::2], strict=True):
            off = times(after, 1).relative(times(before, 1))
            faults = [
                f"{one.kernel}: {one.result}: {one.message}"
                for one in (before, after)
                if one.result != "done"
            ]
            found.append(Swept(case[0], case[1], off.real, off.sys, "; ".join(faults)))
        return found


def times(outcome: Outcome, scale: float) -> Times:
    """What time(1) would print: the clock, and the usage that was reported to parents."""
    charged = outcome.charged["ru"]
    seconds = scale * 1e-9
    return Times(
        outcome.end * seconds, charged.user * seconds, (charged.system + charged.spin) * seconds
    )


def _mean_of(found: Sequence[Times]) -> Times:
    """The mean of each of the three."""
    return Times(
        sum(one.real for one in found) / len(found),
        sum(one.user for one in found) / len(found),
        sum(one.sys for one in found) / len(found),
    )


def _mean(spread: Spread, workload: Workload) -> float:
    from exittui.scenario.workload import sizes  # noqa: PLC0415 - with its siblings below

    values = sizes(spread, workload.classes)
    return sum(values) / len(values)


def _times(spread: Spread, factor: float) -> Spread:
    return attrs.evolve(spread, median=max(1, round(spread.median * factor)))


def _with(**changes: int) -> Callable[[Workload], Workload]:
    return lambda workload: attrs.evolve(workload, **changes)  # type: ignore[arg-type] # whole numbers


def _pages(factor: float) -> Callable[[Workload], Workload]:
    return lambda workload: attrs.evolve(workload, pages=_times(workload.pages, factor))


def _share(part: float) -> Callable[[Workload], Workload]:
    """So much of the other work in the kernel with its lock, the sum as before."""

    def change(workload: Workload) -> Workload:
        both = workload.locked.median + workload.unlocked.median
        return attrs.evolve(
            workload,
            locked=attrs.evolve(workload.locked, median=round(both * part)),
            unlocked=attrs.evolve(workload.unlocked, median=round(both * (1 - part))),
        )

    return change


_ASSUMPTIONS: Final[tuple[tuple[tuple[str, str], Callable[[Workload], Workload]], ...]] = (
    (("pages of a program", "×0.5"), _pages(0.5)),
    (("pages of a program", "×2"), _pages(2.0)),
    (("jobs of make", "16"), _with(jobs=16)),
    (("work under the kernel lock", "none"), _share(0.0)),
    (("work under the kernel lock", "45 %"), _share(0.45)),
    (
        ("processes, each half as large", "×2"),
        lambda workload: attrs.evolve(
            workload,
            processes=workload.processes * 2,
            user=_times(workload.user, 0.5),
            locked=_times(workload.locked, 0.5),
            unlocked=_times(workload.unlocked, 0.5),
        ),
    ),
)
