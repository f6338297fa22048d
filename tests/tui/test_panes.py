"""The panes behind the first ones: objects, stacks, choices, branches, stops, time, answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from exittui.errors import ExittuiError
from exittui.session.commands import read
from exittui.session.views_trees import TreeRow
from exittui.tui.desk import Desk
from exittui.tui.lines import plain
from exittui.tui.paint.lists import trees
from tests.tui.test_screen import line_of, play, text

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from exittui.session.session import Session
    from tests.session.conftest import Open


def desk_of(pilot: Pilot[None]) -> Desk:
    assert isinstance(pilot.app.screen, Desk)
    return pilot.app.screen


async def typed(pilot: Pilot[None], line: str) -> None:
    """A line at the prompt, entered and carried out."""
    desk = desk_of(pilot)
    desk.prompt.start(line)
    await pilot.press("enter")
    await pilot.pause()
    while desk.running is not None:  # noqa: ASYNC110 - the desk runs on a timer, it has no event
        await asyncio.sleep(0.01)
    await pilot.pause()


def whole(pilot: Pilot[None], pane: str) -> list[str]:
    """Every row of a pane, those out of sight too."""
    content = desk_of(pilot).rows[pane]._content
    assert content is not None
    return [plain([entry.line]) for entry in content.fetch(0, content.total)]


def shows(pilot: Pilot[None], pane: str, sought: str) -> bool:
    return any(sought in row for row in whole(pilot, pane))


def test_a_thread_is_entered_its_links_followed_and_gone_back(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await typed(pilot, "pane threads")
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "proc" in text(pilot, "objects").splitlines()[0]
        await pilot.press("enter")  # p_p, its process
        await pilot.pause()
        assert "process" in text(pilot, "objects").splitlines()[0]
        assert shows(pilot, "objects", "ps_threadcnt")
        await pilot.press("backspace")
        assert shows(pilot, "objects", "p_stat")
        await pilot.press("backspace")
        assert "worker, of the chosen thread" in text(pilot, "objects").splitlines()[0]
        await pilot.press("backspace")
        assert "no object was looked at before" in text(pilot, "prompt")

    play(session, script)


def test_why_a_field_is_what_it_is_there_and_back(session: Session) -> None:
    session.carry_out(read("run"))
    end = session.machine.position

    async def script(pilot: Pilot[None]) -> None:
        await typed(pilot, "object worker")
        await pilot.press("down")
        while "ps_exitcnt" not in desk_of(pilot).rows["objects"].row_text:
            await pilot.press("down")
        await pilot.press("y")
        assert "Y goes there" in text(pilot, "prompt")
        await pilot.press("Y")
        assert session.machine.position < end
        await pilot.press("ctrl+o")
        assert session.machine.position == end

    play(session, script, (200, 60))


def test_the_stack_shows_frames_and_locals_of_any_thread(session: Session) -> None:
    session.carry_out(read("break exit1"))
    session.carry_out(read("continue"))

    async def script(pilot: Pilot[None]) -> None:
        await typed(pilot, "pane stack")
        assert shows(pilot, "stack", "exit1(")
        await typed(pilot, "zoom stack")
        await pilot.click("#stack", offset=(5, line_of(pilot, "stack", "sys_exit")))
        await pilot.click("#stack", offset=(5, line_of(pilot, "stack", "sys_exit")))
        await pilot.pause()
        assert session.frame == 1
        await typed(pilot, "thread sh")
        assert "sh 2000" in text(pilot, "stack").splitlines()[0]
        assert "sleeps on wait" in text(pilot, "stack")

    play(session, script)


def test_choices_say_what_each_would_do_and_enter_lets_one_go(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("p")
        await pilot.pause()
        assert "cpu0" in text(pilot, "choices")
        assert "cpu1" in text(pilot, "choices")
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert session.machine.history.cpu(0) == 1

    play(session, script)


def test_branches_are_a_tree_that_is_switched_in(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("s", "s", "s", "S", "1", "s")
        await typed(pilot, "pane branches")
        shown = text(pilot, "branches")
        assert shown.count("to ") >= 2
        await typed(pilot, "branch here mine")
        current = session.branches.current.name
        await pilot.press("up", "up", "enter")
        await pilot.pause()
        assert session.branches.current.name != current

    play(session, script)


def test_stops_are_listed_switched_and_deleted(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await typed(pilot, "break exit1")
        await typed(pilot, "watch worker.ps_exitcnt")
        await typed(pilot, "pane stops")
        assert "● 1 break" in text(pilot, "stops")
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "○ 1 break" in text(pilot, "stops")
        await pilot.press("delete")
        await pilot.pause()
        assert "exit1" not in text(pilot, "stops")
        assert "ps_exitcnt" in text(pilot, "stops")

    play(session, script)


def test_what_a_command_answers_stands_in_the_console(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await typed(pilot, "show all procs")
        assert "in the console" in text(pilot, "prompt")
        assert shows(pilot, "console", "ddb{0}> show all procs")
        assert shows(pilot, "console", "worker")
        await typed(pilot, "print 1 + 1")
        assert "1 + 1 = 2" in text(pilot, "prompt")

    play(session, script, (120, 48))


@pytest.mark.parametrize(
    ("pane", "words"),
    [
        ("ps", ("pid", "worker", "init")),
        ("trees", ("processes", "allprocess", "└ ", "run queue")),
        ("waits", ("waits for it to exit",)),
        ("order", ("Lock order",)),
        ("timeline", ("K  ", "▲", "Timeline")),
        ("events", ("Events",)),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_every_pane_can_be_shown_alone(
    session: Session, pane: str, words: tuple[str, ...], size: tuple[int, int]
) -> None:
    session.carry_out(read("any 400"))

    async def script(pilot: Pilot[None]) -> None:
        await typed(pilot, f"zoom {pane}")
        await pilot.pause()
        shown = text(pilot, pane)
        while "more ─╯" in shown.splitlines()[-1]:
            await pilot.press("pagedown")
            shown += text(pilot, pane)
        for word in words:
            assert word in shown

    play(session, script, size)


def test_time_is_gone_through_by_click_drag_and_wheel(session: Session) -> None:
    session.carry_out(read("run"))
    end = session.machine.position

    async def script(pilot: Pilot[None]) -> None:
        await pilot.click("#timeline", offset=(30, 2))
        await pilot.pause()
        first = session.machine.position
        assert 0 < first < end
        await pilot.mouse_down("#timeline", offset=(60, 2))
        await pilot.hover("#timeline", offset=(70, 2))
        await pilot.mouse_up("#timeline", offset=(70, 2))
        await pilot.pause()
        assert session.machine.position > first
        await typed(pilot, "pane timeline")
        await pilot.press("plus", "plus")
        assert f"0–{end}" not in text(pilot, "timeline")
        here = session.machine.position
        await pilot.press("right_curly_bracket")
        assert session.machine.position > here
        await pilot.press("left_curly_bracket", "left_curly_bracket")
        assert session.machine.position < here

    play(session, script)


def test_a_long_run_is_shown_and_interrupted_without_loss(open_session: Open) -> None:
    session = open_session("storm")

    async def script(pilot: Pilot[None]) -> None:
        desk = desk_of(pilot)
        desk.press("r", "r")
        assert desk.running is not None
        await asyncio.sleep(0.1)
        assert "Esc interrupts" in text(pilot, "prompt")
        await pilot.press("s")  # is not taken
        await pilot.press("escape")
        await pilot.pause()
        assert desk.running is None
        assert "interrupted" in text(pilot, "prompt")
        there = session.machine.position
        assert 0 < there == session.machine.recorded
        await pilot.press("S", "right")
        assert session.machine.position == there

    play(session, script)


def test_an_object_that_is_none_says_so(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await typed(pilot, "object 1 + 1")
        assert "is no object" in text(pilot, "prompt")
        await typed(pilot, "object nosuch")
        assert "nosuch" in text(pilot, "prompt")
        await typed(pilot, "pane nosuch")
        assert "no pane 'nosuch'" in text(pilot, "prompt")

    play(session, script)


def test_screen_commands_are_no_commands_of_a_session(session: Session) -> None:
    with pytest.raises(ExittuiError):
        session.carry_out(read("zoom"))


def test_a_tree_has_its_lines_down_to_the_last_child() -> None:
    shape = [(0, "a"), (1, "b"), (2, "c"), (2, "d"), (1, "e"), (2, "f"), (0, "g"), (1, "h")]
    rows = tuple(TreeRow(level, name, "", "process") for level, name in shape)
    assert [plain([one.line]).rstrip() for one in trees(rows, 40).fetch(0, 99)] == [
        "a",
        "├ b",
        "│ ├ c",
        "│ └ d",
        "└ e",
        "  └ f",
        "g",
        "└ h",
    ]
