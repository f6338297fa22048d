"""What the views say of moments in the default scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.machine import history
from exittui.session.commands import read
from exittui.session.views import Value

if TYPE_CHECKING:
    import pytest

    from exittui.session.session import Session
    from exittui.session.views import ListRow, LockView
    from tests.session.conftest import Open


def do(session: Session, *lines: str) -> None:
    for line in lines:
        session.carry_out(read(line))


def to(session: Session, text: str) -> None:
    """Go to before the first statement, by the scenario's chooser, that reads `text`."""
    while text not in session.machine.next_statement(session.focus).text:
        do(session, "any")


def row(session: Session, name: str) -> ListRow:
    return next(one for one in session.views.lists() if one.name.startswith(name))


def test_at_the_start_nothing_is_lit_and_nothing_is_held(session: Session) -> None:
    views = session.views
    assert [cpu.thread for cpu in views.cpus()] == ["worker.3002", "worker"]
    assert all(cpu.stat == Value("SONPROC") for cpu in views.cpus())
    assert [lock.name for lock in views.locks()] == ["kernel_lock", "sched_lock"]
    assert not any(lock.owner.text for lock in views.locks())
    assert views.events(10) == ()
    assert "The run begins" in views.sentence().text


def test_a_changed_count_is_lit_with_the_old_one_beside_it(session: Session) -> None:
    to(session, "ps_exitcnt += 1")
    do(session, "step")
    assert dict(row(session, "worker").counts)["exitcnt"] == Value("1", "0")
    assert "set ps_exitcnt of worker from 0 to 1" in session.views.sentence().text
    do(session, "back")
    assert dict(row(session, "worker").counts)["exitcnt"] == Value("0", "1")
    do(session, "back")
    assert dict(row(session, "worker").counts)["exitcnt"] == Value("0", fading=True)
    do(session, "back")
    assert dict(row(session, "worker").counts)["exitcnt"] == Value("0")


def test_the_kernel_lock_has_an_owner_a_depth_and_a_step(session: Session) -> None:
    to(session, "mpl.mpl_owner = ci")
    do(session, "step")
    lock = session.views.locks()[0]
    assert lock.owner.old == ""
    assert lock.owner_cpu == session.focus
    assert lock.since == session.machine.position
    assert session.views.cpus()[session.focus].holds == ("kernel_lock",)
    since = lock.since
    do(session, "step")
    assert session.views.locks()[0].since == since
    do(session, "back 2")
    assert session.views.locks()[0].since is None


def test_who_spins_is_said_with_who_holds_and_since_when(session: Session) -> None:
    for _ in range(3000):
        do(session, "any")
        spinning = [cpu for cpu in session.views.cpus() if cpu.awaits == "kernel_lock"]
        if spinning:
            break
    number = spinning[0].number
    session.focus = number
    text = session.views.sentence().text
    lock = session.views.locks()[0]
    assert f"cpu{number} spins for kernel_lock, held by cpu{1 - number}" in text
    assert text.endswith(f"since step {lock.since}.")
    assert lock.waiting_cpus == (number,)
    assert session.views.sentence().tone == "waits"


def test_page_tables_that_differ_are_loud_only_with_interrupts_on(session: Session) -> None:
    to(session, "curcpu().ci_intr = 0")
    seen = set()
    for _ in range(1500):
        do(session, "any")
        for cpu in session.views.cpus():
            if cpu.differ:
                seen.add((cpu.interrupts.text, cpu.loud))
            assert cpu.loud == (cpu.differ and cpu.interrupts.text == "on")
    assert ("off", False) in seen


def test_a_dead_thread_and_a_freed_one_look_different(session: Session) -> None:
    to(session, "p.p_stat = SDEAD")
    do(session, "step")
    dead = [thread for thread in session.views.threads(0, 20) if thread.dead]
    assert [thread.stat for thread in dead] == [Value("SDEAD", "SONPROC")]
    assert not dead[0].freed
    do(session, "run")
    freed = {thread.name for thread in session.views.threads(0, 20) if thread.freed}
    assert freed == {"worker", "worker.3001", "worker.3002"}


def test_events_tell_the_story_and_follow_the_position(session: Session) -> None:
    do(session, "run")
    whole = [event.text for event in session.views.events(200)]
    assert "worker is a zombie" in whole
    assert sum("is dead" in text for text in whole) == 3
    do(session, "goto 0")
    assert session.views.events(50) == ()
    do(session, "goto 300")
    assert all(event.step <= 300 for event in session.views.events(50))
    do(session, "run")
    assert [event.text for event in session.views.events(len(whole))][-5:] == whole[-5:]


def test_a_list_shows_who_came_and_who_went(session: Session) -> None:
    zombies = row(session, "zombprocess")
    while not zombies.members:
        do(session, "any")
        zombies = row(session, "zombprocess")
    assert [member.text for member in zombies.members] == ["worker"]
    assert zombies.members[0].new
    do(session, "back")
    assert row(session, "zombprocess").members == ()
    assert row(session, "zombprocess").gone == ("worker",)


def test_lists_of_the_dead_are_there_where_the_kernel_has_them(open_session: Open) -> None:
    names = {one.name for one in open_session().views.lists()}
    assert "deadproc" not in names
    old = {one.name for one in open_session(kernel="reaper").views.lists()}
    assert {"deadproc", "cpu0 deadproc", "cpu1 deadproc"} <= old


