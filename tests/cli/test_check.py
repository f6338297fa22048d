"""`exittui check`: verdicts, exit codes, what it prints, and what it hands over."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from exittui.checker.explaining import explain, explained, questions
from exittui.cli.main import main
from exittui.errors import ExitCode
from exittui.kernel.catalog import KERNELS
from exittui.machine import Schedule, Scripted
from exittui.machine.memory import Graveyard
from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.scenario.story import story
from tests.bench.terminal import Terminal

if TYPE_CHECKING:
    from exittui.checker.search import Outcome
    from exittui.checker.tasks import Task
    from exittui.machine.lang import struct

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from exittui.cli.main import entry; raise SystemExit(entry())"]

STUCK = """
title = "A program that waits for what nobody does"
description = "worker reads from a pipe that nobody writes to."
kernels = ["reaper"]
cpus = 1
[[process]]
name = "worker"
[[process.thread]]
program = [["read", 1], ["exit", 0]]
start = "cpu0"
"""

WRONG = """
title = "A program that does not do what is expected"
description = "worker exits with 4, and nobody expects that."
kernels = ["reaper"]
cpus = 1
[[process]]
name = "sh"
waits = true
[[process.thread]]
program = [["wait4", "worker"], ["pause"]]
start = "asleep"
[[process]]
name = "worker"
parent = "sh"
[[process.thread]]
program = [["exit", 4]]
start = "cpu0"
[expect]
result = "done"
exits = [{ by = "sh", of = "worker", status = 3 }]
"""

SMALL = """
title = "Two programs that do little"
description = "Two CPUs, and a thread on each that computes and goes to sleep."
kernels = ["reaper"]
cpus = 2
[[process]]
name = "a"
waits = true
[[process.thread]]
program = [["compute", 2], ["pause"]]
start = "cpu0"
[[process]]
name = "b"
waits = true
[[process.thread]]
program = [["compute", 1], ["pause"]]
start = "cpu1"
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Scenarios of these tests, by words in capitals."""
    texts = {"STUCK": STUCK, "WRONG": WRONG, "SMALL": SMALL}
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return {name: str(tmp_path / f"{name}.toml") for name in texts}


def output(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    """What `exittui check` prints for these arguments."""
    assert main(["check", *words]) == code
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def data(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> Any:
    return json.loads(output([*words, "--format", "json"], capsys, code))


# -- verdicts --------------------------------------------------------------------------------------


def test_all_schedules_hold_and_it_says_that_it_saw_them_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = output(["thread-loop", "--kernel", "reaper"], capsys)
    assert told.startswith("thread-loop under reaper: all schedules hold (exhaustive)\n")
    assert "1 distinct end\n" in told
    assert re.search(r"reduced: [\d,]+ statements executed, [\d,]+ for a transition", told)
    assert re.search(r"[\d.]+ s, \d+ MB", told)


def test_the_diff_runs_out_of_threads(capsys: pytest.CaptureFixture[str]) -> None:
    """Found by the search alone: no expectation of the scenario is about it."""
    words = ["thread-loop", "--property", "liveness"]
    told = output(words, capsys, ExitCode.LIVENESS)
    assert "1 property is violated (exhaustive)" in told
    assert "I19: 3 dead threads of pid 3000, which lives, are kept" in told


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["note-exit", "--max-states", "60"], ExitCode.VIOLATION, "safety"),
        (["single-exit", "--without", "kern/kern_event.c"], ExitCode.VIOLATION, "safety"),
        (["ignored-sigchld", "--max-states", "300"], ExitCode.LIVENESS, "liveness"),
        (["STUCK"], ExitCode.LIVENESS, "liveness"),
        (["WRONG"], ExitCode.UNMET, "expectation"),
    ],
)
def test_what_is_violated_is_an_exit_code(
    words: list[str],
    code: ExitCode,
    kind: str,
    files: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = data([files.get(word, word) for word in words], capsys, code)
    assert found["exit_code"] == code
    assert found["findings"][0]["kind"] == kind


@pytest.mark.parametrize(
    ("words", "bound"),
    [
        (["--max-states", "2"], "2 states"),
        (["--max-depth", "100"], "depth 100"),
        (["--preemptions", "0"], "0 preemptions"),
        (["--preemptions", "1", "--max-states", "2"], "2 states"),
        (["--breadth-first", "--max-states", "2"], "2 states"),
        (["--full", "--exact", "--max-states", "60"], "60 states"),
        (["--walks", "3", "--seed", "5"], "3 random walks"),
    ],
)
def test_a_bounded_search_is_never_called_complete(
    words: list[str],
    bound: str,
    files: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = data([files["SMALL"], *words], capsys)
    assert not found["complete"]
    assert found["bound"] == bound
    assert found["verdict"] == (
        f"no violation found (bounded: {bound}; not every schedule was covered)"
    )


def test_time_is_a_bound(capsys: pytest.CaptureFixture[str]) -> None:
    found = data(["thousand-threads", "--time", "1"], capsys)
    assert found["bound"] == "1 seconds"


# -- properties ------------------------------------------------------------------------------------


def test_a_schedule_that_gets_to_a_state_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["single-exit", "--reachable", "PS_ZOMBIE in worker.ps_flags"]
    told = output(words, capsys)
    assert "reached: PS_ZOMBIE in worker.ps_flags" in told
    assert "makes process worker a zombie" in told


@pytest.mark.parametrize(
    ("claim", "code", "kind"),
    [
        ("always nthreads < 100", ExitCode.OK, ""),
        ("always nthreads > 100", ExitCode.VIOLATION, "safety"),
        ("never PS_ZOMBIE in worker.ps_flags", ExitCode.VIOLATION, "safety"),
        ("eventually PS_ZOMBIE in worker.ps_flags", ExitCode.OK, ""),
        ("eventually nthreads > 100", ExitCode.LIVENESS, "liveness"),
        ("safety", ExitCode.OK, ""),
    ],
)
def test_claims_are_judged_on_every_schedule(
    claim: str, code: ExitCode, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = data(["single-exit", "--property", claim], capsys, code)
    assert [one["kind"] for one in found["findings"]] == [kind] * bool(kind)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "a scenario is missing"),
        (["nowhere"], "no scenario 'nowhere'"),
        (["single-exit", "--kernel", "reapr"], "did you mean 'reaper'?"),
        (["single-exit", "--kernel", "reaper", "--all-kernels"], "do not go together"),
        (["single-exit", "--without", "kern/nothing.c"], "no hunk 'kern/nothing.c'"),
        (["single-exit", "--property", "alwys x"], "did you mean 'always'?"),
        (["single-exit", "--property", "always x"], "always 'x': column 1: 'x' is not known"),
        (["single-exit", "--reachable", "nthreads <"], "'nthreads <': column 11: the end comes"),
        (["single-exit", "--max-states", "0"], "0 is out of range"),
        (["single-exit", "--time", "soon"], "'soon' is no whole number"),
        (["single-exit", "--format", "yaml"], "'yaml' is not known"),
        (["single-exit", "--library"], "does not go with one"),
        (["--library", "--property", "safety"], "are asked of one scenario"),
        (["single-exit", "--kernel", "reaper", "--explain-hunks"], "has no hunks"),
    ],
)
def test_bad_input_is_answered_with_one_line(
    words: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *words]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert problem in told
    assert told.startswith("exittui: ")
    assert told.count("\n") == 1


# -- counterexamples -------------------------------------------------------------------------------


def test_the_command_of_a_counterexample_opens_the_debugger_at_the_violation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the step that breaks the property, with the way back recorded."""
    told = output(["thread-exit", "--max-states", "100"], capsys, ExitCode.VIOLATION)
    (command, *_) = re.findall(r"^   exittui (thread-exit .*)$", told, re.MULTILINE)
    shown: list[Any] = []

    def run_app(session: Any, **_: object) -> dict[str, str]:
        shown.append(session)
        return {}

    monkeypatch.setattr("exittui.tui.app.run_app", run_app)
    monkeypatch.setattr("exittui.cli.screen.is_terminal", lambda: True)
    monkeypatch.setattr("exittui.cli.screen.terminal_size", lambda: (120, 40))
    assert main(shlex.split(command)) == ExitCode.OK
    machine = shown[0].machine
    assert machine.result is not None
    assert machine.result.message in told
    assert machine.position == machine.recorded > 0
    assert shown[0].focus == machine.result.cpu
    machine.goto(0)
    assert machine.result is None
    assert main(["run", *shlex.split(command)]) == ExitCode.VIOLATION


