"""Casts, pictures and pages: what terminals and browsers make of them, and the same bytes."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pyte
import pytest

from exittui.cli.main import main
from exittui.errors import ExitCode
from exittui.export.page import blocks

if TYPE_CHECKING:
    from pathlib import Path

LESSON = "page-table"


def record(folder: Path, name: str, *words: str) -> bytes:
    target = folder / name
    assert main(["record", LESSON, "-o", str(target), *words]) == ExitCode.OK
    return target.read_bytes()


def lines(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.decode().splitlines()]


def test_a_cast_of_version_2_draws_the_screen_and_marks_the_chapters(tmp_path: Path) -> None:
    head, *events = lines(record(tmp_path, "a.cast", "--format", "cast2"))
    assert (head["version"], head["width"], head["height"]) == (2, 120, 40)
    assert head["title"] == "Page tables: whose memory is this?"
    marks = [data for _, kind, data in events if kind == "m"]
    assert marks == ["A map of memory", "Written down as well"]
    times = [time for time, _, _ in events]
    assert times == sorted(times)
    screen = pyte.Screen(120, 40)
    stream = pyte.Stream(screen)
    for _, kind, data in events[:-1]:
        if kind == "o":
            stream.feed(data)
    assert "frees the page" in "\n".join(screen.display)
    assert "Page tables: whose memory" in screen.display[0]


def test_a_cast_of_version_3_counts_from_event_to_event(tmp_path: Path) -> None:
    _, *second = lines(record(tmp_path, "a.cast", "--format", "cast2"))
    head, *third = lines(record(tmp_path, "b.cast"))
    assert head["version"] == 3
    assert head["term"] == {"cols": 120, "rows": 40}
    assert third.pop() == [0, "x", "0"]
    assert [event[1:] for event in third] == [event[1:] for event in second]
    assert sum(event[0] for event in third) == pytest.approx(second[-1][0])


@pytest.mark.parametrize("name", ["a.cast", "a.html"])
def test_the_same_script_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    assert record(tmp_path, name) == record(tmp_path, f"again-{name}")


def test_twice_as_fast_is_half_as_long(tmp_path: Path) -> None:
    _, *slow = lines(record(tmp_path, "a.cast", "--format", "cast2"))
    _, *fast = lines(record(tmp_path, "b.cast", "--format", "cast2", "--speed", "2"))
    assert slow[-1][0] == pytest.approx(fast[-1][0] * 2, rel=0.01)


def test_pictures_are_numbered_and_are_svg(tmp_path: Path) -> None:
    assert main(["record", LESSON, "-o", str(tmp_path / "a.svg")]) == ExitCode.OK
    found = sorted(tmp_path.glob("a-*.svg"))
    assert len(found) > 10
    for file in found:
        root = ET.fromstring(file.read_text())  # noqa: S314 - our own
        assert root.get("viewBox") == "0 0 960 680"


def test_a_page_needs_nothing_from_outside(tmp_path: Path) -> None:
    text = record(tmp_path, "a.html").decode()

    class Links(HTMLParser):
        found: list[str]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag != "script"
            self.found += [value for key, value in attrs if key in ("src", "href") and value]

    parser = Links()
    parser.found = []
    parser.feed(text)
    assert parser.found == []
    assert "<h2>A map of memory</h2>" in text
    assert text.count("<svg") > 10
    assert text.count("<summary>The answer</summary>") == 4
    assert not re.search(r"\*\*|`", re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL))


def test_an_ending_nobody_knows_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", LESSON, "-o", str(tmp_path / "a.gif")]) == ExitCode.USAGE
    assert "'a.gif' has no ending known: .cast, .svg, .html" in capsys.readouterr().err


def test_paragraphs_and_lists_of_a_caption_are_those_of_the_page() -> None:
    text = "Two:\n- the *first*\nof them\n- `b < c`\n\nEnd."
    assert list(blocks(text)) == [
        "<p>Two:</p>",
        "<ul><li>the <em>first</em>\nof them</li><li><code>b &lt; c</code></li></ul>",
        "<p>End.</p>",
    ]