def test_the_source_view_names_file_function_and_callers(session: Session) -> None:
    do(session, "break exit1", "continue")
    source = session.views.source()
    assert (source.source.name, source.function) == ("kern/kern_exit.c", "exit1")
    assert source.path[-1] == "sys_exit"
    assert source.hunk
    assert source.line in source.breakpoints
    assert [other.cpu for other in source.elsewhere] == [1 - session.focus]
    assert source.line not in source.source.prose


def test_views_are_the_same_however_one_came(session: Session, open_session: Open) -> None:
    """Kept parts (who is held, who is on which list) are those of a fresh look."""
    do(session, "any 900", "back 300", "any 50", "goto 100", "goto 640")
    other = open_session()
    do(other, "any 650", "back 10")
    do(session, "goto 650", "goto 640")
    for view in ("cpus", "lists"):
        ours, theirs = getattr(session.views, view)(), getattr(other.views, view)()
        assert [one.holds if view == "cpus" else one.members for one in ours] == [
            one.holds if view == "cpus" else one.members for one in theirs
        ]


def test_a_cpu_says_its_level_its_counts_and_what_is_pending(session: Session) -> None:
    while "AST" not in session.views.cpus()[1].pending.text:
        do(session, "any")
    views = session.views.cpus()
    assert views[1].pending.old is not None
    to(session, "mtx.mtx_oldipl = s")
    do(session, "step")
    assert session.views.cpus()[session.focus].ipl.text in {"HIGH", "MPFLOOR"}
    while session.views.cpus()[session.focus].mutexes.text != "1":
        do(session, "step")


def test_a_cpu_counts_how_often_it_has_the_kernel_lock(session: Session) -> None:
    to(session, "ci.ci_mplc_depth += 1")
    do(session, "step")
    assert session.views.cpus()[session.focus].kernel_locks == Value("1", "0")


def test_an_interrupt_is_pending_until_it_arrives(session: Session) -> None:
    while "IPI" not in session.views.cpus()[1].pending.text:
        do(session, "any")
    assert session.machine.globals["lapic_irr"]
    do(session, "back")
    assert "IPI" in (session.views.cpus()[1].pending.old or "")
    assert "IPI" not in session.views.cpus()[1].pending.text


def test_a_thread_says_its_run_queue_and_its_stack(session: Session) -> None:
    rows = {row.name: row for row in session.views.threads(0, 20)}
    assert rows["worker"].stack.startswith("userland < child_return")
    assert rows["sh"].stack.startswith("cpu_switchto < mi_switch < sleep_finish")
    while not any(row.queue.text for row in session.views.threads(0, 20)):
        do(session, "any")
    (row,) = (row for row in session.views.threads(0, 20) if row.queue.text)
    assert row.stat.text == "SRUN"
    assert row.queue.old == ""
    cpu, queue = row.queue.text.removeprefix("cpu").split()
    heads = session.machine.infos[int(cpu)].ci_schedstate.spc_qs
    assert session.views.things.walk(heads[int(queue)].ph_qs, "p_runq")


def test_the_end_of_a_run_is_told_with_what_led_there(open_session: Open) -> None:
    session = open_session("single-exit", "mpi-2025-05", ("kern/kern_event.c",))
    assert session.views.wider.ending() is None
    do(session, "run")
    end = session.views.wider.ending()
    assert end is not None
    assert (end.kind, end.message, end.thread) == ("panic", ("deads don't sleep",), "worker")
    assert [name for name, _ in end.frames[:4]] == [
        "assertwaitok",
        "rw_do_enter_write",
        "rw_enter_write",
        "knote_processexit",
    ]
    assert [one.kind for one in end.led][-5:] == ["ran"] * 5
    assert "worker is dead" in " ".join(one.text for one in end.led)
    assert [one.step for one in end.led] == sorted(one.step for one in end.led)
    do(session, "back")
    assert session.views.wider.ending() is None


def test_cpus_wait_for_the_kernel_lock_in_the_order_of_its_queue(open_session: Open) -> None:
    session = open_session("thousand-threads")
    lock = session.machine.globals["kernel_lock"]
    do(session, "any 320000")
    seen = False
    for _ in range(20):
        do(session, "any 500")
        view = session.views.locks()[0]
        assert view.name == "kernel_lock"
        users = session.views.things.walk(lock.mpl_users, "ci_mplc_link")
        queue = [info.__dict__["ci_cpuid"] for info in users]
        assert list(view.waiting_cpus) == [cpu for cpu in queue if cpu in view.waiting_cpus]
        seen |= list(view.waiting_cpus) != sorted(view.waiting_cpus)
    assert seen


def test_since_when_a_lock_is_held_is_told_once_it_is_at_hand(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is in a hurry does without it; looking through the run gives the same as patience."""
    monkeypatch.setattr(history, "_NEAR", 30)
    monkeypatch.setattr(history, "_MUCH", 60)
    do(session, "run")
    wanted: list[LockView] = []
    while not wanted:
        do(session, "back")
        hurried = session.views.locks(patient=False)
        wanted = [one for one in hurried if one.owner.text and one.since is None]
    assert not session.views.wider.at_hand
    while not session.views.wider.read_on():
        pass
    now = session.views.locks(patient=False)
    assert now == session.views.locks()
    assert all(one.since for one in now if one.name in {lock.name for lock in wanted})
