"""What the commands print, in the words of ddb(4) and of gdb; completion, help and history."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from exittui.errors import AssertionFailedError, ExittuiError, UsageError
from exittui.session.commands import COMMANDS, DIALECTS, read, words_of
from exittui.session.commands.dialects import MEANINGS
from exittui.session.doing import HANDLERS
from exittui.session.linear import Linear
from exittui.session.script import run_script

if TYPE_CHECKING:
    from exittui.session.session import Session
    from tests.session.conftest import Open


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


def test_every_command_is_carried_out_and_has_help(session: Session) -> None:
    for session.dialect in DIALECTS:
        for command in COMMANDS:
            assert command.name in HANDLERS or command.group == "screen"
            for word in words_of(command, session.dialect):
                told = lines(session, f"help {word}")
                assert told[0].endswith(command.argument)
                assert told[1].strip() == command.help
        assert len(lines(session, "help all")) > len(COMMANDS)
        for line in lines(session, "help")[:-1]:
            group = line.partition(":")[0]
            assert f"{group}:" in lines(session, f"help {group}")
    assert "  kill" in " ".join(lines(session, "help showing"))
    assert len(lines(session, "apropos watchpoint")) >= 2


def test_ps_has_the_columns_of_ddb(exiting: Session) -> None:
    told = lines(exiting, "ps")
    assert told[0] == "   PID     TID   PPID    UID  S       FLAGS  WAIT          COMMAND"
    assert told[1] == "  3000    3000   2000      0  7           0                worker"
    assert told[2] == "  3000    3001   2000      0  3   0x4000088  sigsusp       worker"
    assert told[3] == "* 3000    3002   2000      0  7   0x4000000                worker"
    assert lines(exiting, "show all procs /o") == (
        "    TID    PID    UID     PRFLAGS     PFLAGS  CPU  COMMAND",
        "   3000   3000      0           0          0    1  worker",
        "*  3002   3000      0           0  0x4000000    0K worker",
    )
    assert lines(exiting, "ps/o") == lines(exiting, "ps /o")
    row = lines(exiting, "ps /w")[2].split()
    assert (row[:3], row[4]) == (["3001", "worker", "3000"], "sigsusp")
    assert lines(exiting, "ps /a")[0].split()[:3] == ["TID", "COMMAND", "STRUCT"]
    assert lines(exiting, "ps /x")[0].startswith("usage: show all procs")


def test_a_trace_is_that_of_ddb_or_of_gdb(exiting: Session) -> None:
    told = lines(exiting, "trace")
    assert told[0] == "exit1(worker.3002,3,0,1) at exit1"
    assert told[-1] == f"end of kernel: {len(told) - 1} frames"
    asleep = lines(exiting, "trace /t 0t3001")
    assert asleep == lines(exiting, "trace /t 0xbb9") == lines(exiting, "bt worker.3001")
    assert asleep[0].startswith("cpu_switchto(")
    assert any(one.startswith("sys_sigsuspend(") for one in asleep)
    lines(exiting, "set dialect gdb")
    told = lines(exiting, "bt")
    assert told[0].startswith(
        "#0  exit1 (p=worker.3002, xexit=3, xsig=0, flags=1) at kern/kern_exit"
    )
    assert told[1].startswith("#1  sys_exit (p=worker.3002, ")


def test_show_proc_and_its_like(exiting: Session) -> None:
    told = lines(exiting, "show proc")
    assert told[0] == "PROC (worker) tid=3002 pid=3000 tcnt=3 stat=onproc"
    assert told[1] == "    flags process=0 proc=4000000<THREAD>"
    assert lines(exiting, "show proc 0t3001")[0].endswith("stat=sleep")
    assert lines(exiting, "show process worker")[3] == (
        "    threads: worker, worker.3001, worker.3002"
    )
    assert lines(exiting, "show all locks")[0].startswith("Process 3000 (worker) thread 0xffff8")
    assert exiting.output[1].startswith("exclusive kernel_lock kernel_lock r = 0 (0xffff8")
    assert lines(exiting, "show locks 0t3001") == ("worker.3001 holds no locks",)
    assert lines(exiting, "machine cpuinfo") == ("*   0: ddb", "    1: stopped")
    assert lines(exiting, "show panic") == ("the kernel did not panic",)
    assert lines(exiting, "show struct mutex")[0] == "struct mutex {"
    assert lines(exiting, "show struct process worker")[0] == "struct process worker:"
    assert lines(exiting, "show map")[0].endswith(": vmspace of worker")


def test_frames_are_looked_at_with_their_variables(exiting: Session) -> None:
    assert lines(exiting, "print xexit") == ("xexit = 3",)
    assert lines(exiting, "info args")[0] == "p = worker.3002"
    assert lines(exiting, "up")[0].startswith("#1  sys_exit (p=worker.3002")
    with pytest.raises(ExittuiError, match="'xexit' is not known"):
        exiting.run_line("print xexit")
    assert lines(exiting, "down")[0].startswith("#0  exit1 ")
    with pytest.raises(UsageError, match="bottom"):
        exiting.run_line("down")
    assert lines(exiting, "frame 1")[0].startswith("#1  sys_exit")
    lines(exiting, "thread 0t3001")
    assert lines(exiting, "info threads")[2].startswith("* 2    3001   worker.3001          SSLEEP")
    assert exiting.prompt == "ddb{0}> "
    assert lines(exiting, "trace")[0].startswith("cpu_switchto(")


def test_values_are_printed_and_displayed(exiting: Session) -> None:
    assert lines(exiting, "p worker.ps_threadcnt") == ("worker.ps_threadcnt = 3",)
    assert lines(exiting, "p/x worker.0.p_tid") == ("worker.0.p_tid = 0xbb8",)
    assert lines(exiting, "print worker.2.p_flag") == ("worker.2.p_flag = 0x4000000 <THREAD>",)
    assert lines(exiting, "print worker.0.p_stat") == ("worker.0.p_stat = SONPROC",)
    assert lines(exiting, "display worker.ps_exitcnt") == ("1: worker.ps_exitcnt = 0",)
    assert lines(exiting, "step")[-1] == "1: worker.ps_exitcnt = 0"
    lines(exiting, "undisplay 1")
    assert len(lines(exiting, "step")) == 1
    assert lines(exiting, "x kernel_lock")[0] == "struct mp_lock kernel_lock:"
    parts = lines(exiting, "p/e worker.ps_threadcnt == 3")
    assert parts == (
        "worker.ps_threadcnt == 3 = true",
        "  worker.ps_threadcnt = 3",
        "    worker = worker",
    )


def test_why_names_the_step_and_there_goes_to_it(session: Session) -> None:
    lines(session, "watch worker.ps_exitcnt", "continue", "delete")
    wrote = session.machine.position
    lines(session, "any 50")
    told = lines(session, "why worker.ps_exitcnt")
    record = session.machine.record(wrote - 1)
    assert told[0] == (
        f"worker.ps_exitcnt is 1, was 0: step {wrote}, cpu{record.cpu} (worker) in exit1(), "
        f"{record.statement.file}:{record.statement.line}: pr.ps_exitcnt += 1"
    )
    lines(session, "there")
    assert session.machine.position == wrote
    lines(session, "older")
    assert session.machine.position == wrote + 50
    lines(session, "newer")
    assert session.machine.position == wrote
    assert [place[1] for place in session.visits()] == [wrote + 50, wrote]
    with pytest.raises(UsageError, match="newest place"):
        session.run_line("newer")
    untouched = lines(session, "why worker.ps_pid")
    assert untouched == ("worker.ps_pid is 3000: nothing has written it since the run began",)


def test_why_of_a_variable_and_of_an_expression(exiting: Session) -> None:
    lines(exiting, "step")
    assert lines(exiting, "why wakeinit")[0].startswith(
        f"wakeinit is 0, was unset: step {exiting.machine.position}, cpu0 (worker.3002) in exit1()"
    )
    lines(exiting, "run")
    told = lines(exiting, "why len(zombprocess) == 0")[0]
    assert told.startswith("len(zombprocess) == 0 is true, was false: step ")


def test_why_somebody_owns_a_lock_is_the_step_that_took_it(session: Session) -> None:
    lines(session, "seek lock kernel_lock", "any 20")
    told = lines(session, "why owner(kernel_lock)")[0]
    assert told.startswith("owner(kernel_lock) is cpu")
    assert "mpl.mpl_owner = ci" in told


def test_what_can_go_next_says_what_it_would_do(session: Session) -> None:
    lines(session, "cpu 0", "step 3", "back 2")
    recorded, position = session.machine.recorded_schedule(), session.machine.position
    before = session.machine.fingerprint()
    first, second = session.views.wider.choices()[:2]
    assert (first.number, first.name, first.enabled, first.recorded) == (0, "cpu0", True, True)
    assert (second.number, second.cpu, second.recorded) == (1, 1, False)
    assert session.machine.recorded_schedule() == recorded
    assert (session.machine.position, session.machine.fingerprint()) == (position, before)
    told = lines(session, "pick")
    assert told[0].startswith(">  0 cpu0   worker.3002: userland() ")
    lines(session, "pick 1")
    assert str(session.machine.schedule()) == "0/1"
    with pytest.raises(UsageError, match="no choice 77; can go on: 0, 1"):
        session.run_line("pick 77")


def test_a_choice_previewed_does_what_it_said(session: Session) -> None:
    for _ in range(150):
        views = session.views.wider.choices()
        able = [one for one in views if one.enabled]
        if not able:
            break
        lines(session, f"pick {able[session.machine.position % len(able)].number}")
        again = session.machine.fingerprint()
        session.machine.undo()
        chosen = session.machine.history.choice(session.machine.position)
        assert session.views.wider.choices() == tuple(
            one._replace(recorded=one.number == chosen) for one in views
        )
        session.machine.redo()
        assert session.machine.fingerprint() == again


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("rever", {"reverse-step", "reverse-continue"}),
        ("show ", {"all", "proc", "panic", "breaks"}),
        ("show all ", {"locks", "procs", "threads"}),
        ("break exit", {"exit1"}),
        ("break kern/kern_exi", {"kern/kern_exit.c:"}),
        ("print worker.ps_thr", {"worker.ps_threads", "worker.ps_threadcnt"}),
        ("print kernel_lock->mpl_o", {"kernel_lock->mpl_owner"}),
        ("print len(zomb", {"len(zombprocess"}),
        ("thread wor", {"worker", "worker.3001", "worker.3002"}),
        ("trace /t 0t300", {"0t3000", "0t3001", "0t3002"}),
        ("set dia", {"dialect"}),
        ("set scheduler-locking ", {"off", "on", "step"}),
        ("catch sw", {"switch"}),
        ("seek lock kern", {"kernel_lock"}),
        ("break state worker.0 SD", {"SDEAD"}),
        ("switch ", {"main"}),
        ("help why", {"why"}),
        ("break exit1 if worker.ps_exit", {"worker.ps_exitcnt"}),
    ],
)
def test_completion_knows_what_can_follow(session: Session, text: str, among: set[str]) -> None:
    found = session.complete(text)
    assert among <= set(found)
    assert list(found) == sorted(found)
    word = text.rpartition(" ")[2]
    assert all(one.startswith(word) for one in found)
    assert session.complete(text + "tail", len(text)) == found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_word_is_read_in_both_dialects(dialect: str) -> None:
    for command in COMMANDS:
        for word in command.words:
            line = word if not command.argument or command.argument[0] == "[" else f"{word} 1"
            expected = MEANINGS[dialect].get(word, command.name)
            assert read(line, dialect).command.name == expected


def test_words_may_be_cut_short_where_that_is_clear() -> None:
    assert read("sh all l").command.name == "show_all_locks"
    assert read("info thr").command.name == "threads"
    assert read("reverse-c").command.name == "back_proceed"
    with pytest.raises(UsageError, match="'show' of what"):
        read("show")
    with pytest.raises(UsageError, match="short for more than one"):
        read("info c")


def test_what_would_write_is_refused_politely(session: Session) -> None:
    before = session.machine.fingerprint()
    for line in ("call exit1(0)", "write nthreads 3", "set var nthreads = 3"):
        with pytest.raises(UsageError, match="from here"):
            session.run_line(line)
    assert session.machine.fingerprint() == before
    assert lines(session, "any 9", "boot reboot")[0] == "rebooting..."
    assert (session.machine.position, session.machine.recorded) == (0, 9)


# -- from a file, and in linear mode ---------------------------------------------------------------


def script(session: Session, text: str) -> list[str]:
    said: list[str] = []
    run_script(session, text.splitlines(), "file", said.append)
    return said


def test_a_command_file_prints_what_its_commands_print(session: Session) -> None:
    said = script(session, "# to exit1\n\nbreak exit1\ncontinue\nprint xexit\nquit\nfrob\n")
    assert said[1:] == ["Breakpoint at   exit1: wakeinit = 0", "xexit = 3"]


def test_a_failed_assertion_and_a_bad_command_name_their_line(session: Session) -> None:
    assert script(session, "assert worker.ps_threadcnt == 3") == []
    with pytest.raises(AssertionFailedError) as failed:
        script(session, "step\nassert worker.ps_threadcnt == 2\n")
    assert failed.value.message == (
        "file:2: assertion failed at step 1: worker.ps_threadcnt == 2: "
        "worker.ps_threadcnt is 3, worker is worker"
    )
    with pytest.raises(UsageError, match=r"^file:3: no command 'frob'"):
        script(session, "\nstep\nfrob\n")
    with pytest.raises(UsageError, match=r"^file:1: no function 'x'"):
        script(session, "break x\n")


def test_the_same_file_prints_the_same_twice(open_session: Open) -> None:
    text = "ps; break mtx_enter; c; bt; info threads; x worker; pick; seek switch; show all locks"
    text += "; info locks; events 20; show witness; info waits; delete; run; when; info ps -H"
    text = text.replace("; ", "\n")
    assert script(open_session(), text) == script(open_session(), text)


def test_linear_mode_says_each_step_in_a_sentence(session: Session) -> None:
    typed = io.StringIO("cpu 0\nstep\n\nfrob\nquit\n")
    said: list[str] = []

    def ask(prompt: str) -> str:
        line = typed.readline()
        if not line:
            raise EOFError
        said.append(prompt + line.rstrip())
        return line

    Linear(session, ask, said.append).run()
    assert said[0].startswith("Three threads, and exit() from one that is not the first, kernel ")
    assert said[1].startswith("The run begins: cpu0 goes next")
    assert said[3].startswith("Stopped at ")
    assert said[4] == "ddb{0}> step"
    assert said[6].startswith("Step 1. cpu0 (worker.3002) ")
    assert said[7] == "ddb{0}> "
    assert said[9].startswith("Step 2. cpu0 (worker.3002) ")
    assert said[11].startswith("no command 'frob'")
    assert said[-1] == "ddb{0}> quit"
