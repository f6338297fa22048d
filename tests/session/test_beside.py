"""The real kernel's statement in the view of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.session.commands import read
from exittui.session.counterpart import Counterparts
from exittui.session.session import Session
from exittui.tui.lines import plain
from exittui.tui.paint import source as paint

if TYPE_CHECKING:
    from pathlib import Path

# Written for this test; the real function has more.
SMALL = """\
void
exit1(struct proc *p, int xexit, int xsig, int flags)
{
\tatomic_setbits_int(&p->p_flag, P_WEXIT);
\tpr = p->p_p;
}
"""


@pytest.fixture
def session(kernels: Path, tmp_path: Path) -> Session:
    """At the entry of exit1(), with a tree that has a little of it."""
    (tmp_path / "kern").mkdir()
    (tmp_path / "kern" / "kern_exit.c").write_text(SMALL)
    built = build(find("three-threads-exit"), "reaper", (), cache=kernels)
    session = Session(built, Counterparts(tmp_path, built.machine.image))
    session.carry_out(read("break exit1"))
    session.carry_out(read("continue"))
    return session


def drawn(session: Session, height: int = 20) -> list[str]:
    """The source pane."""
    view = session.views.source()
    return plain(paint.paint(view, 80, height, paint.top_line(view, height, 0))).splitlines()


def test_it_stands_below_the_models(session: Session) -> None:
    real = session.views.source().real
    assert real is not None
    assert (real.place, real.text) == (
        "kern/kern_exit.c:4",
        "atomic_setbits_int(&p->p_flag, P_WEXIT);",
    )
    lines = drawn(session)
    (row,) = [number for number, line in enumerate(lines) if "setbits" in line]
    assert "p.p_flag |= P_WEXIT" in lines[row - 1]
    assert "    C   4     atomic_setbits_int(&p->p_flag, P_WEXIT);" in lines[row]


def test_it_moves_with_the_focus(session: Session) -> None:
    session.carry_out(read("step"))
    assert any("C   5     pr = p->p_p;" in line for line in drawn(session))
    session.carry_out(read("step"))
    assert any("exit1() in kern/kern_exit.c has no statement" in line for line in drawn(session))


def test_every_row_knows_its_line(session: Session) -> None:
    view = session.views.source()
    for height in range(4, 30):
        top = paint.top_line(view, height, 0)
        rows = paint.shown(view, height, top)
        assert len(drawn(session, height)) == height
        numbers = [number for number in rows if number is not None]
        assert numbers == list(range(top, top + len(numbers)))
        assert rows.count(None) <= 1
        if None in rows:
            assert rows[rows.index(None) - 1] == view.last_line
            assert view.line in numbers


def test_user_programs_have_none(kernels: Path, tmp_path: Path) -> None:
    (tmp_path / "kern").mkdir()
    built = build(find("three-threads-exit"), "reaper", (), cache=kernels)
    session = Session(built, Counterparts(tmp_path, built.machine.image))
    assert session.views.source().function == "userland"
    assert session.views.source().real is None


def test_without_sources_there_is_none(kernels: Path) -> None:
    session = Session(build(find("three-threads-exit"), "reaper", (), cache=kernels))
    assert session.views.source().real is None
