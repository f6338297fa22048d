"""A run as lines of text, one format a function; each makes the run while it tells it.

* `text`: one line a step for people, then how it ended.
* `jsonl`: one JSON object a step, then one for the end. Keys stand in a fixed order, and all
  bytes are ASCII, so that the same run gives the same bytes.
* `summary`: how it ended, and nothing of how it got there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from exittui.export.records import Change, Plain, Step, steps
from exittui.machine.history import ALLOCATED, FREED
from exittui.session.naming import P_FLAGS, PS_FLAGS, STATES, flags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from exittui.scenario.play import End, Play
    from exittui.session.counterpart import Counterpart, Counterparts

_BITS: Final = {"p_flag": P_FLAGS, "ps_flags": PS_FLAGS}
_BELOW: Final = " " * 46
"""What stands before the text of a step's statement."""


def text(play: Play, beside: Counterparts | None = None) -> Iterator[str]:
    """One line a step for people, then how it ended.

    With a source tree `beside` the model, the real kernel's statement is in a line below.
    """
    for step in steps(play):
        changes = ", ".join(map(_changed, step.writes))
        line = (
            f"{step.step:>6} cpu{step.cpu} {step.thread:<12} {step.function:<20} "
            f"{step.text:<52} {changes}"
        )
        yield line.rstrip()
        if beside is not None:
            yield from _real(beside.of(play.machine.record(step.step - 1).statement))
    yield ""
    yield from _ending(play)


def _changed(change: Change) -> str:
    """What a step has written, in words."""
    if change.field in (ALLOCATED, FREED):
        return f"{change.object} {change.field.strip('()')}"
    old, new = _word(change.field, change.old), _word(change.field, change.new)
    return f"{change.object}.{change.field} {old}→{new}"


def _real(real: Counterpart | None) -> Iterator[str]:
    """The line of the real kernel, where the text of the model's stands; or why there is none."""
    if real is not None:
        yield f"{_BELOW}{real.text}  {real.place}" if real.found else f"{_BELOW}({real.text})"


def jsonl(play: Play) -> Iterator[str]:
    """One JSON object a step, then one for the end."""
    for step in steps(play):
        yield json.dumps(_step(step), separators=(",", ":"))
    yield json.dumps(_end(play, play.end()), separators=(",", ":"))


def summary(play: Play) -> Iterator[str]:
    """How it ended, and nothing of how it got there."""
    yield from _ending(play)


def _step(step: Step) -> dict[str, Any]:
    return {
        "step": step.step,
        "cpu": step.cpu,
        "pid": step.pid,
        "tid": step.tid,
        "thread": step.thread,
        "function": step.function,
        "file": step.file,
        "line": step.line,
        "text": step.text,
        "stack": step.stack,
        "writes": [
            {"object": one.object, "field": one.field, "old": one.old, "new": one.new}
            for one in step.writes
        ],
    }


def _end(play: Play, end: End) -> dict[str, Any]:
    built = play.built
    return {
        "result": end.result,
        "message": end.message,
        "steps": end.steps,
        "context_switches": end.switches,
        "scenario": built.scenario.name,
        "kernel": built.kernel,
        "without": built.without,
        "unmet": end.unmet,
        "schedule": end.schedule,
    }


def _ending(play: Play) -> Iterator[str]:
    """The end of a run for people."""
    end = play.end()
    built = play.built
    without = "".join(f" without {hunk}" for hunk in built.without)
    yield f"scenario  {built.scenario.name}: {built.scenario.title}"
    yield f"kernel    {built.kernel}{without}"
    yield f"result    {end.result}: {end.message}"
    yield f"steps     {end.steps}, with {end.switches} context switches"
    for sentence in end.unmet:
        yield f"expected  {sentence}"
    yield f"schedule  {end.schedule}"


def _word(field: str, value: Plain) -> str:
    """A value for people: flags and states by their names."""
    if value is None:
        return "NULL"
    if field in _BITS and isinstance(value, int):
        return flags(value, _BITS[field]) or "0"
    if field == "p_stat" and isinstance(value, int):
        return STATES.get(value, str(value))
    return str(value)


FORMATS: Final[Mapping[str, Callable[[Play], Iterator[str]]]] = {
    "text": text,
    "jsonl": jsonl,
    "summary": summary,
}
