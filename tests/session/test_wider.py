"""The views behind the first: each against what stepping by one shows."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from exittui.session.graphs import find_circle

if TYPE_CHECKING:
    from exittui.session.session import Session
    from exittui.session.views_timeline import Span
    from tests.session.conftest import Open


def at(spans: tuple[Span, ...], column: int) -> str:
    """What a lane shows in a column."""
    (found,) = [one for one in spans if one.column <= column < one.column + one.width]
    return found.text


def truth(session: Session) -> list[tuple[list[str], str]]:
    """Who ran on each CPU, and who held the kernel lock, at every position."""
    machine, naming = session.machine, session.views.naming
    lock = machine.globals["kernel_lock"]
    here, found = machine.position, []
    for position in range(machine.recorded + 1):
        machine.goto(position)
        owner = lock.mpl_owner
        found.append(
            (
                [naming.thread(info.ci_curproc) for info in machine.infos],
                "" if owner is None else str(owner.ci_cpuid),
            )
        )
    machine.goto(here)
    return found


@pytest.mark.parametrize("kernel", ["reaper", "mpi-2025-05"])
def test_a_timeline_of_one_step_a_column_is_the_run(open_session: Open, kernel: str) -> None:
    session = open_session(kernel=kernel)
    session.run_line("run")
    expected = truth(session)
    last = session.machine.recorded + 1
    view = session.views.wider.timeline(0, last, last)
    assert (view.columns, view.position_column) == (last, last - 1)
    for position, (threads, owner) in enumerate(expected):
        assert [at(lane.spans, position) for lane in view.lanes] == threads
        assert at(view.kernel_lock, position) == owner


def test_a_window_shows_how_each_column_begins(session: Session) -> None:
    session.run_line("run")
    expected = truth(session)
    dice = random.Random(3)  # noqa: S311 - the same windows every time
    for _ in range(30):
        first = dice.randrange(len(expected) - 200)
        last = dice.randrange(first + 50, len(expected))
        columns = dice.choice([7, 40, 118, 190])
        view = session.views.wider.timeline(first, last, columns)
        for column in range(view.columns):
            position = view.step_at(column)
            shown = [at(lane.spans, column) for lane in view.lanes]
            assert shown == expected[position][0]


def test_a_timeline_grows_with_the_run_and_is_cut_with_it(open_session: Open) -> None:
    session = open_session()
    dice = random.Random(9)  # noqa: S311 - the same walk every time
    for _ in range(25):
        session.run_line(f"any {dice.randint(1, 200)}")
        if dice.random() < 0.5:
            session.run_line(f"goto {dice.randint(0, session.machine.recorded)}")
            if session.machine.ready(1):
                session.run_line("cpu 1")
                session.run_line("step")
        session.views.wider.timeline(0, 10_000, 100)
    known = session.views.wider.timeline(0, 10_000, 10_000)
    fresh = open_session()
    picks = session.machine.recorded_schedule().picks
    for pick in picks:
        fresh.machine.step(pick)
    fresh.machine.goto(session.machine.position)
    again = fresh.views.wider.timeline(0, 10_000, 10_000)
    assert [lane.spans for lane in known.lanes] == [lane.spans for lane in again.lanes]
    assert [lane.marks for lane in known.lanes] == [lane.marks for lane in again.lanes]
    assert known.kernel_lock == again.kernel_lock


def test_marks_are_where_the_events_are(session: Session) -> None:
    session.run_line("run")
    last = session.machine.recorded + 1
    view = session.views.wider.timeline(0, last, last)
    marks = {(mark.step, lane.cpu): mark.kind for lane in view.lanes for mark in lane.marks}
    for event in session.views.events(10_000):
        if event.kind in {"switch", "sleep", "wakeup", "dead"}:
            assert (event.step, event.cpu) in marks
    assert all(mark.column == mark.step for lane in view.lanes for mark in lane.marks)


def test_an_object_shows_its_fields_their_past_and_its_end(session: Session) -> None:
    wider = session.views.wider
    session.run_line("watch worker.ps_exitcnt")
    session.run_line("continue")
    number = wider.inspector.number(session.find_struct("worker"))
    view = wider.object(number)
    assert view is not None
    assert (view.kind, view.name, view.freed) == ("process", "worker", False)
    fields = {one.name: one for one in view.fields}
    assert (fields["ps_exitcnt"].value.text, fields["ps_exitcnt"].value.old) == ("1", "0")
    assert fields["ps_exitcnt"].written == session.machine.position
    assert fields["ps_mtx"].kind == "mutex"
    assert fields["ps_flags"].kind == "flags"
    inner = wider.object(fields["ps_mtx"].link or 0)
    assert inner is not None
    assert inner.owner == number
    session.run_line("delete")
    session.run_line("run")
    view = wider.object(number)
    assert view is not None
    assert view.freed
    assert view.freed_by.startswith("cpu")
    assert wider.object(10**9) is None


def test_a_pair_is_a_place_in_a_queue_only_where_it_is_one(session: Session) -> None:
    """A wait channel is a field's address, what a TLB holds a map and its pages."""
    session.run_line("seek sleep worker.2")
    wider = session.views.wider

    def said(name: str, field: str) -> str:
        view = wider.object(wider.inspector.number(session.find_struct(name)))
        assert view is not None
        return next(one.value.text for one in view.fields if one.name == field)

    assert said("worker.2", "p_wchan") == "&worker.ps_suspendcnt"
    assert said("worker.2", "p_list").startswith("on a queue, next ")
    assert said("cpu0", "ci_tlb") == "(pmap of worker, 15)"


