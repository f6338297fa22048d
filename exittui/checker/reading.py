"""The places that a step is about to read.

The compiler's code evaluates each statement once more, before it is made, and reports whatever it
looks at (see `machine/access.py`); here that is told as places.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any

from exittui.checker import live
from exittui.checker.ending import Endings
from exittui.checker.guesses import Guesses
from exittui.checker.places import ALIVE, Place
from exittui.machine.memory import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.checker.judge import Look
    from exittui.machine import Machine


class Reading:
    """The places of one machine, and which of them a statement reads."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._memory = machine.memory
        self._observed: set[str] = set()
        self._places: dict[tuple[int, Any], Place] = {}
        self._found: list[Place] = []
        self._own: tuple[Place, list[Place]] | None = None
        """The place of which the step sets or clears some bits, and these."""
        self.unread = set(machine.image.unread)
        """The names that nothing depends on; a search leaves them out of states."""
        self.user = frozenset(one.pc for one in machine.image.statements if one.kind == "user")
        self.looks: dict[int, Look] = {}
        """Statements at which a rule looks at fields, each with what tells which."""
        self.tracked = set(live.TRACKED)
        """The names of the fields of which is noted who reads them first: see `live.py`."""
        self.tracked_places: list[Place | None] = []
        """By number; None for one that is not tracked any more."""
        self.minds: dict[str, int] = {}
        """The names of fields and variables whose writers mind requests: see `requests.py`."""
        self.guesses = Guesses()
        self.endings = Endings(machine)
        """Which fields nobody reads any more: see `ending.py`."""
        self.divisions = 0
        """How often a place was divided: into bits, or by a bound."""
        names = {
            "B": self._below,
            "M": self._some_bits,
            "S": self._own_bits,
            "R": self._field,
            "T": self._test,
            "G": self._variable,
            "Q": self._follow,
            "W": self._link,
            "CPUS": machine.infos,
            "ADDRESS": address,
            "USER": self.user,
            **{f"V_{name}": made for name, made in machine.memory.structs.items()},
        }
        access: dict[int, Any] = {}
        exec(marshal.loads(machine.image.access), names)  # noqa: S102, S302 - the compiler's
        access.update(names["ACCESS"])  # type: ignore[call-overload] # what the code defines
        self.readers: list[Callable[[Any, Any], Any] | None] = [
            access.get(pc) for pc in range(len(machine.image.statements))
        ]

    def read_before(self, frame: Any, cpu: list[Any], pc: int) -> list[Place]:
        """The places that the step about to be made reads."""
        found = self._found
        found.clear()
        self._own = None
        reader = self.readers[pc]
        if reader is not None:
            try:  # noqa: SIM105 - suppress() costs a call on the hot path
                reader(frame, cpu)
            except Exception:  # noqa: BLE001, S110 - the step itself will fail, and say how
                pass
        if pc in self.looks:
            for target, name in self.looks[pc](self._machine, frame):
                self._field(target, name)
        return found

    def _place(self, container: dict[str, Any], key: Any) -> Place:
        name = (id(container), key)
        found = self._places.get(name)
        if found is None:
            found = self._places[name] = Place(container, key)
            found.observed = key in self._observed
            found.minds = self.minds.get(key, 0)
            if key in self.tracked:
                found.live = 1 << len(self.tracked_places)
                self.tracked_places.append(found)
        return found

    def untrack(self, name: str) -> None:
        """A field is looked at by who is no step: it is told apart everywhere."""
        if name not in self.tracked:
            return
        self.tracked.discard(name)
        for number, place in enumerate(self.tracked_places):
            if place is not None and place.key == name:
                self.tracked_places[number] = None
                for one in (place, *place.bits.values(), *place.bounds.values()):
                    one.live = 0
        self.guesses.misreads()

    def _field(self, target: Any, name: str) -> Any:
        container = target.__dict__
        if name in self.unread:
            self._found.append(self._place(container, ALIVE))
            return getattr(target, name)
        if name in self.endings.by_field:
            self._found += self._whether_over(container, name)
            if self.endings.over(name, container["_oid"]):
                self.endings.drop(name)
                self.guesses.misreads()
        place = self._places.get((id(container), name)) or self._place(container, name)
        self._found.append(place)
        if place.bits:
            self._found += place.bits.values()
        return getattr(target, name)

    def _whether_over(self, container: dict[str, Any], name: str) -> list[Place]:
        """What says whether a field is read any more."""
        owner = self.endings.owner(name, container["_oid"])
        if owner is None:
            return []
        flags, bits = self.endings.by_field[name]
        return self._split(self._place(owner.__dict__, flags), bits)

    def _some_bits(self, target: Any, name: str, bits: Any) -> Any:
        container = self._memory.variables if target is None else target.__dict__
        if target is not None and name in self.unread:
            self._found.append(self._place(container, ALIVE))
            return getattr(target, name) & bits
        place = self._place(container, name)
        value = container[name] if target is None else getattr(target, name)
        if type(bits) is int and bits >= 0:
            self._found += self._split(place, bits)
        else:
            self._found.append(place)
            self._found += place.bits.values()
        return value & bits

    def _own_bits(self, target: Any, name: str, bits: Any) -> None:
        container = self._memory.variables if target is None else target.__dict__
        if name in self.unread:
            return
        place = self._place(container, name)
        if type(bits) is int and bits >= 0:
            self._own = (place, self._split(place, bits))
        else:
            self._found.append(place)
            self._found += place.bits.values()

    def _split(self, place: Place, bits: int) -> list[Place]:
        """The places of some bits. One that is new was accessed as often as all of it was."""
        found = []
        known = place.bits
        while bits:
            low = bits & -bits
            bits ^= low
            one = known.get(low)
            if one is None:
                self.divisions += 1
                one = known[low] = Place(place.target, f"{place.key} & {low:#x}", place)
                for table, part in ((place.readers, one.readers), (place.writers, one.writers)):
                    part.update(table)
                    self.guesses.renumber(part)
                    self.guesses.renumber(table)
                one.observed = place.observed
                one.live = place.live
                one.part = low
            found.append(one)
        return found

    def _below(self, target: Any, name: str, bound: int) -> bool:
        place = self._place(target.__dict__, name)
        if bound not in place.bounds:
            self.divisions += 1
            place.bounds[bound] = Place(target.__dict__, f"{name} < {bound}", place)
            place.bounds[bound].part = -1 - bound
            place.bounds[bound].live = place.live
            self.guesses.doubt(place)  # who wrote it before did not know that it matters
        self._found.append(place.bounds[bound])
        return bool(getattr(target, name) < bound)

    def _test(self, target: Any, name: str, cpu: list[Any], value: Any) -> Any:
        place = self._place(target.__dict__, name)
        if value is not cpu[1] or value is None or place.plain:
            self._found.append(place)
        return getattr(target, name)

    def _variable(self, name: str) -> Any:
        if name not in self.unread:
            place = self._place(self._memory.variables, name)
            self._found.append(place)
            self._found += place.bits.values()
        return self._memory.variables[name]

    def _follow(self, target: Any, name: str) -> Any:
        return self._field(target, name)[1]

    def _link(self, target: Any, name: str) -> Any:
        return self._field(target, name)
