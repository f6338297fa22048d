"""The steps of a run as plain data: numbers, text and lists, and nothing of the machine.

A `Step` is taken when its step has just been made: struct names are those of that moment, and
reading the journal at its end costs the same however long the run is.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING

from attrs import frozen

from exittui.machine import describe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from exittui.machine import Machine
    from exittui.scenario.play import Play

Plain = None | bool | int | str
"""What a value is outside of the machine: structs are their names."""


@frozen
class Change:
    """One value that a step changed: of which object or variable, and from what to what."""

    object: str
    field: str
    old: Plain
    new: Plain


@frozen
class Step:
    """One step of a run. `step` counts from 1; `pid`, `tid` and `thread` are who made it."""

    step: int
    cpu: int
    pid: int
    tid: int
    thread: str
    function: str
    file: str
    line: int
    text: str
    stack: tuple[str, ...]
    writes: tuple[Change, ...]


def steps(play: Play) -> Iterator[Step]:
    """Make the steps of a run, and tell each."""
    machine = play.machine
    threads = [_thread(machine, cpu) for cpu in range(machine.ncpu)]
    for index in play.steps():
        record = machine.record(index)
        pid, tid, thread = threads[record.cpu]
        threads[record.cpu] = _thread(machine, record.cpu)
        statement = record.statement
        yield Step(
            step=index + 1,
            cpu=record.cpu,
            pid=pid,
            tid=tid,
            thread=thread,
            function=statement.function,
            file=statement.upstream,
            line=statement.line,
            text=statement.text,
            stack=record.stack,
            writes=tuple(
                Change(
                    write.name,
                    write.field,
                    plain(machine, write.old),
                    plain(machine, write.new),
                )
                for write in record.writes
            ),
        )


def plain(machine: Machine, value: Any) -> Plain:
    """A value without the machine: what is not a number or text is named."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, FunctionType):
        return value.__name__
    return describe(machine.memory, value)


def _thread(machine: Machine, cpu: int) -> tuple[int, int, str]:
    """The pid, tid and name of the thread that a CPU runs; it or its process may be gone."""
    memory, thread = machine.memory, machine.infos[cpu].ci_curproc
    fields = memory.fields(thread)
    return memory.fields(fields["p_p"])["ps_pid"], fields["p_tid"], describe(memory, thread)
