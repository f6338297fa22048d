"""Breakpoints at lines of the kernel's own files. The C was written for these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.errors import UsageError
from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.session.counterpart import Counterparts
from exittui.session.session import Session
from exittui.tui.lines import plain
from exittui.tui.paint import stack

if TYPE_CHECKING:
    from pathlib import Path

EXIT = """\
int
sys_nothing(struct proc *p)
{
\treturn (0);
}

void
exit1(struct proc *p, int xexit, int xsig, int flags)
{
\tstruct process *pr;

\tatomic_setbits_int(&p->p_flag, P_WEXIT);

\tpr = p->p_p;
\tdo_what_the_model_leaves_out(pr);
}

/* Nothing of this one is alike. */
void
exit2(struct proc *p)
{
}
"""
SWITCH = """ENTRY(cpu_switchto)
	cli
	movq	PCB_RSP(%r13),%rsp
	nop
END(cpu_switchto)
"""
INTO = "kern/kern_exit.c"


@pytest.fixture
def session(kernels: Path, tmp_path: Path) -> Session:
    """With a tree that has a little of kern_exit.c."""
    (tmp_path / "kern").mkdir()
    (tmp_path / "kern" / "kern_exit.c").write_text(EXIT)
    assembly = tmp_path / "arch" / "amd64" / "amd64"
    assembly.mkdir(parents=True)
    (assembly / "locore.S").write_text(SWITCH)
    built = build(find("single-exit"), "reaper", (), cache=kernels)
    session = Session(built, Counterparts(tmp_path, built.machine.image))
    session.run_line("set dialect gdb")
    return session


def told(session: Session, line: str) -> str:
    """The only line that a command prints."""
    (found,) = session.run_line(line).lines
    return found


@pytest.mark.parametrize(
    ("asked", "line", "statement"),
    [
        ("kern_exit.c:12", 12, "p.p_flag |= P_WEXIT"),
        ("kern/kern_exit.c:12", 12, "p.p_flag |= P_WEXIT"),
        ("kern_exit.c:7", 12, "p.p_flag |= P_WEXIT"),
        ("kern_exit.c:13", 14, "pr = p.p_p"),
        ("kern_exit.c:14", 14, "pr = p.p_p"),
        ("kern_exit.c:13,1", 14, "pr = p.p_p"),
    ],
)
def test_a_line_of_the_kernels_own_file(
    session: Session, asked: str, line: int, statement: str
) -> None:
    assert told(session, f"break {asked}").endswith(f", {INTO}:{line}")
    session.run_line("continue")
    here = session.machine.next_statement(session.focus)
    assert (here.function, here.text) == ("exit1", statement)
    real = session.views.source().real
    assert real is not None
    assert real.place == f"{INTO}:{line}"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("kern_exit.c:4", f"no function of the model at {INTO}:4; the nearest: exit1() 7-16"),
        ("kern_exit.c:99", "the nearest: exit2() 19-22"),
        ("locore.S:4", "nothing of cpu_switchto() is modelled at arch/amd64/amd64/locore.S:4 or"),
        ("kern_exit.c:x", "no function 'x'"),
        ("kern_exit.c:", "'' is no line number"),
        (":", "'' is no line number"),
        (":1", "no file ''"),
        ("kern_exit.c:1x", "'1x' is no line number"),
        ("kern_exi.c:7", f"no file 'kern_exi.c'; did you mean '{INTO}'?"),
        ("kern_fork.c:exit1", f"exit1() is not in 'kern_fork.c', but in {INTO}"),
    ],
)
def test_what_is_no_place_of_the_tree(session: Session, asked: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        session.run_line(f"break {asked}")
    assert said in caught.value.message
    assert len(session.breakpoints) == 0


def test_a_function_of_a_file_as_in_gdb(session: Session) -> None:
    plain_one = told(session, "break exit1")
    for file in ("kern_exit.c", INTO, "kern_exit.py", "kern/kern_exit.py"):
        assert session.run_line(f"break {file}:exit1").lines[-1][-20:] == plain_one[-20:]
    assert len({stop.place for stop in session.breakpoints}) == 1


def test_every_listing_has_the_kernels_line(session: Session) -> None:
    session.run_line("break kern_exit.c:14")
    session.run_line("continue")
    assert session.run_line("info breakpoints").lines[1].endswith(f", {INTO}:14")
    assert session.run_line("info line kern_exit.c:14").lines[1] == f"{INTO}:14 pr = p->p_p;"
    session.run_line("set dialect ddb")
    assert session.run_line("show breaks").lines[1].endswith(f", {INTO}:14")
    pane = stack.content(session.views.wider.stack(), 70)
    drawn = plain(entry.line for entry in pane.fetch(0, 20))
    assert "exit1() kern_exit.c:14 " in drawn
    assert "sys_exit() kern_exit.py:" in drawn


def test_until_and_list_know_them_too(session: Session) -> None:
    session.run_line("break exit1")
    session.run_line("continue")
    session.run_line("until kern_exit.c:14")
    assert session.machine.next_statement(session.focus).text == "pr = p.p_p"
    assert any("pr = p.p_p" in line for line in session.run_line("list kern_exit.c:14").lines)


def test_a_session_file_needs_no_tree(session: Session) -> None:
    session.run_line("break kern_exit.c:14")
    (stop,) = session.saved().stops
    assert stop.command == f"break {session.breakpoints[1].place}"


def test_without_a_tree_a_kernels_file_is_the_one_that_models_it(session: Session) -> None:
    session.beside = None
    assert told(session, "break kern_sched.c:100").startswith("Breakpoint 1 at kern/kern_sched.py:")
    with pytest.raises(UsageError, match=r"several files .* kern/kern_exit_wait\.py; .* --sys DIR"):
        session.run_line("break kern_exit.c:150")
    session.run_line("break exit1")
    session.run_line("continue")
    assert session.run_line("tbreak kern_exit.c:150").lines[0].endswith(" kern/kern_exit.py:150")
