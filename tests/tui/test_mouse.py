"""Everything by the mouse alone: no key is pressed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.session.commands import COMMANDS, read
from exittui.tui.paint.help import deed_at, lines_beyond
from exittui.tui.placing import TABS
from tests.tui.test_panes import desk_of, whole
from tests.tui.test_screen import line_of, play, text

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from exittui.session.session import Session


async def click(pilot: Pilot[None], pane: str, sought: str, *, button: int = 1) -> None:
    """A click on the first place of a pane where something can be read."""
    row = line_of(pilot, pane, sought)
    column = text(pilot, pane).splitlines()[row].index(sought)
    await pilot.click(f"#{pane}", offset=(column, row), button=button)
    await pilot.pause()
    await pilot.pause()


async def chosen(pilot: Pilot[None], command: str) -> None:
    """A command, by its row in the help."""
    await click(pilot, "keys", "help")
    help_pane = desk_of(pilot).help
    width, height = help_pane.extent
    beyond = lines_beyond(width, height)
    row = next(row for row in range(999) if deed_at(width, row) == f"command {command}")
    help_pane.move(row)  # what the wheel does
    await pilot.click("#help", offset=(5, row - min(row, beyond) + 1))
    await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize("width", [80, 120])
def test_every_command_is_a_row_of_the_help_that_can_be_clicked(width: int) -> None:
    rows = range(lines_beyond(width, 2))
    deeds = {deed_at(width, row) for row in rows}
    assert {f"command {one.name}" for one in COMMANDS} <= deeds


def test_steps_forwards_and_backwards(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await click(pilot, "keys", "step")
        await click(pilot, "keys", "any cpu")
        assert session.machine.position == 2
        await chosen(pilot, "restart")
        assert session.machine.position == 0
        await chosen(pilot, "run_to_end")
        assert "The run is done" in text(pilot, "sentence")

    play(session, script)


def test_every_pane_is_shown_from_the_menu(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        desk = desk_of(pilot)
        for name in TABS:
            await chosen(pilot, "panes")
            row = TABS.index(name)
            if row >= desk.menu.extent[1] - 2:
                continue
            for _ in range(2 if row else 1):
                await pilot.click("#menu", offset=(5, row + 1))
                await pilot.pause()
            assert desk.lit == name
        await chosen(pilot, "panes")
        await pilot.click("#menu", offset=(5, 0))
        await pilot.pause()
        assert not desk.menu.lit

    play(session, script)


def test_a_command_with_words_is_put_together(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        desk = desk_of(pilot)
        await chosen(pilot, "catch")
        assert desk.prompt.open
        await click(pilot, "prompt", "panic")
        await click(pilot, "prompt", "⏎")
        assert "panic" in str(session.breakpoints.views())
        await chosen(pilot, "catch")
        await click(pilot, "prompt", "✕")
        assert not desk.prompt.open

    play(session, script, (200, 60))


def test_why_and_there_and_the_object_before(session: Session) -> None:
    session.carry_out(read("run"))

    async def script(pilot: Pilot[None]) -> None:
        end = session.machine.position
        await click(pilot, "lists", "init 1")
        await click(pilot, "lists", "init 1")
        await pilot.pause()
        await click(pilot, "objects", "ps_ppid", button=3)
        assert "ps_ppid" in text(pilot, "prompt")
        await click(pilot, "objects", "ps_children")
        await click(pilot, "objects", "ps_children")
        assert any("lh_first" in row for row in whole(pilot, "objects"))
        await click(pilot, "objects", "from ")
        assert not any("lh_first" in row for row in whole(pilot, "objects"))
        assert session.machine.position == end

    play(session, script, (200, 60))
