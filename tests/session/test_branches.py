"""Branches: what was left is kept, compared, gone back to, saved and opened again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

import pytest

from exittui.errors import ExittuiError, SessionError
from exittui.session.opening import open_session as opened
from exittui.session.stored import read, text_of, write

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.session.session import Session


def lines(session: Session, *asked: str) -> tuple[str, ...]:
    told: tuple[str, ...] = ()
    for line in asked:
        told = session.run_line(line).lines
    return told


def fork(session: Session) -> None:
    """Five steps of cpu0 on main, and from the second on three of cpu1 on a branch."""
    lines(session, "cpu 0", "step 5", "goto 2", "cpu 1", "step 3")


def test_choosing_otherwise_keeps_the_old_future(session: Session) -> None:
    fork(session)
    assert [(one.name, one.parent, one.at, one.length) for one in session.branches.views()] == [
        ("main", None, 0, 5),
        ("branch-2", 1, 2, 5),
    ]
    assert str(session.machine.schedule()) == "0x2/1x3"
    lines(session, "switch main")
    assert session.machine.position == 2
    assert str(session.machine.recorded_schedule()) == "0x5"
    lines(session, "goto 4", "switch branch-2")
    assert (session.machine.position, session.machine.recorded) == (5, 5)
    lines(session, "switch main")
    assert session.machine.position == 4


def test_the_same_choice_again_leads_back_onto_the_branch(session: Session) -> None:
    fork(session)
    lines(session, "goto 2", "cpu 0")
    told = session.run_line("step")
    assert told.note == "back on branch main"
    assert session.branches.current.name == "main"
    assert (session.machine.position, session.machine.recorded) == (3, 5)
    assert len(session.branches) == 2


def test_a_branch_below_a_branch_hangs_where_its_past_is(session: Session) -> None:
    fork(session)
    lines(session, "goto 4", "cpu 0", "step", "goto 1", "cpu 1", "step")
    assert [(one.name, one.parent, one.at, one.depth) for one in session.branches.views()] == [
        ("main", None, 0, 0),
        ("branch-2", 1, 2, 1),
        ("branch-3", 2, 4, 2),
        ("branch-4", 1, 1, 1),
    ]
    lines(session, "switch branch-3")
    assert str(session.machine.recorded_schedule()) == "0x2/1x2/0"


def test_two_branches_are_compared_at_the_first_choice_that_differs(session: Session) -> None:
    fork(session)
    told = lines(session, "compare main")
    assert told[0] == "main and branch-2 are the same up to step 2, then choose"
    assert told[1].startswith("  main: cpu0 (worker.3002) in ")
    assert told[2].startswith("  branch-2: cpu1 (worker) in userland(): ")
    assert session.machine.position == 5


def test_branches_are_named_and_dropped(session: Session) -> None:
    fork(session)
    assert lines(session, "branch branch-2 other") == ("branch 2 is other now",)
    for line, said in (
        ("branch other main", "there is a branch 'main' already"),
        ("branch other 2x", "'2x' is no name"),
        ("switch nobody", "no branch 'nobody': there are main, other"),
        ("switch other", "this is branch other"),
        ("drop other", "one cannot drop the branch one is on"),
    ):
        with pytest.raises(ExittuiError, match=said):
            session.run_line(line)
    lines(session, "switch main", "drop other")
    assert [one.name for one in session.branches] == ["main"]
    lines(session, "branch early")
    assert lines(session, "branches") == (
        "  main: 5 steps, at step 2",
        "*   early: from step 2, 2 steps, at step 2",
    )


def test_checkpoints_are_places_on_branches(session: Session) -> None:
    fork(session)
    lines(session, "checkpoint", "switch main", "restart 1")
    assert (session.branches.current.name, session.machine.position) == ("branch-2", 5)
    with pytest.raises(ExittuiError, match="no checkpoint 7: there are 1"):
        session.run_line("restart 7")


def test_random_walks_over_branches_keep_every_run(session: Session) -> None:
    dice = random.Random(5)  # noqa: S311 - the same walk every time
    machine = session.machine
    known: dict[str, int] = {}
    for _ in range(120):
        deed = dice.choice(["step", "step", "back", "goto", "switch"])
        with contextlib.suppress(ExittuiError):
            if deed == "step":
                lines(session, f"cpu {dice.randrange(2)}", f"step {dice.randint(1, 4)}")
            elif deed == "back":
                lines(session, f"back {dice.randint(1, 5)}")
            elif deed == "goto":
                lines(session, f"goto {dice.randint(0, machine.recorded)}")
            else:
                lines(session, f"switch {dice.choice([one.name for one in session.branches])}")
        text = str(machine.schedule())
        assert known.setdefault(text, machine.fingerprint()) == machine.fingerprint()
    assert len(session.branches) > 5
    for branch in list(session.branches):
        if branch is not session.branches.current:
            session.branches.switch(branch)
        assert machine.recorded_schedule().picks == session.branches.line(branch)


# -- session files ---------------------------------------------------------------------------------


@pytest.fixture
def rich(session: Session) -> Session:
    """A session with something of everything."""
    fork(session)
    lines(
        session, "break exit1 cpu 0 if p == worker.2", "watch nthreads", "catch free", "disable 3"
    )
    lines(session, "goto 4", "cpu 0", "watch p", "display p.p_stat")
    lines(session, "tbreak lock kernel_lock", "ignore 1 2", "display worker.ps_exitcnt")
    lines(session, "checkpoint", "set scheduler-locking off", "set dialect gdb", "goto 4")
    session.layout = {"theme": "dark", "panes": ["source", "cpus"], "sizes": {"left": 60}}
    return session


def test_what_is_saved_is_opened_again(rich: Session, tmp_path: Path, kernels: Path) -> None:
    path = str(tmp_path / "one.session")
    assert rich.run_line(f"save {path}").lines == (f"session written to {path}",)
    again = opened(path, cache=kernels)
    assert again.saved() == rich.saved()
    assert again.branches.views() == rich.branches.views()
    assert again.breakpoints.views() == rich.breakpoints.views()
    assert again.machine.fingerprint() == rich.machine.fingerprint()
    assert (again.dialect, again.mover.locking, again.layout) == ("gdb", "off", rich.layout)
    again.run_line("save")
    assert read(path)[0] == rich.saved()


def test_a_session_file_is_readable_text(rich: Session) -> None:
    text = text_of(rich.saved())
    assert text.startswith("# A session of exittui")
    assert "\nversion = 1\n" in text
    assert '\nschedule = "0x5"\n' in text
    assert '\nparent = "main"\nat = 2\n' in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 1", "version = 2", ":2: version: 2 is of a newer exittui: this one knows 1"),
        ("version = 1", "version = 0", ":2: version: 0 is none: 1 is the first"),
        (
            'kernel-text = "',
            'kernel-text = "0',
            ":6: kernel-text: kernel mpi-2025-05 does not read",
        ),
        ("version = 1", "", ":1: version: is missing"),
        ("version = 1", "version = [", "no TOML: "),
        ('scenario = "three-threads-exit"', 'scenario = "nothing"', ":3: scenario: no scenario"),
        ('content = "', 'content = "0', ":4: content: three-threads-exit is not what it was"),
        ('kernel = "mpi-2025-05"', 'kernel = "mpi"', ":5: kernel: no kernel 'mpi'"),
        ("without = []", 'without = ["nothing.c"]', ":7: without: no hunk 'nothing.c'"),
        ('dialect = "gdb"', 'dialect = "dbx"', "dialect: 'dbx' is none of ddb, gdb"),
        ('branch = "branch-2"', 'branch = "b"', "branch: 'b' is no branch of this file"),
        ("focus = ", "focus = 1", ": focus: "),
        ('schedule = "0x5"', 'schedule = "0x5/9"', "branches[1].schedule: choice 6"),
        ('schedule = "0x5"', 'schedule = "frob"', "branches[1].schedule: schedule: part 1"),
        ('schedule = "0x5"', "schedule = 5", "branches[1].schedule: is a number, not a text"),
        ("at = 2", "at = 20", "branches[2].at: 20: main has 5 steps"),
        ("at = 2", "at = -2", "branches[2].at: -2 is less than 0"),
        ('parent = "main"', 'parent = "x"', "branches[2].parent: 'x' is no branch above"),
        ('command = "catch free"', 'command = "catch frob"', "stops[3].command: no event 'frob'"),
        ("enabled = false", "enabled = 0", "stops[3].enabled: is a number, not true or false"),
        ("seed = 0", "sead = 0", ":9: sead: is not known; accepted: branch, "),
        ("seed = 0", "seed = 0\nfrob = 1", "frob: is not known; accepted: "),
        ('"worker.ps_exitcnt"', '"frob"', "displays[2].expression: "),
        ("cpu = 0", "cpu = 9", "stops[4].command: no step "),
        ("frame = 0", "frame = 0, x = 1", "stops[4].at.x: is not known"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_line_and_key(  # noqa: PLR0917
    rich: Session, tmp_path: Path, kernels: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "bad.session"
    text = text_of(rich.saved())
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(SessionError) as caught:
        opened(str(path), cache=kernels)
    assert caught.value.message.startswith(f"{path}")
    assert said in caught.value.message
    assert "\n" not in caught.value.message


def test_files_that_are_no_sessions(tmp_path: Path) -> None:
    path = tmp_path / "x.session"
    with pytest.raises(SessionError, match="no such file"):
        read(str(path))
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SessionError, match="is no text"):
        read(str(path))
    path.write_text("[" * 5000)
    with pytest.raises(SessionError, match="no TOML"):
        read(str(path))
    with pytest.raises(SessionError, match="is a directory"):
        read(str(tmp_path))
    with pytest.raises(SessionError, match="is no name of a file"):
        read("x\0.session")


def test_a_pipe_or_device_is_no_session(tmp_path: Path) -> None:
    """Nobody writes to the one, and others have no end: neither is waited for."""
    pipe, device = tmp_path / "pipe.session", tmp_path / "device.session"
    os.mkfifo(pipe)
    device.symlink_to(os.devnull)
    for path in (pipe, device):
        with pytest.raises(SessionError, match=f"{path.name}: not a regular file"):
            read(str(path))


def test_the_program_refuses_a_pipe_for_a_session(tmp_path: Path) -> None:
    path = tmp_path / "pipe.session"
    os.mkfifo(path)
    words = [sys.executable, "-m", "exittui", "run", str(path), "--commands", os.devnull]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "not a regular file" in done.stderr
    assert done.stderr.count("\n") == 1


_WRITER = """\
import sys
from exittui.session.stored import read, write
saved, _ = read(sys.argv[1])
print("go", flush=True)
number = 0
while True:
    number += 1
    write(saved.__class__(**{**{f: getattr(saved, f) for f in saved.__slots__
                                if not f.startswith("__")}, "seed": number}), sys.argv[1])
    print(number, flush=True)
