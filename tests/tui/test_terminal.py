"""The real program on a real pseudo-terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.bench.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
ENTRY: Final = "from exittui.cli.main import entry; raise SystemExit(entry())"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The settings of nobody."""
    return {
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "NO_COLOR": "",
    }


@pytest.fixture
def program(environ: dict[str, str]) -> Iterator[Terminal]:
    """The debugger, started and ready for keys."""
    with Terminal([sys.executable, "-c", ENTRY], environ=environ) as terminal:
        terminal.wait_for("The run begins", timeout=60)
        terminal.press("1")  # answered once everything is loaded
        terminal.wait_for("next: cpu1", timeout=60)
        terminal.press("0")
        terminal.wait_for("next: cpu0")
        yield terminal


def test_it_starts_steps_and_quits(program: Terminal) -> None:
    program.press("s")
    program.press("s")
    assert "step 2" in program.text()
    program.press(":frobnicate\r")
    assert "no command 'frobnicate'" in program.text()
    program.press("S")
    assert "step 1 of 2 ◀ recorded" in program.text()
    program.press("q")
    assert program.exit_code() == 0
    assert "Traceback" not in program.text()


def clicked(terminal: Terminal, words: str, button: int = 0) -> None:
    """A click where these words stand, as a terminal reports it (SGR)."""
    rows = terminal.text().split("\n")
    row = next(number for number, text in enumerate(rows) if words in text)
    place = f"{rows[row].index(words) + 1};{row + 1}"
    terminal.press(f"\x1b[<{button};{place}M\x1b[<{button};{place}m")


def test_a_mouse_alone_steps_sets_a_breakpoint_and_leaves(program: Terminal) -> None:
    clicked(program, "step   n")
    assert "step 1" in program.text()
    clicked(program, "1 ◆ worker")
    assert "next: cpu1" in program.text()
    clicked(program, "▶")
    program.wait_for("●  1▶")
    clicked(program, "help")
    program.wait_for("a click does it")
    clicked(program, "the end of the run")
    program.wait_for("The run is done")
    clicked(program, "SNFC")
    program.wait_for("recorded")
    clicked(program, "quit")
    assert program.exit_code() == 0


def test_a_resize_is_followed_down_to_a_message_and_back(program: Terminal) -> None:
    program.press("s")
    program.resize(80, 24)
    program.wait_for("Tab turns")
    program.resize(50, 12)
    program.wait_for("This terminal is 50x12.")
    program.resize(120, 40)
    program.wait_for("ci_proc_pmap")
    program.settle()
    assert "step 1" in program.text()
    program.press("q")
    assert program.exit_code() == 0


def test_keys_pressed_before_it_is_ready_are_not_lost(environ: dict[str, str]) -> None:
    with Terminal([sys.executable, "-c", ENTRY], environ=environ) as terminal:
        terminal.wait_for("The run begins", timeout=60)
        terminal.send("ss")
        terminal.wait_for("step 2")


def test_nor_is_the_enter_behind_a_command(environ: dict[str, str]) -> None:
    with Terminal([sys.executable, "-c", ENTRY], environ=environ) as terminal:
        terminal.wait_for("The run begins", timeout=60)
        terminal.send(":frobnicate\r")
        terminal.wait_for("no command 'frobnicate'")


def test_nothing_moves_on_the_screen_by_itself(program: Terminal) -> None:
    before = program.received
    program.settle(1.0)
    assert program.received == before


def test_no_color_means_none(environ: dict[str, str]) -> None:
    environ["NO_COLOR"] = "1"
    with Terminal([sys.executable, "-c", ENTRY], environ=environ) as terminal:
        terminal.keep = True
        terminal.wait_for("The run begins", timeout=60)
        terminal.settle(1.0)
        terminal.press("s")
        codes = re.findall(rb"\x1b\[([0-9;]*)m", bytes(terminal.kept))
        used = {int(code) for one in codes for code in one.split(b";") if code}
        assert not {code for code in used if 30 <= code <= 49 or 90 <= code <= 107} - {39, 49}


def whole(text: str) -> bool:
    """Whether every pane is drawn to its end."""
    return all(word in text for word in ("quit", "Timeline", "Lists")) and text.count("╯") == 6


def test_what_is_first_shown_is_what_the_widgets_show(environ: dict[str, str]) -> None:
    """Made before the widgets are loaded, from the same views."""
    with Terminal([sys.executable, "-c", ENTRY], environ=environ) as terminal:
        terminal.wait_for(whole, timeout=60)
        first = terminal.text()
        terminal.settle(2.0)
        assert first == terminal.text()


def test_a_start_leaves_no_picture_behind(environ: dict[str, str], tmp_path: Path) -> None:
    """What is shown is what this run's machine says: no screen is kept from one to the next."""
    with Terminal([sys.executable, "-c", ENTRY], environ=environ) as terminal:
        terminal.wait_for("The run begins", timeout=60)
        terminal.settle(2.0)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"The run begins" not in path.read_bytes()


def test_an_error_leaves_the_terminal_as_it_was(environ: dict[str, str]) -> None:
    with Terminal([sys.executable, "-c", ENTRY, "no-such-scenario"], environ=environ) as terminal:
        assert terminal.exit_code(timeout=30) == 2
        terminal.settle()
        assert "no-such-scenario" in terminal.text()
        assert "Traceback" not in terminal.text()
