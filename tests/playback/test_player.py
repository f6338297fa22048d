"""Forward, back, away and home: the lesson stands where it stood, whatever was done between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.errors import ExittuiError, UsageError
from exittui.playback.checking import run_through
from exittui.playback.failure import ScriptFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.playback.player import Player


def state(player: Player) -> tuple[Any, ...]:
    machine = player.session.machine
    return machine.fingerprint(), machine.position, str(machine.schedule()), player.session.focus


def states(player: Player) -> list[tuple[Any, ...]]:
    """What every moment of a script finds."""
    found = []
    while player.forward():
        found.append(state(player))
    return found


def test_two_players_find_the_same(make: Callable[..., Player]) -> None:
    from tests.playback.conftest import SCRIPT

    assert states(make(SCRIPT)) == states(make(SCRIPT))


def test_back_and_forward_again_find_the_same(player: Player) -> None:
    found = states(player)
    assert len(found) == 4
    for expected in reversed(found[:-1]):
        assert player.back()
        assert state(player) == expected
    assert not player.back()
    for expected in found[1:]:
        player.forward()
        assert state(player) == expected


@pytest.mark.parametrize(
    "lines",
    [
        ["step", "step"],
        ["run"],
        ["cpu 1", "restart", "goto 100%"],
        ["back", "back", "pick 0", "step 30"],
        ["branch mine", "continue"],
        ["restart", "step 3", "branch other", "run"],
        ["tbreak reaper", "break exit1", "continue", "set dialect gdb"],
        ["restart", "branch a", "step", "branch b", "step", "switch a"],
    ],
)
def test_what_a_person_does_changes_nothing(
    make: Callable[..., Player], player: Player, lines: list[str]
) -> None:
    from tests.playback.conftest import SCRIPT

    expected = states(make(SCRIPT))
    for one in expected:
        player.forward()
        assert state(player) == one
        for line in lines:
            try:
                player.session.run_line(line)
            except ExittuiError:
                continue  # the run has ended here, or there is no past
        player.come_back()
        assert state(player) == one
        assert not player.away


def test_what_a_person_did_stays_as_a_branch(player: Player) -> None:
    player.forward()
    player.session.run_line("run")
    gone = player.session.machine.position
    assert player.away
    player.forward()
    assert any(len(player.session.branches.line(one)) >= gone for one in player.session.branches)


def test_breakpoints_of_the_person_neither_stop_the_script_nor_are_lost(player: Player) -> None:
    player.session.run_line("break mi_syscall")
    player.forward()
    player.forward()
    assert player.session.machine.next_statement(0).function == "exit1"
    (kept,) = player.session.breakpoints
    assert kept.enabled


def test_replay_makes_the_moves_of_a_moment_once_more(player: Player) -> None:
    player.forward()
    player.forward()
    there = state(player)
    player.replay()
    assert player.session.machine.position == 0
    player.forward()
    assert state(player) == there


def test_a_chapter_is_gone_to_in_both_directions(player: Player) -> None:
    assert [title for title, _ in player.chapters] == ["One", "Two"]
    player.chapter(2)
    assert player.moment is not None
    assert player.moment.cue.say == "Dead."
    player.chapter(1)
    assert player.moment.cue.say == "Look."


def test_only_the_first_answer_counts(player: Player) -> None:
    player.forward()
    player.forward()
    asked = player.question
    assert asked is not None
    assert (asked.choices, asked.answer) == (("cpu0", "cpu1", "nobody"), "cpu0")
    assert asked.reason.startswith("Step ")
    assert "__mp_lock()" in asked.reason
    assert player.open == "answer"
    assert not player.answer(1)
    assert player.answer(0)
    assert (player.score.right, player.score.asked) == (0, 1)
    assert player.open is None


def test_a_goal_is_judged_by_the_machine(player: Player) -> None:
    while player.forward():
        pass
    before = state(player)
    assert player.open == "goal"
    assert not player.judge()
    assert player.hint() == "Go on."
    assert player.hint() == "Press c."
    assert player.hint() == "There is no further hint."
    player.solve()
    assert player.judge()
    assert (player.score.goals, player.score.hints) == (1, 2)
    player.come_back()
    assert state(player) == before
    player.forward()
    assert player.score.finished


def test_a_goal_that_one_ran_past_is_told_with_its_step(player: Player) -> None:
    while player.forward():
        pass
    player.session.run_line("step")
    assert player.went_past() is None
    player.session.run_line("run")
    here = player.session.machine.position
    assert not player.judge()
    step = player.went_past()
    assert step is not None
    assert player.session.machine.position == here
    player.session.run_line(f"goto {step}")
    assert player.judge()


def test_run_through_says_what_there_was(player: Player) -> None:
    passed = run_through(player)
    assert (passed.moments, passed.assertions, passed.questions, passed.goals) == (4, 1, 1, 1)


FAILURES = {
    'do = ["tbreak nowhere"]': ("do", "'tbreak nowhere': no "),
    'do = ["save /tmp/x"]': ("do", "'save' is not for scripts; accepted: step"),
    'do = ["quit"]': ("do", "'quit' is not for scripts"),
    'assert = "cpu0.ci_intr == 0"': ("assert", "cpu0.ci_intr == 0 does not hold at step 0: "),
    'assert = "worker.ps_pdi == 1"': ("assert", "'ps_pdi'"),
    'show = ["worker.5"]': ("show", "worker"),
    'ask = "?"\nkind = "owner"\nof = "worker"': ("of", "a process"),
    'ask = "?"\nkind = "value"\nof = "worker.ps_pid"\nchoices = ["1", "2"]': (
        "of",
        "the answer is '3000', which is not among the choices: '1', '2'",
    ),
    'ask = "?"\nkind = "next"\nof = "worker"': ("of", "'worker' is no struct cpu_info here"),
    'ask = "?"\nkind = "sleep"\nof = "worker.0"': ("of", "'worker.0' is no struct cpu_info here"),
    'goal = "?"\nuntil = "worker.ps_pid == 1"\nsolution = ["step"]': (
        "until",
        "the solution does not reach the goal",
    ),
}


@pytest.mark.parametrize("script", FAILURES)
def test_what_does_not_come_true_is_told_by_cue_and_key(
    make: Callable[..., Player], script: str
) -> None:
    key, words = FAILURES[script]
    player = make(f'[[script]]\nsay = "first"\n[[script]]\n{script}\n[[script]]\nsay = "last"\n')
    with pytest.raises(ScriptFailed) as caught:
        run_through(player)
    assert (caught.value.cue, caught.value.key) == (1, key)
    assert words in caught.value.problem
    assert caught.value.exit_code == 14


def test_a_failure_leaves_the_lesson_where_it_was(make: Callable[..., Player]) -> None:
    player = make(
        '[[script]]\nsay = "first"\n[[script]]\ndo = ["step 9"]\n'
        '[[script]]\nassert = "false"\n[[script]]\nsay = "last"\n'
    )
    player.forward()
    with pytest.raises(ScriptFailed):
        player.forward()
    assert player.at == 0
    assert player.session.machine.position == 0


def test_the_kinds_of_questions(make: Callable[..., Player]) -> None:
    """Each is answered from the machine, the same before and after anything that is run ahead."""
    player = make("""