def test_the_stack_of_a_sleeper_is_shown_with_what_it_waits_for(session: Session) -> None:
    wider = session.views.wider
    sleeper = session.find_thread("worker.3001")
    view = wider.stack(wider.inspector.number(sleeper))
    assert (view.thread, view.tid, view.cpu) == ("worker.3001", "3001", None)
    assert view.why == "worker.3001 sleeps on sigsusp (nowake)"
    assert view.frames[0].function == "cpu_switchto"
    assert [row.number for row in view.frames] == list(range(len(view.frames)))
    running = wider.stack()
    assert (running.thread, running.cpu) == ("worker.3002", session.focus)


def test_ps_answers_as_the_kernel_would(session: Session) -> None:
    rows = session.views.wider.processes()
    worker = next(row for row in rows if row.command == "worker")
    assert (worker.pid, worker.ppid, worker.tid, worker.stat) == (3000, 2000, -1, "R/1")
    threads = [
        row.tid for row in session.views.wider.processes(threads=True) if row.command == "worker"
    ]
    assert threads == [-1, 103000, 103001, 103002]
    session.run_line("seek change len(zombprocess)")
    gone = next(row for row in session.views.wider.processes() if row.command == "worker")
    # On the list already, but not PS_ZOMBIE, and no thread is left that could give a state.
    assert (gone.stat, gone.exit_status) == ("RE", 3)


def test_who_waits_for_whom_and_a_circle_is_found(session: Session) -> None:
    graph = session.views.wider.waits()
    assert "sh -> worker: waits for it to exit" in graph.lines
    assert graph.circle == ()
    assert find_circle([("a", "b"), ("b", "c"), ("c", "a"), ("x", "a")]) == ("a", "b", "c")
    assert find_circle([("a", "b"), ("a", "c"), ("b", "c")]) == ()
    session.run_line("run")
    order = session.views.wider.lock_order()
    pairs = {(edge.source, edge.target) for edge in order.edges}
    assert ("kernel_lock", "ps_mtx") in pairs
    session.run_line("restart")
    assert session.views.wider.lock_order().edges == ()


def test_the_console_shows_a_panic_as_ddb_enters(open_session: Open) -> None:
    session = open_session("kqueue-process", "mpi-2025-05")
    assert session.views.wider.console() == ()
    session.run_line("run")
    told = [line.text for line in session.views.wider.console()]
    assert told[0].startswith("panic: ")
    assert told[1].startswith("Stopped at ")
    assert told[2].split()[:3] == ["TID", "PID", "UID"]
    assert told[-1].startswith("end of kernel: ")
    assert session.run_line("show panic").lines[0].startswith("*cpu")
    session.run_line("back")
    assert session.views.wider.console() == ()
