"""A lesson that measures: what the screen says meanwhile, and that its keys are answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from exittui.compare.outcome import measuring
from exittui.playback.checking import run_through
from exittui.scenario.build import image
from exittui.tui.lesson import Lesson
from exittui.tui.textual_app import DebuggerApp
from tests.playback.conftest import player_of
from tests.tui.test_lesson import text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from textual.pilot import Pilot

    from exittui.compare.outcome import Outcome
    from exittui.playback.player import Player
    from exittui.scenario.model import Scenario

UNDER = 'under = ["reaper", "mpi-2025-05"]\n'
CUES = (
    '[[script]]\nsay = "First."\n[[script]]\ndo = ["tbreak exit1", "continue"]\n'
    f'[[script]]\nmeasure = ["context switches"]\n{UNDER}[[script]]\nsay = "Look."\n'
    f'[[script]]\nask = "Where?"\nkind = "least"\nof = "wakeups"\n{UNDER}'
)


class Held:
    """Runs that are begun, but make no step before their kernel is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        image("mpi-2025-05", (), None)  # a function at a time that would take long
        self.begun: list[str] = []
        self.let_go: set[str] = set()
        monkeypatch.setattr("exittui.playback.measuring.measuring", self._held)
        monkeypatch.setattr("exittui.tui.playing.SLICE", 0)

    def _held(
        self, scenario: Scenario, kernel: str, *args: Any, **more: Any
    ) -> Generator[tuple[int, int] | None, None, Outcome]:
        self.begun.append(kernel)
        for _ in range(10_000):  # for whoever does not let the screen take its turn
            if kernel in self.let_go:
                break
            yield None
        return (yield from measuring(scenario, kernel, *args, **more))


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


def play(
    player: Player,
    script: Callable[[Pilot[None]], Awaitable[None]],
    width: int = 80,
    speed: float = 0,
) -> None:
    player.forward()

    async def run() -> None:
        app = DebuggerApp(player.session, lesson=Lesson(player, speed))
        async with app.run_test(size=(width, 24)) as pilot:
            await pilot.pause()
            await pilot.pause()
            await script(pilot)

    asyncio.run(run())


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys without waiting for a screen that has nothing to do any more."""
    for key in keys:
        pilot.app.simulate_key(key)
        await pilot.pause(0.02)


async def come_to(pilot: Pilot[None], words: str) -> None:
    """Wait until the caption says that; it does soon, or never."""
    for _ in range(3000):
        if words in text(pilot):
            return
        await pilot.pause(0.01)
    raise AssertionError(text(pilot))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_caption_says_what_is_measured_and_shows_the_same_as_before(
    held: Held, width: int
) -> None:
    player = player_of(CUES)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "space")
        await come_to(pilot, "measuring reaper, 1 of 2")
        assert "First." in text(pilot)
        assert "Look." not in text(pilot)
        assert player.session.machine.position == 0
        held.let_go.add("reaper")
        await come_to(pilot, "measuring mpi-2025-05, 2 of 2")
        held.let_go.add("mpi-2025-05")
        await come_to(pilot, "Look.")
        assert "measuring" not in text(pilot)
        assert player.session.machine.position > 0

    play(player, script, width)


def test_the_bar_grows_with_what_is_measured() -> None:
    from exittui.session.views_moving import Progress
    from exittui.tui.lines import plain
    from exittui.tui.paint.caption import caption

    player = player_of(CUES)
    player.forward()
    grown = []
    for steps in (0, 500, 1000, 2000):
        progress = Progress(0, steps, 2000, "reaper, 1 of 2")
        foot = plain(caption(player, "", None, 80, 6, measured=progress)).splitlines()[-1]
        grown.append((foot.count("█"), foot.count("░")))
    size = sum(grown[0])
    assert size >= 12
    assert grown == [(done, size - done) for done in (0, size // 4, size // 2, size)]


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
def test_interrupted_the_lesson_is_where_it_was_and_space_measures_again(
    held: Held, key: str
) -> None:
    player, other = player_of(CUES), player_of(CUES)
    run_through(other)
    held.begun.clear()

    async def script(pilot: Pilot[None]) -> None:
        left, branches = player.work_left, len(list(player.session.branches))
        await press(pilot, "space")
        await press(pilot, "s", "c", "1", "space")
        await come_to(pilot, "measuring reaper")
        await press(pilot, key)
        await come_to(pilot, "Interrupted; nothing is lost.")
        assert "measuring" not in text(pilot)
        assert (player.at, player.away, player.work_left) == (0, False, left)
        assert len(list(player.session.branches)) == branches
        assert player.session.machine.recorded == 0
        await press(pilot, "s")
        assert player.session.machine.position == 1
        held.let_go.update(("reaper", "mpi-2025-05"))
        await press(pilot, "space")
        await come_to(pilot, "Look.")
        assert "Interrupted" not in text(pilot)
        assert player.figures == other._marks[1].figures
        await press(pilot, "space")
        await come_to(pilot, "Where?")
        assert player.question == other.question
        assert player.work_left == other.work_left
        await press(pilot, "backspace", "backspace", "space", "space")
        assert held.begun == ["reaper", "reaper", "mpi-2025-05"]

    play(player, script)


def test_q_quits_while_it_measures(held: Held) -> None:
    player = player_of(CUES)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "space")
        await come_to(pilot, "measuring reaper")
        await press(pilot, "q")
        assert not pilot.app.is_running
        assert player.at == 0
        assert held.begun == ["reaper"]

    play(player, script)


@pytest.mark.parametrize("keys", [[], ["space"]])
def test_by_itself_it_goes_on_when_it_has_measured_and_not_when_it_was_interrupted(
    held: Held, keys: list[str]
) -> None:
    """Whether it began to measure by itself or because a key was pressed before that."""
    player = player_of(CUES)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *keys)
        await come_to(pilot, "measuring reaper")
        await press(pilot, "escape")
        await pilot.pause(0.5)
        await come_to(pilot, "Interrupted")
        held.let_go.update(("reaper", "mpi-2025-05"))
        await press(pilot, "space")
        await come_to(pilot, "Right.")
        assert player.last

    play(player, script, speed=4 if keys else 1000)


def test_what_cannot_be_measured_is_said_where_the_lesson_was(held: Held) -> None:
    player = player_of(CUES, work=600)
    held.let_go.update(("reaper", "mpi-2025-05"))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "space")
        await come_to(pilot, "takes more than the work of 600 steps")
        assert "First." in text(pilot)
        assert player.at == 0

    play(player, script)
