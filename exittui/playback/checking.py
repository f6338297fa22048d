"""A script without anybody who watches: whether everything in it is as it says.

`faults` looks for what cannot be read: commands that are none, names that the kernel does not
have. `run_through` plays it from beginning to end, answers every question, carries out the
solution of every goal, and stops at the first thing that does not come true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from exittui.errors import ExittuiError
from exittui.playback.failure import ScriptFailed
from exittui.playback.moving import order
from exittui.scenario.fault import Fault
from exittui.scenario.play import ending
from exittui.scenario.script import MEASURED
from exittui.scenario.script_check import PANES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.playback.player import Player
    from exittui.scenario.expression import Names
    from exittui.scenario.script import Cue


@frozen
class Passed:
    """What a script that came true to its end had in it."""

    moments: int
    chapters: int
    assertions: int
    questions: int
    goals: int
    steps: int


def run_through(player: Player) -> Passed:
    """Play all of it; raises ScriptFailed for the first failure."""
    questions = goals = 0
    while player.forward():
        asked = player.question
        if asked is not None:
            questions += 1
            player.answer(asked.right)
        moment = player.moment
        if moment is not None and moment.cue.goal is not None:
            goals += 1
            player.solve()
            if not player.judge():
                key = "until" if moment.cue.until is not None else "result"
                raise ScriptFailed(
                    "the solution does not reach the goal", cue=moment.number, key=key
                )
            player.come_back()
    _expected(player)
    cues = [cue for moment in player.moments for _, cue in moment.cues]
    return Passed(
        moments=len(player.moments),
        chapters=len(player.chapters),
        assertions=sum(cue.assert_ is not None or cue.least is not None for cue in cues),
        questions=questions,
        goals=goals,
        steps=player.session.machine.position,
    )


def _expected(player: Player) -> None:
    """A script that ends where the run does has to end as its scenario expects."""
    session = player.session
    if player.moment is None or session.ended() is None:
        return
    missing = ending(session.built).unmet
    if missing:
        raise ScriptFailed(
            f"the run does not end as expected: {missing[0]}", cue=player.moment.number
        )


def faults(script: tuple[Cue, ...], names: Names) -> Iterator[Fault]:
    """What no player could read, in the order of the script; nothing is played."""
    from exittui.scenario.expression import compile as compiled  # noqa: PLC0415 - when asked

    for number, cue in enumerate(script):
        path = ("script", number)
        for key in ("do", "after", "solution"):
            for index, line in enumerate(getattr(cue, key) or ()):
                try:
                    order(line)
                except ExittuiError as error:
                    yield Fault((*path, key, index), error.message)
        of = None if cue.kind in MEASURED else cue.of
        places = [("of", of), ("assert", cue.assert_), ("until", cue.until)]
        for key, text in places:
            if text is not None:
                try:
                    compiled(f"owner({text})" if cue.kind == "owner" else text, names)
                except ExittuiError as error:
                    yield Fault((*path, key), error.message)
        for index, text in enumerate(cue.show or ()):
            if text not in PANES:
                try:
                    compiled(text, names)
                except ExittuiError as error:
                    yield Fault((*path, "show", index), error.message)
