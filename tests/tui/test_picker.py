"""Choosing a lesson: searching, looking, taking."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.widgets import OptionList, Static

from exittui.cli.play import entries, progress_file
from exittui.playback.player import Score
from exittui.playback.progress import Progress
from exittui.scenario.library import lessons, names
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
    headings = 3
    assert (taken, shown) == ("process", len(lessons()) + len(names()) + headings)
    assert about.startswith("What is a process to the kernel?")
    assert "5 minutes, 5 questions" in about
    assert "1 A running program" in about


def test_one_searches_by_any_words_and_moves_while_typing() -> None:
    taken, about, shown = choose(*"diff map", "down", "enter")
    fitting = [one for one in entries() if one.fits(["diff", "map"])]
    assert shown == len(fitting) + len({one.group for one in fitting})
    assert len(fitting) > 1
    assert taken == fitting[1].name
    assert about.startswith(fitting[1].title)


def test_what_was_done_is_shown_and_the_cursor_begins_behind_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    Progress({"process": Score(right=4, asked=5, finished=True)}).write(progress_file())
    taken, about, _ = choose("up", "escape")
    assert taken is None
    assert "finished, 4 of 5 right" in about
    assert choose("enter")[0] == "kernel-lock"


def test_a_tour_is_chosen_like_a_lesson() -> None:
    taken, about, shown = choose(*"vfork-exec", "enter")
    assert (taken, shown) == ("vfork-exec", 2)
    assert "2 minutes" in about


def test_nothing_that_fits_is_nothing_to_take() -> None:
    taken, about, shown = choose(*"xyzzy", "enter", "escape")
    assert (taken, about, shown) == (None, "Nothing fits.", 0)


def test_the_last_one_is_chosen_when_one_comes_back() -> None:
    assert choose("enter", chosen="zombie")[0] == "zombie"
