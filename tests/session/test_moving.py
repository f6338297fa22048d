"""Moving over a run: forwards, backwards, to breakpoints, and choosing otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.errors import UsageError
from exittui.machine import Schedule, Scripted
from exittui.session.commands import COMMANDS, read

if TYPE_CHECKING:
    from exittui.session.session import Session
    from tests.session.conftest import Open


def do(session: Session, *lines: str) -> str:
    note = ""
    for line in lines:
        note = session.carry_out(read(line))
    return note


def here(session: Session) -> tuple[str, int]:
    statement = session.machine.next_statement(session.focus)
    return statement.function, statement.line


def test_a_step_is_one_statement_of_the_chosen_cpu(session: Session) -> None:
    other = session.machine.next_statement(1)
    do(session, "cpu 0", "step")
    assert session.machine.position == 1
    assert session.machine.next_statement(1) == other
    assert session.machine.history.cpu(0) == 0


def test_stepping_back_is_as_if_it_had_not_been(session: Session) -> None:
    before = session.machine.fingerprint()
    do(session, "any 300")
    assert session.machine.fingerprint() != before
    do(session, "back 300")
    assert session.machine.position == 0
    assert session.machine.fingerprint() == before
    with pytest.raises(UsageError, match="start of the run"):
        do(session, "back")


def test_next_runs_the_calls_of_a_statement(session: Session) -> None:
    do(session, "break sys_exit", "continue")
    assert here(session)[0] == "sys_exit"
    do(session, "delete", "next")
    path = session.views.source().path
    stopped = session.machine.result is not None  # the siblings stand still meanwhile
    assert stopped or "sys_exit" not in path[:-1] or here(session)[0] == "sys_exit"


def test_next_and_its_reverse_meet_in_the_same_function(session: Session) -> None:
    do(session, "break mtx_leave", "continue", "delete")
    function, line = here(session)
    do(session, "next")
    assert here(session)[0] == function
    do(session, "reverse-next")
    assert here(session) == (function, line)


def test_finish_returns_to_the_caller_and_its_reverse_to_the_call(session: Session) -> None:
    do(session, "break mtx_enter", "continue", "delete")
    caller = session.views.source().path[-1]
    do(session, "finish")
    assert here(session)[0] == caller
    do(session, "reverse-step", "reverse-finish")
    assert here(session)[0] == caller
    assert "mtx_enter" in session.machine.next_statement(session.focus).text or caller


def test_continue_stops_before_each_breakpoint_and_backwards_too(session: Session) -> None:
    do(session, "break exit1", "continue")
    first = session.machine.position
    assert here(session)[0] == "exit1"
    do(session, "continue")
    second = session.machine.position
    assert second > first
    do(session, "reverse-continue")
    assert session.machine.position == first
    do(session, "reverse-continue")
    assert session.machine.position == 0


def test_a_run_ends_restarts_and_can_be_visited_anywhere(session: Session) -> None:
    do(session, "run")
    end = session.machine.position
    assert session.views.status().result == "done"
    with pytest.raises(UsageError, match="the run has ended: done"):
        do(session, "step")
    do(session, "restart")
    assert (session.machine.position, session.machine.recorded) == (0, end)
    do(session, "goto 50%")
    assert session.machine.position == end // 2
    do(session, "goto +7", "goto -2", "forward")
    assert session.machine.position == end // 2 + 6
    with pytest.raises(UsageError, match=f"0 to {end} are recorded"):
        do(session, f"goto {end + 1}")


def test_a_cpu_that_waits_says_for_what_and_who_can_go_on(session: Session) -> None:
    while all(session.machine.ready(cpu) for cpu in (0, 1)):
        do(session, "any")
    session.focus = next(cpu for cpu in (0, 1) if not session.machine.ready(cpu))
    position = session.machine.position
    with pytest.raises(UsageError, match=r"cpu\d (spins for|is idle).*can go on: cpu \d"):
        do(session, "step")
    assert session.machine.position == position


def test_so_many_steps_end_where_the_cpu_has_to_wait(session: Session) -> None:
    session.run_line("seek lock kernel_lock")
    session.run_line("cpu 1")
    told = session.run_line("step 9000").lines
    assert 0 < session.machine.position - session.moved_from < 9000
    assert told[-1].startswith("note: cpu1 spins for kernel_lock; can go on: cpu 0")
    with pytest.raises(UsageError, match="cpu1 spins for kernel_lock; can go on: cpu 0"):
        session.run_line("step 5")


def test_choosing_otherwise_begins_a_branch_and_says_so(session: Session) -> None:
    do(session, "cpu 0", "step 10", "back 5")
    assert not do(session, "step 2")
    assert session.machine.recorded == 10
    told = do(session, "cpu 1", "step")
    assert told == "branch-2 begins; main keeps the other 3 steps"
    assert session.machine.recorded == 8


def test_until_reaches_a_line_of_this_file(session: Session) -> None:
    do(session, "break mtx_enter", "continue", "delete")
    line = here(session)[1]
    do(session, f"until {line + 3}")
    assert here(session)[0] == "mtx_enter"
    assert here(session)[1] >= line + 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cpu 7", "no cpu 7: 0 to 1 are there"),
        ("cpu one", "'one' is no CPU"),
        ("break nosuch", "no function 'nosuch'"),
        ("break exit2x", "no function"),
        ("break kern/kern_exti.c:3", "did you mean 'kern/kern_exit.c'"),
        ("break 99999", "no statement on line 99999"),
        ("break :", "'' is no line number"),
        ("break kern/kern_exit.c:", "'' is no line number"),
        ("delete exit1", "no breakpoint at"),
        ("forward", "nothing is recorded beyond"),
        ("goto 5", "0 to 0 are recorded"),
        ("goto 200%", "too large"),
        ("goto +", "is no number of steps"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    session: Session, line: str, said: str
) -> None:
    before = session.machine.fingerprint()
    with pytest.raises(UsageError) as caught:
        do(session, line)
    assert said in caught.value.message
    assert session.machine.fingerprint() == before


def test_breakpoints_are_named_and_cleared(session: Session) -> None:
    assert do(session, "breakpoints") == "No breakpoints set"
    assert "breakpoint set: kern/kern_exit" in do(session, "toggle exit1")
    assert "kern/kern_exit" in do(session, "info breakpoints") or session.output
    assert "cleared" in do(session, "toggle exit1")
    do(session, "b", "b kern_lock.c:40")
    assert do(session, "delete") == "2 breakpoints cleared"


def test_the_schedule_that_when_names_leads_to_the_same_place(
    session: Session, open_session: Open
) -> None:
    do(session, "any 123")
    text = do(session, "when").rpartition(": ")[2]
    again = open_session()
    again.machine.run(Scripted(Schedule.parse(text)), 1000)
    assert again.machine.fingerprint() == session.machine.fingerprint()


def test_a_panic_is_an_end_that_can_be_stepped_back_from(open_session: Open) -> None:
    session = open_session("single-exit")
    for command in COMMANDS:
        if command.group == "screen" or "[" not in f"{command.argument or '['}":
            continue
        try:
            session.carry_out(read(command.words[0]))
        except UsageError as error:
            assert error.message
    assert session.machine.position >= 0


def test_a_place_has_one_fingerprint_however_one_came(open_session: Open) -> None:
    """Also where a stack that was made on the way, left and entered again was not left yet."""
    there, fresh = open_session("kqueue-process"), open_session("kqueue-process")
    there.run_line("run")
    for position in range(51, there.machine.recorded, 51):
        there.run_line(f"goto {position}")
        fresh.run_line("any 51")
        assert there.machine.fingerprint() == fresh.machine.fingerprint(), position


def test_what_the_others_would_do_leaves_the_undone_future_alone(open_session: Open) -> None:
    """Where several CPUs would make something, each of the same number, and one has."""
    session = open_session("fork-and-wait")
    session.run_line("run")
    machine, recorded = session.machine, session.machine.recorded
    end = machine.fingerprint()
    making = [
        step for step, _ in machine.history.changes(0, recorded, frozenset({"(allocated)"})) if step
    ]
    assert making
    for step in making[::5]:
        for position in (step - 1, step):
            machine.goto(position)
            session.views.wider.choices()
    machine.goto(recorded)
    assert machine.fingerprint() == end
