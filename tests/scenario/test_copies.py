"""Tables with a count, and the limits that many threads run into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from exittui.errors import ScenarioError
from exittui.scenario.build import build
from exittui.scenario.copies import expanded, pids, tids
from exittui.scenario.load import parse
from exittui.scenario.model import (
    MAX_ALL_CALLS,
    MAX_ALL_PROCESSES,
    MAX_ALL_THREADS,
    Process,
    Scenario,
)
from exittui.scenario.play import Play

if TYPE_CHECKING:
    from collections.abc import Iterator

KERNELS = ["mpi-2025-05", "mpi-switch", "purge-2025-08", "cludwig-2025-09", "reaper"]

TEXT = """\
title = "t"
description = "d"
kernels = ["mpi-2025-05", "mpi-switch", "purge-2025-08", "cludwig-2025-09", "reaper"]
cpus = 4

[[process]]
name = "sh"
waits = true

[[process.thread]]
program = [["compute", 3], ["kill", "all", "SIGKILL"], ["pause"]]
start = "cpu0"

[[process]]
name = "worker"
count = 5

[[process.thread]]
count = 3
program = [["pause"]]
start = "asleep"

[[process.thread]]
program = [["compute", 1000], ["loop"]]

[[process]]
name = "last"

[[process.thread]]
program = [["exit", 4]]

[expect]
result = "done"
exits = [
  { by = "init", of = "worker", signal = "SIGKILL", times = 5 },
  { by = "init", of = "last", status = 4 },
]
alive = ["init", "sh"]
zombies = []
threads = 2
"""


def scenario(text: str = TEXT) -> Scenario:
    return parse(text, name="t", file="t.toml")


def complaints(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        scenario(text)
    return [line.removeprefix("t.toml:") for line in caught.value.message.split("\n")]


def test_copies_have_names_pids_and_tids_of_their_own() -> None:
    """Copies are ten apart, or as far as their threads need; processes keep their distance."""
    assert pids(scenario()) == {
        "init": 1,
        "sh": 2000,
        "worker.1": 3000,
        "worker.2": 3010,
        "worker.3": 3020,
        "worker.4": 3030,
        "worker.5": 3040,
        "last": 4000,
    }
    worker = expanded(scenario()).process[2]
    assert worker.name == "worker.2"
    assert [thread.start for thread in worker.thread] == ["asleep"] * 3 + ["ready"]
    assert list(tids(worker, 3010)) == [3010, 3011, 3012, 3013]


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_signal_ends_all_copies(kernel: str) -> None:
    """What would exit by itself is left out."""
    alone = TEXT[: TEXT.index('[[process]]\nname = "last"')] + TEXT[TEXT.index("[expect]") :]
    alone = alone.replace('  { by = "init", of = "last", status = 4 },\n', "")
    built = build(scenario(alone), kernel)
    assert Play(built, built.scenario.run).end().unmet == ()


class Counted(tuple[Process, ...]):  # noqa: SLOT001 - a tuple has no slots but none
    """Tables that count how often they are gone through."""

    times = 0

    def __iter__(self) -> Iterator[Process]:
        self.times += 1
        return super().__iter__()


def test_pids_are_given_in_one_go() -> None:
    """However many tables there are: each pid follows from the tables before."""
    one = scenario(TEXT)
    tables = Counted(expanded(one).process)
    assert pids(attrs.evolve(one, process=tables)) == pids(one)
    assert tables.times == 1


FORKS = ['["fork", [["compute", 1], ["exit", 0]]]'] * 20


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "count = 5",
            "count = 1_251",
            f"1251 makes 5005 threads in all; accepted: up to {MAX_ALL_THREADS}",
        ),
        (
            "count = 5",
            f"count = {MAX_ALL_PROCESSES}",
            f"makes {MAX_ALL_PROCESSES + 1} processes in all; accepted: up to {MAX_ALL_PROCESSES}",
        ),
        (
            'count = 5\n\n[[process.thread]]\ncount = 3\nprogram = [["pause"]]',
            f"count = 120\n\n[[process.thread]]\ncount = 3\nprogram = [{', '.join(FORKS)}]",
            f"makes programs of 21843 calls in all; accepted: up to {MAX_ALL_CALLS}",
        ),
        (
            'start = "asleep"',
            'start = "cpu1"',
            "21: process[1].thread[0].start: 'cpu1' is one place for several threads; "
            "accepted: ready, asleep",
        ),
        (
            'start = "asleep"',
            "tid = 7",
            "21: process[1].thread[0].tid: 7 is one id for several threads",
        ),
        ("count = 5", "count = 5\npid = 1990", "17: process[1].pid: 1990 is taken"),
        ("count = 3", "count = 0", "19: process[1].thread[0].count: 0 out of range"),
        ('of = "worker"', 'of = "worker.1"', "names no process; did you mean 'worker'?"),
        (
            "[expect]",
            '[sysctl]\n"kern.maxthraed" = 9\n\n[expect]',
            "did you mean 'kern.maxthread'?; accepted: kern.maxproc, kern.maxthread",
        ),
        (
            "[expect]",
            "[sysctl]\nkern.maxproc = 9\n\n[expect]",
            "sysctl.kern: {'maxproc': 9} is a table",
        ),
    ],
)
def test_counts_that_do_not_fit(old: str, new: str, complaint: str) -> None:
    assert any(complaint in line for line in complaints(TEXT.replace(old, new, 1)))


def test_more_threads_than_the_kernel_takes() -> None:
    """kern.maxthread is 2620, of which the kernel needs some."""
    many = TEXT.replace("count = 5", "count = 700")
    with pytest.raises(ScenarioError) as caught:
        build(scenario(many), "reaper")
    complaint = "t: sysctl.kern.maxthread: is 2620; the scenario and the kernel begin with 2809"
    assert str(caught.value).startswith(complaint)
    few = TEXT + '[sysctl]\n"kern.maxthread" = '
    with pytest.raises(ScenarioError, match=r"kern.maxthread: is 28; .* 29 threads"):
        build(scenario(few + "28"), "reaper")
    build(scenario(few + "29"), "reaper")


def test_more_processes_than_the_kernel_takes() -> None:
    few = TEXT.replace("[expect]", '[sysctl]\n"kern.maxproc" = 9\n[expect]')
    with pytest.raises(ScenarioError, match=r"sysctl.kern.maxproc: is 9; the scenario"):
        build(scenario(few), "reaper")


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_limit_that_a_program_runs_into(kernel: str) -> None:
    """The last fork() fails: EAGAIN, as if there were no room for a thread more."""
    text = """\
title = "t"
description = "d"
kernels = ["reaper"]
cpus = 1

[sysctl]
"kern.maxthread" = {limit}

[[process]]
name = "sh"
waits = true

[[process.thread]]
program = [["fork", [["pause"]]], ["fork", [["pause"]]], ["pause"]]

[expect]
returns = [
  {{ by = "sh", call = "fork" }},
  {{ by = "sh", call = "fork", error = "EAGAIN" }},
]
"""
    kernel_threads = 3 + (kernel in ("reaper", "purge-2025-08"))
    text = text.format(limit=kernel_threads + 2).replace('"reaper"', f'"{kernel}"')
    built = build(scenario(text), kernel)
    assert Play(built, built.scenario.run).end().unmet == ()
