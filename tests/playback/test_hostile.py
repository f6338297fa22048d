"""Files that ask for too much end in one clear message, before they have cost anything."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exittui.cli.main import main
from exittui.errors import ExitCode, ScenarioError
from exittui.playback.budget import MOST_WORK
from exittui.playback.checking import run_through
from exittui.playback.failure import ScriptFailed
from exittui.scenario import kept
from exittui.scenario.load import load
from exittui.scenario.script_check import MAX_CALLS, MAX_THREADS
from exittui.session.moving import BACKWARD_SLICE
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
    with pytest.raises(
        ScriptFailed, match=f"more than the work of {MOST_WORK} steps in all"
    ) as caught:
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


def test_a_script_has_not_too_many_calls() -> None:
    """Those of the programs that a program gives its children count as well."""
    forks = ", ".join(['["fork", [["compute", 1], ["exit", 0]]]'] * 7)
    many = SITUATION.replace('["compute", 3]', forks).replace('"cpu0"', '"ready"')
    many = many.replace('["wait4", "worker"], ', "")
    many = many.replace('name = "worker"', 'name = "worker"\ncount = {}')
    with pytest.raises(ScenarioError, match=f"2201 calls; accepted: up to {MAX_CALLS} with a"):
        player_of('[[script]]\nsay = "a"\n', many.format(100))
    assert player_of('[[script]]\nsay = "a"\n', many.format(9)).work_left < MOST_WORK - 9 * 22 * 5


FOUND = [
    'do = ["watch len(waiters(kernel_lock)) == 9", "step 9999999"]',
    'do = ["break mi_switch if at(cpu0, \\"exit1\\")", "watch at(cpu1, \\"exit1\\")", "run"]',
    'do = ["watch len(allprocess) > 0 and len(allproc) > 0 and false", "next 999999"]',
    'do = ["watch result if message == \\"x\\"", "solo"]',
    'do = ["break userland if process(nthreads + 9) == NULL", "any 999999"]',
    'do = ["step 9000", "reverse-continue", "run", "goto 0", "run", "goto 0", "run", "goto 0"]',
    'do = ["watch worker in allprocess", "run", "reverse-continue", "continue"]',
    'ask = "?"\nkind = "value"\nof = "step"\nafter = ["watch kernel_lock.mpl_owner", "any 99999"]',
]
"""What took longest of some thousand scripts that were made to take long."""


@pytest.mark.parametrize("cue", FOUND)
def test_what_is_looked_at_on_the_way_counts_as_steps_do(cue: str) -> None:
    many = SPINNING.replace('name = "worker"', 'name = "worker"\ncount = 60')
    many = many.replace('["wait4", "worker"], ', "").replace('"cpu0"', '"ready"')
    left = set()
    for _ in range(2):
        player = player_of(f"[[script]]\n{cue}\n".replace("worker", "sh") * 9, many)
        with pytest.raises(ScriptFailed, match="more than the work of"):
            run_through(player)
        left.add(player.work_left)
    assert len(left) == 1


def test_looking_at_much_costs_more_than_looking_at_little() -> None:
    costs = []
    for stop in ("tbreak fork1", "watch nthreads == 9", "watch len(allproc) == 9"):
        player = player_of(f'[[script]]\ndo = ["{stop}", "step 900"]\n', SPINNING)
        run_through(player)
        costs.append(MOST_WORK - player.work_left)
    assert 900 <= costs[0] <= costs[1] <= costs[2]
    player = player_of('[[script]]\ndo = ["watch cpu0.ci_ipl == 99", "step 900"]\n', SPINNING)
    run_through(player)
    assert costs[0] < MOST_WORK - player.work_left


def test_who_plays_may_allow_more_work_and_no_file_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "long.toml"
    path.write_text(SPINNING + '[[script]]\ndo = ["step 35000"]\n')
    assert main(["play", str(path), "--check"]) == ExitCode.UNMET
    assert "--work N allows more" in capsys.readouterr().err
    assert main(["play", str(path), "--check", "--work", "50000"]) == ExitCode.OK
    record = ["record", str(path), "-o", str(tmp_path / "long.cast")]
    assert main(record) == ExitCode.UNMET
    assert "--work N allows more" in capsys.readouterr().err
    assert main([*record, "--work", "50000"]) == ExitCode.OK
    path.write_text(SPINNING + '[[script]]\nwork = 50000\ndo = ["step 35000"]\n')
    assert main(["play", str(path), "--check"]) == ExitCode.USAGE


MOVES = st.sampled_from(
    [
        *("step 9999999", "continue", "run", "solo", "next 9999", "finish", "any 99999", "goto 0"),
        *("goto 100%", "restart", "back 9999", "reverse-continue", "reverse-next 99", "cpu 1"),
        *("seek dead init.0", "seek switch", "back-to switch", "until exit1", "forward 9999"),
        *("seek change len(allproc)", "back-to change nthreads", "reverse-finish", "pick 1"),
    ]
)
CONDITIONS = st.sampled_from(
    [
        *("nthreads", "cpu0.ci_ipl", "waiters(kernel_lock)", "worker in allprocess"),
        *("len(allprocess) > 0 and false", 'at(cpu0, "exit1")', "result", "sh.0.p_stat"),
        *("thread(nthreads + 9).p_stat == 9", "owner(kernel_lock) == NULL", "step == 9"),
    ]
)
STOPS = st.builds(
    lambda form, one, other: form.format(one, other),
    st.sampled_from(["watch {}", "watch {} if {}", "break mi_switch if {}", "tbreak exit1 if {1}"]),
    CONDITIONS,
    CONDITIONS,
)
DOINGS = st.lists(st.one_of(MOVES, STOPS), min_size=1, max_size=12)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.lists(DOINGS, min_size=1, max_size=6), st.sampled_from(["do", "after", "solution"]))
def test_no_script_does_more_than_it_may(doings: list[list[str]], key: str) -> None:
    head = {
        "do": "",
        "after": 'ask = "?"\nkind = "value"\nof = "nthreads"\n',
        "solution": 'goal = "!"\nuntil = "true"\n',
    }[key]
    text = "".join(f"[[script]]\n{head}{key} = {json.dumps(one)}\n" for one in doings)
    player = player_of(text, SPINNING)
    with contextlib.suppress(ScriptFailed):
        run_through(player)
    assert player.work_left > -BACKWARD_SLICE
    assert player.session.machine.recorded <= MOST_WORK + BACKWARD_SLICE
