"""Reading the past of a machine from its journal, without going there.

The journal keeps old values, so what a write put there is the old value of the next write to the
same place, or what stands there now. Of steps that were undone it keeps the new values: what stood
there before is the new value of the last undone write to the same place, or what stands there now.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

import attrs

from exittui.machine.image import FIRST_SLOT, UNDERMINED
from exittui.machine.memory import NEXT_NUMBER
from exittui.machine.names import describe, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine.frames import Frame
    from exittui.machine.image import Statement
    from exittui.machine.lang import struct
    from exittui.machine.machine import Machine

_NEAR = 6000
"""So much of the journal's end is searched for what an entry put somewhere."""

_MUCH = 30_000
_SEARCHES = 6
"""So much of the journal may be left out of the index, for so many searches."""

ALLOCATED = "(allocated)"
FREED = "(freed)"


@attrs.frozen
class Write:
    """One value that a step changed.

    `target` is the struct written to, or None for a local variable (`name` is its function) and
    for a variable of the machine (`name` is "globals"). The fields ALLOCATED and FREED stand for
    the beginning and the end of a struct's life.
    """

    target: struct | None
    name: str
    field: str
    old: Any
    new: Any


@attrs.frozen
class StepRecord:
    """What one recorded step was: who executed which statement, where from, and what it wrote."""

    index: int
    cpu: int
    statement: Statement
    stack: tuple[str, ...]
    """Function names, outermost first."""
    area: struct | None
    """The stack it ran on."""
    writes: tuple[Write, ...]