def test_a_counterexample_is_told_with_who_did_what() -> None:
    """One sentence for each time that another CPU goes on; threads are named though freed."""
    machine = build(find("thread-exit"), "mpi-2025-05").machine
    schedule = Schedule.parse("1x233/0x949/1x323/0")
    machine.run(Scripted(schedule), len(schedule))
    first, second, third, last = story(machine)
    assert first.startswith("steps 1-233: cpu1, from userland() to ")
    assert "worker.3001 is dead (SDEAD), switches to idle1; last: " in first
    assert "frees the stack of worker.3001, frees thread worker.3001, " in second
    assert "worker is dead (SDEAD)" not in third
    assert "then sh frees process worker, frees the stack of worker; " in third
    assert last.startswith("step 1506: cpu0, in __mp_release_all() in sched_toidle(): worker runs")
    assert machine.result is not None
    assert last.endswith(f"That is the violation: {machine.result.message}.")


# -- as a program ----------------------------------------------------------------------------------


def test_an_interrupt_loses_nothing_that_was_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends the search; what was found until then is told with its schedule."""

    def stop(_: object, outcome: Outcome) -> str:
        if outcome.seen:
            raise KeyboardInterrupt
        return ""

    monkeypatch.setattr("exittui.cli.searching._Progress.stop", stop)
    found = data(["thread-exit"], capsys, ExitCode.VIOLATION)
    assert (found["bound"], found["interrupted"]) == ("interrupted", True)
    assert "bounded: interrupted; not every schedule was covered" in found["verdict"]
    assert found["findings"]
    assert all(finding["schedule"] for finding in found["findings"])


def test_control_c_is_heard_between_two_moves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a move is taken back the machine could not be put back: here, half a free is."""
    usual = Graveyard.__setitem__
    pressed: list[struct] = []

    def put(self: Graveyard, target: struct, fields: dict[str, Any] | None) -> None:
        usual(self, target, fields)
        if fields is None and not pressed:
            pressed.append(target)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Graveyard, "__setitem__", put)
    found = data(["thread-exit"], capsys, ExitCode.INTERRUPTED)
    assert pressed
    assert (found["bound"], found["interrupted"]) == ("interrupted", True)


