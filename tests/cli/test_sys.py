"""`--sys` and the configuration file: the real kernel's statements beside the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.cli.main import main
from exittui.errors import ExitCode
from exittui.tui.looks import THEMES

if TYPE_CHECKING:
    from pathlib import Path

# Written for these tests; the real function has more.
SMALL = "void\nexit1(struct proc *p)\n{\n\tatomic_setbits_int(&p->p_flag, P_WEXIT);\n}\n"
RUN = ["run", "single-exit", "--kernel", "reaper"]
BELOW = " " * 46


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with a little of exit1()."""
    (tmp_path / "src" / "sys" / "kern").mkdir(parents=True)
    (tmp_path / "src" / "sys" / "kern" / "kern_exit.c").write_text(SMALL)
    return tmp_path / "src"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the configuration of the person who runs the program would be."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "exittui").mkdir(parents=True)
    return tmp_path / "config" / "exittui" / "config.toml"


def printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that a run prints."""
    assert main(words) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out.splitlines()


def complaint(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What the program says of arguments it refuses."""
    assert main(words) == ExitCode.USAGE
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    return text.removeprefix("exittui: ").rstrip()


def test_the_real_statement_is_below_the_models(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed([*RUN, "--sys", str(tree)], capsys)
    real = f"{BELOW}atomic_setbits_int(&p->p_flag, P_WEXIT);  kern/kern_exit.c:4"
    assert "p.p_flag |= P_WEXIT" in lines[lines.index(real) - 1]
    assert f"{BELOW}(exit1() in kern/kern_exit.c has no statement like this)" in lines
    assert f"{BELOW}(kern/kern_exit.c of the tree has no exit2())" in lines
    plain = printed(RUN, capsys)
    assert [line for line in lines if not line.startswith(BELOW)] == plain


def test_the_configuration_names_the_tree(
    tree: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f'# mine\nsys = "{tree}"\n')
    with_it = printed(RUN, capsys)
    assert with_it == printed([*RUN, "--sys", str(tree / "sys")], capsys)
    assert any("kern/kern_exit.c:4" in line for line in with_it)


def test_the_argument_wins(
    tree: Path, tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text('sys = "/nowhere"\n')
    assert any("kern_exit.c:4" in line for line in printed([*RUN, "--sys", str(tree)], capsys))
    assert complaint(RUN, capsys) == f"{config}:1: sys: /nowhere: no folder"
    del tmp_path


def test_other_formats_need_no_sources(
    config: Path, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text('sys = "/nowhere"\n')
    printed([*RUN, "--format", "jsonl"], capsys)
    words = [*RUN, "--format", "summary", "--sys", str(tree)]
    assert complaint(words, capsys) == "--sys goes with --format text, not with summary"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sys = 3\n", "1: sys: no folder; accepted: the path of one, as text"),
        ('\nsys = ""\n', "2: sys: no folder; accepted: the path of one, as text"),
        ('sys = "a"\n\nsis = 1\n', "3: sis: unknown key; did you mean 'sys'?; accepted: {keys}"),
        ("[colour]\nred = 1\n", "1: colour: unknown key; accepted: {keys}"),
        ('theme = "drak"\n', "1: theme: no theme 'drak'; did you mean 'dark'?; accepted: {themes}"),
        ("\nlayout = 3\n", "2: layout: no layout 3; accepted: overview, code, kernel, time"),
        (
            'dialect = "bdb"\n',
            "1: dialect: no dialect 'bdb'; did you mean 'gdb'?; accepted: ddb, gdb",
        ),
        ('linear = "no"\n', "1: linear: 'no' is neither; accepted: true, false"),
        ("sys = \n", "1: no TOML: Invalid value"),
        ('sys = "a"\nsys = "b"\n', "2: no TOML: Cannot overwrite a value"),
        ('sys = "here"\n', "1: sys: {folder}/here: no folder"),
        ('sys = "."\n', "1: sys: {folder}: no kernel sources: it has no sys/kern"),
    ],
)
def test_a_bad_configuration(
    text: str, problem: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(text)
    keys, themes = "sys, theme, layout, dialect, linear", ", ".join(THEMES)
    expected = problem.format(folder=config.parent, keys=keys, themes=themes)
    assert complaint(RUN, capsys) == f"{config}:{expected}"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"#" * 100_000], ids=["bytes", "large"])
def test_a_configuration_that_is_no_text(
    data: bytes, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_bytes(data)
    assert complaint(RUN, capsys).startswith(f"{config}: ")
    config.unlink()
    config.mkdir()
    assert complaint(RUN, capsys) == f"{config}: no file"


def test_folders_that_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        complaint([*RUN, "--sys", str(tmp_path)], capsys)
        == f"--sys: {tmp_path}: no kernel sources: it has no sys/kern"
    )
    assert complaint([*RUN, "--sys", "/nowhere"], capsys) == "--sys: /nowhere: no folder"
    assert "'' is no folder" in complaint([*RUN, "--sys", ""], capsys)
