"""The formats of a run: plain data, streamed, the same bytes for the same run."""

from __future__ import annotations

import json

import pytest

from exittui.export.formats import FORMATS
from exittui.export.records import Change, steps
from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.scenario.model import Run
from exittui.scenario.play import Play


def play(limit: int = 100_000) -> Play:
    return Play(build(find("single-exit"), "mpi-2025-05"), Run(max_steps=limit))


def test_a_step_as_plain_data() -> None:
    """What exit1() does first of all."""
    found = [step for step in steps(play()) if step.function == "exit1"]
    first = next(step for step in found if step.writes and step.writes[0].field == "p_flag")
    assert (first.cpu, first.pid, first.tid, first.thread) == (0, 3000, 3000, "worker")
    assert first.file == "kern/kern_exit.c"
    assert first.text == "p.p_flag |= P_WEXIT"
    assert first.stack[-3:] == ("mi_syscall", "sys_exit", "exit1")
    assert first.writes == (Change("worker", "p_flag", 0, 0x2000),)


def test_a_step_belongs_to_the_thread_that_began_it() -> None:
    """The step that makes another thread current is still one of the old thread."""
    found = [step for step in steps(play()) if any(w.field == "ci_curproc" for w in step.writes)]
    for step in found:
        (change,) = (write for write in step.writes if write.field == "ci_curproc")
        assert step.thread == change.old
        assert step.thread != change.new
    assert found[0].thread == "worker"


def test_locals_globals_and_lives_are_writes_too() -> None:
    writes = [write for step in steps(play()) for write in step.writes]
    assert Change("exit1", "lastthread", 0, 1) in writes
    assert any(write.object == "globals" and write.field == "nthreads" for write in writes)
    assert any(write.field == "(freed)" for write in writes)


@pytest.mark.parametrize("form", FORMATS)
def test_a_run_is_told_while_it_is_made(form: str) -> None:
    """A reader of the first line waits for one step, not for the run."""
    run = play()
    next(FORMATS[form](run))
    assert run.machine.position == (run.end().steps if form == "summary" else 1)


def test_text_has_flags_and_states_by_name() -> None:
    told = "\n".join(FORMATS["text"](play()))
    assert "worker.p_flag 0→WEXIT\n" in told
    assert "worker.p_stat SONPROC→SDEAD\n" in told


def test_jsonl_is_one_object_a_line_in_ascii() -> None:
    lines = list(FORMATS["jsonl"](play(50)))
    assert len(lines) == 51
    for line in lines:
        assert line.isascii()
        assert "\n" not in line
        json.loads(line)
    assert json.loads(lines[-1]) == {
        "result": "limit",
        "message": "stopped after 50 steps; can go on: cpu0",
        "steps": 50,
        "context_switches": 0,
        "scenario": "single-exit",
        "kernel": "mpi-2025-05",
        "without": [],
        "unmet": json.loads(lines[-1])["unmet"],
        "schedule": "0x50",
    }


def test_a_summary_for_people() -> None:
    lines = list(FORMATS["summary"](play()))
    assert lines[0] == (
        "scenario  single-exit: A process with one thread exits, and the shell collects it"
    )
    assert lines[1] == "kernel    mpi-2025-05"
    assert lines[2] == "result    done: every program has ended"
    assert lines[3].endswith("with 3 context switches")


UNDER = "0x514/1x324/0x816/1x323/0"
"""A schedule by which the parent frees a process whose last thread is on its way to the end."""


@pytest.mark.parametrize("form", FORMATS)
def test_a_thread_whose_process_is_gone_has_its_name(form: str) -> None:
    run = Play(build(find("thread-exit"), "mpi-2025-05"), Run(chooser="scripted", schedule=UNDER))
    told = list(FORMATS[form](run))
    assert run.machine.result is not None
    assert run.machine.result.message.startswith("runs on a freed stack")
    assert any("runs on a freed stack" in line for line in told)


def test_where_a_stack_was_freed_is_said_once() -> None:
    """The last step of a thread is the one that it could not make, in the function of that."""
    run = Play(build(find("thread-exit"), "mpi-2025-05"), Run(chooser="scripted", schedule=UNDER))
    last = list(steps(run))[-1]
    assert (last.pid, last.thread) == (3000, "worker")
    assert last.stack[-2:] == ("sched_toidle", last.function)
    assert last.function == "__mp_release_all"


def test_text_says_what_is_allocated_and_freed() -> None:
    told = "\n".join(FORMATS["text"](play()))
    assert "pmap of worker freed" in told
    assert " allocated, " in told
    assert "(freed)" not in told
