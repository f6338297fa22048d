"""The screen of kernels side by side, under the hands of a person."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from exittui.scenario.library import find
from exittui.session.lockstep import Kernel, Lockstep
from exittui.tui.abreast import BELOW, abreast
from exittui.tui.desk import Desk
from exittui.tui.lines import plain
from exittui.tui.lockstep import LockstepApp, LockstepScreen
from exittui.tui.textual_app import DebuggerApp
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from tests.session.conftest import Open

    Script = Callable[[Pilot[None]], Awaitable[None]]

PAIR = ("reaper", "mpi-2025-05")
TRIO = (*PAIR, "mpi-switch")


def text(pilot: Pilot[None], pane: str) -> str:
    """What a pane shows."""
    return plain(pilot.app.screen.query_one(f"#{pane}", Pane).lines)


def shown(pilot: Pilot[None]) -> set[str]:
    """The panes that are seen."""
    return {pane.id or "" for pane in pilot.app.screen.query(Pane) if pane.display}


async def recorded(pilot: Pilot[None]) -> LockstepScreen:
    """The screen, once the runs are recorded."""
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, LockstepScreen)
    while not screen.lockstep.ready:
        await pilot.pause(0.02)
    await pilot.pause()
    return screen


def play(
    kernels: Path,
    script: Script,
    names: tuple[str, ...] = PAIR,
    size: tuple[int, int] = (120, 40),
    *,
    own_time: bool = True,
) -> None:
    """Show kernels side by side and let `script` use the screen."""
    lockstep = Lockstep(
        find("fork-and-wait"), [Kernel(name) for name in names], own_time=own_time, cache=kernels
    )

    async def run() -> None:
        async with LockstepApp(lockstep).run_test(size=size) as pilot:
            await recorded(pilot)
            await script(pilot)

    asyncio.run(run())


def test_points_steps_and_the_divergence(kernels: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        assert "step 0 of 4,524" in text(pilot, "head0")
        assert "all do the same" in text(pilot, "bar")
        await pilot.press("d")
        assert "step 53" in text(pilot, "head0")
        assert "step 53" in text(pilot, "head1")
        assert "they differ" in text(pilot, "bar")
        assert "atomic_cas" in text(pilot, "source0")
        assert "RW_NOSLEEP" in text(pilot, "source1")
        assert "First divergence  step 53" in text(pilot, "divergence")
        await pilot.press("R", "c", "c")
        assert "sh 2002 is SDEAD" in text(pilot, "note")
        for number in (0, 1):
            assert "p.p_stat = SDEAD" in text(pilot, f"source{number}")
        assert "2.89 µs" in text(pilot, "points")
        await pilot.press("s")
        assert "(+" in text(pilot, "head0") + text(pilot, "head1")
        await pilot.press("S")
        assert "(+" not in text(pilot, "head0") + text(pilot, "head1")
        await pilot.press("C", "C")
        assert "no point before this one" in text(pilot, "note")

    play(kernels, script)


def test_one_schedule_and_own_times(kernels: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        assert "one schedule" in text(pilot, "bar")
        await pilot.press("s", "s")
        assert "step 2 of" in text(pilot, "head0")
        assert "step 2 of" in text(pilot, "head1")
        await pilot.press("m")
        await recorded(pilot)
        assert "each in its own time" in text(pilot, "bar")
        assert "0 ns" in text(pilot, "head0")
        await pilot.press("m")
        assert "step 2 of" in text(pilot, "head1")

    play(kernels, script, own_time=False)


def test_a_row_of_the_points_is_gone_to(kernels: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert "sh 2002 is SDEAD" in text(pilot, "note")
        screen = await recorded(pilot)
        assert all(take.position > 0 for take in screen.lockstep.takes)

    play(kernels, script)


def test_the_leading_kernel_orders_the_points(kernels: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        assert text(pilot, "head0").startswith("▸")
        await pilot.press("l")
        assert text(pilot, "head1").startswith("▸")
        rows = text(pilot, "points").splitlines()
        order = [row.split()[3] for row in rows if " 2002 " in row][:2]
        assert order == ["calls", "is"]
        assert "unmapped" in rows[4] or "unmapped" in rows[3]

    play(kernels, script)


@pytest.mark.parametrize("names", [PAIR, TRIO], ids=len)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (60, 16)], ids=str)
def test_every_size_shows_every_kernel(
    kernels: Path, names: tuple[str, ...], size: tuple[int, int]
) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("c", "c")
        width, height = size
        for number, name in enumerate(names):
            assert name in text(pilot, f"head{number}")
            assert name in text(pilot, "lanes")
            panes = {f"source{number}", f"stand{number}"} & shown(pilot)
            assert len(panes) == 1
            assert "LIST_REMOVE" in text(pilot, panes.pop()) or height < 24
        for pane in pilot.app.screen.query(Pane):
            if pane.display:
                assert pane.region.right <= width
                assert pane.region.bottom <= height
        before = shown(pilot)
        await pilot.press("tab")
        if height < 34:
            assert before ^ shown(pilot) == {"lanes", "divergence"}

    play(kernels, script, names, size)


@pytest.mark.parametrize("kernels_count", [2, 3])
@pytest.mark.parametrize("cpus", [1, 2, 4, 16])
def test_places_never_overlap(kernels_count: int, cpus: int) -> None:
    for width in range(60, 240, 7):
        for height in range(16, 80, 3):
            for turned in BELOW:
                places = abreast(width, height, kernels_count, cpus, turned).places
                cells: set[tuple[int, int]] = set()
                for name, place in places.items():
                    assert place.width > 0, name
                    assert place.height > 0, name
                    assert place.x + place.width <= width, name
                    assert place.y + place.height <= height, name
                    corners = {
                        (x, y)
                        for x in (place.x, place.x + place.width - 1)
                        for y in range(place.y, place.y + place.height)
                    }
                    assert not corners & cells, name
                    cells |= corners


def test_a_terminal_too_small_and_larger_again(kernels: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.resize_terminal(40, 10)
        assert shown(pilot) == {"small"}
        await pilot.resize_terminal(100, 30)
        assert "lanes" in shown(pilot)

    play(kernels, script)


def test_the_mouse_goes_through_all_runs_at_once(kernels: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        screen = await recorded(pilot)
        await pilot.click("#lanes", offset=(60, 3))
        await pilot.pause()
        first = [take.position for take in screen.lockstep.takes]
        assert all(first)
        times = {take.time(take.position) for take in screen.lockstep.takes}
        assert max(times) - min(times) < 2_000
        await pilot.press("right_curly_bracket")
        assert all(
            take.position > before
            for take, before in zip(screen.lockstep.takes, first, strict=True)
        )
        before = [take.position for take in screen.lockstep.takes]
        await pilot.press("left_curly_bracket")
        after = [take.position for take in screen.lockstep.takes]
        assert after != before
        assert all(one <= other for one, other in zip(after, before, strict=True))

    play(kernels, script)


def test_any_keys_in_any_order(kernels: Path) -> None:
    """Whatever is pressed, the kernels stand somewhere in their runs and the screen is whole."""
    keys = [*"sSnNfFcCdmlrRTxjk", "tab", "up", "down", "enter", "plus", "minus", "left", "end"]
    dice = random.Random(7)  # noqa: S311 - dice, not secrets

    async def script(pilot: Pilot[None]) -> None:
        for _ in range(60):
            await pilot.press(dice.choice(keys))
            screen = await recorded(pilot)
            for take in screen.lockstep.takes:
                assert 0 <= take.position <= take.recorded
            assert "step" in text(pilot, "head1")

    play(kernels, script, size=(90, 28))


def test_help_theme_and_keys_that_are_none(kernels: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        assert "the first step that the kernels do not make alike" in text(pilot, "help")
        await pilot.press("x")
        assert "help" not in shown(pilot)
        await pilot.press("T")
        assert "theme light" in text(pilot, "note")
        await pilot.press("w")
        assert "no key 'w' here" in text(pilot, "note")
        await pilot.press("plus", "plus", "minus", "minus", "minus", "n", "N", "f", "F", "r")
        assert "done" in text(pilot, "head0")

    play(kernels, script)


def debug(open_session: Open, script: Script, scenario: str = "fork-and-wait") -> None:
    """Run the debugger and let `script` use it."""

    async def run() -> None:
        async with DebuggerApp(open_session(scenario)).run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            await script(pilot)

    asyncio.run(run())


def test_from_the_debugger_and_back(open_session: Open) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("s", "s")
        await pilot.press("colon", *"compare", "space", *"reaper", "enter")
        await recorded(pilot)
        assert "mpi-2025-05 step" in text(pilot, "head0")
        assert "reaper step" in text(pilot, "head1")
        assert "Esc" in text(pilot, "keys")
        await pilot.press("c", "s")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Desk)
        assert pilot.app.screen.session.machine.position == 2
        await pilot.press("s")
        assert pilot.app.screen.session.machine.position == 3

    debug(open_session, script)


def test_what_is_no_kernel_is_said_in_the_prompt(open_session: Open) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"compare", "space", *"reapr", "enter")
        assert "no kernel or branch 'reapr'; did you mean 'reaper'" in text(pilot, "prompt")
        assert isinstance(pilot.app.screen, Desk)

    debug(open_session, script)
