"""The debugger's questions about all schedules, with the checker behind them."""

from __future__ import annotations

import re

import pytest

from exittui.errors import UsageError
from exittui.machine import Schedule, Scripted
from exittui.playback.ahead import equip
from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.session.session import Session
from exittui.tui.lines import plain
from exittui.tui.paint.timeline import paint

FREED = "1x233/0x949/1x323/0"
"""Of thread-exit: a stack is freed under the thread that stands on it, by step 1505."""


@pytest.fixture
def session() -> Session:
    """At the violation, with the way back recorded, as the command line opens it."""
    built = build(find("thread-exit"), "mpi-2025-05")
    schedule = Schedule.parse(FREED)
    built.machine.run(Scripted(schedule), len(schedule))
    return equip(Session(built))


def lines(session: Session, *commands: str) -> tuple[str, ...]:
    told: tuple[str, ...] = ()
    for command in commands:
        told = session.run_line(command).lines
    return told


def test_check_counts_the_schedules_from_here(session: Session) -> None:
    verdict, failure = lines(session, "goto 1504", "check")
    assert re.fullmatch(
        r"step 1504: \d+ of \d+ schedules from here fail \([\d.]+%\) \(exhaustive\)", verdict
    )
    assert "runs on a freed stack" in failure
    assert session.machine.position == 1504
    assert session.machine.recorded == 1506


def test_where_all_hold_it_says_so(session: Session) -> None:
    """When the thread has left its stack nothing can go wrong any more."""
    lines(session, "goto 1182", "cpu 0", "finish", "goto 1183", "run")
    (verdict,) = lines(session, "check")
    assert "the only schedule that goes on from here holds (exhaustive)" in verdict


def test_a_bounded_check_is_not_called_exhaustive(session: Session) -> None:
    verdict, *_ = lines(session, "goto 1000", "check 40")
    assert "(bounded: 40 moves; not every schedule was covered)" in verdict


def test_shares_name_the_point_of_no_return(session: Session) -> None:
    told, *_ = lines(session, "shares 900")
    assert told.startswith(
        "the point of no return is step 1505, cpu1 in uvm_uarea_free(): free(p.p_addr)"
    )


def test_one_goes_from_outcome_to_outcome(session: Session) -> None:
    lines(session, "shares 900", "back-differ")
    assert session.machine.position == 1504
    lines(session, "differ")
    assert session.machine.position == 1505
    with pytest.raises(UsageError, match="end as they do from here: the only schedule"):
        lines(session, "differ")


def test_a_witness_is_played_as_a_branch(session: Session) -> None:
    lines(session, "goto 1490", "check")
    assert session.machine.result is None
    lines(session, "goto 1182", "cpu 0", "step")
    lines(session, "witness")
    assert session.machine.result is not None
    assert "freed stack" in session.machine.result.message


def test_the_timeline_has_a_lane_of_its_own_for_that(session: Session) -> None:
    def lane() -> list[str]:
        view = session.views.wider.timeline(1480, 1507, 27)
        return [line for line in plain(paint(view, 60, 7)).split("\n") if line[2:3] == "✖"]

    assert lane() == []
    lines(session, "shares 900")
    (told,) = lane()
    assert re.search("[▁▂▃▄▅▆▇]██ ", told)
    assert "· " not in told
    lines(session, "goto 1182", "cpu 0", "step")  # another run from there on
    assert lane() == []


def test_an_interrupted_search_keeps_what_it_knows(session: Session) -> None:
    doing = session.begin("shares")
    while doing.advance():
        if session.known is not None and 1490 in session.known.sight.fates:
            break
    doing.stop()
    assert session.known is not None
    assert not session.known.whole
    assert session.machine.position == 1506
    lines(session, "goto 1504")
    assert re.match(r"step 1504: \d+ of \d+ schedules", lines(session, "check")[0])


def test_without_a_search_it_says_so() -> None:
    with pytest.raises(UsageError, match="opened without a search"):
        lines(Session(build(find("thread-exit"), "reaper")), "check")


@pytest.mark.parametrize("command", ["check x", "shares -1", "witness", "witness 9"])
def test_what_cannot_be_asked_is_answered(session: Session, command: str) -> None:
    with pytest.raises(UsageError):
        lines(session, command)
