"""The reason of an answer is the step that made it so, in every lesson and demo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from exittui.kernel.sys.proc import SDEAD
from exittui.machine import walk
from exittui.machine.queue import TAILQ_HEAD
from exittui.playback.budget import Budget
from exittui.playback.moving import perform
from exittui.playback.reasons import LOOKED_BACK, NEVER, compared, why
from exittui.scenario.library import lessons
from exittui.scenario.script import MEASURED
from tests.playback.conftest import player_of
from tests.tui.test_lesson import player_of as player_of_lesson

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.playback.player import Player
    from exittui.scenario.script import Cue
    from exittui.session.session import Session

FROM_THE_START = {
    ("diff-count", "worker.ps_threadcnt"): "with the diff a dead thread stays counted",
    ("diff-exit", "worker.ps_threadcnt"): "as above",
    ("diff-kqueue", "held(kqueue_ps_list_lock)"): "nobody has taken it",
    ("diff-together", "nthreads"): "no thread was made or freed",
    ("diff-uvm", "cpu0.ci_curproc.p_p == worker"): "no switch, and a thread keeps its process",
    ("diff-uvm", "cpu0.ci_cr3 == worker.ps_vmspace.vm_map.pmap"): "no switch yet",
    ("kernel-lock", "kernel_lock"): "nobody has taken it, all run user mode",
    ("landed", "exists(worker.ps_vmspace)"): "nobody has freed it",
    ("landed", "cpu0.ci_cr3 == worker.ps_vmspace.vm_map.pmap"): "no switch yet",
    ("mutex", "worker.ps_mtx"): "nobody has taken it",
    ("page-table", "cpu0.ci_cr3 == worker.ps_vmspace.vm_map.pmap"): "the run begins like this",
    ("page-table", "cpu0.ci_proc_pmap == cpu0.ci_cr3"): "the run begins like this",
    ("page-table", "exists(worker.ps_vmspace)"): "nobody has freed it",
    ("process", "worker.ps_pid"): "a pid never changes",
    ("process", "worker.ps_threadcnt"): "the run begins like this",
    ("process", "cpu0.ci_curproc"): "no switch yet",
    ("process", "worker"): "it has not left the list it began on",
    ("process", "PS_EXITING in worker.ps_flags"): "the flag is not set yet",
    ("reaper", "worker.0"): "it has been on the CPU, and on no queue",
    ("reaper", "exists(worker.0.p_addr)"): "nobody has freed it",
    ("rip-the-reaper", "exists(worker.0.p_addr)"): "nobody has freed it",
    ("single-threading", "worker.ps_threadcnt"): "the run begins like this",
    ("single-threading", "PS_EXITING in worker.ps_flags"): "the flag is not set yet",
    ("sleep", "sh.0.p_stat"): "the run begins like this",
    ("switch", "cpu0.ci_curproc"): "the run begins like this",
    ("whose-stack", "cpu1.ci_curproc"): "no switch on cpu1 yet",
    ("whose-stack", "running(worker.0)"): "no switch on cpu1 yet",
    ("zombie", "PS_ZOMBIE in worker.ps_flags"): "the flag is not set yet",
}
"""Questions whose answer no step has made, by what they are about: it was so from the start."""


_LISTS = ("allprocess", "zombprocess")


def decided(session: Session, cue: Cue) -> Callable[[], Any]:
    """What decides the answer of a question, where the machine stands, found another way."""
    machine, of, compiled = session.machine, str(cue.of), session.asking.compile
    asked = compiled(f"owner({of})" if cue.kind == "owner" else of)
    reaped = cue.kind == "list" and of.endswith(".0") and "deadproc" in machine.globals
    dead = compiled(f"{of} in deadproc") if reaped else None

    def now() -> Any:
        value = asked(machine)
        if cue.kind == "sleep":
            p = value.ci_curproc
            idle = p is value.ci_schedstate.spc_idleproc
            return p.p_stat == SDEAD, value.ci_mutex_level > 0, idle
        if cue.kind != "list":
            return repr(value) if type(value).__name__ == "Absent" else value
        if of.endswith(".0"):
            return dead is not None and dead(machine), kind_of_queue(value)
        return [value in walk(machine.globals[one], "ps_list") for one in _LISTS]

    return now


def kind_of_queue(thread: Any) -> str:
    """The struct that has the queue which a thread is linked into, found from link to link."""
    while thread is not None and not isinstance(thread, TAILQ_HEAD):
        thread = thread.p_runq and thread.p_runq[0]
    return type(thread and thread.embedded_in).__name__


def history(player: Player, cue: Cue) -> list[Any]:
    """What decides the answer at each position, up to where it is asked; all is as before."""
    session, machine = player.session, player.session.machine
    here = machine.position
    if cue.after is not None:
        perform(session, cue.after, Budget())
    found, now = [], decided(session, cue)
    for position in range(machine.position + 1):
        machine.goto(position)
        found.append(now())
    machine.goto(here)
    machine.forget_future()
    if cue.kind == "sleep":
        forbidding = [at for at, one in enumerate(found[-1]) if one][:1] or range(3)
        return [any(one[at] for at in forbidding) for one in found]
    return found


@pytest.mark.parametrize("name", lessons())
def test_every_wrong_answer_gets_the_step_that_made_it_so(name: str) -> None:
    player = player_of_lesson(name)
    seen = set()
    while player.forward():
        moment, asked = player.moment, player.question
        if moment is None or asked is None:
            continue
        cue, reason = moment.cue, asked.reason
        of = (name, str(cue.of))
        if cue.kind in MEASURED:
            assert reason.startswith("Measured in virtual time: ")
        elif cue.kind == "next":
            step = int(re.findall(r"switches to it at step (\d+)", reason)[0])
            assert step > player.session.machine.position
        elif reason.startswith("The run ended"):
            step = int(re.findall(r"The run ended with step (\d+), \w+: ", reason)[0])
            assert step == len(history(player, cue)) - 1
        elif NEVER in reason:
            found = history(player, cue)
            assert all(one == found[-1] for one in found), of
            assert of in FROM_THE_START
            seen.add(of)
        else:
            step = int(re.findall(r"Step (\d+) made it so\. cpu\d", reason)[0])
            found = history(player, cue)
            assert found[step - 1] != found[step], of
            assert all(one == found[-1] for one in found[step:]), of
    assert seen == {of for of in FROM_THE_START if of[0] == name}


def told(text: str, *moves: str) -> str:
    player = player_of("")
    perform(player.session, moves, Budget())
    return why(player.session, text, Budget())


def test_of_a_comparison_the_fields_are_told_with_their_writers() -> None:
    reason = told("cpu0.ci_proc_pmap == cpu0.ci_cr3", "seek switch", "seek change cpu0.ci_curpcb")
    assert reason.startswith("Step ")
    assert "cpu0.ci_cr3 is " in told("cpu0.ci_cr3 != cpu0.ci_proc_pmap", "seek switch", "step 30")
    flags = told("PS_ZOMBIE in worker.ps_flags", "seek dead worker.0")
    assert flags.startswith(f"{NEVER} worker.ps_flags is 0x8 <EXITING> since step ")
    assert flags.endswith(", exit1() on cpu0.")


def test_the_fields_of_a_comparison_are_those_that_one_can_look_up() -> None:
    assert compared("cpu0.ci_cr3 == worker.ps_vmspace.vm_map.pmap") == [
        "cpu0.ci_cr3",
        "worker.ps_vmspace.vm_map.pmap",
    ]
    assert compared("PS_EXITING in worker.ps_flags") == ["worker.ps_flags"]
    assert compared("exists(worker.ps_vmspace)") == []
    assert compared("nthreads == 3") == []


def test_where_a_cpu_has_come_to_is_told_by_the_call() -> None:
    reason = told('at(cpu0, "exit1")', "tbreak exit1", "continue")
    assert re.fullmatch(r"Step \d+ made it so\. cpu0 \(worker\) in sys_exit\(\): exit1\(.*", reason)


def test_what_was_always_so_is_not_put_down_to_a_write_beside_it() -> None:
    moves = ("seek change worker.ps_flags", "seek change worker.ps_flags")
    assert told("running(init.0)", "seek switch") == NEVER
    assert NEVER in told("0x40 in worker.ps_flags", *moves[:1])


def test_one_looks_back_only_so_far_and_the_machine_is_where_it_was() -> None:
    player = player_of("")
    session = player.session
    perform(session, ("run",), Budget())
    here = session.machine.position
    assert why(session, "step", Budget()).startswith(f"Step {here} made it so.")
    assert session.machine.position == here
    budget = Budget()
    reason = why(session, 'at(init.0, "dowait6")', budget)
    assert reason in (NEVER, f"It has been so for more than {LOOKED_BACK} steps.")
    assert budget.left < Budget().left
