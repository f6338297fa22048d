"""The five ways a run ends, and the words for each."""

from __future__ import annotations

import pytest

from exittui.errors import ScenarioError
from exittui.scenario.build import Built, build
from exittui.scenario.library import find
from exittui.scenario.load import parse
from exittui.scenario.model import Run
from exittui.scenario.play import End, Play

HEAD = 'title = "t"\ndescription = "d"\nkernels = ["reaper"]\n'
WAITING_FOR_EACH_OTHER = """
[[process]]
name = "father"
[[process.thread]]
program = [["wait4", "son"], ["exit", 0]]
[[process]]
name = "son"
parent = "father"
[[process.thread]]
program = [["kevent_add", "father", "NOTE_EXIT"], ["kevent_read"], ["exit", 0]]
"""


def end(text: str, run: Run | None = None) -> End:
    """How a scenario with this text ends."""
    return Play(build(parse(HEAD + text, name="x", file="x"), "reaper"), run or Run()).end()


def test_done_when_every_program_has_ended_or_may_wait() -> None:
    found = end(
        '[[process]]\nname = "w"\nwaits = true\n[[process.thread]]\nprogram = [["pause"]]\n'
    )
    assert (found.result, found.message) == ("done", "every program has ended")


def test_deadlock_says_who_waits_for_what() -> None:
    """The father waits for the son to exit, and the son for the father."""
    found = end(WAITING_FOR_EACH_OTHER)
    assert found.result == "deadlock"
    assert found.message == (
        "son sleeps on 'kqread', for an event on its kqueue; "
        "father sleeps on 'wait', for a child to exit (son)"
    )


def test_deadlock_says_who_spins_and_who_holds_the_lock() -> None:
    """No kernel gets there: the lock is given away before the run begins."""
    built = build(find("single-exit"), "reaper")
    machine = built.machine
    machine.poke(machine.globals["sched_lock"], "mtx_owner", machine.globals["process0"])
    found = Play(built, Run()).end()
    assert found.result == "deadlock"
    assert found.message == "cpu0 (worker) spins for sched_lock, held by process0"


def test_a_deadlock_of_many_is_told_in_part() -> None:
    thread = '[[process.thread]]\nprogram = [["pause"]]\n'
    found = end('[[process]]\nname = "w"\n' + thread * 10)
    assert found.message.count("sleeps on 'sigsusp', for a signal") == 8
    assert found.message.endswith("; and 2 more")


def test_a_deadlock_that_may_be() -> None:
    patient = WAITING_FOR_EACH_OTHER.replace('"father"\n', '"father"\nwaits = true\n', 1)
    patient = patient.replace('"son"\np', '"son"\nwaits = true\np')
    assert end(patient).result == "done"


def test_limit_says_who_could_go_on() -> None:
    found = end(WAITING_FOR_EACH_OTHER, Run(max_steps=10))
    assert (found.result, found.steps) == ("limit", 10)
    assert found.message == "stopped after 10 steps; can go on: cpu0, cpu1"


def test_a_schedule_that_ends_early_is_a_limit_too() -> None:
    found = end(WAITING_FOR_EACH_OTHER, Run(chooser="scripted", schedule="0x4/1x6"))
    assert (found.result, found.message) == (
        "limit",
        "stopped after 10 steps; can go on: cpu0, cpu1",
    )


def without(hunk: str) -> Built:
    return build(find("single-exit"), "mpi-2025-05", (hunk,))


def test_panic() -> None:
    """Without its change to kqueue the diff's exit1() sleeps where a dead thread may not."""
    found = Play(without("kern/kern_event.c"), Run()).end()
    assert (found.result, found.message) == ("panic", "deads don't sleep")
    assert found.unmet[0] == 'result "done", not "panic"'


def test_violation() -> None:
    """Without its change to uvm_exit() a CPU frees the map that it runs on, and goes on to use it.

    The rules of the kernel tell the first, the machine the second.
    """
    found = Play(without("uvm/uvm_glue.c"), Run()).end()
    assert found.result == "violation"
    assert found.message.startswith("I2: pmap of worker is destroyed while cpu0 (worker)")
    found = Play(without("uvm/uvm_glue.c"), Run(rules=False)).end()
    assert found.result == "violation"
    assert found.message.startswith("use after free: vm_map of vmspace of worker, freed by cpu0")


def test_a_thread_that_cannot_start_asleep() -> None:
    text = (
        '[[process]]\nname = "w"\n[[process.thread]]\nprogram = [["exit", 0]]\nstart = "asleep"\n'
    )
    with pytest.raises(ScenarioError, match="process 'w' starts asleep, but its program does not"):
        end(text)


def test_time_that_is_lost_is_told() -> None:
    """I8: the ticks that a thread begins with are its parent's in the end."""
    scenario = find("single-exit")
    whole = build(scenario, "reaper")
    assert Play(whole, scenario.run).end().unmet == ()
    robbed = build(scenario, "reaper")
    first = robbed.machine.globals["allproc"].lh_first
    ticks = first.p_tu.tu_uticks
    robbed.machine.poke(first.p_tu, "tu_uticks", 0)
    assert Play(robbed, scenario.run).end().unmet == (
        f"I8: of {robbed.ticks} ticks that the threads ran, "
        f"{robbed.ticks - ticks} are accounted for",
    )


def test_pause_leaves_blocked_signals_blocked() -> None:
    """As pause(3), which is sigsuspend(2) with the mask that the thread has."""
    ended = end(
        """
[[process]]
name = "deaf"
waits = true
[[process.thread]]
program = [["sigprocmask", "SIG_BLOCK", "SIGTERM"], ["pause"]]
start = "asleep"
[[process]]
name = "killer"
[[process.thread]]
program = [["kill", "deaf", "SIGTERM"], ["exit", 0]]
[expect]
alive = ["init", "deaf"]
threads = 2
"""
    )
    assert (ended.result, ended.unmet) == ("done", ())