class History:
    """The recorded steps of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._index: dict[tuple[int, Any], list[int]] = {}
        self._indexed = 0
        self._searches = 0
        self._places = array("Q")
        self._lists: list[list[int]] = []
        self.cuts = array("Q")
        """The positions after which the future was dropped, one for each time that it was."""

    def forget(self) -> None:
        """The journal was cut where the machine stands: the index loses what was cut off."""
        machine = self._machine
        self._searches = 0
        self.cuts.append(len(machine._marks))  # noqa: SLF001 - the machine's own reader
        self._indexed = min(self._indexed, len(machine._journal))  # noqa: SLF001
        keep = bisect_left(self._places, self._indexed)
        for found in self._lists[keep:]:
            found.pop()
        del self._lists[keep:]
        del self._places[keep:]

    def forget_all(self) -> None:
        """The journal was cut and went on, perhaps more than once: the index is begun again."""
        self._indexed = 0
        self.forget()

    def record(self, index: int) -> StepRecord:
        """What step `index` was; any recorded step, undone or not."""
        return self._told(index, self._entries(index, self._after_field))

    def latest(self) -> StepRecord:
        """The step that was just made, told from the journal's end without the index."""
        index = self._machine.position - 1
        return self._told(index, self._entries(index, self._after_by_search))

    def _told(self, index: int, entries: list[tuple[Any, Any, Any, Any]]) -> StepRecord:
        statement, stack, area = self._stood(entries)
        return StepRecord(
            index=index,
            cpu=self.cpu(index),
            statement=statement,
            stack=stack,
            area=area,
            writes=tuple(self._writes(entries)),
        )

    def _stood(
        self, entries: list[tuple[Any, Any, Any, Any]]
    ) -> tuple[Statement, tuple[str, ...], struct | None]:
        """The statement of a step with these entries, its functions, outermost first, its stack."""
        machine = self._machine
        frame: Frame = entries[0][0]
        statement = machine.image.statements[entries[0][2]]
        if statement.kind == "interrupt":
            frame = [entries[0][2], *entries[1][2][1:3]]  # it arrives on the stack it interrupts
            frame[1] = entries[1][2]
        elif frame[0] == UNDERMINED:
            frame = frame[1]
            statement = machine.image.statements[frame[0]]
        chain = machine.stacks.chain(frame)
        names = [
            machine.image.statements[one[0]].function for one in chain[1:] if one[0] > UNDERMINED
        ]
        return statement, (*reversed(names), statement.function), machine.stacks.area(frame)

    def cpu(self, index: int) -> int:
        """Which CPU made a step, or took the interrupt that arrived."""
        machine = self._machine
        return int(machine._picks[index]) % machine.ncpu  # noqa: SLF001 - the machine's own reader

    def choice(self, index: int) -> int:
        """What was chosen for a step: a CPU, or an interrupt (see `Machine.choice`)."""
        return self._machine._picks[index]  # noqa: SLF001 - the machine's own reader

    def choices(self, first: int, last: int) -> bytes:
        """What was chosen for the steps `first` to `last` - 1."""
        return self._machine._picks[first:last].tobytes()  # noqa: SLF001

    def statement(self, index: int) -> Statement:
        """Which statement a step executed."""
        pc: int = self.entries(index)[0][2]
        return self._machine.image.statements[pc]

    def executed(self, first: int, last: int) -> list[int]:
        """The program counters of the steps `first` to `last` - 1 of the past."""
        machine = self._machine
        journal, marks = machine._journal, machine._marks  # noqa: SLF001
        return [journal[mark + 2] for mark in marks[first:last]]

    def interrupted(self, index: int) -> int:
        """Where the CPU stood that took the interrupt which arrived as step `index`."""
        frame: Frame = self.entries(index)[1][2]
        machine = self._machine
        for later in range(index + 1, machine.position):
            entry = machine._marks[later]  # noqa: SLF001 - the machine's own reader
            if machine._journal[entry] is frame:  # noqa: SLF001
                pc: int = machine._journal[entry + 2]  # noqa: SLF001
                return pc
        return int(frame[0])

    def frame(self, index: int) -> Frame:
        """The frame a step executed in; its variables are those of now."""
        frame: Frame = self.entries(index)[0][0]
        return frame

    def _bounds(self, index: int) -> tuple[int, int]:
        machine = self._machine
        marks = machine._marks  # noqa: SLF001 - the machine's own reader
        total = len(machine._journal)  # noqa: SLF001
        return marks[index], marks[index + 1] if index + 1 < len(marks) else total

    def entries(self, index: int) -> list[tuple[Any, Any, Any, Any]]:
        """Container, key, old and new value of each write of a step, in order."""
        return self._entries(index, self._after)

    def _entries(self, index: int, after: Callable[[int], Any]) -> list[tuple[Any, Any, Any, Any]]:
        machine = self._machine
        journal = machine._journal  # noqa: SLF001 - the machine's own reader
        first, last = self._bounds(index)
        if last <= machine.end:
            return [
                (journal[i], journal[i + 1], journal[i + 2], after(i))
                for i in range(first, last, 3)
            ]
        return [
            (journal[i], journal[i + 1], self._before(i), journal[i + 2])
            for i in range(first, last, 3)
        ]

    def _after(self, place: int) -> Any:
        """What the entry at `place` of the journal put there."""
        journal = self._machine._journal  # noqa: SLF001 - the machine's own reader
        container, key = journal[place], journal[place + 1]
        if _is_standing(container, key) or self._machine.end - place < _NEAR:
            return self._after_by_search(place)
        return self._value(place, (id(container), key))

    def _after_by_search(self, place: int) -> Any:
        journal = self._machine._journal  # noqa: SLF001 - the machine's own reader
        container, key = journal[place], journal[place + 1]
        for i in range(place + 3, self._machine.end, 3):
            if journal[i] is container and journal[i + 1] == key:
                return journal[i + 2]
        return self._current(container, key)

    def _after_field(self, place: int) -> Any:
        """The same, but not of where frames stand: that would have to be searched for."""
        container, key = self._machine._journal[place : place + 2]  # noqa: SLF001
        return None if _is_standing(container, key) else self._after(place)

    def _current(self, container: Any, key: Any) -> Any:
        """What stands in a place now; for a freed struct, what stood there last."""
        if isinstance(container, dict) and key not in container:
            memory = self._machine.memory
            fields = memory.graveyard[memory.made[container["_oid"]]]
            return (fields or {}).get(key)
        return container[key]

    def _before(self, place: int) -> Any:
        """What stood there before the undone entry at `place` of the journal."""
        journal = self._machine._journal  # noqa: SLF001 - the machine's own reader
        container, key = journal[place], journal[place + 1]
        for i in range(place - 3, self._machine.end - 1, -3):
            if journal[i] is container and journal[i + 1] == key:
                return journal[i + 2]
        return self._current(container, key)

    def _writes(self, entries: list[tuple[Any, Any, Any, Any]]) -> list[Write]:
        machine = self._machine
        memory = machine.memory
        found = []
        for container, key, old, new in entries:
            if container is memory.variables:
                if key != NEXT_NUMBER:
                    found.append(Write(None, "globals", key, old, new))
            elif container is memory.heap:
                if new is not None:
                    found.append(Write(new, label(memory, new), ALLOCATED, None, new))
            elif container is memory.graveyard:
                found.append(Write(key, label(memory, key), FREED, None, None))
            elif isinstance(container, dict):
                if not key.startswith("_sp"):
                    target = memory.made[container["_oid"]]
                    found.append(Write(target, describe(memory, target), key, old, new))
            elif container is not machine._status and key >= FIRST_SLOT:  # noqa: SLF001
                found.extend(self._local(container, key, old, new))
        return found

    def _local(self, frame: Frame, key: int, old: Any, new: Any) -> list[Write]:
        """A write to a variable of a frame; the compiler's own variables are left out."""
        statement = self._machine.image.statements[frame[0]]
        function = self._machine.image.functions.get(statement.function)
        if function is None:
            return []
        name = function.variables[key - FIRST_SLOT]
        return [] if name.startswith(".") else [Write(None, function.name, name, old, new)]

    # -- who wrote it --------------------------------------------------------------------------

    def changes(self, first: int, last: int, fields: frozenset[str]) -> list[tuple[int, Write]]:
        """The writes of fields and variables of these names, with the steps that made them.

        Only of steps of the past, `first` to `last` - 1, in order. Far quicker than their records.
        FREED among the fields asks for the ends of structs' lives, ALLOCATED for their beginnings.
        """
        machine = self._machine
        journal, memory = machine._journal, machine.memory  # noqa: SLF001
        begin, end = self._stretch(first, last)
        keys = journal[begin + 1 : end : 3]
        places = [begin + 3 * n for n, key in enumerate(keys) if key in fields]
        if FREED in fields:
            graveyard, targets = memory.graveyard, journal[begin:end:3]
            places += [begin + 3 * n for n, one in enumerate(targets) if one is graveyard]
        if ALLOCATED in fields:
            heap, targets = memory.heap, journal[begin:end:3]
            places += [begin + 3 * n for n, one in enumerate(targets) if one is heap]
        places.sort()
        found: list[tuple[int, Write]] = []
        wanted = {(id(journal[place]), journal[place + 1]): journal[place] for place in places}
        after = self._written_next(end, wanted)
        for place in reversed(places):
            container, key, old = journal[place : place + 3]
            where = (id(container), key)
            new = after[where] if where in after else self._value(place, where)
            after[where] = old
            step = bisect_right(machine._marks, place) - 1  # noqa: SLF001
            found.extend((step, one) for one in self._writes([(container, key, old, new)]))
        found.reverse()
        return found

    def _written_next(self, begin: int, wanted: dict[Any, Any]) -> dict[Any, Any]:
        """What some places hold at `begin` of the journal, as far as that is found soon.

        It is the old value of the next write to the place; without any, what stands there now.
        """
        journal = self._machine._journal  # noqa: SLF001 - the machine's own reader
        found: dict[Any, Any] = {}
        now = self._machine.end
        end = min(now, begin + _MUCH)
        missing = set(wanted)
        keys = {key for _, key in wanted}
        for block in range(begin, end, _NEAR):
            if not missing:
                break
            for n, key in enumerate(journal[block + 1 : min(block + _NEAR, end) : 3]):
                if key in keys:
                    place = block + 3 * n
                    where = (id(journal[place]), key)
                    if where in missing:
                        missing.discard(where)
                        found[where] = journal[place + 2]
        if end == now:
            found.update((where, self._current(wanted[where], where[1])) for where in missing)
        return found

    def _stretch(self, first: int, last: int) -> tuple[int, int]:
        """Where the entries of some steps of the past begin and end in the journal."""
        if first >= last:
            return 0, 0
        return self._bounds(first)[0], self._bounds(last - 1)[1]

    def _value(self, place: int, where: tuple[int, Any]) -> Any:
        """What the entry at `place` put there, by the index."""
        self._catch_up()
        journal = self._machine._journal  # noqa: SLF001 - the machine's own reader
        later = self._index.get(where, [])
        following = bisect_right(later, place)
        if following < len(later) and later[following] < self._machine.end:
            return journal[later[following] + 2]
        return self._current(journal[place], journal[place + 1])

    def touched(self, first: int, last: int, target: struct | None, field: str) -> list[int]:
        """The steps of the past from `first` to `last` - 1 that wrote this field or variable."""
        found = self._steps_of(self._container(target), field)
        return found[bisect_left(found, first) : bisect_left(found, last)]

    def _container(self, target: struct | None) -> Any:
        return self._machine.memory.variables if target is None else target.__dict__

    def writers(self, target: struct | None, field: str) -> list[int]:
        """The steps up to now that wrote a field (or a variable of the machine), oldest first."""
        return self._steps_of(self._container(target), field)

    def last_writer(self, target: struct | None, field: str, *, patient: bool = True) -> int | None:
        """The last step up to now that wrote a field; quick where that was not long ago.

        Without patience only the last ones are looked through as long as not all are `at_hand`.
        """
        return self._last_step(self._container(target), field, patient=patient)

    def _last_step(self, container: Any, key: Any, *, patient: bool = True) -> int | None:
        journal, marks = self._machine._journal, self._machine._marks  # noqa: SLF001 - as above
        end = now = self._machine.end
        while end > self._indexed:
            begin = max(end - _NEAR, self._indexed)
            keys = journal[begin + 1 : end : 3]
            if key in keys:
                for n in range(len(keys) - 1, -1, -1):
                    if keys[n] == key and journal[begin + 3 * n] is container:
                        return bisect_right(marks, begin + 3 * n) - 1
            if not (patient or self.at_hand):
                return None
            end = begin
        places = self._index.get((id(container), key), [])
        known = bisect_left(places, now)
        return bisect_right(marks, places[known - 1]) - 1 if known else None

    def freer(self, target: struct) -> int | None:
        """The step up to now that freed a struct, if one did."""
        return self._last_step(self._machine.memory.graveyard, target)

    def freed(self, target: struct) -> str:
        """Who freed a struct, as the end of a sentence."""
        step = self.freer(target)
        if step is None:
            return ""
        _, stack, _ = self._stood(self._entries(step, lambda _: None))
        path = " < ".join(reversed(stack[-3:]))
        return f", freed by cpu{self.cpu(step)} in {path} at step {step + 1}"

    def local_writers(self, frame: Frame, slot: int) -> list[int]:
        """The steps up to now that wrote a variable of a frame, oldest first."""
        return self._steps_of(frame, slot)

    def _steps_of(self, container: Any, key: Any) -> list[int]:
        journal, marks = self._machine._journal, self._machine._marks  # noqa: SLF001
        begin, end = self._indexed, self._machine.end
        if end - begin < _MUCH or self._searches >= _SEARCHES:
            self._catch_up(end)
            begin = end
        places = [place for place in self._index.get((id(container), key), []) if place < end]
        if begin < end:
            self._searches += 1
            keys = journal[begin + 1 : end : 3]
            found = (begin + 3 * n for n, one in enumerate(keys) if one == key)
            places += [place for place in found if journal[place] is container]
        return [bisect_right(marks, place) - 1 for place in places]

    @property
    def at_hand(self) -> bool:
        """Whether who wrote a field can be told at once, without a long look through the run."""
        return self._machine.end - self._indexed < _MUCH

    def read_on(self) -> bool:
        """Look through some more of the run, so that it can be told soon; whether that is all."""
        if not self.at_hand:
            self._catch_up(self._indexed + 3 * _MUCH)
        return self.at_hand

    def _catch_up(self, until: int | None = None) -> None:
        """Index what was written since the last time, up to a place of the journal or its end.

        Where frames stand is left out.
        """
        journal = self._machine._journal  # noqa: SLF001 - the machine's own reader
        begin = self._indexed
        end, place = len(journal) if until is None else min(len(journal), until), begin
        if begin >= end:
            return
        index, lists, note = self._index, self._lists.append, self._places.append
        for key in journal[begin + 1 : end : 3]:
            container = journal[place]
            if key.__class__ is not int or key >= FIRST_SLOT or container.__class__ is not list:
                where = (id(container), key)
                found = index.get(where)
                if found is None:
                    found = index[where] = []
                found.append(place)
                note(place)
                lists(found)
            place += 3
        self._searches = 0
        self._indexed = end


def _is_standing(container: Any, key: Any) -> bool:
    """Whether an entry says where a frame or a CPU stands, which is not indexed."""
    return key.__class__ is int and key < FIRST_SLOT and container.__class__ is list