"""


def test_no_moment_to_die_loses_the_session(rich: Session, tmp_path: Path) -> None:
    """Killed at 12 random moments of writing over and over: the file is always a whole one."""
    path = tmp_path / "kept.session"
    saved = rich.saved()
    write(saved, str(path))
    dice = random.Random(11)  # noqa: S311 - the same moments, as far as a machine keeps time
    seeds = set()
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"go\n"
            written = dice.randrange(4)
            for number in range(1, written + 1):
                assert process.stdout.readline() == b"%d\n" % number
            time.sleep(dice.random() * 0.002)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        found, _ = read(str(path))
        seeds.add(found.seed)
        assert found.seed >= written or not written
        assert found.branches == saved.branches
        assert found.stops == saved.stops
    assert len(seeds) > 1


_KILLED: Final = """\
import builtins, io, os, signal, sys
from pathlib import Path
from exittui.session import stored

left = int(sys.argv[2])


def dying(deed):
    def done(*given, **named):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return deed(*given, **named)
    return done


saved, _ = stored.read(sys.argv[1])
fields = {one: getattr(saved, one) for one in saved.__slots__ if not one.startswith("__")}
os.open, os.fsync, os.close = dying(os.open), dying(os.fsync), dying(os.close)
Path.open, Path.replace = dying(Path.open), dying(Path.replace)
stored.text_of = dying(stored.text_of)
stored.write(saved.__class__(**{**fields, "seed": 7}), sys.argv[1])
"""


def test_killed_between_any_two_deeds_of_writing(rich: Session, tmp_path: Path) -> None:
    """Before the renaming it is the old file, behind it the new one; the next writer cleans up."""
    path = tmp_path / "kept.session"
    write(rich.saved(), str(path))
    seeds = []
    for deed in range(1, 9):
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, str(path), str(deed)], check=False
        ).returncode
        found, _ = read(str(path))
        seeds.append((found.seed, done))
        assert found.branches == rich.saved().branches
        write(rich.saved(), str(path))
        assert [one.name for one in tmp_path.iterdir()] == ["kept.session"]
    killed = -signal.SIGKILL
    assert seeds == [*[(0, killed)] * 4, *[(7, killed)] * 3, (7, 0)]


def test_a_link_to_a_session_file_stays_one(rich: Session, tmp_path: Path) -> None:
    real, link = tmp_path / "real.session", tmp_path / "link.session"
    link.symlink_to(real)
    write(rich.saved(), str(link))
    assert link.is_symlink()
    assert read(str(real))[0] == rich.saved()


def test_what_is_asked_in_a_function_is_kept_with_its_place(
    session: Session, tmp_path: Path, kernels: Path
) -> None:
    lines(session, "tbreak exit1", "continue", "watch lastthread", "display xexit", "up")
    lines(session, "display retval", "branch late", "cpu 1", "any 40")
    path = str(tmp_path / "one.session")
    lines(session, f"save {path}")
    again = opened(path, cache=kernels)
    assert again.saved() == session.saved()
    assert again.machine.fingerprint() == session.machine.fingerprint()
    for one in (session, again):
        told = lines(one, "goto 87", "continue")
        assert told[0].endswith("lastthread: NULL→0")
        assert told[-2:] == ("1: xexit = 3", "2: retval = md_regs of p_md of worker.3002")
    lines(session, "switch main")
    assert len(lines(session, "goto 87", "display")) == 2
    assert lines(session, "display")[0] == "1: xexit = 3"
