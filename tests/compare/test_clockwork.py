"""The loop for long runs makes the choices of the plain chooser, and loses no nanosecond."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exittui.compare.meter import Meter
from exittui.kernel.costs import prices
from exittui.machine.clockwork import Clockwork
from exittui.machine.timed import Timed
from exittui.scenario.build import build
from tests.compare.worlds import ALL, KERNELS, MAKE, STORM, workload

if TYPE_CHECKING:
    from exittui.machine import Machine
    from exittui.machine.timed import Prices

STEPS = 6000


def machines(text: str, kernel: str, cpus: int) -> tuple[Machine, Machine, Prices]:
    scenario = workload(text, cpus=cpus)
    one, other = (build(scenario, kernel).machine for _ in range(2))
    return one, other, prices(one.image, page_unit=16)


@pytest.mark.parametrize("text", ALL, ids=lambda text: text.split('"')[1])
@pytest.mark.parametrize(("kernel", "cpus"), [(KERNELS[0], 2), (KERNELS[1], 3), (KERNELS[3], 4)])
def test_both_make_the_same_choices(text: str, kernel: str, cpus: int) -> None:
    """Every pick is the same, however the CPUs wait, are woken, beaten or interrupted."""
    plain, fast, made = machines(text, kernel, cpus)
    plain.run(Timed(made), STEPS)
    clockwork = Clockwork(fast, made, {}, lambda *_: None)
    while fast.position < plain.position and clockwork.run(specials=50):
        pass
    length = min(plain.position, fast.position)
    assert length >= min(STEPS, plain.position)
    assert fast.recorded_schedule().picks[:length] == plain.schedule().picks[:length]


def test_the_clocks_are_the_same_at_the_end() -> None:
    plain, fast, made = machines(STORM, KERNELS[1], 2)
    chooser = Timed(made)
    plain.run(chooser, 100_000)
    clockwork = Clockwork(fast, made, {}, lambda *_: None)
    assert not clockwork.run()
    assert plain.fingerprint() == fast.fingerprint()
    assert max(chooser.clocks(plain)) == max(clockwork.clocks)


def test_going_back_takes_the_time_back() -> None:
    machine, _, made = machines(MAKE, KERNELS[1], 3)
    chooser = Timed(made)
    machine.run(chooser, 3000)
    there, picks = chooser.clocks(machine), machine.schedule().picks[:]
    machine.goto(1000)
    earlier = chooser.clocks(machine)
    assert all(one <= other for one, other in zip(earlier, there, strict=True))
    assert sum(earlier) < sum(there)
    machine.run(chooser, 2000)
    assert machine.schedule().picks == picks
    assert chooser.clocks(machine) == there


@given(
    kind=st.sampled_from(["storm", "make", "threads", "late"]),
    kernel=st.sampled_from(KERNELS),
    cpus=st.integers(1, 5),
    processes=st.integers(1, 7),
    jobs=st.integers(1, 4),
    pages=st.integers(0, 600),
    user=st.integers(0, 3000),
    locked=st.integers(0, 200),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_nanosecond_is_attributed_once(  # noqa: PLR0917 - hypothesis names them
    kind: str,
    kernel: str,
    cpus: int,
    processes: int,
    jobs: int,
    pages: int,
    user: int,
    locked: int,
    seed: int,
) -> None:
    """By CPU, by statement and by thread: the sums are the time there was."""
    text = (
        f'kind = "{kind}"\nprocesses = {processes}\njobs = {jobs}\nseed = {seed}\n'
        f'pages = {{ shape = "uniform", low = 0, high = {pages} }}\n'
        f'user = {{ shape = "uniform", low = 0, high = {user} }}\nlocked = {{ median = {locked} }}'
    )
    scenario = workload(text, cpus=cpus)
    machine = build(scenario, kernel, past=False).machine
    meter = Meter(machine, prices(machine.image, page_unit=16), segments=10_000)
    clockwork = meter.clockwork
    assert not clockwork.run()
    end = meter.finish()
    assert clockwork.clocks == [end] * cpus
    waited = sum(clockwork.spin) + sum(clockwork.idle)
    by_statement = sum(
        clockwork.spent[pc] or hits * clockwork.price(pc)
        for pc, hits in enumerate(clockwork.hits)
        if hits
    )
    assert by_statement + waited == end * cpus
    charged = sum(time.total for time in meter.accounts.charged.values())
    assert charged + sum(clockwork.idle) == end * cpus
    for time in meter.accounts.charged.values():
        assert min(time.user, time.system, time.spin) >= 0
    for cpu in range(cpus):
        shown = [one for one in meter.segments if one.cpu == cpu]
        assert sum(one.end - one.begin for one in shown) == end
        assert all(one.end == other.begin for one, other in itertools.pairwise(shown))


def test_no_cpu_runs_two_threads_and_no_lock_has_two_holders() -> None:
    """What the lanes show is what the kernel's rules allow."""
    scenario = workload(MAKE, cpus=4)
    machine = build(scenario, "reaper", past=False).machine
    meter = Meter(machine, prices(machine.image, page_unit=16), segments=50_000)
    meter.clockwork.run()
    end = meter.finish()
    for lock in meter.locks.values():
        if lock.name in ("kernel_lock", "sched_lock", "deadproc"):
            assert lock.held <= end, lock
    reaper = [one for one in meter.segments if one.thread == "reaper"]
    assert {one.cpu for one in reaper} != {0}
    in_order = sorted(reaper, key=lambda one: one.begin)
    assert all(one.end <= other.begin for one, other in itertools.pairwise(in_order))
