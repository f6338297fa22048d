"""A good file becomes a scenario; a bad one says where, what stands there and what could."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.errors import MOST_FAULTS, ExitCode, ScenarioError, ScenarioFileError, did_you_mean
from exittui.kernel.catalog import KERNELS
from exittui.scenario.calls import CALLS
from exittui.scenario.copies import pids, tids
from exittui.scenario.load import load, parse
from exittui.scenario.model import MAX_CPUS, Process, Thread
from exittui.scenario.reading import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

CPUS = f"accepted: 1 to {MAX_CPUS}"


def errors(text: str) -> list[str]:
    """The messages a text gives, without the file's name."""
    with pytest.raises(ScenarioError) as caught:
        parse(text, name="bad", file="bad.toml")
    return [line.removeprefix("bad.toml:") for line in caught.value.message.splitlines()]


def test_what_a_good_text_says(good: str) -> None:
    scenario = parse(good, name="good", file="good.toml")
    assert scenario.name == "good"
    assert scenario.title == "Good"
    assert scenario.kernels == ("reaper", "mpi-2025-05")
    assert scenario.process[1] == Process(
        name="worker",
        parent="sh",
        thread=(Thread(program=(("exit", 3),), start="cpu0"),),
    )
    assert pids(scenario) == {"init": 1, "sh": 2000, "worker": 3000}
    assert list(tids(scenario.process[1], 3000)) == [3000]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "cpus = 2",
            "cpu = 2",
            "4: cpu: 2 unknown key; did you mean 'cpus'?; accepted: title, description, kernels, "
            "process, workload, cpus, run, sysctl, time, expect, lesson, script, expect-under",
        ),
        ("cpus = 2", f"cpus = {MAX_CPUS + 1}", f"4: cpus: {MAX_CPUS + 1} out of range; {CPUS}"),
        ("cpus = 2", "cpus = 0", f"4: cpus: 0 out of range; {CPUS}"),
        ("cpus = 2", "cpus = true", "4: cpus: True is true or false; accepted: a whole number"),
        ("cpus = 2", "cpus = 2.0", "4: cpus: 2.0 is a fraction; accepted: a whole number"),
        ("cpus = 2", "cpus = '2'", "4: cpus: '2' is text; accepted: a whole number"),
        (
            "cpus = 2",
            "cpus = 1979-05-27",
            "4: cpus: datetime.date(1979, 5, 27) is a date or time; accepted: a whole number",
        ),
        (
            '"mpi-2025-05"]',
            '"mpi-2025"]',
            "3: kernels[1]: 'mpi-2025' is no kernel; did you mean 'mpi-2025-05'?; "
            f"accepted: {', '.join(KERNELS)}",
        ),
        (
            '"mpi-2025-05"]',
            '"reaper"]',
            "3: kernels[1]: 'reaper' is named twice; accepted: each one once",
        ),
        (
            '["exit", 3]',
            '["exti", 3]',
            "15: process[1].thread[0].program[0][0]: 'exti' is no system call; did you mean "
            f"'exit'?; accepted: {', '.join(CALLS)}",
        ),
        (
            '["exit", 3]',
            '["exit", 256]',
            "15: process[1].thread[0].program[0][1]: 256 status out of range; accepted: 0 to 255",
        ),
        (
            '["exit", 3]',
            '["exit", 1, 2]',
            "15: process[1].thread[0].program[0]: ['exit', 1, 2] exit has 2 arguments; "
            'accepted: ["exit", status]',
        ),
        (
            '["wait4", "worker"]',
            '["wait4", "woker"]',
            "9: process[0].thread[0].program[0][1]: 'woker' process names no process; "
            "did you mean 'worker'?; accepted: init, sh, worker, any, group",
        ),
        (
            '["exit", 3]',
            '["fork", [["exit", 1], ["fork", [["xit"]]]]]',
            "15: process[1].thread[0].program[0][1][1][1][0][0]: 'xit' is no system call; did you "
            f"mean 'exit'?; accepted: {', '.join(CALLS)}",
        ),
        (
            '["exit", 3]',
            '["wait4", "worker", "WNOHANG|WUNTRCED"]',
            "15: process[1].thread[0].program[0][2]: 'WNOHANG|WUNTRCED' options is not known; did "
            "you mean 'WUNTRACED'?; accepted: WNOHANG, WUNTRACED, WCONTINUED",
        ),
        (
            '["exit", 3]',
            '["execve", "a/b", 2, [["exit", 1]]]',
            "15: process[1].thread[0].program[0][1]: 'a/b' name is no name; accepted: a letter, "
            "then letters, digits, - or _",
        ),
        (
            '["exit", 3]',
            '["kill", 100000, "SIGTERM"]',
            "15: process[1].thread[0].program[0][1]: 100000 process out of range; accepted: "
            "1 to 99999",
        ),
        (
            '["exit", 3]',
            '["fork", 3]',
            "15: process[1].thread[0].program[0][1]: 3 is no program; "
            "accepted: a list of 1 to 64 calls",
        ),
        (
            '["exit", 3]',
            '["kill", "worker", "SIGTRM"]',
            "15: process[1].thread[0].program[0][2]: 'SIGTRM' signal is not known; did you mean "
            "'SIGTERM'?; accepted: SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGEMT, "
            "SIGFPE, SIGKILL, SIGBUS, SIGSEGV, SIGSYS, SIGPIPE, SIGALRM, SIGTERM, SIGURG, "
            "SIGSTOP, SIGTSTP, SIGCONT, SIGCHLD, SIGTTIN, SIGTTOU, SIGIO, SIGXCPU, SIGXFSZ, "
            "SIGVTALRM, SIGPROF, SIGWINCH, SIGINFO, SIGUSR1, SIGUSR2, SIGTHR",
        ),
        (
            "program = [[",
            "program = [] # [[",
            "9: process[0].thread[0].program: [] has 0 elements; accepted: 1 to 64 elements",
        ),
        (
            '"cpu0"',
            '"cpu2"',
            "16: process[1].thread[0].start: 'cpu2' is no place to start; "
            "accepted: ready, asleep, cpu0 to cpu1",
        ),
        (
            'parent = "sh"',
            'parent = "int"',
            "13: process[1].parent: 'int' names no process above it; did you mean 'init'?; "
            "accepted: init, sh",
        ),
        (
            'parent = "sh"',
            "pid = 1",
            "13: process[1].pid: 1 is taken; accepted: each one once",
        ),
        (
            'name = "sh"',
            'name = "s\\u0007h"',
            "7: process[0].name: 's\\x07h' has characters that cannot be printed; "
            "accepted: printable text on one line",
        ),
        ('title = "Good"', "", "1: title: missing"),
        (
            'result = "done"',
            'result = "fine"',
            "19: expect.result: 'fine' is not known; "
            "accepted: done, panic, violation, deadlock, limit",
        ),
        (
            "cpus = 2",
            "[run]\nschedule = '0/1'",
            "5: run.schedule: '0/1' chooser = 'scripted' and schedule need each other; "
            "accepted: both or neither",
        ),
        (
            "[expect]",
            "[expect-under.purge]",
            "18: expect-under.purge: {'exits': [{...}], 'result': 'done'} is no kernel of this "
            "scenario; accepted: reaper, mpi-2025-05",
        ),
        ("[expect]", "[expect", "18: no TOML: Expected ']' at the end of a table declaration"),
    ],
)
def test_one_fault_gives_one_line(good: str, old: str, new: str, message: str) -> None:
    assert old in good
    assert errors(good.replace(old, new, 1)) == [message]