def test_progress_shows_on_a_terminal_and_control_c_ends_it(tmp_path: Path) -> None:
    words = ["check", "sig-stop", "--kernel", "reaper"]
    settings = {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path)}
    with Terminal([*PROGRAM, *words], environ=settings, lines=90) as terminal:
        terminal.wait_for("explored by estimate", timeout=90)
        assert re.search(r"[\d,]+ states, [\d,]+/s, [\d,]+ open, [\d,]+ steps", terminal.text())
        terminal.send("\x03")
        terminal.wait_for("bounded: interrupted; not every schedule was covered", timeout=60)
        terminal.wait_for(lambda text: "by estimate" not in text)
        assert terminal.exit_code() == ExitCode.INTERRUPTED


def test_no_progress_shows_in_a_pipe(tmp_path: Path) -> None:
    words = ["check", "single-exit", "--kernel", "reaper"]
    done = subprocess.run(
        [*PROGRAM, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_dask_finds_what_one_process_finds(capsys: pytest.CaptureFixture[str]) -> None:
    """The optional extra: two local workers behind the interface of concurrent.futures."""
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    words = ["ignored-sigchld", "--all-kernels", "--max-states", "30"]
    alone = data(words, capsys, ExitCode.LIVENESS)
    there = data([*words, "--executor", "dask", "--jobs", "2"], capsys, ExitCode.LIVENESS)
    for report in (*alone, *there):
        del report["seconds"], report["megabytes"]
    assert there == alone


EVENT, LOCORE, PROC = "kern/kern_event.c", "arch/amd64/amd64/locore.S", "sys/proc.h"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of two scenarios: to look through all takes too long for a test."""
    monkeypatch.setattr("exittui.checker.explaining.names", lambda: ["exit", "single-exit"])


@pytest.mark.usefixtures("small")
def test_it_says_what_breaks_without_each_hunk(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """In the scenario first, then in the library; runs first, then searches."""
    kernel = "mpi-2025-05"
    bounds: dict[str, Any] = {"states": 40, "moves": 40, "cache": tmp_path}
    asked = {one.hunk: one for one in questions("single-exit", kernel, **bounds)}
    assert list(asked) == [one.name for one in KERNELS[kernel].hunks]
    said: list[str] = []
    told = {}
    for hunk in (EVENT, LOCORE, PROC, "kern/kern_exit.c"):
        one = explain(asked[hunk], say=said.append)
        told[hunk] = list(explained(one, kernel))
        assert not one["interrupted"]
    first, *_, held, command = told[EVENT]
    assert first == f"{EVENT}: in single-exit, safety: panic: deads don't sleep"
    assert held == "   With the hunk that is not so on all schedules, nor in single runs."
    assert main(["run", *shlex.split(command)[1:]]) == ExitCode.VIOLATION
    assert "deads don't sleep" in capsys.readouterr().out
    assert told[LOCORE] == [
        f"{LOCORE}: no scenario of the library was seen to need it: 2 run, 2 of them through what "
        "it changes, 2 searched"
    ]
    assert told[PROC] == [
        f"{PROC}: it changes no code: the kernel has the same statements without it"
    ]
    (unlinked,) = told["kern/kern_exit.c"]
    assert unlinked.startswith("kern/kern_exit.c: the kernel does not link without it: hunk ")
    assert f"{kernel} without {EVENT}: runs of single-exit, 0 of 2 done" in said
    assert f"{kernel} without {LOCORE}: search of exit, 1 of 2 done" in said


@pytest.mark.usefixtures("small")
def test_what_breaks_with_the_hunk_too_is_not_put_down_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The whole kernel is searched further than the one without."""
    searched = []

    def unlucky(task: Task, *_: object) -> dict[str, Any]:
        searched.append((task.without, task.states))
        found = [
            {"kind": "safety", "property": "I1", "message": "I1", "preemptions": 0, "steps": 1}
        ]
        late = not task.without and task.states == 40
        return {
            "findings": [] if late else found,
            "complete": False,
            "states": task.states,
            "interrupted": False,
        }

    monkeypatch.setattr("exittui.checker.explaining.run", unlucky)
    (why,) = (one for one in questions("exit", "mpi-2025-05", states=40) if one.hunk == LOCORE)
    found = explain(why)
    assert not found["breaks"]
    assert ((LOCORE,), 40) in searched
    assert ((), 400) in searched
    assert found["searched"] == 2


def test_a_panic_that_a_hunk_words_anew_is_the_same_panic(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutex is held with this hunk and without; only who says so differs."""
    monkeypatch.setattr("exittui.checker.explaining.names", lambda: ["kqueue-process"])
    asked = questions("kqueue-process", "mpi-2025-05", states=5, moves=5)
    found = explain(next(one for one in asked if one.hunk == "kern/subr_xxx.c"))
    assert not found["breaks"]
    assert found["touching"] == found["ran"] == 1


@pytest.mark.usefixtures("small")
def test_hunks_are_explained_as_far_as_the_user_waits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> dict[str, Any]:
        raise KeyboardInterrupt

    words = ["single-exit", "--kernel", "mpi-2025-05", "--explain-hunks"]
    monkeypatch.setattr("exittui.checker.explaining.run", stopped)
    told = output(words, capsys, ExitCode.INTERRUPTED)
    assert f"{LOCORE}: ended early (interrupted), nothing seen to break so far: 2 run" in told
    assert "2 of them through what it changes, 0 searched\n" in told
    assert told.endswith("\ninterrupted: 1 of 12 hunks were begun\n")


def test_hunks_are_explained_by_any_number_of_workers(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["single-exit", "--kernel", "cludwig-2025-09", "--explain-hunks", "--max-states", "1"]
    words += ["--time", "1"]
    told = output([*words, "--jobs", "2"], capsys, ExitCode.OK)
    rows = re.findall(r"^\| (\S+) \|", told, re.MULTILINE)
    assert rows == ["without,", *(one.name for one in KERNELS["cludwig-2025-09"].hunks)][1:]
