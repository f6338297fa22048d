"""play, new, validate and schema on the command line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from exittui.cli.main import main
from exittui.cli.new import TEMPLATE
from exittui.cli.play import Watched, player_of, progress_file
from exittui.errors import MOST_FAULTS, ExitCode, ScenarioError
from exittui.playback.player import Score
from exittui.playback.progress import Progress
from exittui.scenario.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]


def test_a_script_that_holds_is_0_and_says_what_was_in_it(capsys: Capture) -> None:
    assert main(["play", "mutex", "--check"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("mutex: 12 moments, 3 chapters, 3 assertions, 5 ")


def test_one_that_does_not_is_14_with_the_line_of_the_first_failure(
    tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(TEMPLATE.replace('"exit1")', '"exit2")'))
    line = path.read_text().splitlines().index("assert = 'at(cpu0, \"exit2\")'") + 1
    assert main(["play", str(path)]) == 14
    error = capsys.readouterr().err
    assert error.startswith(f'exittui: {path}:{line}: script[4].assert: at(cpu0, "exit2") does')
    assert error.count("\n") == 1


def test_a_scenario_without_a_script_has_a_tour(capsys: Capture) -> None:
    assert main(["play", "single-exit"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("single-exit: 5 moments, 3 chapters, 1 assertions, ")
    assert main(["play", "storm"]) == ExitCode.USAGE
    assert "storm is too much to be watched; 'exittui run storm' runs" in capsys.readouterr().err


def test_a_file_that_is_changed_while_it_is_played_gives_another_player(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEMPLATE)
    watched = Watched(path)
    assert watched() is None
    path.write_text(TEMPLATE.replace("say = ", "sey = "))
    with pytest.raises(ScenarioError, match="did you mean 'say'"):
        watched()
    assert watched() is None
    path.write_text(TEMPLATE.replace("is about to call", "soon calls"))
    player, before = watched(), player_of(path)
    assert player is not None
    while before.at < 1:
        before.forward()
    before.answer(0)
    player.continue_from(before)
    assert (player.at, player.answers, player.score) == (1, before.answers, before.score)
    path.unlink()
    with pytest.raises(ScenarioError, match="no such file"):
        watched()


def test_scores_go_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert progress_file() == tmp_path / "exittui" / "progress.json"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert progress_file().parts[-4:-1] == (".local", "state", "exittui")


def test_without_a_lesson_it_names_them_all_and_what_was_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    kept = Progress({"mutex": Score(right=4, asked=5, finished=True)})
    kept.write(progress_file())
    assert main(["play"]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "the course"
    assert lines[1].startswith("  process                What is a process to the kernel? (5 min)")
    title = "A mutex: a small lock that forbids sleep"
    assert f"✓ mutex                  {title} (5 min, 4 of 5 right)" in lines
    assert "demos" in lines
    assert "tours" in lines


def test_a_lesson_is_found_by_words_of_its_title(capsys: Capture) -> None:
    assert main(["play", "whose stack", "--check"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("whose-stack: ")
    assert main(["play", "the diff", "--check"]) == ExitCode.USAGE


def test_what_new_writes_is_good_and_plays(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "mine.toml"
    assert main(["new", str(path)]) == ExitCode.OK
    assert main(["validate", str(path)]) == ExitCode.OK
    assert main(["play", str(path)]) == ExitCode.OK
    assert main(["run", str(path), "--format", "summary"]) == ExitCode.OK
    capsys.readouterr()
    assert main(["new", str(path)]) == ExitCode.USAGE
    assert capsys.readouterr().err == f"exittui: {path} is there already\n"


@pytest.mark.parametrize("name", ["x", "none/x.toml", "\0.toml"])
def test_new_needs_a_place(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", name]) == ExitCode.USAGE


BROKEN = """
[[script]]
say = "a"
do = ["step"]

[[script]]
pause = 1
kind = "owner"

[[script]]
ask = "?"

[[script]]
goal = "?"
solution = ["step"]

[[script]]
assert = "1 +"

[[script]]
chapter = 3
sey = "x"
"""
MESSAGES = [
    "script[0]: ",
    "script[1].kind: 'owner' goes with 'ask', not with 'pause'",
    "script[2].kind: missing: the answer is computed from it",
    "script[2].of: missing",
    "script[3].goal: '?' is reached where?; accepted: either 'until' or 'result'",
    "script[4].assert: '1 +' is no expression: column 4: the end",
]


def test_validate_names_all_errors_at_once_by_line(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "bad.toml"
    situation = TEMPLATE.partition("[[script]]")[0]
    path.write_text(situation + BROKEN.rpartition("[[script]]")[0])
    assert main(["validate", str(path), "mutex"]) == ExitCode.USAGE
    told = capsys.readouterr()
    lines = told.err.splitlines()
    assert len(lines) == len(MESSAGES)
    for line, message in zip(lines, MESSAGES, strict=True):
        assert re.match(rf"exittui: {re.escape(str(path))}:[0-9]+: {re.escape(message)}", line)
    assert told.out == "mutex: good\n"


def test_validate_names_so_many_errors(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "bad.toml"
    assert main(["new", str(path)]) == ExitCode.OK
    cue = '[[script]]\nshow = ["nowhere"]\n'
    path.write_text(path.read_text(encoding="utf-8") + cue * 60, encoding="utf-8")
    capsys.readouterr()
    assert main(["validate", str(path)]) == ExitCode.USAGE
    told = capsys.readouterr().err.splitlines()
    assert len(told) == MOST_FAULTS + 1
    assert told[-1].endswith(f"more is wrong than the first {MOST_FAULTS}")


def test_validate_knows_the_kernel_and_the_commands(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        TEMPLATE.replace('"tbreak exit1"', '"tbraek exit1"').replace("kernel_lock", "kernel_lok")
    )
    assert main(["validate", str(path)]) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert "script[3].do[0]: no command 'tbraek'; did you mean 'tbreak'?" in error
    assert "script[5].of: " in error
    assert "did you mean 'kernel_lock'" in error


def test_the_schema_is_printed_as_json(capsys: Capture) -> None:
    assert main(["schema"]) == ExitCode.OK
    printed = json.loads(capsys.readouterr().out)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert printed == json.loads(json.dumps(schema()))
