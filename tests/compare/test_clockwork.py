"""The loop for long runs makes the choices of the plain chooser, and loses no nanosecond."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exittui.compare.meter import Meter
from exittui.machine.clockwork import Clockwork
from exittui.machine.timed import Timed
from exittui.scenario.build import build
from exittui.scenario.load import parse
from exittui.scenario.play import priced
from tests.compare.worlds import ALL, KERNELS, MAKE, STORM, workload

if TYPE_CHECKING:
    from exittui.machine import Machine
    from exittui.machine.timed import Prices

STEPS = 6000


def machines(text: str, kernel: str, cpus: int) -> tuple[Machine, Machine, Prices]:
    scenario = workload(text, cpus=cpus)
    one, other = (build(scenario, kernel) for _ in range(2))
    return one.machine, other.machine, priced(one)


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


LONG = (
    'kind = "make"\njobs = 4\nprocesses = 5\nuser = { shape = "exponential", median = 60000 }\n'
    "locked = { median = 3000 }\nunlocked = { median = 9000 }",
    'kind = "threads"\njobs = 5\nprocesses = 5\nuser = { median = 50000 }',
)
"""They compute for longer than the clock takes between two ticks, more of them than CPUs."""


@pytest.mark.parametrize("text", LONG, ids=lambda text: text.split('"')[1])
@pytest.mark.parametrize(("kernel", "cpus"), [(KERNELS[0], 1), (KERNELS[1], 2), (KERNELS[4], 3)])
def test_both_let_the_clock_tick_at_the_same_steps(text: str, kernel: str, cpus: int) -> None:
    plain, fast, made = machines(text, kernel, cpus)
    plain.run(Timed(made), 60_000)
    clockwork = Clockwork(fast, made, {}, lambda *_: None)
    clockwork.run()
    assert fast.recorded_schedule().picks == plain.schedule().picks
    ticks = [pick for pick in plain.schedule().picks if plain.choice(pick) == "clock on cpu0"]
    assert len(ticks) == fast.globals["ticks"] == max(clockwork.clocks) // 10_000_000


def test_a_thread_gives_way_after_a_turn() -> None:
    """Three threads that only compute share one CPU, a tenth of a second each at a time."""
    text = 'kind = "threads"\njobs = 3\nprocesses = 3\nuser = { median = 250000 }'
    built = build(workload(text, cpus=1), "reaper", past=False)
    meter = Meter(built.machine, priced(built), segments=100_000)
    meter.clockwork.run()
    meter.finish()
    turns: list[tuple[str, int]] = []
    for one in meter.segments:
        if one.kind == "user":
            if not turns or turns[-1][0] != one.thread:
                turns.append((one.thread, 0))
            turns[-1] = (one.thread, turns[-1][1] + one.end - one.begin)
    assert len(turns) >= 8
    assert all(length <= 201_000_000 for _, length in turns)


SLEEPER = """title = "t"
description = "d"
kernels = ["reaper"]
cpus = {cpus}
[[process]]
name = "computes"
[[process.thread]]
program = [{computing}, ["exit", 0]]
start = "ready"
[[process]]
name = "sleeps"
[[process.thread]]
program = [["nanosleep", 3], ["exit", 0]]
start = "cpu{last}"
"""


@pytest.mark.parametrize("cpus", [1, 2])
def test_a_sleep_takes_the_time_it_says(cpus: int) -> None:
    """Three ticks of 10 ms, while others compute or not."""
    computing = ", ".join(['["compute", 1000]'] * 60)
    scenario = parse(
        SLEEPER.format(cpus=cpus, last=cpus - 1, computing=computing), name="s", file="s.toml"
    )
    built = build(scenario.ticking(), "reaper", past=False)
    meter = Meter(built.machine, priced(built))
    meter.clockwork.run()
    (exits,) = (
        points["exit"][0] for pid, points in meter.points.items() if meter.names[pid] == "sleeps"
    )
    assert 20_000_000 < exits < 31_000_000


def test_an_idle_machine_sleeps_as_long() -> None:
    scenario = parse(
        SLEEPER.format(cpus=1, last=0, computing='["compute", 1]'), name="s", file="s.toml"
    ).ticking()
    built = build(scenario, "reaper", past=False)
    meter = Meter(built.machine, priced(built))
    assert not meter.clockwork.run()
    assert 30_000_000 < meter.finish() < 41_000_000


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
    built = build(scenario, kernel, past=False)
    machine = built.machine
    meter = Meter(machine, priced(built), segments=10_000)
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
    built = build(scenario, "reaper", past=False)
    meter = Meter(built.machine, priced(built), segments=50_000)
    meter.clockwork.run()
    end = meter.finish()
    for lock in meter.locks.values():
        if lock.name in ("kernel_lock", "sched_lock", "deadproc"):
            assert lock.held <= end, lock
    reaper = [one for one in meter.segments if one.thread == "reaper"]
    assert {one.cpu for one in reaper} != {0}
    in_order = sorted(reaper, key=lambda one: one.begin)
    assert all(one.end <= other.begin for one, other in itertools.pairwise(in_order))
