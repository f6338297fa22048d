"""How a person has arranged the screen is kept from one run to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.cli import state
from exittui.tui.placing import Arrangement, placing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_an_arrangement_comes_back_as_it_was() -> None:
    arranged = Arrangement("code", "stack")
    arranged.hidden, arranged.tops, arranged.sizes = {"ps"}, {"right": "objects"}, {"/a": (3, 4)}
    state.write({**arranged.plain(), "theme": "light"})
    kept = state.read()
    assert kept["theme"] == "light"
    assert vars(Arrangement.of(kept)) == vars(arranged)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", '{"layout": 3, "hidden": 4, "sizes": ["x=a b", "=", "/a=0 1"]}', "[" * 9999],
)
def test_what_makes_no_sense_is_not_there(text: str, tmp_path: Path) -> None:
    path = tmp_path / "exittui" / "screen.json"
    path.parent.mkdir()
    path.write_text(text)
    assert vars(Arrangement.of(state.read())) == vars(Arrangement())


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "")
    state.write({"layout": "code"})
    assert state.read() == {}


@pytest.mark.parametrize("sizes", [("1", "1"), ("9999", "1"), ("1", "9999", "7")])
def test_kept_sizes_of_another_terminal_still_fill_this_one(sizes: tuple[str, ...]) -> None:
    path = "/overview/middle"
    arranged = Arrangement.of({"sizes": [f"{path}={' '.join(sizes)}"]})
    for width, height in ((110, 32), (120, 40), (200, 60)):
        places = placing(width, height, 2, arranged).places.values()
        assert sum(place.width * place.height for place in places) == width * height
        assert min(place.width for place in places) > 3
