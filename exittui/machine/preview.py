"""What a step would do: it is made, looked at and taken back, and nothing is forgotten for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.machine.memory import NEXT_NUMBER

if TYPE_CHECKING:
    from exittui.machine.history import StepRecord
    from exittui.machine.machine import Machine
    from exittui.machine.result import Result


def preview(machine: Machine, choice: int) -> tuple[StepRecord, Result | None]:
    """The record of the step that a choice would make here, and the result it would stop with.

    Raises ScheduleError if it cannot go on. The undone future stays, as do the structs made in it:
    what this step makes are others, though they have the same numbers.
    """
    position = machine.position
    marks, picks = machine._marks[position:], machine._picks[position:]  # noqa: SLF001
    end, undone = machine.end, machine._undone  # noqa: SLF001
    future = machine._journal[end:]  # noqa: SLF001
    made, first = machine.memory.made, machine.memory.variables[NEXT_NUMBER]
    del machine._marks[position:], machine._picks[position:]  # noqa: SLF001
    del machine._journal[end:]  # noqa: SLF001
    machine._undone = 0  # noqa: SLF001
    hidden: dict[int, Any] = {}
    shells = machine.memory.hide_shells({})
    try:
        while first + len(hidden) in made:
            hidden[first + len(hidden)] = made[first + len(hidden)]
        machine.step(choice)
        found = machine.history.latest(), machine.result
        machine.undo()
    finally:
        del machine._marks[position:], machine._picks[position:]  # noqa: SLF001
        machine._marks.extend(marks)  # noqa: SLF001
        machine._picks.extend(picks)  # noqa: SLF001
        machine._journal[end:] = future  # noqa: SLF001
        machine._undone = undone  # noqa: SLF001
        made.update(hidden)
        machine.memory.hide_shells(shells)
    return found
