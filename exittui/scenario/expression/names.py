"""What the names in an expression mean: the caller's side of the language.

A name is looked up in this order: words of the language, CPUs, processes of the scenario,
variables of the kernel, constants of its headers. What a name means never changes while a machine
runs: processes and threads of the scenario are known by their struct's number, which is the same
in every machine of the same scenario and kernel. So an expression compiled for one such machine
can be evaluated on any other.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

import exittui.kernel.sys
from exittui.errors import did_you_mean
from exittui.kernel.catalog import BASE, KERNELS, ROOT
from exittui.machine.memory import NEXT_NUMBER
from exittui.scenario.expression.kinds import Kind, annotated, field_kind, value_kind
from exittui.scenario.play import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import ModuleType

    from exittui.machine import Image, Machine, struct
    from exittui.scenario.build import Built

_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
_FEW: Final = 12


class Names:
    """What one kernel, and one scenario under it, have names for."""

    def __init__(
        self,
        machine: Machine,
        *,
        pids: Mapping[str, int] | None = None,
        threads: Mapping[str, int] | None = None,
        spawning: Iterable[str] = (),
        kernel: str | None = None,
        without: tuple[str, ...] = (),
        ending: Callable[[Machine], tuple[str, str]] | None = None,
    ) -> None:
        """`threads` says how many each process begins with, `spawning` which may make more.

        `ending` says how a machine has ended that cannot go on. A machine alone, without scenario
        or kernel, has names for its variables and CPUs.
        """
        self.image: Image = machine.image
        self.ncpu = len([info for info in machine.infos if info is not None])
        self.cpu = self.image.cpu_struct[0] if self.image.cpu_struct else ""
        self.pids = dict(pids or {})
        self.spawning = frozenset(self.pids[name] for name in spawning)
        self.ending = ending or _stopped
        self.roll = Roll()
        self._machine = machine
        self._counts = dict(threads or {})
        self._kernel = kernel
        self._without = without

    @classmethod
    def of(cls, built: Built) -> Names:
        """The names of a scenario that was built."""

        def ending(machine: Machine) -> tuple[str, str]:
            same = machine is built.machine
            return verdict(built if same else attrs.evolve(built, machine=machine))

        counts = {process.name: len(process.thread) for process in built.scenario.process}
        return cls(
            built.machine,
            pids=built.pids,
            threads={**dict.fromkeys(built.pids, 1), **counts},
            spawning=[
                process.name
                for process in built.scenario.process
                if any(_spawns(thread.program) for thread in process.thread)
            ],
            kernel=built.kernel,
            without=built.without,
            ending=ending,
        )

    # -- structs and variables -----------------------------------------------------------------

    def fields(self, owner: str) -> list[str]:
        """The fields that a struct has in this kernel."""
        gone = self.image.removed_fields
        return [field for field in self.image.structs[owner].fields if (owner, field) not in gone]

    def owners(self, field: str) -> list[str]:
        """The structs that have a field of this name."""
        return sorted(owner for owner in self.image.structs if field in self.fields(owner))

    def field_kind(self, owner: str, field: str) -> Kind:
        """What a field holds."""
        return field_kind(self.image.structs, owner, field)

    def variable_kind(self, name: str) -> Kind:
        """What a variable of the kernel holds: as its source says, else what it holds now."""
        known = _annotations(self._kernel, self._without) if self._kernel else {}
        if name in known:
            kind = annotated(self.image.structs, known[name])
            if kind.name != "any":
                return kind
        return value_kind(self._machine.globals[name])

    @property
    def constants(self) -> Mapping[str, int]:
        """Flags, states and other numbers of the kernel's headers."""
        return _constants(self._kernel, self._without) if self._kernel else {}

    def known(self) -> list[str]:
        """Every name but the words of the language."""
        cpus = [f"cpu{number}" for number in range(self.ncpu)]
        return [*self.pids, *cpus, *self.image.variables, *self.constants]

    # -- processes and threads -----------------------------------------------------------------

    @functools.cached_property
    def processes(self) -> Mapping[int, int]:
        """The numbers of the structs of the scenario's processes, by pid."""
        wanted, found = set(self.pids.values()), dict[int, int]()
        for number, target in self._structs("process"):
            pid = last_fields(self._machine, target).get("ps_pid")
            if pid in wanted and pid not in found:
                found[pid] = number
        return found

    @functools.cached_property
    def threads(self) -> Mapping[int, tuple[int, ...]]:
        """The numbers of the structs of the scenario's threads, by the pid of their process."""
        owners = {number: pid for pid, number in self.processes.items()}
        counts = {self.pids[name]: count for name, count in self._counts.items()}
        found: dict[int, tuple[int, ...]] = dict.fromkeys(self.processes, ())
        for number, target in self._structs("proc"):
            process = last_fields(self._machine, target).get("p_p")
            pid = owners.get(process.__dict__["_oid"]) if process is not None else None
            if pid is not None and len(found[pid]) < counts.get(pid, 0):
                found[pid] += (number,)
        return found

    @functools.cached_property
    def tids(self) -> Mapping[int, int]:
        """The numbers of the structs of the scenario's threads, by tid."""
        heap = self._machine.memory.heap
        found: dict[int, int] = {}
        for numbers in self.threads.values():
            for number in numbers:
                target = heap[number]
                if target is not None:
                    found.setdefault(last_fields(self._machine, target)["p_tid"], number)
        return found

    def _structs(self, name: str) -> Iterator[tuple[int, struct]]:
        memory = self._machine.memory
        for number in range(1, memory.variables[NEXT_NUMBER]):
            target = memory.heap.get(number)
            if target is not None and type(target).__name__ == name:
                yield number, target


