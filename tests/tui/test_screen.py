"""The screen under the hands of a person: keys, prompt, mouse, sizes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from exittui.session.commands import BY_KEY, read
from exittui.tui.desk import Desk
from exittui.tui.lines import plain
from exittui.tui.running import SOON
from exittui.tui.textual_app import DebuggerApp
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from exittui.session.session import Session


def play(
    session: Session,
    script: Callable[[Pilot[None]], Awaitable[None]],
    size: tuple[int, int] = (120, 40),
) -> None:
    """Run the app on the session and let `script` use it."""

    async def run() -> None:
        async with DebuggerApp(session).run_test(size=size) as pilot:
            await pilot.pause()
            await pilot.pause()
            await script(pilot)

    asyncio.run(run())


def text(pilot: Pilot[None], pane: str) -> str:
    """What a pane shows."""
    return plain(pilot.app.screen.query_one(f"#{pane}", Pane).lines)


def line_of(pilot: Pilot[None], pane: str, sought: str) -> int:
    """The row of a pane in which something stands."""
    rows = text(pilot, pane).splitlines()
    return next(number for number, row in enumerate(rows) if sought in row)


def test_keys_step_and_step_back(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("s", "s", "s")
        assert session.machine.position == 3
        assert "step 3" in text(pilot, "bar")
        await pilot.press("S")
        assert "step 2 of 3 ◀ recorded" in text(pilot, "bar")

    play(session, script)


def test_digits_choose_who_goes_next(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("1", "s")
        assert session.machine.history.cpu(0) == 1
        assert "next: cpu1" in text(pilot, "bar")
        assert "ddb{1}>" in text(pilot, "prompt")
        await pilot.press("7")
        assert "no cpu 7: 0 to 1 are there" in text(pilot, "prompt")

    play(session, script)


def test_every_key_of_the_table_works_at_the_start_and_at_the_end(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        for start in ("R", "r"):
            for key in BY_KEY:
                if BY_KEY[key].group != "screen":
                    await pilot.press(start, key, "escape")
        assert isinstance(pilot.app.screen, Desk)

    play(session, script)


def test_a_command_typed_at_the_prompt_is_carried_out(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"break exit1", "enter")
        await pilot.pause()
        assert "Breakpoint 1 at" in text(pilot, "prompt")
        await pilot.press("c")
        assert "exit1()" in text(pilot, "source").splitlines()[0]
        assert "●" in text(pilot, "source")
        position = session.machine.position
        await pilot.press("colon", *"step 5", "enter")
        await pilot.pause()
        await pilot.press("colon", "enter")
        await pilot.pause()
        assert session.machine.position == position + 10

    play(session, script)


def test_the_prompt_edits_and_remembers(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"stepp", "backspace", "home", "x", "delete", "end")
        assert "xtep" in text(pilot, "prompt")
        await pilot.press("ctrl+u", *"step 2", "enter")
        await pilot.pause()
        assert session.machine.position == 2
        await pilot.press("colon", "up")
        assert "step 2" in text(pilot, "prompt")
        await pilot.press("escape", "s")
        assert session.machine.position == 3

    play(session, script)


@pytest.mark.parametrize("nonsense", ["frobnicate", "step x", "goto 99999", "break nosuch", "♥"])
def test_nonsense_is_answered_in_the_prompt_line_and_changes_nothing(
    session: Session, nonsense: str
) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("colon")
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        desk.query_one("#prompt").insert(nonsense)  # type: ignore[attr-defined]  # the prompt
        await pilot.press("enter")
        await pilot.pause()
        word = nonsense.rsplit(maxsplit=1)[-1]
        assert word in text(pilot, "prompt")
        assert session.machine.position == 0

    play(session, script)


def test_a_key_that_means_nothing_says_so(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("Z")
        assert "no key 'Z'" in text(pilot, "prompt")
        await pilot.press("s")
        assert "no key" not in text(pilot, "prompt")

    play(session, script)


def test_a_click_in_the_gutter_sets_a_breakpoint_and_another_clears_it(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        row = line_of(pilot, "source", f" {session.views.source().line} ")
        await pilot.click("#source", offset=(4, row))
        await pilot.pause()
        assert "●" in text(pilot, "source").splitlines()[row]
        assert len(session.breakpoints) == 1
        await pilot.click("#source", offset=(4, row))
        await pilot.pause()
        assert len(session.breakpoints) == 0

    play(session, script)


def test_clicks_choose_a_cpu(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press(*"ssssssss")
        await pilot.click("#cpus", offset=(5, 4))
        await pilot.pause()
        assert session.focus == 1
        await pilot.click("#source", offset=(8, line_of(pilot, "source", "userland.c:")))
        await pilot.pause()
        assert session.focus == 0

    play(session, script)


def test_the_cursor_moves_over_the_source_and_b_sets_a_breakpoint_there(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        line = session.views.source().line
        await pilot.press("down", "down", "down", "b")
        assert [place.line > line for place in session.breakpoints] == [True]
        await pilot.press("pagedown", "pageup", "escape")
        assert str(line) in text(pilot, "source")

    play(session, script)


def test_a_narrow_terminal_turns_over_its_panes(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        assert "userland()" in text(pilot, "source")
        assert "%cr3" in text(pilot, "strip")
        await pilot.press("tab")
        await pilot.pause()
        await pilot.pause()
        assert "p_stat" in text(pilot, "threads")
        await pilot.click("#tabs", offset=(line_start(pilot, "lists") + 1, 0))
        await pilot.pause()
        await pilot.pause()
        assert "allprocess" in text(pilot, "lists")
        await pilot.press("shift+tab", "s")
        await pilot.pause()
        assert "kernel_lock" in text(pilot, "locks")
        assert session.machine.position == 1

    play(session, script, (80, 24))


def line_start(pilot: Pilot[None], word: str) -> int:
    """The column of a word in the line of tabs."""
    return text(pilot, "tabs").index(word)


def test_a_terminal_too_small_says_so_and_loses_nothing(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("s", "s")
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        await pilot.pause()
        assert "This terminal is 40x10." in text(pilot, "small")
        assert "60x16" in text(pilot, "small")
        await pilot.press("s")
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        await pilot.pause()
        assert "step 3" in text(pilot, "bar")
        for size in ((200, 60), (60, 16), (80, 24), (110, 32)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.pause()
            width = len(text(pilot, "source").splitlines()[0])
            assert width == pilot.app.screen.query_one("#source").size.width

    play(session, script)


def test_help_covers_the_panes_and_goes_away(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.pause()
        assert "reverse-continue" in text(pilot, "help")
        await pilot.press("down", "pagedown", "up")
        await pilot.press("escape", "s")
        assert session.machine.position == 1

    play(session, script)


def test_help_names_every_command(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("f1")
        await pilot.pause()
        await pilot.pause()
        shown = text(pilot, "help")
        for command in BY_KEY.values():
            assert command.help[:30] in shown

    play(session, script, (160, 180))


def test_the_palette_carries_a_command_out(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p")
        await pilot.pause(0.3)
        await pilot.press(*"run to end"[:3])
        await pilot.pause(0.5)
        await pilot.press("down", "enter")
        await pilot.pause(0.3)
        assert isinstance(pilot.app.screen, Desk)

    play(session, script)


def test_the_end_of_a_run_is_shown_and_can_be_left_backwards(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("r")
        assert " done " in text(pilot, "bar")
        assert "The run is done" in text(pilot, "sentence")
        await pilot.press("s")
        assert "the run has ended" in text(pilot, "prompt")
        await pilot.press("S")
        assert " done " not in text(pilot, "bar")

    play(session, script)


def test_after_a_long_run_the_timeline_is_painted_last(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is shown at once, the timeline soon after."""
    monkeypatch.setattr("exittui.tui.desk._LONG", 100)

    async def script(pilot: Pilot[None]) -> None:
        before = text(pilot, "timeline")
        await pilot.press("r")
        assert " done " in text(pilot, "bar")
        assert text(pilot, "timeline") == before
        await pilot.pause(2 * SOON)
        assert text(pilot, "timeline") != before

    play(session, script, (160, 50))


def test_a_key_along_the_timeline_does_not_go_by_an_old_one(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exittui.tui.desk._LONG", 100)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("r", "left_curly_bracket")
        recorded = session.machine.recorded
        assert recorded * 0.9 < session.machine.position < recorded

    play(session, script, (160, 50))


def test_a_changed_value_is_lit_with_the_old_one(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        while "ps_exitcnt += 1" not in session.machine.next_statement(session.focus).text:
            session.carry_out(read("any"))
        await pilot.press("s")
        pane = pilot.app.screen.query_one("#lists", Pane)
        runs = [run for line in pane.lines for run in line]
        at = runs.index(("0→", "old"))
        assert runs[at + 1] == ("1", "new")

    play(session, script)
