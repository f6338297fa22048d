"""Finds out from a machine what a step does, for `tabled.py`."""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any

from exittui.checker.tabled import BITS, Tables, Unfit
from exittui.machine.fingerprint import _PRIVATE, _draw
from exittui.machine.lang import struct
from exittui.machine.memory import NEXT_NUMBER, address

if TYPE_CHECKING:
    from exittui.checker.tabled import Entry
    from exittui.machine import Machine


class Learner:
    """One machine, put into whatever state somebody asks about."""

    def __init__(self, machine: Machine) -> None:
        """The machine stands at the start of its run."""
        if machine.image.interrupts:
            raise Unfit("it has interrupts")
        self._machine = machine
        self._cpus = machine.stacks.cpus
        self._floor = machine.stacks.floor
        self._places: list[tuple[dict[str, Any], str]] = []
        self._numbers: dict[tuple[int, str], int] = {}
        self._stacks: list[Any] = []
        """By number, where a CPU stands: its frames, innermost first."""
        self._known: dict[Any, int] = {}
        self._looked: dict[int, None] = {}
        memory = machine.memory
        for name in memory.variables:
            if name != NEXT_NUMBER:
                self._add(memory.variables, name)
        for target in memory.heap.values():
            if target is not None and not memory.is_freed(target):
                for name in target.__dict__:
                    if name not in _PRIVATE:
                        self._add(target.__dict__, name)
        start = [_key(container[name]) for container, name in self._places]
        self.tables = Tables((), machine.ncpu)
        start += [self._stand(number) for number in range(machine.ncpu)]
        self.tables.start = tuple(start)
        self.tables.first = len(start) - machine.ncpu
        self.tables.learner = self
        names: dict[str, Any] = {
            "B": lambda o, name, bound: self._look(o, name) < bound,
            "M": lambda o, name, bits: self._look(o, name) & bits,
            "S": self._look,
            "R": self._look,
            "T": self._look,
            "G": lambda name: self._look(None, name),
            "Q": self._unfit,
            "W": self._unfit,
            "CPUS": machine.infos,
            "ADDRESS": address,
            "USER": frozenset(),
            **{f"V_{name}": made for name, made in memory.structs.items()},
        }
        exec(marshal.loads(machine.image.access), names)  # noqa: S102, S302 - the compiler's code
        self._readers: dict[int, Any] = names["ACCESS"]

    # -- places --------------------------------------------------------------------------------

    def _add(self, container: dict[str, Any], name: str) -> None:
        self._numbers[id(container), name] = len(self._places)
        self._places.append((container, name))

    def _look(self, target: Any, name: str, *_: object) -> Any:
        container = self._machine.memory.variables if target is None else target.__dict__
        self._looked[self._numbers[id(container), name]] = None
        return container[name]

    def _unfit(self, *_: object) -> Any:
        raise Unfit("it has queues")

    # -- where CPUs stand ----------------------------------------------------------------------

    def _stand(self, cpu: int) -> int:
        frames = []
        frame = self._cpus[cpu][0]
        while frame is not self._floor:
            frames.append((frame[0], *frame[2:4], *map(_key, frame[4:])))
            frame = frame[1]
        stack = (cpu, *frames) if frames else ()
        found = self._known.get(stack)
        if found is None:
            found = self._known[stack] = len(self._stacks)
            self._stacks.append(stack)
            self.tables.add_place()
            if not frames:
                self.tables.finished = found
        return found

    def _put(self, cpu: int, state: tuple[Any, ...]) -> None:
        """Have the machine stand in this state, as far as one CPU sees it."""
        heap = self._machine.memory.heap
        for (container, name), value in zip(self._places, state, strict=False):
            container[name] = _value(value, heap)
        frame = self._floor
        for pc, label, result, *variables in reversed(
            self._stacks[state[self.tables.first + cpu]][1:]
        ):
            frame = [pc, frame, label, result, *(_value(one, heap) for one in variables)]
        self._cpus[cpu][0] = frame

    # -- steps ---------------------------------------------------------------------------------

    def learn(self, cpu: int, state: tuple[Any, ...]) -> Entry:
        """Find out what a CPU does in this state, and put it into the tables."""
        machine, tables = self._machine, self.tables
        place = state[tables.first + cpu]
        if not self._stacks[place]:
            entry: Entry = (-1, (), 0, 0, 0, "")
            tables.put(place, None, entry)
            return entry
        self._put(cpu, state)
        c = self._cpus[cpu]
        frame = c[0]
        self._looked.clear()
        reader = self._readers.get(frame[0])
        if reader is not None:
            reader(frame, c)
        read = dict.fromkeys(self._looked)
        if not machine.ready(cpu):
            return self._keep(place, state, read, {}, (-1, (), 0), "")
        machine.step(cpu)
        written: dict[int, Any] = {}
        for i in range(0, len(machine._journal), 3):  # noqa: SLF001 - the machine's other half
            container, key = machine._journal[i], machine._journal[i + 1]  # noqa: SLF001
            if type(container) is dict:
                number = self._numbers.get((id(container), key))
                if number is None:
                    raise Unfit(f"it writes {key}")
                written[number] = _key(container[key])
        words = ""
        if machine.result is not None:
            words = f"{machine.result.kind}: {machine.result.message}"
            entry = self._keep(place, state, read, {}, (place, (), 0), words)
        else:
            after = self._stand(cpu)
            change = self._token(-1 - cpu, place) ^ self._token(-1 - cpu, after)
            writes = tuple((n, v) for n, v in written.items() if v != state[n])
            for number, value in writes:
                change ^= self._token(number, state[number]) ^ self._token(number, value)
            entry = self._keep(place, state, read, written, (after, writes, change), "")
        machine.retract(0)
        machine.history.forget_all()
        return entry

    def _keep(  # noqa: PLR0917 - the parts of an entry, and where it belongs
        self,
        place: int,
        state: tuple[Any, ...],
        read: dict[int, None],
        written: dict[int, Any],
        step: tuple[int, tuple[tuple[int, Any], ...], int],
        words: str,
    ) -> Entry:
        tables = self.tables
        touched = {*read, *written}
        if not touched <= {*tables.reads[place]}:
            tables.goes_by(place, tuple(sorted(touched | {*tables.reads[place]})))
        reads = tables.reads[place]
        key = (
            None
            if not reads
            else state[reads[0]]
            if len(reads) == 1
            else tuple(state[one] for one in reads)
        )
        entry: Entry = (*step, _bits(read), _bits(written), words)
        tables.put(place, key, entry)
        return entry

    def _token(self, number: int, value: Any) -> int:
        return _draw(number, "", repr(self._stacks[value] if number < 0 else value)) & BITS


def _bits(numbers: Any) -> int:
    return sum(1 << number for number in numbers)


def _key(value: Any) -> Any:
    """A value as what can be kept: a struct by its number."""
    if isinstance(value, struct):
        return ("@", value.__dict__["_oid"])
    if value is None or isinstance(value, (int, str)):
        return value
    raise Unfit(f"it has a value {value!r}")


def _value(kept: Any, heap: dict[int, Any]) -> Any:
    return heap[kept[1]] if isinstance(kept, tuple) else kept


def tables_of(machine: Machine) -> Tables:
    """Tables for a machine, to be filled as they are used; Unfit if they cannot hold it."""
    return Learner(machine).tables
