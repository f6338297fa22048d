"""`exittui [SCENARIO]` up to where the screen takes over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from exittui.cli.cache import cache_folder
from exittui.cli.main import main
from exittui.errors import ExitCode
from exittui.tui.app import LEFT_FOR

if TYPE_CHECKING:
    from exittui.session.session import Session


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """A terminal, and in the place of the screen a list of what it was asked to show."""
    sessions: list[Session] = []
    monkeypatch.setattr("exittui.cli.screen.is_terminal", lambda: True)
    monkeypatch.setattr("exittui.cli.screen.terminal_size", lambda: (80, 24))

    def opened(session: Session, **_: object) -> dict[str, Any]:
        sessions.append(session)
        return {}

    monkeypatch.setattr("exittui.tui.app.run_app", opened)
    return sessions


def test_no_argument_opens_the_default_scenario(shown: list[Any]) -> None:
    assert main([]) == ExitCode.OK
    (session,) = shown
    assert session.built.scenario.name == "three-threads-exit"
    assert session.kernel == "mpi-2025-05"
    assert session.machine.position == 0


def test_a_scenario_under_another_kernel(shown: list[Any]) -> None:
    assert main(["single-exit", "--kernel", "reaper"]) == ExitCode.OK
    assert (shown[0].built.scenario.name, shown[0].kernel) == ("single-exit", "reaper")


def test_hunks_that_are_left_out(shown: list[Any]) -> None:
    assert main(["single-exit", "--without", "kern/kern_event.c"]) == ExitCode.OK
    assert shown[0].built.without == ("kern/kern_event.c",)


def test_a_schedule_opens_where_it_leads_with_the_way_back_recorded(shown: list[Any]) -> None:
    assert main(["--schedule", "0x12/1x3/0"]) == ExitCode.OK
    machine = shown[0].machine
    assert (machine.position, machine.recorded, shown[0].focus) == (16, 16, 0)
    assert str(machine.recorded_schedule()) == "0x12/1x3/0"
    machine.goto(0)
    assert machine.recorded == 16


@pytest.mark.usefixtures("shown")
def test_a_schedule_that_does_not_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--schedule", "0x3/6"]) == ExitCode.USAGE
    assert "choice 4 of the schedule is cpu6, which does not exist" in capsys.readouterr().err


@pytest.mark.usefixtures("shown")
def test_a_terminal_that_is_too_small(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("exittui.cli.screen.terminal_size", lambda: (40, 10))
    assert main([]) == ExitCode.USAGE
    assert capsys.readouterr().err == (
        "exittui: the terminal is 40x10, too small for the screen: it needs 60x16\n"
    )


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, Path("/c/exittui")),
        ({"XDG_CACHE_HOME": "c", "HOME": "/h"}, Path("/h/.cache/exittui")),
        ({"HOME": "/h"}, Path("/h/.cache/exittui")),
        ({}, None),
    ],
)
def test_where_kernels_are_kept(
    environment: dict[str, str], folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == folder


def test_who_leaves_for_the_lessons_gets_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the screen kept is kept all the same, without the wish."""
    written: list[dict[str, Any]] = []
    played: list[list[str]] = []

    def play(words: list[str]) -> int:
        played.append(words)
        return ExitCode.OK

    monkeypatch.setattr("exittui.cli.screen.is_terminal", lambda: True)
    monkeypatch.setattr("exittui.cli.screen.terminal_size", lambda: (120, 40))
    monkeypatch.setattr("exittui.tui.app.run_app", lambda *_, **__: {"a": 1, LEFT_FOR: "lessons"})
    monkeypatch.setattr("exittui.cli.state.write", written.append)
    monkeypatch.setattr("exittui.cli.play.command", play)
    assert main(["single-exit"]) == ExitCode.OK
    assert (written, played) == ([{"a": 1, "history": []}], [[]])