@pytest.mark.parametrize("name", ["sh", "init"])
def test_a_name_stands_for_one_process(good: str, name: str) -> None:
    found = errors(good.replace('name = "worker"', f'name = "{name}"'))
    assert f"12: process[1].name: {name!r} is taken; accepted: each one once" in found


def test_all_faults_of_a_file_come_at_once_in_the_order_of_its_lines(good: str) -> None:
    """Values that are no values come first; only among good ones can misfits be seen."""
    bad = good.replace('"cpu0"', "0").replace('"sh"\n', '"s h"\n').replace("= 2", "= 200")
    assert [line.split(":")[0] for line in errors(bad)] == ["4", "7", "16"]
    misfit = good.replace('"cpu0"', '"cpu9"').replace('parent = "sh"', 'parent = "worker"')
    misfit = misfit.replace('"reaper"', '"raper"')
    assert [line.split(":")[0] for line in errors(misfit)] == ["3", "13", "16"]


def test_of_very_many_faults_the_first_are_named(good: str) -> None:
    """Of values that are none, and of those that do not fit together."""
    unknown = errors("".join(f"k{number} = 1\n" for number in range(500)) + good)
    calls = ", ".join(['["kill", "nobody", "SIGKILL"]'] * 60)
    misfit = errors(good + f'[[process]]\nname = "b"\n[[process.thread]]\nprogram = [{calls}]\n')
    for told in (unknown, misfit):
        assert len(told) == MOST_FAULTS + 1
        assert told[-1].strip() == f"more is wrong than the first {MOST_FAULTS}"
    assert [line.partition(":")[0] for line in unknown[:3]] == ["1", "2", "3"]


def test_a_key_is_named_as_far_as_one_wants_to_read_it(good: str) -> None:
    (told,) = errors(f'"{"k" * 1900}" = 1\n' + good)
    assert f"{'k' * 59}…: 1 unknown key" in told


def test_a_word_is_compared_with_so_many() -> None:
    """Names of processes may be thousands."""
    words = (f"worker.{number}" for number in range(5000))
    assert did_you_mean("worker.5x", words) == "; did you mean 'worker.5'?"
    assert next(words) == "worker.1000"


def test_an_error_keeps_its_parts(good: str) -> None:
    with pytest.raises(ScenarioFileError) as caught:
        parse(good.replace("cpus = 2", "cpus = 99"), name="bad", file="bad.toml")
    (error,) = caught.value.errors
    assert (error.file, error.line, error.key, error.value, error.accepted) == (
        "bad.toml",
        4,
        "cpus",
        99,
        f"1 to {MAX_CPUS}",
    )
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x00\xff\xfe", "{file}:1: is not UTF-8 text"),
        (b"title = 'x'\n\xff", "{file}:2: is not UTF-8 text"),
        (b"#" * (MAX_BYTES + 1), "{file}: too large; accepted: up to 65536 bytes"),
        (b"\nx" + b".x" * 30_000, "{file}:2: line too long; accepted: up to 2000 characters"),
        (b"x = " + b"[\n" * 30_000, "{file}: nested too deeply; accepted: lists and tables 16"),
        (b"x" + b".x" * 900 + b" = 1", "{file}: nested too deeply; accepted: lists and tables 16"),
        (b"x = [\n[\n", "{file}:3: no TOML: Invalid value"),
    ],
    ids=["binary", "not UTF-8", "large", "long line", "nested", "dotted", "open"],
)
def test_a_file_that_is_no_scenario(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(data)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert caught.value.message.startswith(message.format(file=path))
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("name", ["missing.toml", ".", "a\0b"])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScenarioError, match=r"no such file|is a directory|is no name of a file"):
        load(tmp_path / name)