[[script]]
do = ["seek dead worker.0"]

[[script]]
ask = "sleep?"
kind = "sleep"
of = "cpu0"

[[script]]
ask = "list?"
kind = "list"
of = "worker"

[[script]]
ask = "queue?"
kind = "list"
of = "sh.0"

[[script]]
ask = "next?"
kind = "next"
of = "cpu0"

[[script]]
ask = "ahead?"
kind = "list"
of = "worker"
after = ["seek free worker.0.p_addr"]
""")
    answers = []
    while player.forward():
        assert player.question is not None
        answers.append(player.question.answer)
        at = player.session.machine.position
        assert player.session.machine.recorded == at
    assert answers == [
        "it must not sleep",
        "allprocess",
        "a sleep queue",
        "idle0",
        "zombprocess",
    ]


def test_a_thread_is_on_the_queue_that_it_is_linked_into(make: Callable[..., Player]) -> None:
    """wakeup() makes it runnable some steps before it puts it on a run queue."""
    ask = '[[script]]\nask = "queue?"\nkind = "list"\nof = "sh.0"\n'
    player = make(
        '[[script]]\ndo = ["seek wakeup sh.0"]\n[[script]]\nassert = "sh.0.p_stat == SRUN"\n'
        + ask
        + '[[script]]\ndo = ["seek change sh.0.p_runq"]\n'
        + ask
    )
    answers = []
    while player.forward():
        assert player.question is not None
        answers.append(player.question.answer)
    assert answers == ["none of them", "a run queue"]
    assert player.question is not None
    assert "in setrunqueue(): TAILQ_INSERT_TAIL(" in player.question.reason


def test_a_script_cannot_be_read_from_a_line_nobody_knows() -> None:
    from exittui.playback.moving import order

    with pytest.raises(UsageError, match="no command 'stap'; did you mean 'step'"):
        order("stap")
