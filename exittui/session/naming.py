"""Names for people: threads, processes, page tables, flags, states and wait channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.arch.amd64 import ipi
from exittui.kernel.sys import mutex
from exittui.kernel.sys import proc as names
from exittui.machine import describe, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.machine import Machine, struct
    from exittui.session.things import Things

STATES: Final[dict[int, str]] = {
    getattr(names, name): name
    for name in ("SIDL", "SRUN", "SSLEEP", "SSTOP", "SZOMB", "SDEAD", "SONPROC")
}


LEVELS: Final[dict[int, str]] = {
    value: name.removeprefix("IPL_")
    for name, value in vars(mutex).items()
    if name.startswith("IPL_")
}
"""The last name of a level that has several: 9 is HIGH."""

REQUESTED: Final = "lapic_irr"
"""The kernel's variable with the interrupts that are requested of all CPUs, four bits each."""

_VECTORS: Final = tuple(
    (value, name.removeprefix("LAPIC_IPI_"))
    for name, value in vars(ipi).items()
    if name.startswith("LAPIC_IPI_") and value & (value - 1) == 0
)


def _flags(prefix: str) -> tuple[tuple[int, str], ...]:
    """The flags of sys/proc.h with this prefix, by bit."""
    found = {
        value: name.removeprefix(prefix)
        for name, value in vars(names).items()
        if name.startswith(prefix) and isinstance(value, int)
    }
    return tuple(sorted(found.items()))


P_FLAGS: Final = _flags("P_")
PS_FLAGS: Final = _flags("PS_")


def flags(value: int, known: tuple[tuple[int, str], ...]) -> str:
    """The names of the bits that are set."""
    return " ".join(name for bit, name in known if value & bit)


def pending(cpu: int, asked: Sequence[int], requested: int) -> str:
    """What waits for a CPU, in the kernel's words.

    `asked` are md_astpending of its thread and its ci_want_resched, `requested` is that variable.
    """
    words = [word for word, one in zip(("AST", "resched"), asked, strict=True) if one]
    mine = requested >> (cpu << 2) & 0xF
    words += ["IPI" if name == "VECTOR" else f"IPI {name}" for bit, name in _VECTORS if mine & bit]
    return " ".join(words)


class Naming:
    """Names what one machine holds."""

    def __init__(self, machine: Machine, things: Things) -> None:
        self._memory = machine.memory
        self._things = things

    def thing(self, target: Any) -> str:
        """A struct, or anything else, by its short name; nothing for NULL."""
        return "" if target is None else describe(self._memory, target)

    def thread(self, p: struct | None) -> str:
        """A thread by its short name."""
        return "" if p is None else label(self._memory, p)

    def process(self, pr: struct | None) -> str:
        """A process by its name alone: its number stands beside it where it matters."""
        if pr is None:
            return ""
        name = self._things.read(pr, "ps_comm") or label(self._memory, pr)
        return str(name)

    def page_table(self, pmap: struct) -> str:
        """A page table by whose it is."""
        if pmap is self._things.variable("kernel_pmap_store"):
            return "kernel"
        return label(self._memory, pmap).removeprefix("pmap of ").partition("(")[0]

    def state(self, value: Any) -> str:
        """p_stat by its name."""
        return STATES.get(value, str(value))

    def level(self, value: Any) -> str:
        """An interrupt priority level by its name."""
        return LEVELS.get(value, str(value))

    def channel(self, value: Any) -> str:
        """A wait channel: the struct or the field whose address it is."""
        if value is None:
            return ""
        if isinstance(value, tuple):
            owner, field = value
            return f"{field} of {self._short(owner)}"
        return self._short(value)

    def _short(self, target: struct) -> str:
        if type(target).__name__ == "process":
            return self.process(target)
        owner = target.embedded_in
        if owner is not None and type(owner).__name__ == "process":
            field = self._things.read(target, "_name") or type(target).__name__
            return f"{field} of {self.process(owner)}"
        return label(self._memory, target)

    def lock(self, lock: struct) -> str:
        """A lock: its own name, and whose it is if it is one of many."""
        if lock.embedded_in is None:
            return label(self._memory, lock)
        field = self._things.read(lock, "_name") or type(lock).__name__
        return f"{field} of {self._short(lock.embedded_in)}"
