"""Many orders without sense, over every scenario: the session stays whole and can be drawn."""

from __future__ import annotations

import contextlib
import random
from typing import TYPE_CHECKING

import pytest

from exittui.errors import ExittuiError, UsageError
from exittui.scenario.build import build
from exittui.scenario.library import find, names
from exittui.scenario.load import load
from exittui.session.commands import COMMANDS, read
from exittui.session.session import Session
from exittui.tui.lines import length
from exittui.tui.looking import Looking
from exittui.tui.panes import picture
from exittui.tui.placing import TABS, Arrangement, placing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.session.conftest import Open

SIZES = ((120, 40), (80, 24), (200, 60), (60, 16), (160, 44), (110, 32), (59, 15))
ARGUMENTS = ("", "1", "3", "40", "0", "exit1", "mtx_enter", "99", "50%", "-5", "+9", "x:1")


def drawn_whole(session: Session, size: tuple[int, int], tab: str) -> None:
    """Every pane is exactly as wide and as high as its place."""
    arranged = Arrangement()
    arranged.reveal(tab, size)
    placed = placing(*size, session.cpu_count, arranged)
    for name, lines in picture(session.views, placed, Looking(), size, session.prompt).items():
        place = placed.places[name]
        assert len(lines) == place.height, name
        assert {length(line) for line in lines} == {place.width}, name


LARGE = ("storm", "thousand-threads")
"""They take seconds to boot, and show nothing here that others do not."""


@pytest.mark.parametrize("scenario", [name for name in names() if name not in LARGE])
def test_no_order_breaks_a_session_or_a_picture(open_session: Open, scenario: str) -> None:
    for kernel in find(scenario).kernels:
        session = open_session(scenario, kernel)
        dice = random.Random(f"{scenario} {kernel}")  # noqa: S311 - the same walk every time
        start = session.machine.fingerprint()
        for _ in range(25):
            command = dice.choice(
                [one for one in COMMANDS if one.group != "screen" and one.name != "save"]
            )
            line = f"{command.words[0]} {dice.choice(ARGUMENTS)}".strip()
            before = session.machine.position
            try:
                session.carry_out(read(line))
            except ExittuiError as error:
                assert "\n" not in error.message
                assert session.machine.position == before or "count" not in line
            drawn_whole(session, dice.choice(SIZES), dice.choice(TABS))
        session.carry_out(read("restart"))
        assert session.machine.fingerprint() == start


MANY = """\
title = "Many"
description = "More CPUs and threads than fit."
kernels = ["reaper", "mpi-2025-05"]
cpus = 16

[[process]]
name = "sh"
[[process.thread]]
program = [["wait4", "worker"]]

[[process]]
name = "worker"
parent = "sh"
"""


def test_many_cpus_and_threads_are_drawn_whole(tmp_path: Path, kernels: Path) -> None:
    threads = ['[[process.thread]]\nprogram = [["exit", 3]]\nstart = "cpu0"\n']
    threads += ['[[process.thread]]\nprogram = [["exit", 0]]\n'] * 60
    path = tmp_path / "many.toml"
    path.write_text(MANY + "".join(threads))
    session = Session(build(load(path), "mpi-2025-05", (), cache=kernels))
    dice = random.Random(7)  # noqa: S311 - the same walk every time
    for line in ("any 40", "cpu 11", "any 400", "any 1500", "run", "goto 50%", "rn"):
        with contextlib.suppress(UsageError):
            session.carry_out(read(line))
        for size in SIZES:
            drawn_whole(session, size, dice.choice(TABS))
    assert session.views.thread_count() > 60
