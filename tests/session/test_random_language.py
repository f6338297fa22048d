"""Two hundred lines of the language at random: no traceback, and a session that hangs together."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import pytest

from exittui.errors import ExittuiError
from exittui.session.commands import COMMANDS, DIALECTS, words_of
from exittui.session.opening import open_session as opened

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.session.session import Session
    from tests.session.conftest import Open

LINES: Final = 200
WHOLE: Final = (
    *("s", "s 9", "n", "n 3", "c", "c 2", "fin", "u", "until", "any 40", "any 300", "solo", "r"),
    *("rs", "rs 5", "rn", "rc", "rf", "back 40", "goto 50%", "goto 12.5%", "goto 7", "goto +9"),
    *("forward 3", "restart", "restart 1", "cpu 0", "cpu 1", "pick", "pick 0", "pick 1", "t 2"),
    *("b exit1", "break mtx_enter,3", "tb mi_switch", "break lock kernel_lock cpu 1", "d 1"),
    *("break mtx_enter if curproc == worker.0", "break exit1+0x4", "delete 1-3", "delete"),
    *("break state worker.0 SDEAD", "watch nthreads", "watch worker.ps_flags", "watch -l p"),
    *("watch len(zombprocess) if nthreads > 2", "dwatch nthreads", "catch switch", "catch free"),
    *("catch sleep thread worker.0", "catch panic", "ignore 1 2", "disable 1", "enable", "cond 2"),
    *("seek switch", "seek lock kernel_lock", "rseek wakeup", "seek change worker.ps_exitcnt"),
    *("why worker.ps_flags", "why p", "why kernel_lock", "there", "older", "newer", "jumps"),
    *("bt", "bt full", "trace /t 0t3000", "trace,2", "up", "down", "f 1", "info frame", "i lo"),
    *("p worker", "p/x worker.ps_pid", "p *curproc", "p $pc", "x/4x kernel_lock", "x worker,2"),
    *("display nthreads", "undisplay 1", "info display", "list", "l -", "list exit1", "info line"),
    *("ps /a", "ps/o", "show proc", "show all locks", "show map", "show witness", "info locks"),
    *("branch", "branch mine", "branch other", "switch main", "compare main", "drop mine"),
    *("checkpoint", "info checkpoints", "delete checkpoint 1", "set scheduler-locking on"),
    *("set scheduler-locking off", "set scheduler-locking step", "set listsize 5", "history"),
    *("thread apply all bt 1", 'printf "%d\\n", nthreads', "assert nthreads > 0", "say", "when"),
    *("frob", "show frob", "p )", "b", "goto", "x/", "cpu 99", "thread 99", "step 0", "i", "."),
)
ARGUMENTS: Final = ("", "1", "0", "exit1", "worker", "worker.1", "-5", "99%", "/x 3", ", 2", "if")


def a_line(dice: random.Random, dialect: str) -> str:
    """One of those above, cut short now and then, or any command with any argument."""
    if dice.random() < 0.7:
        line = dice.choice(WHOLE)
        first, blank, rest = line.partition(" ")
        cut = dice.randrange(1, len(first) + 1) if dice.random() < 0.2 else len(first)
        return first[:cut] + blank + rest
    command = dice.choice([one for one in COMMANDS if one.name not in {"save", "source", "record"}])
    words = words_of(command, dialect) or command.words
    return f"{dice.choice(words)} {dice.choice(ARGUMENTS)}".strip()


def check(session: Session, known: dict[str, int]) -> None:
    """The branch one is on is what the machine has recorded; one way leads to one state."""
    machine, branches = session.machine, session.branches
    assert 0 <= machine.position <= machine.recorded
    assert machine.recorded_schedule().picks == branches.line(branches.current)
    assert 0 <= session.focus < machine.ncpu
    way = str(machine.schedule())
    assert known.setdefault(way, machine.fingerprint()) == machine.fingerprint()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "run",
    [
        ("three-threads-exit", "mpi-2025-05"),
        ("three-threads-exit", "reaper"),
        ("thread-exit", "mpi-2025-05"),
    ],
)
def test_no_line_breaks_a_session(
    open_session: Open, kernels: Path, tmp_path: Path, run: tuple[str, str], dialect: str
) -> None:
    session = open_session(*run)
    session.dialect = dialect
    dice = random.Random(f"{run} {dialect}")  # noqa: S311 - the same walk every time
    start, known, done = session.machine.fingerprint(), dict[str, int](), 0
    for _ in range(LINES):
        line = a_line(dice, dialect)
        before = session.machine.position, session.branches.current
        try:
            session.run_line(line)
        except ExittuiError as error:
            assert "\n" not in error.message, line
            assert (session.machine.position, session.branches.current) == before, line
        else:
            done += 1
        check(session, known)
    assert done > LINES // 3

    path = str(tmp_path / "walk.session")
    session.run_line(f"save {path}")
    again = opened(path, cache=kernels)
    assert again.saved() == session.saved()
    assert again.machine.fingerprint() == session.machine.fingerprint()

    end, recorded = session.machine.fingerprint(), session.machine.position
    session.run_line("goto 0")
    assert session.machine.fingerprint() == start
    session.run_line(f"goto {recorded}")
    assert session.machine.fingerprint() == end
    for branch in list(session.branches):
        if branch is not session.branches.current:
            session.run_line(f"switch {branch.name}")
        session.machine.goto(0)
        assert session.machine.fingerprint() == start
