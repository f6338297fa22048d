"""Choosing a lesson: searching, looking, taking."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.widgets import OptionList, Static

from exittui.cli.play import entries
from exittui.scenario.library import lessons
from exittui.tui.picker import Picker

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def choose(*keys: str, chosen: str = "") -> tuple[str | None, str, int]:
    """What the keys lead to: the lesson taken, the preview before, and how many were shown."""
    seen: list[tuple[str, int]] = []

    async def run() -> str | None:
        app = Picker(entries(), chosen)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await pilot.press(*keys[:-1])
            await pilot.pause()
            about = str(app.query_one("#about", Static).content)
            seen.append((about, app.query_one(OptionList).option_count))
            await pilot.press(keys[-1])
            await pilot.pause()
        return app.return_value

    taken = asyncio.run(run())
    return taken, *seen[0]


def test_it_begins_with_the_first_that_is_not_finished(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    taken, about, shown = choose("enter")
    assert (taken, shown) == ("process", len(lessons()))
    assert about.startswith("What is a process to the kernel?")
    assert "5 minutes, 5 questions" in about


def test_one_searches_by_any_words_and_moves_while_typing() -> None:
    taken, about, shown = choose(*"the diff", "down", "enter")
    assert shown == 6
    assert about.startswith("The diff: ")
    assert taken is not None
    assert taken.startswith("diff-")


def test_nothing_that_fits_is_nothing_to_take() -> None:
    taken, about, shown = choose(*"xyzzy", "enter", "escape")
    assert (taken, about, shown) == (None, "Nothing fits.", 0)


def test_the_last_one_is_chosen_when_one_comes_back() -> None:
    assert choose("enter", chosen="zombie")[0] == "zombie"
