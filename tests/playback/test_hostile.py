"""Files that ask for too much end in one clear message, before they have cost anything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exittui.cli.main import main
from exittui.errors import ExitCode, ScenarioError
from exittui.playback.checking import run_through
from exittui.playback.failure import ScriptFailed
from exittui.scenario import kept
from exittui.scenario.load import load
from exittui.scenario.script_check import MAX_STEPS, MAX_THREADS
from tests.playback.conftest import SITUATION, player_of

if TYPE_CHECKING:
    from collections.abc import Callable

SPINNING = SITUATION.replace('["compute", 3], ["exit", 3]', '["loop"]')


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.symlink_to(path)


FILES: list[tuple[Callable[[Path], object], str]] = [
    (pipe, "not a regular file"),
    (endless, "not a regular file"),
    (loop, "too many levels of symbolic links"),
    (Path.mkdir, "is a directory"),
    (lambda path: path.write_bytes(b"a = 1\n" * 20_000), "too large; accepted: up to 65536 bytes"),
    (lambda path: path.write_bytes(bytes(range(256))), ":2: is not UTF-8 text"),
    (lambda path: path.write_text(f"x = {'[' * 900}{']' * 900}"), "nested too deeply"),
    (lambda path: path.write_text(SITUATION[:-12]), "no TOML: "),
    (
        lambda path: path.write_text(SITUATION.replace('parent = "sh"', 'parent = "worker"')),
        "process[1].parent: 'worker' names no process above it; accepted: init, sh",
    ),
]


@pytest.mark.parametrize("number", range(len(FILES)))
def test_a_file_that_is_no_scenario_is_told_at_once(
    number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, words = FILES[number]
    path = tmp_path / "bad.toml"
    make(path)
    for command in (["run", str(path)], ["validate", str(path)], ["play", str(path)]):
        assert main(command) == ExitCode.USAGE
        told = capsys.readouterr().err
        assert told.startswith(f"exittui: {path}")
        assert words in told
        assert told.count("\n") == 1
    with pytest.raises(ScenarioError):
        kept.load(path, tmp_path / "cache")


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "mark.toml"
    path.write_text("\ufeff" + SITUATION)
    assert load(path).title == "A process exits"


@pytest.mark.parametrize(
    ("cue", "key"),
    [
        ('do = ["run", "restart", "run"]', "do"),
        ('do = ["step 9999999"]', "do"),
        ('ask = "?"\nkind = "value"\nof = "step"\nafter = ["run", "restart", "run"]', "after"),
        ('goal = "?"\nresult = "limit"\nsolution = ["run", "restart", "run"]', "solution"),
    ],
)
def test_a_script_moves_the_machine_only_so_far(cue: str, key: str) -> None:
    cue = cue.replace('result = "limit"', 'until = "false"')
    player = player_of(f'[[script]]\nsay = "a"\n[[script]]\n{cue}\n', SPINNING)
    with pytest.raises(ScriptFailed, match=f"by more than {MAX_STEPS} steps in all") as caught:
        run_through(player)
    assert (caught.value.cue, caught.value.key) == (1, key)


def test_who_runs_next_is_not_looked_for_without_end() -> None:
    cues = '[[script]]\nask = "?"\nkind = "next"\nof = "cpu0"\n' * 3
    with pytest.raises(ScriptFailed, match=r"nobody else any more|in all"):
        run_through(player_of(cues, SPINNING))


@pytest.mark.parametrize(
    "command", ["watch step", "watch step if nthreads == 0", "tbreak exit1 if step == 9"]
)
def test_a_script_does_not_wait_for_a_number_of_steps(command: str) -> None:
    player = player_of(f'[[script]]\ndo = ["{command}", "continue"]\n')
    with pytest.raises(ScriptFailed, match="cannot wait for a value of 'step'"):
        run_through(player)


def test_a_script_has_not_too_many_threads() -> None:
    many = SITUATION.replace('name = "worker"', f'name = "worker"\ncount = {MAX_THREADS}')
    many = many.replace('["wait4", "worker"], ', "").replace('"cpu0"', '"ready"')
    with pytest.raises(ScenarioError, match=f"accepted: up to {MAX_THREADS} with a script"):
        player_of('[[script]]\nsay = "a"\n', many)
    player_of("", many)
