"""A lesson on the screen: captions, answers, taking over and coming back."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exittui.playback.player import Player
from exittui.playback.pointing import Pointer, pointers
from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.session.session import Session
from exittui.tui.lesson import Lesson
from exittui.tui.lines import plain
from exittui.tui.textual_app import DebuggerApp
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot


KERNELS = tempfile.TemporaryDirectory(prefix="exittui-kernels-")
"""Where the kernels of all lessons are kept; most lessons have one of a few."""


def player_of(name: str) -> Player:
    scenario, cache = find(name), Path(KERNELS.name)
    assert scenario.lesson is not None
    built = build(scenario, scenario.kernels[0], scenario.lesson.without, cache=cache)
    return Player(Session(built), cache)


def play(
    player: Player,
    script: Callable[[Pilot[None]], Awaitable[None]],
    size: tuple[int, int] = (120, 40),
    speed: float = 0,
    renewed: Callable[[], Player | None] | None = None,
) -> None:
    player.forward()

    async def run() -> None:
        app = DebuggerApp(player.session, lesson=Lesson(player, speed, renewed))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await pilot.pause()
            await script(pilot)

    asyncio.run(run())


def text(pilot: Pilot[None], pane: str = "caption") -> str:
    return plain(pilot.app.screen.query_one(f"#{pane}", Pane).lines)


def looks(pilot: Pilot[None], pane: str) -> list[str]:
    lines = pilot.app.screen.query_one(f"#{pane}", Pane).lines
    return [part for line in lines for part, look in line if look == "glow"]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)])
def test_it_goes_on_with_space_and_back_with_backspace(size: tuple[int, int]) -> None:
    player = player_of("process")

    async def script(pilot: Pilot[None]) -> None:
        assert "A process is a program that runs." in text(pilot)
        assert "1 of 12" in text(pilot)
        await pilot.press("space")
        assert "a record in memory" in text(pilot)
        await pilot.press("backspace")
        assert "A process is a program that runs." in text(pilot)

    play(player, script, size)


def test_an_answer_is_judged_and_the_reason_is_said() -> None:
    player = player_of("process")

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("space", "space")
        assert "Which number" in text(pilot)
        await pilot.press("space")
        assert "The number of your answer, please" in text(pilot)
        await pilot.press("1")
        assert "✗  1  2999" in text(pilot)
        assert "✓  2  3000" in text(pilot)
        assert "Wrong. The answer: 3000." in text(pilot)
        assert player.score.asked == 1
        assert player.score.right == 0
        await pilot.press("space")
        assert "0/1 right" in text(pilot)

    play(player, script)


@pytest.mark.parametrize("name", ["process", "landed"])
def test_one_takes_over_and_escape_comes_back(name: str) -> None:
    """However long the title of the chapter is, and the score beside it."""
    player = player_of(name)

    async def script(pilot: Pilot[None]) -> None:
        player.score.asked = 10
        await pilot.press("s", "s")
        assert player.session.machine.position == 2
        assert "you have taken over: Esc comes back" in text(pilot)
        await pilot.press("escape")
        assert player.session.machine.position == 0
        assert "taken over" not in text(pilot)

    play(player, script, (80, 24))


def test_what_it_speaks_of_glows() -> None:
    player = player_of("process")

    async def script(pilot: Pilot[None]) -> None:
        assert looks(pilot, "cpus") == ["CPUs"]
        assert looks(pilot, "lists") == []
        await pilot.press("space")
        assert looks(pilot, "cpus") == []
        assert looks(pilot, "objects") == ["Objects"]
        assert "process worker" in text(pilot, "objects")

    play(player, script)


def test_the_number_of_a_cpu_glows_where_its_row_begins() -> None:
    from exittui.tui.glow import lit

    line = (("0 ● ", "cpu0"), ("worker.3001 worker", "text"), (" mutexes ", "quiet"), ("0", "text"))
    head = (("CPUs", "title"),)
    glowing = lit((head, line), ("0",))[1]
    assert glowing[:2] == (("0", "glow"), (" ● ", "cpu0"))
    assert [look for _, look in glowing].count("glow") == 1
    assert lit((head, line), ("worker",))[1][1:3] == (("worker.3001 ", "text"), ("worker", "glow"))


def test_what_was_pointed_to_last_stays_in_sight_and_going_back_shows_it() -> None:
    player = player_of("mutex")

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("space", "space")
        assert "worker has just entered exit1()" in text(pilot)
        assert "ps_mtx of worker" in text(pilot, "locks")
        await pilot.press("2", "space", "space")
        assert "ps_threadcnt" in text(pilot)
        await pilot.press("backspace", "backspace", "backspace")
        assert "ps_mtx        ps_mtx of worker" in text(pilot, "objects")

    play(player, script, (80, 24))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_field_is_brought_into_sight_and_glows(size: tuple[int, int]) -> None:
    player = player_of("zombie")

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("space", "space")
        assert looks(pilot, "objects") == ["ps_xexit"]
        await pilot.press("tab", "down", "down")
        await pilot.press("escape")
        assert looks(pilot, "objects") == ["ps_xexit"]

    play(player, script, size)


def test_what_points_to_an_object_or_its_field() -> None:
    session = player_of("mutex").session
    machine = session.machine
    worker = session.asking.compile("worker")(machine).__dict__["_oid"]
    thread = session.asking.compile("worker.0")(machine).__dict__["_oid"]
    space = session.asking.compile("worker.ps_vmspace")(machine).__dict__["_oid"]
    assert pointers(session, ("worker.ps_mtx", "worker.ps_pid")) == [
        Pointer("locks", "ps_mtx of worker"),
        Pointer("lists", "worker"),
    ]
    assert pointers(session, ("objects", "worker.ps_mtx", "worker.0", "worker")) == [
        Pointer("objects", "ps_mtx", worker),
        Pointer("objects", opened=thread),
        Pointer("objects", opened=worker),
    ]
    assert pointers(session, ("worker.ps_vmspace",)) == [Pointer("objects", opened=space)]
    assert pointers(session, ("objects",)) == [Pointer("objects")]
    assert pointers(session, ("worker.7", "cpus")) == [Pointer("cpus")]


def test_a_goal_is_noticed_and_a_hint_is_given() -> None:
    player = player_of("whose-stack")

    async def script(pilot: Pilot[None]) -> None:
        while player.moment is None or player.moment.cue.result is None:
            await pilot.press("space")
        await pilot.press("H")
        assert "c lets all CPUs go on." in text(pilot)
        await pilot.press("c")
        assert "✓ reached" in text(pilot)
        assert player.score.goals == 1
        await pilot.press("space")
        assert "A rule is broken" in text(pilot)

    play(player, script)


def test_by_itself_it_plays_to_its_end() -> None:
    player = player_of("page-table")

    async def script(pilot: Pilot[None]) -> None:
        for _ in range(200):
            await pilot.pause(0.05)
            if player.last:
                break
        assert player.last

    play(player, script, speed=100)


def test_a_script_that_was_changed_is_shown_at_the_moment_where_one_is() -> None:
    from exittui.errors import UsageError

    player, other = player_of("kernel-lock"), player_of("process")
    found: list[Player | None] = []

    def renewed() -> Player | None:
        if not found:
            raise UsageError("one\ntwo\nthree")
        return found.pop()

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("space")
        await pilot.pause(0.6)
        assert "one (and 2 more)" in text(pilot)
        assert "If two CPUs change one list" in text(pilot)
        found.extend([None] * 9)
        found.append(other)
        await pilot.pause(0.6)
        assert "its new text" in text(pilot)
        assert "a record in memory" in text(pilot)
        await pilot.press("s")
        assert other.session.machine.position == 1

    play(player, script, renewed=renewed)


@pytest.mark.parametrize("width", range(6, 40))
def test_a_line_is_never_longer_than_there_is_room(width: int) -> None:
    from exittui.tui.lines import length
    from exittui.tui.paint.caption import wrapped

    said = "A *rwlock*: `one` (**two**), and *three*, four; a `five`. " * 3
    lines = list(wrapped(said, width))
    assert max(map(length, lines)) <= max(width, len("rwlock:"))
    words = " ".join("".join(text for text, _ in line) for line in lines)
    assert words == " ".join(said.replace("*", "").replace("`", "").split())


def test_a_list_has_a_line_for_each_item() -> None:
    from exittui.tui.paint.caption import wrapped

    lines = list(wrapped("Two:\n- the *first*\nof them\n- another one\n\nEnd.", 14))
    assert plain(tuple(lines)).splitlines() == [
        "Two:",
        "• the first of",
        "  them",
        "• another one",
        "End.",
    ]
