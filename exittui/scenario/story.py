"""A schedule told in sentences: one for each time another CPU goes on.

Each says who ran from where to where, and what of it matters to others: threads that fell asleep,
were woken, died, were switched; what was freed; who became a zombie. The last says what went wrong.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import PS_EXITING, PS_ZOMBIE, SDEAD, SRUN, SSLEEP, SSTOP
from exittui.machine import FREED, describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine, StepRecord, Write

_TOLD: Final = frozenset(
    {"proc", "process", "user", "pmap", "vmspace", "filedesc", "knote", "kqueue"}
)
_MOST: Final = 6
_STATES: Final = {SDEAD: "dies (SDEAD)", SSTOP: "is stopped"}


def story(machine: Machine) -> list[str]:
    """The sentences for the run up to where the machine stands."""
    records = [machine.record(index) for index in range(machine.position)]
    choices = list(machine.schedule().picks)
    told = []
    first = 0
    for choice, group in itertools.groupby(choices):
        last = first + len(list(group))
        told.append(_sentence(machine, choice, records[first:last], first))
        first = last
    if machine.result is not None:
        told[-1] += f" That is the {machine.result.kind}: {machine.result.message}."
    return told


def _sentence(machine: Machine, choice: int, records: list[StepRecord], first: int) -> str:
    begin, end = records[0], records[-1]
    steps = (
        f"step {first + 1}" if len(records) == 1 else f"steps {first + 1}-{first + len(records)}"
    )
    if begin.statement.kind == "interrupt":
        who = machine.choice(choice)
        return f"{steps}: {who} arrives."
    where = f"in {begin.statement.function}()"
    if begin.statement.function != end.statement.function:
        where = f"from {begin.statement.function}() to {end.statement.function}()"
    events = list(dict.fromkeys(_events(machine, records)))
    if len(events) > _MOST:
        events = [*events[: _MOST - 2], "…", *events[-2:]]
    what = f": {', '.join(events)}" if events else ""
    thread = _thread(machine, begin)
    file = end.statement.upstream or end.statement.file
    return (
        f"{steps}: cpu{begin.cpu}{f' ({thread})' if thread else ''} runs {where}{what}; "
        f"last: {' '.join(end.statement.text.split())} ({file})."
    )


def _thread(machine: Machine, record: StepRecord) -> str:
    """Whose stack a step ran on."""
    if record.area is None:
        return ""
    return describe(machine.memory, record.area).removeprefix("u-area of ")


def _events(machine: Machine, records: list[StepRecord]) -> Iterator[str]:
    for record in records:
        for write in record.writes:
            told = _event(machine, write)
            if told:
                yield told


def _event(machine: Machine, write: Write) -> str:
    kind = type(write.target).__name__
    name = "" if write.target is None else describe(machine.memory, write.target)
    match write.field:
        case "ci_curproc" if write.new is not write.old:
            return f"switches to {describe(machine.memory, write.new)}"
        case "p_stat":
            return _state(name, write.old, write.new)
        case "ps_flags":
            new = (write.new or 0) & ~(write.old or 0)
            if new & PS_ZOMBIE:
                return f"{name} is a zombie"
            if new & PS_EXITING:
                return f"{name} is exiting"
        case "(freed)" if write.field == FREED and kind in _TOLD:
            return f"frees {name}"
    return ""


def _state(name: str, old: Any, new: Any) -> str:
    if new == SSLEEP and old != SSTOP:
        return f"{name} goes to sleep"
    if new == SRUN and old in (SSLEEP, SSTOP):
        return f"{name} is woken"
    said = _STATES.get(new, "")
    return f"{name} {said}" if said else ""
