"""Keeps up the fingerprint of the reduced graph from step to step.

It is the exclusive or of the numbers of all that counts of a state (see `slice.py`). What a step
has changed stands in the journal: what was there is taken out, and what is there now put in. Where
a CPU stands changes with every step, and is wanted only where a move ends: who moves is *lifted*
out of the fingerprint, and *settles* there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.checker.mover import Mover
from exittui.checker.slice import Slice
from exittui.machine.frames import SAVED
from exittui.machine.image import FINISHED

if TYPE_CHECKING:
    from exittui.checker.discipline import Discipline
    from exittui.machine import Machine

_FLAT = 6
"""A step with at most two writes never writes a place twice."""


class CountingMover(Mover):
    """A mover that knows the fingerprint of what counts."""

    def __init__(self, machine: Machine, discipline: Discipline) -> None:
        """The discipline says what counts."""
        super().__init__(machine)
        self.discipline = discipline
        self.slice = Slice(machine, discipline.unread)
        self.slice.sheltered = discipline.sheltered
        self.slice.endings = discipline.endings
        self._shelters = {*discipline.sheltered.values()}
        self._memory = machine.memory
        self._tops = [0] * machine.ncpu
        """The numbers of the frames that CPUs stand on, 0 for one that moves."""

    def begin(self) -> None:
        """A search begins, at the start of the run; what counts may have changed."""
        super().begin()
        self._tops[:] = [self.slice.top(cpu, c[0]) for cpu, c in enumerate(self._threads)]
        self.fingerprint = self.slice.whole()

    def _lift(self, cpu: int) -> None:
        """Take the frame that a CPU stands on out of the fingerprint, while it moves."""
        self.fingerprint ^= self._tops[cpu]
        self._tops[cpu] = 0

    def _settle(self, cpu: int) -> None:
        top = self._tops[cpu] = self.slice.top(cpu, self._threads[cpu][0])
        self.fingerprint ^= top

    def _count(self, entries: list[Any], cpu: int) -> None:  # noqa: C901, PLR0912 - the hot path
        """Keep up the fingerprint over the step with these journal entries, just made by a CPU."""
        memory, slice_, unread = self._memory, self.slice, self.discipline.unread
        sheltered, shelters = slice_.sheltered, self._shelters
        endings = slice_.endings
        seen: set[tuple[int, Any]] | None = set() if len(entries) > _FLAT else None
        total = 0
        for i in range(0, len(entries), 3):
            container, key, old = entries[i], entries[i + 1], entries[i + 2]
            kind = type(container)
            if kind is list:
                if type(old) is list and key == 0:
                    total ^= self._moved(container, old, container[0], cpu)
            elif kind is dict:
                if container is memory.heap:
                    target = container[key]
                    total ^= slice_.struct(key, target.__dict__)
                    continue
                if key in unread:
                    continue
                if seen is not None:
                    if (id(container), key) in seen:
                        continue
                    seen.add((id(container), key))
                if key == SAVED:
                    total ^= self._saved(old, container[SAVED])
                    continue
                number = container.get("_oid", 0)
                new = container[key]
                if key in endings.by_field and endings.over(key, number):
                    continue
                if key in endings.flags:
                    total ^= slice_.ended(memory.heap[number], key, old, new)
                if key in sheltered and container.get(sheltered[key]) is None:
                    continue
                if new is not old:
                    total ^= slice_.token((number, key, old)) ^ slice_.token((number, key, new))
                if key in shelters and (old is None) is not (new is None):
                    total ^= slice_.owned(number, container, key)
            elif container is memory.graveyard:
                total ^= slice_.struct(key.__dict__["_oid"], container[key] or {})
        self.fingerprint ^= total

    def _saved(self, old: Any, new: Any) -> int:
        """A stack is left, entered or made; who leaves it has its callers counted already."""
        total = 0 if old is None else self.slice.saved(old)
        if new is not None:
            total ^= self.slice.saved(new)
            if new[0] == FINISHED:
                total ^= self.slice.callers(new)
        return total

    def _moved(self, c: list[Any], old: Any, new: Any, mover: int) -> int:
        """A CPU has called, returned, changed stacks or lost its own."""
        slice_, cpu, total = self.slice, ~c[2], 0
        if new[1] is old:
            if new[0] in slice_.noreturn:
                total = slice_.callers(old)  # none of them is returned into
            else:
                total = slice_.waiting(old, new[3])
        elif old[1] is new:
            total = slice_.waiting(new, old[3])
        else:
            area = self.machine.stacks.area(old)
            if area is None or self._memory.is_freed(area):
                total = slice_.callers(old)
        if cpu != mover:
            self.sleepers.wake(cpu)
            top = slice_.top(cpu, new)
            total ^= self._tops[cpu] ^ top
            self._tops[cpu] = top
        return total
