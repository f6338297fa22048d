"""The configuration file, the environment and the command line: which of them is obeyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from exittui.cli import arguments
from exittui.cli.arguments import screen_parser
from exittui.cli.config import Settings, settings
from exittui.cli.main import main
from exittui.cli.plain import plain
from exittui.errors import ExitCode
from exittui.session.commands import DIALECTS
from exittui.tui.layouts import LAYOUTS
from exittui.tui.looks import THEMES

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the configuration of the person who runs the program would be."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "exittui").mkdir()
    for name in ("SYS", "THEME", "LAYOUT", "DIALECT", "LINEAR"):
        monkeypatch.delenv(f"EXITTUI_{name}", raising=False)
    return tmp_path / "exittui" / "config.toml"


def _quick() -> argparse.Namespace:
    """What the way without argparse makes of no words."""
    found = plain([])
    assert found is not None
    return cast("argparse.Namespace", found)


def chosen(*words: str) -> Settings:
    return settings(screen_parser().read(words))


def test_the_command_line_accepts_what_there_is() -> None:
    assert (arguments.THEMES, arguments.DIALECTS) == (THEMES, DIALECTS)
    assert tuple(LAYOUTS) == arguments.LAYOUTS


def test_without_any_nothing_is_set(config: Path) -> None:
    assert chosen() == settings(_quick()) == Settings()
    assert not config.exists()


def test_the_file_then_the_environment_then_the_command_line(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('theme = "light"\nlayout = "code"\ndialect = "gdb"\nlinear = true\n')
    assert chosen() == settings(_quick()) == Settings("light", "code", "gdb", linear=True)
    monkeypatch.setenv("EXITTUI_THEME", "safe")
    monkeypatch.setenv("EXITTUI_LINEAR", "0")
    assert chosen() == Settings("safe", "code", "gdb", linear=False)
    words = ("--theme", "dark", "--dialect", "ddb", "--layout", "time", "--linear")
    assert chosen(*words) == Settings("dark", "time", "ddb", linear=True)


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("THEME=drak", "EXITTUI_THEME: no theme 'drak'; did you mean 'dark'?"),
        ("LAYOUT=x", "EXITTUI_LAYOUT: no layout 'x'; accepted: overview"),
        ("DIALECT=lldb", "EXITTUI_DIALECT: no dialect 'lldb'"),
        ("LINEAR=yes", "EXITTUI_LINEAR: 'yes' is neither; accepted: 0, 1"),
        ("SYS=/nowhere", "EXITTUI_SYS: /nowhere: no folder"),
    ],
)
def test_nonsense_in_the_environment_is_refused(
    setting: str,
    problem: str,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del config
    name, _, value = setting.partition("=")
    monkeypatch.setenv(f"EXITTUI_{name}", value)
    assert main(["single-exit", "--linear"]) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert error.startswith(f"exittui: {problem}")
    assert error.count("\n") == 1


def test_a_linear_session_speaks_the_dialect_that_is_set(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import io

    config.write_text('dialect = "gdb"\nlinear = true\n')
    monkeypatch.setattr("sys.stdin", io.StringIO("step\nquit\n"))
    assert main(["single-exit"]) == 0
    assert "(gdb) step" in capsys.readouterr().out
