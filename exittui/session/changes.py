"""What the last move changed: for each field, what it held before.

Taken from the journal's writes of the steps that the move passed, forwards or backwards. A move
over more steps than `MOST` is a journey to another place: only its last step is shown then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from exittui.machine import Machine, StepRecord, Write, struct

MOST: Final = 200
Key = tuple[int | str, str]


class Changes:
    """The writes between two positions of a machine, as before and after."""

    def __init__(self, machine: Machine, begin: int, end: int) -> None:
        """`begin` is where the move started, `end` where the machine stands now."""
        self.jump = abs(end - begin) > MOST
        if self.jump:
            begin = end - 1 if end > begin else end + 1
        self.records: tuple[StepRecord, ...] = ()
        """The steps passed, in the order of the move."""
        self._before: dict[Key, Any] = {}
        self.fields: set[str] = set()
        forward = begin < end
        steps = range(begin, end) if forward else range(begin - 1, end - 1, -1)
        records = []
        for index in steps:
            if not 0 <= index < machine.recorded:
                continue
            record = machine.record(index)
            records.append(record)
            for write in record.writes if forward else reversed(record.writes):
                self.fields.add(write.field)
                key = _key(write)
                if key not in self._before:
                    self._before[key] = write.old if forward else write.new
        self.records = tuple(records)

    def was(self, target: struct | None, field: str) -> tuple[bool, Any]:
        """Whether the field was written, and what it held before."""
        if target is None:
            key: Key = ("globals", field)
        else:
            key = (id(target), field)
        if key in self._before:
            return True, self._before[key]
        return False, None

    def was_local(self, function: str, name: str) -> tuple[bool, Any]:
        """The same of a variable of a function, whichever frame of it was written."""
        key: Key = (function, name)
        return (True, self._before[key]) if key in self._before else (False, None)


def _key(write: Write) -> Key:
    if write.target is None:
        return (write.name, write.field)
    return (id(write.target), write.field)