class Roll:
    """All processes and threads that were ever made in a machine, as far as it has come.

    Structs are numbered in the order of their making, and going back takes the last away first;
    so if the last one seen still stands at its number, all before it do.
    """

    def __init__(self) -> None:
        self._machine: Machine | None = None
        self._seen: list[struct | None] = []
        self._found: dict[str, list[struct]] = {"proc": [], "process": []}

    def all(self, machine: Machine, name: str) -> list[struct]:
        """Those of one kind, oldest first, freed ones included."""
        if machine is not self._machine:
            self.__init__()  # type: ignore[misc]  # forget the other machine
            self._machine = machine
        heap, seen = machine.memory.heap, self._seen
        until = machine.memory.variables[NEXT_NUMBER]
        while seen and (len(seen) >= until or heap.get(len(seen)) is not seen[-1]):
            gone = seen.pop()
            for found in self._found.values():
                if found and found[-1] is gone:
                    found.pop()
        for number in range(len(seen) + 1, until):
            target = heap.get(number)
            seen.append(target)
            kind = type(target).__name__
            if target is not None and kind in self._found:
                self._found[kind].append(target)
        return self._found[name]

    def find(self, machine: Machine, name: str, field: str, value: int) -> struct | None:
        """The one with this value in a field: one that lives, else the last that did."""
        dead = None
        for target in self.all(machine, name):
            if last_fields(machine, target).get(field) == value:
                if not machine.memory.is_freed(target):
                    return target
                dead = target
        return dead


def last_fields(machine: Machine, target: struct) -> dict[str, Any]:
    """The fields of a struct, or the last it had."""
    return machine.memory.graveyard[target] or target.__dict__


def nearest(word: str, known: Iterable[str]) -> tuple[str, str]:
    """A guess what was meant, and what is accepted: all if few, else what comes closest."""
    words = sorted(set(known))
    hint = did_you_mean(word, words)
    if len(words) <= _FEW:
        return hint, ", ".join(words)
    close = difflib.get_close_matches(word, words, n=_FEW // 2, cutoff=0.0)
    return hint, f"{', '.join(close)} and {len(words) - len(close)} more"


def _spawns(calls: Any) -> bool:
    """Whether a program makes threads, or a child in it does."""
    return calls == "tfork" or (
        isinstance(calls, (tuple, list)) and any(_spawns(inner) for inner in calls)
    )


def _stopped(machine: Machine) -> tuple[str, str]:
    """How a machine of no scenario has ended."""
    result = machine.result
    return (result.kind, result.message) if result else ("", "")


@functools.cache
def _modules(kernel: str, without: tuple[str, ...]) -> tuple[ModuleType, ...]:
    """The modules that a kernel is made of, and all headers; later ones replace."""
    headers = [f"sys.{found.name}" for found in pkgutil.iter_modules(exittui.kernel.sys.__path__)]
    base = [f"{ROOT}.{name}" for name in dict.fromkeys([*headers, *BASE])]
    hunks = [hunk.module for hunk in KERNELS[kernel].hunks if hunk.name not in without]
    return tuple(importlib.import_module(name) for name in (*base, *hunks))


@functools.cache
def _constants(kernel: str, without: tuple[str, ...]) -> Mapping[str, int]:
    """The numbers that headers define, those of hunks included."""
    found: dict[str, int] = {}
    for module in _modules(kernel, without):
        if ".sys." in module.__name__:
            found |= {
                name: value
                for name, value in vars(module).items()
                if type(value) is int and _CONSTANT.fullmatch(name)
            }
    return found


@functools.cache
def _annotations(kernel: str, without: tuple[str, ...]) -> Mapping[str, Any]:
    """What the source says of its variables."""
    found: dict[str, Any] = {}
    for module in _modules(kernel, without):
        found.update(vars(module).get("__annotations__", {}))
    return found
