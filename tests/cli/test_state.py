"""How a person has arranged the screen is kept from one run to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.cli import state
from exittui.cli.main import main
from exittui.errors import ExitCode
from exittui.tui.placing import Arrangement, placing

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.session.session import Session


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


def test_what_was_typed_can_be_recalled_in_the_next_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[list[str]] = []

    def typed(session: Session, **_: object) -> dict[str, str]:
        seen.append(list(session.history))
        for line in ("break exit1", f"print {len(seen)}"):
            session.run_line(line)
        return {"theme": "light"}

    monkeypatch.setattr("exittui.tui.app.run_app", typed)
    monkeypatch.setattr("exittui.cli.screen.check_terminal", lambda: None)
    for _ in range(3):
        assert main(["single-exit"]) == ExitCode.OK
    assert seen[0] == []
    assert seen[1] == ["break exit1", "print 1"]
    assert seen[2] == ["break exit1", "print 1", "break exit1", "print 2"]
    assert state.read()["theme"] == "light"


def test_a_long_history_leaves_the_arrangement_readable() -> None:
    lines = [f"print {number} + {'1' * number}" for number in range(900)]
    state.write({"layout": "code"} | state.recent(lines))
    kept = state.read()
    assert kept["layout"] == "code"
    found = state.earlier(kept)
    assert found == lines[-len(found) :]
    assert 0 < sum(map(len, found)) <= 16_000


@pytest.mark.parametrize("history", [3, "run", {"a": 1}, [1, None, "a\x1b[2J"]])
def test_a_history_that_makes_no_sense_is_not_there(history: object) -> None:
    assert state.earlier({"history": history}) == []
