"""A tour of a scenario that has no script: its situation, its exits one by one, and its end.

What the tour says is what the machine does: it is made by running the scenario once, and stops
where a thread enters exit1() or single_thread_set(), where one is dead, and where a parent takes a
child away.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import attrs

from exittui.errors import ExittuiError, UsageError
from exittui.playback.budget import MOST_WORK, Budget
from exittui.playback.moving import perform
from exittui.scenario.build import build
from exittui.scenario.copies import calls
from exittui.scenario.play import verdict
from exittui.scenario.script import Cue, Lesson
from exittui.scenario.script_check import MAX_CALLS, MAX_STEPS, MAX_THREADS
from exittui.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from exittui.scenario.model import Scenario

MINUTES: Final = 2
"""As long as a tour takes: about eight seconds for each of its moments."""

_MOST: Final = 12
_WIDTH: Final = 72
_FOR: Final = {
    "exit1()": "Every thread that ends goes through it, and the last one ends the process.",
    "single_thread_set()": "It asks the other threads of the process to stop.",
    "proc_finish_wait()": "A child has ended and was waited for: what is left of it is taken away.",
}
_STOPS: Final = (
    "tbreak exit1",
    "tbreak single_thread_set",
    "tbreak proc_finish_wait",
    "catch dead",
)


def about(scenario: Scenario) -> Lesson:
    """What a tour of a scenario teaches, and how long it takes; nothing is run."""
    return Lesson(
        group="reference", teaches=" ".join(scenario.description.split()), minutes=MINUTES
    )


def toured(scenario: Scenario, cache: Path | None = None, work: int = MOST_WORK) -> Scenario:
    """The scenario with a tour as its script; raises UsageError if it is too much to be watched.

    It is run to be made and run again to be played; `work` is for the second, less for the first.
    """
    threads = sum(
        process.count * sum(thread.count for thread in process.thread)
        for process in scenario.process
    )
    if threads > MAX_THREADS or sum(map(calls, scenario.process)) > MAX_CALLS or scenario.workload:
        name = scenario.name
        raise UsageError(f"{name} is too much to be watched; 'exittui run {name}' runs it")
    run = attrs.evolve(scenario.run, max_steps=min(scenario.run.max_steps, MAX_STEPS // 3))
    bounded = attrs.evolve(scenario, run=run)
    session = Session(build(bounded, bounded.kernels[0], cache=cache))
    budget = Budget.of(session.built, work * 2 // 3)
    return attrs.evolve(
        bounded, lesson=about(scenario), script=tuple(_cues(bounded, session, budget))
    )


def _cues(scenario: Scenario, session: Session, budget: Budget) -> Iterator[Cue]:
    yield Cue(chapter="The situation")
    yield Cue(show=("threads",))
    yield Cue(say=_wrapped(f"{scenario.title}. {scenario.description}"))
    yield Cue(chapter="What happens")
    for _ in range(_MOST):
        try:
            perform(session, (*_STOPS, "continue"), budget)
        except ExittuiError:
            break
        if session.ended() is not None or not session.mover.hits:
            break
        yield Cue(do=(*_STOPS, "continue"))
        yield Cue(show=("threads" if session.mover.hits[0].kind == "catchpoint" else "source",))
        yield Cue(say=_wrapped(_told(session.views.sentence().text)))
    yield Cue(chapter="The end")
    if session.ended() is None:
        perform(session, ("run",), budget)
    yield Cue(do=("run",))
    result, message = verdict(session.built)
    yield Cue(assert_=f'result == "{result}"')
    if result == "done":
        told = " ".join(["The run is done.", *_ending(scenario)])
    else:
        told = f"It ends in a {result}: {message}."
    yield Cue(say=_wrapped(told))


def _told(sentence: str) -> str:
    """The sentence, and what the function is for that it speaks of."""
    return " ".join([sentence, *(words for name, words in _FOR.items() if name in sentence)])


def _ending(scenario: Scenario) -> Iterator[str]:
    """What the scenario expects, which is judged at the end of a check."""
    for one in scenario.expect.exits or ():
        how = f"was ended by {one.signal}" if one.signal else f"exited with {one.status}"
        yield f"{one.by} learnt that {one.of} {how}."


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(" ".join(text.split()), _WIDTH, break_on_hyphens=False))
