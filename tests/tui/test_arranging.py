"""Panes hidden, zoomed, resized and laid out; themes, the clipboard, pictures, the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.tui.layouts import LAYOUTS, slots_of
from exittui.tui.looks import THEMES
from exittui.tui.placing import TABS, Arrangement, placing
from tests.tui.test_panes import desk_of, typed
from tests.tui.test_screen import play, text

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from exittui.session.session import Session


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_has_every_pane_once(layout: str) -> None:
    for tree in LAYOUTS[layout]:
        assert sorted(one for slot in slots_of(tree) for one in slot.panes) == sorted(TABS)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cpus", [1, 2, 16, 64])
@pytest.mark.parametrize("size", [(60, 16), (80, 24), (110, 32), (120, 40), (200, 60), (300, 90)])
@pytest.mark.parametrize("caption", [0, 9])
def test_panes_fill_the_screen_and_never_overlap(
    layout: str, cpus: int, size: tuple[int, int], caption: int
) -> None:
    placed = placing(*size, cpus, Arrangement(layout), caption)
    cells = [
        (x, y)
        for place in placed.places.values()
        for x in range(place.x, place.x + place.width)
        for y in range(place.y, place.y + place.height)
    ]
    assert len(cells) == len(set(cells)) == size[0] * size[1]


def test_wide_shows_nearly_all_at_once() -> None:
    seen = set(placing(200, 60, 2).places)
    assert len(seen & set(TABS)) >= 11


def test_zoom_hide_and_show(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        desk = desk_of(pilot)
        await pilot.press("tab", "z")
        await pilot.pause()
        assert set(desk.placed.stacks) == {desk.lit}
        await pilot.press("z")
        assert len(desk.placed.stacks) > 4
        await typed(pilot, "pane locks")
        await pilot.press("x")
        assert "locks" not in desk.placed.stacks
        await pilot.press("v", "down", "down", "enter")
        await pilot.pause()
        assert "locks" in desk.placed.stacks
        await typed(pilot, "hide source")
        assert "stays" in text(pilot, "prompt")

    play(session, script)


def test_panes_are_resized_by_keys_and_by_the_mouse(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        desk = desk_of(pilot)
        before = desk.placed.places["source"]
        await pilot.press("greater_than_sign", "plus")
        after = desk.placed.places["source"]
        assert (after.width, after.height) == (before.width + 4, before.height + 1)
        await pilot.press("less_than_sign", "minus")
        assert desk.placed.places["source"] == before
        edge = before.x + before.width - 1
        await pilot.mouse_down(offset=(edge, 8))
        await pilot.hover(offset=(edge - 10, 8))
        await pilot.mouse_up(offset=(edge - 10, 8))
        await pilot.pause()
        assert desk.placed.places["source"].width == before.width - 10
        await typed(pilot, "layout reset")
        assert desk.placed.places["source"] == before

    play(session, script)


def test_a_name_in_the_frame_is_turned_to_by_a_click(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        desk = desk_of(pilot)
        edge = text(pilot, "lists").splitlines()[0]
        await pilot.click("#lists", offset=(edge.index("trees") + 1, 0))
        await pilot.pause()
        await pilot.pause()
        assert "trees" in desk.placed.stacks
        assert desk.lit == "trees"
        await pilot.press("grave_accent")
        await pilot.pause()
        assert desk.lit == "lists"

    play(session, script)


def test_keys_at_the_foot_can_be_clicked(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        foot = text(pilot, "keys")
        await pilot.click("#keys", offset=(foot.index("step"), 0))
        await pilot.pause()
        assert session.machine.position == 1
        await pilot.click("#keys", offset=(foot.index("SNFC"), 0))
        await pilot.pause()
        assert session.machine.position == 0

    play(session, script)


def test_layouts_and_themes_go_round(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        desk = desk_of(pilot)
        for name in [*list(LAYOUTS)[1:], "overview"]:
            await pilot.press("l")
            assert desk.arranged.layout == name
        for theme in [*THEMES[1:], THEMES[0]]:
            await pilot.press("T")
            assert desk.theme == theme
        await typed(pilot, "theme puce")
        assert "no theme 'puce'" in text(pilot, "prompt")

    play(session, script)


def test_copy_and_screenshot(session: Session, tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+y")
        assert (
            pilot.app.clipboard
            == session.views.source().source.lines[session.views.source().line - 1].strip()
        )
        await typed(pilot, "copy pane")
        assert pilot.app.clipboard.startswith("╭─")
        await pilot.press("s", "1", "s")
        await typed(pilot, "copy schedule")
        assert pilot.app.clipboard == str(session.machine.schedule())
        await typed(pilot, f"screenshot {tmp_path}/shot.svg")
        assert (tmp_path / "shot.svg").read_text().startswith("<svg")
        await typed(pilot, f"screenshot {tmp_path}/no/shot.svg")
        assert "No such file" in text(pilot, "prompt")

    play(session, script)


def test_a_search_goes_on_with_n_until_something_else_is_done(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        desk = desk_of(pilot)
        await pilot.press("slash", *"p_pc", "enter")
        await pilot.pause()
        first = desk.source.cursor
        assert "n next" in text(pilot, "prompt")
        await pilot.press("n")
        assert desk.source.cursor != first
        await pilot.press("N")
        assert desk.source.cursor == first
        assert session.machine.position == 0
        await pilot.press("escape", "n")
        assert session.machine.position > 0
        await pilot.press("slash", *"nowhere to be found", "enter")
        await pilot.pause()
        assert "is not in" in text(pilot, "prompt")

    play(session, script)


def test_the_source_stays_where_it_was_told_to(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("o")
        file = text(pilot, "source").splitlines()[0].split()[1]
        await typed(pilot, "any 300")
        assert file in text(pilot, "source").splitlines()[0]
        await pilot.press("o")
        assert session.views.source().source.name in text(pilot, "source").splitlines()[0]

    play(session, script)


def test_the_prompt_completes(session: Session) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"bre", "tab")
        assert "break" in text(pilot, "prompt")
        await pilot.press("escape", "colon", *"zo", "tab")
        assert "zoom " in text(pilot, "prompt")
        await pilot.press("ctrl+u", *"break exit", "tab")
        assert "exit1" in text(pilot, "prompt")
        await pilot.press("escape")

    play(session, script)


def test_what_was_arranged_goes_into_a_session_file(session: Session, tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("l", "plus")
        await typed(pilot, f"save {tmp_path}/mine.session")
        assert session.layout["layout"] == "code"
        assert session.layout["sizes"]

    play(session, script)
