"""Breakpoints, watchpoints and catchpoints: every hit that stepping by one would find, no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.errors import ExittuiError
from exittui.scenario.play import Play

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.session.session import Session
    from tests.session.conftest import Open


def lines(session: Session, *asked: str) -> tuple[str, ...]:
    told: tuple[str, ...] = ()
    for line in asked:
        told = session.run_line(line).lines
    return told


def hits(session: Session, command: str) -> list[int]:
    """The positions at which a command, given again and again, stops by something."""
    found: list[int] = []
    while True:
        try:
            session.run_line(command)
        except ExittuiError:
            return found
        if not session.mover.hits:
            return found
        found.append(session.machine.position)


def stepwise(session: Session, look: Callable[[], Any]) -> list[Any]:
    """What `look` says at every position of the run, from the start to the end."""
    session.run_line("run")
    found = []
    for position in range(session.machine.recorded + 1):
        session.machine.goto(position)
        found.append(look())
    session.machine.goto(0)
    return found


@pytest.mark.parametrize("place", ["mtx_enter", "exit1", "cpu_switchto", "__mp_unlock"])
def test_a_breakpoint_stops_wherever_a_cpu_comes_to_it(open_session: Open, place: str) -> None:
    session = open_session()
    machine = session.machine
    pcs = session.breakpoints.pcs_of(session.breakpoints.find(place, machine.next_statement(0)))
    at = stepwise(session, lambda: [machine.next_statement(cpu).pc for cpu in range(machine.ncpu)])
    expected = [
        position
        for position in range(1, machine.recorded + 1)
        if at[position][machine.history.cpu(position - 1)] in pcs
    ]
    assert expected
    fresh = open_session()
    fresh.run_line(f"break {place}")
    assert hits(fresh, "continue") == expected
    fresh.turn_to(fresh.machine.recorded)
    assert hits(fresh, "reverse-continue") == [
        position for position in reversed(expected) if position < fresh.machine.recorded
    ]


def test_new_steps_beyond_a_hit_are_not_recorded(session: Session) -> None:
    lines(session, "break exit1", "continue")
    assert session.machine.recorded == session.machine.position


@pytest.mark.parametrize(
    "text",
    [
        "worker.ps_exitcnt",
        "kernel_lock.mpl_owner",
        "cpu0.ci_curproc",
        "cpu1.ci_curproc.p_p.ps_pid",
        "len(zombprocess)",
        "worker.0.p_stat == SDEAD && worker in allprocess",
        "nthreads",
    ],
)
def test_a_watchpoint_stops_after_every_change_and_before_it_backwards(
    open_session: Open, text: str
) -> None:
    session = open_session()
    question = session.asking.compile(text)

    def value() -> object:
        now = question(session.machine)
        return "absent" if type(now).__name__ == "Absent" else now

    values = stepwise(session, value)
    changed = [n for n in range(1, len(values)) if values[n] != values[n - 1]]
    assert changed
    fresh = open_session()
    fresh.run_line(f"watch {text}")
    assert hits(fresh, "continue") == changed
    fresh.turn_to(fresh.machine.recorded)
    assert hits(fresh, "reverse-continue") == [position - 1 for position in reversed(changed)]


def test_a_watchpoint_tells_what_was_and_what_is(session: Session) -> None:
    lines(session, "set dialect gdb", "watch worker.ps_exitcnt")
    told = lines(session, "continue")
    assert told[:3] == (
        "Hardware watchpoint 1: worker.ps_exitcnt",
        "Old value = 0",
        "New value = 1",
    )
    assert lines(session, "continue")[1:3] == ("Old value = 1", "New value = 2")
    assert lines(session, "reverse-continue")[1:3] == ("Old value = 2", "New value = 1")


def test_a_variable_of_a_function_is_watched_in_its_frame(session: Session) -> None:
    lines(session, "break exit1", "continue", "delete", "watch wakeinit")
    lines(session, "continue")
    assert session.mover.hits[0].told == ("NULL", "0")
    assert "wakeinit = 0" in lines(session, "rs")[0]


def test_conditions_filters_and_counts(open_session: Open) -> None:
    session = open_session()
    session.run_line("break mtx_enter")
    everywhere = hits(session, "continue")
    session = open_session()
    session.run_line("break mtx_enter cpu 1")
    on_one = hits(session, "continue")
    history = session.machine.history
    assert on_one == [one for one in everywhere if history.cpu(one - 1) == 1]
    session = open_session()
    session.run_line("break mtx_enter if mtx == sched_lock")
    for_one = hits(session, "continue")
    assert set(for_one) < set(everywhere)
    session = open_session()
    lines(session, "break mtx_enter", "ignore 1 3")
    assert hits(session, "continue") == everywhere[3:]
    assert session.breakpoints[1].hits == len(everywhere)
    session = open_session()
    lines(session, "break mtx_enter", "disable 1")
    assert hits(session, "continue") == []


def test_a_temporary_breakpoint_is_gone_with_its_first_hit(session: Session) -> None:
    assert lines(session, "tbreak exit1")[0].startswith("Temporary breakpoint 1 at kern/kern_exit")
    lines(session, "continue")
    assert session.machine.next_statement(session.focus).function == "exit1"
    assert len(session.breakpoints) == 0


@pytest.mark.parametrize("event", ["switch", "sleep", "wakeup", "free", "dead"])
def test_what_is_caught_is_what_seek_finds_both_ways(open_session: Open, event: str) -> None:
    session = open_session()
    session.run_line(f"catch {event}")
    caught = hits(session, "continue")
    assert caught
    session = open_session()
    sought = hits(session, f"seek {event}")
    assert sought == caught
    session.turn_to(session.machine.recorded)
    assert hits(session, f"reverse-seek {event}") == [
        position for position in reversed(caught) if position < session.machine.recorded
    ]


def test_a_lock_and_a_state_can_be_stopped_at(session: Session) -> None:
    told = lines(session, "break lock kernel_lock", "continue")
    assert told[0] == "Breakpoint 1: lock kernel_lock"
    owner = session.machine.globals["kernel_lock"].mpl_owner
    assert owner is session.machine.infos[session.focus]
    lines(session, "delete", "break state worker.2 SDEAD", "continue")
    assert lines(session, "print worker.2.p_stat == SDEAD") == ("worker.2.p_stat == SDEAD = true",)


def test_a_panic_ends_a_move_and_is_told(open_session: Open) -> None:
    session = open_session()
    session.run_line("catch panic")
    lines(session, "continue")
    assert session.views.status().result == "done"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("break exit1 if frob == 1", "'frob' is not known"),
        ("break exit1 if", "'if' needs EXPR"),
        ("break exit1 cpu 9", "no cpu 9"),
        ("break exit1 thread nobody", "'nobody' is not known"),
        ("break lock worker", "'worker' is no lock: it is a process"),
        ("break state worker.0 SDAED", "'SDAED' is no state; did you mean 'SDEAD'?"),
        ("catch frobs", "no event 'frobs'"),
        ("catch lock", "`break lock …` does that"),
        ("watch worker.ps_frob", "ps_frob"),
        ("enable 4", "no breakpoint number 4"),
        ("ignore 4", "'ignore' needs NUMBER COUNT"),
        ("delete 77", "no breakpoint number 77"),
        ("seek", "'seek' needs EVENT [WHAT]"),
        ("seek lock", "'lock' needs NAME"),
    ],
)
def test_what_cannot_be_set_is_not_set(session: Session, line: str, said: str) -> None:
    with pytest.raises(ExittuiError) as caught:
        session.run_line(line)
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert len(session.breakpoints) == 0
    assert session.machine.position == 0


def test_the_list_is_that_of_gdb_or_of_ddb(session: Session) -> None:
    lines(session, "break exit1 if p == worker.2", "watch nthreads", "catch free", "disable 2")
    assert lines(session, "show breaks") == (
        " Map      Count    Address",
        "*1            0    exit1 kern/kern_exit.py (kern/kern_exit.c):"
        f"{session.breakpoints[1].line}",
        "\tstop only if p == worker.2",
        "*3            0    free",
    )
    assert lines(session, "show watches") == (
        " Watch    Count    Expression",
        " 2            0    nthreads",
    )
    lines(session, "set dialect gdb")
    table = lines(session, "info breakpoints")
    assert table[0] == "Num     Type           Disp Enb What"
    assert table[3] == "2       hw watchpoint  keep n   nthreads"


def test_continue_goes_the_way_that_run_goes_without_a_screen(open_session: Open) -> None:
    played = open_session()
    end = Play(played.built, played.built.scenario.run).end()
    session = open_session()
    session.run_line("continue")
    assert str(session.machine.schedule()) == end.schedule
    session = open_session()
    session.run_line("break mtx_enter")
    hits(session, "continue")
    assert str(session.machine.schedule()) == end.schedule


def test_a_long_move_can_be_interrupted_and_goes_on(open_session: Open) -> None:
    session = open_session()
    doing = session.begin("continue")
    assert doing.advance()
    assert doing.progress is not None
    assert doing.progress.position == session.machine.position > 0
    doing.stop()
    assert doing.outcome is not None
    assert doing.outcome.lines == (f"interrupted at step {session.machine.position}",)
    assert not doing.advance()
    session.run_line("continue")
    again = open_session()
    again.run_line("continue")
    assert session.machine.schedule() == again.machine.schedule()
    assert session.machine.fingerprint() == again.machine.fingerprint()


def test_scheduler_locking_says_who_else_moves(open_session: Open) -> None:
    def movers(setting: str) -> set[int]:
        session = open_session()
        lines(session, f"set scheduler-locking {setting}", "cpu 0", "step 20")
        return {session.machine.history.cpu(step) for step in range(session.machine.position)}

    assert movers("step") == movers("on") == {0}
    assert movers("off") == {0, 1}
    session = open_session()
    lines(session, "set scheduler-locking on", "cpu 1", "continue")
    cpus = {session.machine.history.cpu(step) for step in range(session.machine.position)}
    assert cpus == {1}
    session = open_session()
    lines(session, "cpu 0", "solo")
    assert {session.machine.history.cpu(n) for n in range(session.machine.position)} == {0}


def test_ddb_and_gdb_mean_different_things_by_next(open_session: Open) -> None:
    session = open_session()
    lines(session, "tbreak KERNEL_LOCK", "continue", "next")
    assert session.machine.next_statement(session.focus).kind == "return"
    assert session.machine.next_statement(session.focus).function == "KERNEL_LOCK"
    gdb = open_session()
    lines(gdb, "set dialect gdb", "tbreak KERNEL_LOCK", "continue", "next")
    assert gdb.machine.position < session.machine.position
    session = open_session()
    lines(session, "tbreak exit1", "continue", "until")
    assert session.machine.next_statement(session.focus).kind in {"call", "return"}
