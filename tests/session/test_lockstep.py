"""Kernels side by side: recorded, moved together, aligned at the points of an exit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.compare.outcome import measure
from exittui.errors import UsageError
from exittui.machine import Schedule
from exittui.scenario.library import find
from exittui.session.lockstep import Kernel, Lockstep

if TYPE_CHECKING:
    from pathlib import Path

    from tests.session.conftest import Open

NAMES = ("reaper", "mpi-2025-05")


def abreast(
    kernels: Path,
    *names: str,
    own_time: bool = False,
    scenario: str = "fork-and-wait",
    schedule: Schedule | None = None,
) -> Lockstep:
    """Kernels whose runs are recorded."""
    made = Lockstep(
        find(scenario),
        [Kernel(name) for name in names or NAMES],
        own_time=own_time,
        schedule=schedule,
        cache=kernels,
    )
    made.begin().finish()
    return made


@pytest.fixture(scope="module")
def recorded(kernels: Path) -> dict[bool, Lockstep]:
    """The pair, recorded once in each of the two ways."""
    return {own_time: abreast(kernels, own_time=own_time) for own_time in (False, True)}


@pytest.fixture
def together(recorded: dict[bool, Lockstep]) -> Lockstep:
    """The pair along one schedule, at its start."""
    return _fresh(recorded[False])


@pytest.fixture
def apart(recorded: dict[bool, Lockstep]) -> Lockstep:
    """The pair in their own times, at their start."""
    return _fresh(recorded[True])


def _fresh(lockstep: Lockstep) -> Lockstep:
    lockstep.lead = 0
    lockstep.to_start()
    return lockstep


def places(lockstep: Lockstep) -> list[int]:
    """Where all of them stand."""
    return [take.position for take in lockstep.takes]


def functions(lockstep: Lockstep) -> list[str]:
    """Where the CPUs that are looked at stand."""
    return [take.machine.next_statement(take.session.focus).function for take in lockstep.takes]


def test_all_follow_the_schedule_of_the_first_as_far_as_it_fits(together: Lockstep) -> None:
    first, second = (take.machine.recorded_schedule().picks for take in together.takes)
    left = together.takes[1].left
    assert together.takes[0].left is None
    assert left is not None
    assert second[:left] == first[:left]


def test_kernels_that_are_the_same_never_part(kernels: Path) -> None:
    """A hunk that this run never comes to makes no difference."""
    lockstep = Lockstep(
        find("single-exit"),
        [Kernel("mpi-2025-05"), Kernel("mpi-2025-05", ("kern/kern_sig.c",))],
        cache=kernels,
    )
    lockstep.begin().finish()
    assert lockstep.partings == (None,)
    with pytest.raises(UsageError, match="do the same from beginning to end"):
        lockstep.to_parting()
    lockstep.step()
    assert lockstep.looker.view().alike


def test_the_first_divergence_is_the_first_step_that_differs(together: Lockstep) -> None:
    together.to_parting()
    one, other = together.takes
    at = one.position
    assert places(together) == [at, at]
    assert [one.key(index) for index in range(at)] == [other.key(index) for index in range(at)]
    assert one.key(at) != other.key(at)
    view = together.looker.view()
    assert not view.alike
    assert view.partings[0] is not None
    assert [stand[0] for stand in view.partings[0].stands] == list(NAMES)


def test_a_step_is_one_of_each_and_back_again(together: Lockstep) -> None:
    for _ in range(5):
        together.step()
    assert places(together) == [5, 5]
    together.back_step()
    assert places(together) == [4, 4]
    together.to_start()
    together.back_step()
    assert places(together) == [0, 0]
    assert together.note == "the start of all runs"


def test_the_shorter_run_waits_at_its_end(together: Lockstep) -> None:
    """Stepping on past its end and back again finds both beside each other as before."""
    lengths = [take.recorded for take in together.takes]
    shorter = min(lengths)
    together.to_start()
    together._offset = shorter - 1
    together.step()
    together.step()
    together.step()
    assert sorted(places(together)) == [shorter, shorter + 2]
    for _ in range(3):
        together.back_step()
    assert places(together) == [shorter - 1, shorter - 1]


def test_in_their_own_times_whoever_is_behind_goes(apart: Lockstep) -> None:
    apart.next_point()
    zeros = [take.time(take.position) for take in apart.takes]
    seen = []
    for _ in range(60):
        apart.step()
        since = [
            take.time(take.position) - zero for take, zero in zip(apart.takes, zeros, strict=True)
        ]
        seen.append(places(apart))
        assert min(since) >= apart._offset
    assert seen == sorted(seen)
    for before in reversed(seen[:-1]):
        apart.back_step()
        assert places(apart) == before


def test_points_are_those_that_the_measured_runs_come_to(kernels: Path, apart: Lockstep) -> None:
    """Nanosecond by nanosecond what `exittui compare` says."""
    view = apart.looker.view()
    for number, name in enumerate(NAMES):
        outcome = measure(find("fork-and-wait"), name, cache=kernels)
        for ending in outcome.endings:
            start = ending.points["exit"][0]
            rows = {
                row.point: row.reached[number].after
                for row in view.points
                if row.process == f"{ending.name} {ending.pid}"
            }
            for point in ("sigchld", "return"):
                assert rows[point] == ending.points[point][0] - start
        assert apart.takes[number].end == outcome.end


def test_next_and_previous_point_of_the_leading_kernel(apart: Lockstep) -> None:
    order = [point for process, point, *_ in apart.points() if process == "sh 2002"]
    assert order == ["exit", "dead", "unmapped", "freed", "sigchld", "return"]
    apart.next_point()
    apart.next_point()
    assert apart.note == "sh 2002 is SDEAD"
    for take in apart.takes:
        text = take.machine.history.statement(take.position - 1).text
        assert text == "p.p_stat = SDEAD"
    apart.turn_lead()
    order = [point for process, point, *_ in apart.points() if process == "sh 2002"]
    assert order == ["exit", "unmapped", "freed", "dead", "sigchld", "return"]
    apart.previous_point()
    assert apart.note == "sh 2002 has its address space freed"
    apart.to_start()
    with pytest.raises(UsageError, match="no point before"):
        apart.previous_point()
    apart.to_end()
    with pytest.raises(UsageError, match="no point after"):
        apart.next_point()


def test_a_statement_with_its_calls_in_each(together: Lockstep) -> None:
    together.next_point()
    before = places(together)
    for _ in range(8):
        together.over()
    assert functions(together) == ["exit1", "exit1"]
    for _ in range(8):
        together.over(back=True)
    assert places(together) == before
    together.over(out=True, back=True)
    assert functions(together) == ["sys_exit", "sys_exit"]


def test_lanes_agree_in_the_aligned_point(kernels: Path) -> None:
    for own_time in (False, True):
        lockstep = abreast(kernels, *NAMES, "mpi-switch", own_time=own_time)
        lockstep.next_point()
        view = lockstep.looker.lanes(100)
        assert len({side.here for side in view.sides}) == 1
        assert view.first < 0 < view.last
        for side in view.sides:
            assert len(side.lanes) == 2
            assert "exit" in {point for _, point in side.points}
            for lane in side.lanes:
                at = 0
                for span in lane.spans:
                    assert span.column == at
                    at += span.width
                assert side.indent + at <= 101
        near = lockstep.looker.lanes(100, 8.0)
        assert near.last - near.first < view.last - view.first


def test_beside_a_session_its_own_run_is_followed(open_session: Open) -> None:
    session = open_session("fork-and-wait")
    for line in ("step", "step", "any", "any"):
        session.run_line(line)
    session.run_line("goto 1")
    lockstep = Lockstep.of_session(session, ["reaper"])
    lockstep.begin().finish()
    picks = session.machine.recorded_schedule().picks
    assert lockstep.takes[0].machine.recorded_schedule().picks[: len(picks)] == picks
    assert session.machine.position == 1


def test_the_command_says_it_in_lines(open_session: Open) -> None:
    session = open_session("fork-and-wait")
    lines = session.run_line("compare reaper").lines
    assert any(line.startswith("one schedule, steps after exit()") for line in lines)
    assert any(line.startswith("each in its own time") for line in lines)
    assert any("first divergence: step" in line for line in lines)
    assert any("is SDEAD" in line and "2,893" in line for line in lines)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("reapr", "no kernel or branch 'reapr'; did you mean 'reaper'"),
        ("mpi-2025-05", "is the kernel of this session: name another"),
        ("reaper main", "main is a branch: kernels and branches do not go together"),
        ("reaper mpi-switch purge-2025-08", "two or three kernels stand side by side, not 4"),
        ("reaper reaper", "a kernel is named twice"),
    ],
)
def test_what_cannot_be_compared(open_session: Open, argument: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_session("fork-and-wait").run_line(f"compare {argument}")
    assert message in caught.value.message


def test_a_panic_is_an_end_like_any_other(kernels: Path) -> None:
    """Without its part in kern_event.c the diff panics; beside it the whole of it goes on."""
    lockstep = Lockstep(
        find("single-exit"),
        [Kernel("mpi-2025-05", ("kern/kern_event.c",)), Kernel("mpi-2025-05")],
        cache=kernels,
    )
    lockstep.begin().finish()
    lockstep.to_end()
    view = lockstep.looker.view()
    assert [side.ended for side in view.sides] == ["panic", "done"]
    assert view.sides[0].kernel == "mpi-2025-05 −kern/kern_event.c"
    missing = [row for row in view.points if row.reached[0].position is None]
    assert {row.point for row in missing} >= {"return"}


def test_a_schedule_of_ones_own(kernels: Path) -> None:
    schedule = Schedule.parse("1x20/0x10")
    lockstep = abreast(kernels, scenario="three-threads-exit", schedule=schedule)
    assert lockstep.takes[0].machine.recorded_schedule().picks[:30] == schedule.picks
