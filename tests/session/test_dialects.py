"""What people who live in ddb(4) and gdb type without thinking, and what answers them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from exittui.errors import AssertionFailedError, ExittuiError, UsageError
from exittui.session.commands import DIALECTS, read
from exittui.session.script import run_script

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.session.session import Session


def lines(session: Session, *asked: str) -> tuple[str, ...]:
    told: tuple[str, ...] = ()
    for line in asked:
        told = session.run_line(line).lines
    return told


@pytest.fixture
def exiting(session: Session) -> Session:
    """The session where the third thread has come to exit1()."""
    lines(session, "tbreak exit1", "continue")
    return session


@pytest.fixture
def gdb(exiting: Session) -> Session:
    """The same in the words of gdb."""
    lines(exiting, "set dialect gdb")
    return exiting


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "line", "name", "argument"),
    [
        ("ddb", "t", "trace", ""),
        ("ddb", "tr /t 0t3001", "trace", "/t 0t3001"),
        ("ddb", "trace,3", "trace", ",3"),
        ("ddb", "w", "write", ""),
        ("ddb", "n", "match", ""),
        ("ddb", "e", "examine", "worker"),
        ("ddb", "mach ddb 1", "focus", "1"),
        ("ddb", "ma cpu", "cpuinfo", ""),
        ("ddb", "sh reg", "cpus", ""),
        ("ddb", "sh all pr", "ps", ""),
        ("ddb", "sh proc", "show_proc", ""),
        ("ddb", "step,3", "step", ",3"),
        ("ddb", "step ,3", "step", ",3"),
        ("ddb", "x/x worker", "examine", "/x worker"),
        ("ddb", "boot sync", "boot", "sync"),
        ("gdb", "r", "rerun", ""),
        ("gdb", "run", "rerun", ""),
        ("gdb", "f 1", "frame", "1"),
        ("gdb", "fin", "finish", ""),
        ("gdb", "t 2", "thread", "2"),
        ("gdb", "tb exit1", "tbreak", "exit1"),
        ("gdb", "i b", "breaks", ""),
        ("gdb", "i th", "threads", ""),
        ("gdb", "i lo", "locals", ""),
        ("gdb", "i r", "cpus", ""),
        ("gdb", "i f", "frame_info", ""),
        ("gdb", "dis 1", "disable", "1"),
        ("gdb", "disp nthreads", "display", "nthreads"),
        ("gdb", "und 1", "undisplay", "1"),
        ("gdb", "j 10", "goto", "10"),
        ("gdb", "k", "kill", ""),
        ("gdb", "wa nthreads", "watch", "nthreads"),
        ("gdb", "cond 1", "condition", "1"),
        ("gdb", "ign 1 2", "ignore", "1 2"),
        ("gdb", "thread apply all bt", "thread_apply", "all bt"),
        ("", "run", "run_to_end", ""),
        ("", "f", "finish", ""),
        ("", "1", "focus", "1"),
    ],
)
def test_words_cut_short_are_those_of_the_dialect(
    dialect: str, line: str, name: str, argument: str
) -> None:
    order = read(line if name != "examine" or argument in line else f"{line} {argument}", dialect)
    assert (order.command.name, order.argument) == (name, argument)


def test_a_modifier_is_read_and_a_wrong_one_refused(exiting: Session) -> None:
    assert read("step/p 3", "ddb").modifiers == "p"
    told = lines(exiting, "step/p 3")
    assert len(told) == 4
    assert told[0] == "exit1:\twakeinit = 0"
    with pytest.raises(UsageError, match="'step' has no /q; accepted: /p"):
        exiting.run_line("step/q")
    told = lines(exiting, "n /p")
    assert any(re.match(r" *single_thread_set.*:\t", line) for line in told)
    told = lines(exiting, "restart", "c/c")
    assert told[0] == f"{exiting.machine.position} statements executed"


def test_what_cannot_be_is_refused_with_what_can(session: Session) -> None:
    for line, said in (
        ("show bcstats", "no 'show bcstats'; accepted behind 'show': all"),
        ("info", "'info' of what? accepted: args"),
        ("kill 3000", "restart"),
        ("shell ls", "the scenario has them"),
        ("rwatch nthreads", "`watch EXPR`"),
        ("machine stopcpu", "`solo`"),
        ("trace /q", "'trace' has no /q; accepted: /t"),
        ("break exit1+0x999", "exit1 is shorter"),
        ("break exit1+frob", "'frob' is no offset"),
        ("x/i", "'x' needs EXPR"),
        ("print/q 3", "no format 'q'; accepted: /x"),
        ("set frob 3", "no setting 'frob'; accepted: dialect, scheduler-locking, listsize"),
        ("thread apply all step", "does more than that"),
        ("thread apply all", "needs COMMAND"),
        ("frame frob", "no frame of 'frob': there are userland"),
        ("goto 101%", "too large"),
        ("goto 1.%", "is no percentage"),
    ):
        with pytest.raises(UsageError, match=re.escape(said)):
            session.run_line(line)


# -- places, values, stacks ------------------------------------------------------------------------


def test_a_place_that_was_printed_can_be_broken_at(session: Session) -> None:
    told = lines(session, "tbreak exit1+0x4", "continue")
    assert told[0].startswith("Breakpoint at   exit1+0x4: ")
    assert lines(session, "info line exit1+4")[0].startswith("Line ")
    told = lines(session, "break exit1", "break exit1")
    assert told[0].startswith("Note: breakpoint 2 also set at kern/kern_exit")
    with pytest.raises(UsageError, match="exit1 is shorter"):
        session.run_line("break exit1+0xfff")
    lines(session, "delete", "break mtx_enter,3", "restart", "continue")
    assert session.breakpoints[4].hits == 3


def test_addresses_and_names_that_were_printed_are_understood(exiting: Session) -> None:
    address = lines(exiting, "print p")[0].rpartition(" ")[2].rstrip(")")
    assert address.startswith("0xffff8")
    assert lines(exiting, f"show proc {address}") == lines(exiting, "show proc 0t3002")
    assert lines(exiting, f"trace {address}") == lines(exiting, "trace")
    assert lines(exiting, f"show struct proc {address}") == lines(exiting, "x p")
    assert lines(exiting, "show struct proc 0t3002") == lines(exiting, "x p")
    assert lines(exiting, "print 0t10 + 0x10") == ("0t10 + 0x10 = 26",)
    assert lines(exiting, f"print *{address}") == lines(exiting, "print *p")
    assert lines(exiting, "print worker.3001.p_stat")[0].endswith("SSLEEP")
    assert lines(exiting, "show process worker.3001")[0].startswith("PROCESS (worker) pid=3000")
    with pytest.raises(ExittuiError, match=r"is no thread of worker; accepted: worker\.0, or by"):
        exiting.run_line("print worker.4711")
    with pytest.raises(UsageError, match="no thread 0xffff800000000000"):
        exiting.run_line("show proc 0xffff800000000000")


def test_the_current_thread_and_cpu_have_names(exiting: Session) -> None:
    assert lines(exiting, "print curproc == worker.2") == ("curproc == worker.2 = true",)
    assert lines(exiting, "print curcpu.ci_cpuid") == ("curcpu.ci_cpuid = 0",)
    assert lines(exiting, "print $pc") == ("$pc = exit1",)
    lines(exiting, "restart", "tbreak mtx_enter if curproc == worker.0", "continue")
    assert exiting.machine.infos[exiting.focus].ci_curproc is exiting.find_struct("worker.0")


def test_formats_are_those_of_both(exiting: Session) -> None:
    assert lines(exiting, "p/x worker.ps_pid") == ("worker.ps_pid = 0xbb8",)
    assert lines(exiting, "p/o 8") == ("8 = 0o10",)
    assert lines(exiting, "p/t 5") == ("5 = 0b101",)
    assert lines(exiting, "output worker.ps_threadcnt") == ("3",)
    assert lines(exiting, "whatis p") == ("p is a struct proc",)
    assert len(lines(exiting, "x/4x p")) == len(lines(exiting, "x p,4")) == 5
    assert lines(exiting, "x/2i exit1")[0] == "exit1:\twakeinit = 0"
    assert lines(exiting, r'printf "%d threads of %s, %x %%\n", worker.ps_threadcnt, "w", 255') == (
        "3 threads of w, ff %",
    )
    assert lines(exiting, r"echo one\ntwo\n") == ("one", "two")
    for line in ('printf "%d"', 'printf "%d", worker', 'printf "x", 1', "printf 3", 'printf "%q"'):
        with pytest.raises(UsageError, match=r"printf|takes a number"):
            exiting.run_line(line)


def test_stacks_are_cut_and_opened(gdb: Session) -> None:
    whole = lines(gdb, "bt")
    assert lines(gdb, "bt 2") == (*whole[:2], "(More stack frames follow...)")
    assert lines(gdb, "bt -2") == whole[-2:]
    full = lines(gdb, "bt full")
    assert set(whole) < set(full)
    assert any(line.startswith("        wakeinit = ") for line in full)
    assert lines(gdb, "frame function mi_syscall")[0].startswith("#2  mi_syscall")
    assert lines(gdb, "f syscall")[0].startswith("#3  syscall")
    assert lines(gdb, "info frame")[0].startswith("Stack level 3 of ")
    told = lines(gdb, "thread apply all bt 1")
    assert "Thread 2 (worker.3001, tid 3001):" in told
    assert gdb.frame == 3
    assert lines(gdb, "thread find idle") == (
        "Thread 7 has name 'idle0', tid 2",
        "Thread 8 has name 'idle1', tid 3",
    )
    lines(gdb, "set dialect ddb")
    assert len(lines(gdb, "trace ,2")) == 3


def test_the_source_goes_on_where_it_was_left(gdb: Session) -> None:
    first = lines(gdb, "list")
    second = lines(gdb, "list")
    assert int(second[0].split()[0]) == int(first[-1].split()[0]) + 1
    assert int(lines(gdb, "list -")[-1].split()[0]) == int(second[0].split()[0]) - 1
    assert lines(gdb, "list 10,12")[-1].startswith("12")
    lines(gdb, "set listsize 3")
    assert len(lines(gdb, "list exit1")) == 3
    assert lines(gdb, "info functions single_thread_")[1].split("\t")[1].startswith("single_thread")
    assert "sched_lock" in " ".join(lines(gdb, "info variables sched_lock"))
    assert lines(gdb, "info types mutex") == ("struct mutex",)
    assert lines(gdb, "info scope exit1")[0].startswith("exit1() has the parameters p, xexit, ")
    assert lines(gdb, "info source")[1].startswith("It models kern/kern_exit.c")


# -- moving and stopping ---------------------------------------------------------------------------


def test_run_begins_again_in_gdb_and_stops(gdb: Session) -> None:
    lines(gdb, "break exit1", "continue")
    there = gdb.machine.position
    assert there > 87
    told = lines(gdb, "run")
    assert told[0].startswith("Breakpoint 2, exit1 (p=worker.3002")
    assert gdb.machine.position == 87
    told = lines(gdb, "c 2")
    assert told[0] == "Will ignore next 1 crossings of breakpoint 2.  Continuing."
    assert gdb.machine.position > there


def test_finish_tells_what_was_returned(gdb: Session) -> None:
    told = lines(gdb, "delete", "tbreak proc_suspend_check_locked", "continue", "finish")
    assert told[-1] == "Value returned is 0"
    told = lines(gdb, "tbreak sched_choosecpu", "continue", "finish")
    assert told[-1] == "Value returned is cpu1"
    told = lines(gdb, "tbreak mtx_leave", "continue", "finish")
    assert not told[-1].startswith("Value")


def test_what_is_watched_or_caught_may_be_of_one_thread(gdb: Session) -> None:
    lines(gdb, "delete", "watch sched_lock.mtx_owner thread worker.0", "continue")
    assert gdb.machine.infos[gdb.focus].ci_curproc is gdb.find_struct("worker.0")
    assert lines(gdb, "delete", "tcatch switch cpu 0") == ("Temporary catchpoint 3 (switch)",)
    lines(gdb, "continue")
    assert gdb.machine.history.cpu(gdb.machine.position - 1) == 0
    assert len(gdb.breakpoints) == 0


def test_a_bare_number_is_the_dialects(gdb: Session) -> None:
    assert lines(gdb, "thread 3")[0] == "[Switching to thread 3 (worker.3002, tid 3002)]"
    assert lines(gdb, "break exit1 thread 3", "info b")[2] == "\tstop only in thread worker.3002"
    assert lines(gdb, "thread 3000")[0] == "[Switching to thread 1 (worker, tid 3000)]"
    lines(gdb, "set dialect ddb")
    assert lines(gdb, "thread 3")[0] == "[thread 3 (idle1)]"


def test_files_are_completed(session: Session, tmp_path: Path) -> None:
    (tmp_path / "one.gdb").touch()
    (tmp_path / "other").mkdir()
    assert session.complete(f"source {tmp_path}/o") == (f"{tmp_path}/one.gdb", f"{tmp_path}/other/")
    assert session.complete(f"save {tmp_path}/none/x") == ()


def test_until_leaves_a_loop_that_next_goes_round(gdb: Session) -> None:
    lines(gdb, "delete", "tbreak log2", "continue")
    depth = gdb.mover.depth(gdb.focus)
    seen, last = [], 0
    while gdb.mover.depth(gdb.focus) >= depth:
        line = gdb.machine.next_statement(gdb.focus).line
        assert line > last
        seen.append(line)
        last = line
        lines(gdb, "until")
    assert len(seen) > 1


def test_breakpoints_are_cleared_by_number_range_and_kind(gdb: Session) -> None:
    lines(gdb, "break exit1", "watch nthreads", "catch sleep", "watch -l nprocesses", "catch free")
    assert len(lines(gdb, "delete 3-4 6")) == 3
    assert lines(gdb, "info watchpoints")[1].endswith("nprocesses")
    assert lines(gdb, "dwatch nprocesses") == ("watchpoint 5 cleared: nprocesses",)
    with pytest.raises(UsageError, match="no watchpoint of"):
        gdb.run_line("dwatch nprocesses")
    with pytest.raises(UsageError, match="no breakpoint number 9"):
        gdb.run_line("delete 2 9")
    assert lines(gdb, "delete breakpoints") == ("1 breakpoints cleared",)
    lines(gdb, "display nthreads", "display worker.ps_flags", "checkpoint")
    assert lines(gdb, "info display") == ("1: nthreads", "2: worker.ps_flags")
    assert lines(gdb, "delete display 1") == ("1 display cleared",)
    assert lines(gdb, "delete checkpoint 1") == ("1 checkpoint cleared",)
    with pytest.raises(UsageError, match="no checkpoint number 1"):
        gdb.run_line("delete checkpoint 1")


def test_watched_flags_are_told_by_name(gdb: Session) -> None:
    told = lines(gdb, "watch worker.ps_flags", "continue")
    assert told[1:3] == ("Old value = 0x0", "New value = 0x1000 <SINGLEEXIT>")


def test_percent_may_have_a_fraction(gdb: Session) -> None:
    lines(gdb, "delete", "continue")
    last = gdb.machine.recorded
    lines(gdb, "goto 12.5%")
    assert gdb.machine.position == last // 8


# -- the language itself ---------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_settings_history_and_help_are_there(session: Session, dialect: str) -> None:
    lines(session, f"set dialect {dialect}", "set sched on")
    assert f"dialect {dialect}" in lines(session, "show dialect")
    assert "scheduler-locking on" in lines(session, "show scheduler-locking")
    assert lines(session, "set confirm off") == ("confirm changes nothing: nothing is asked here",)
    assert lines(session, "history 2") == ("    5  set confirm off", "    6  history 2")
    assert "break" in lines(session, "complete brea")
    assert any(line.startswith("reverse-step") for line in lines(session, "apropos back"))


def test_a_file_is_sourced_and_its_mistakes_have_its_lines(
    session: Session, tmp_path: Path
) -> None:
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    inner.write_text("# a comment\necho inner\nassert nthreads == 0\n")
    outer.write_text(f"echo outer\nsource {inner}\necho not reached\n")
    said: list[str] = []
    with pytest.raises(AssertionFailedError) as failed:
        run_script(session, [f"source {outer}"], "top", said.append)
    assert said == ["outer", "inner"]
    assert failed.value.message.startswith(
        f"top:1: {outer}:2: {inner}:3: assertion failed at step 0: nthreads == 0"
    )
    inner.write_text("quit\nfrob\n")
    assert lines(session, f"source {outer}") == ("outer", "not reached")
    inner.write_text(f"source {outer}\n")
    with pytest.raises(UsageError, match="files that source each other, 8 deep"):
        session.run_line(f"source {outer}")
    assert session.sourcing == []
    inner.write_bytes(b"\xff\xfe")
    for path, problem in ((inner, "no text"), (tmp_path, "is a directory"), ("none", "no such")):
        with pytest.raises(UsageError, match=problem):
            session.run_line(f"source {path}")
