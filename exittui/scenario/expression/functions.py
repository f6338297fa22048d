"""The functions of the language: questions to the kernel that one field does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from exittui.kernel.sys.proc import (
    PS_EMBRYO,
    PS_EXITING,
    PS_STOPPED,
    PS_ZOMBIE,
    SSLEEP,
)
from exittui.machine import label, struct
from exittui.machine.image import FIRST_SLOT
from exittui.scenario.expression.kinds import ANY, NUMBER, TEXT, TRUTH, Kind, pointer
from exittui.scenario.expression.looking import Look, Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from exittui.machine import Machine

OWNERS: Final = {"mutex": "mtx_owner", "mp_lock": "mpl_owner", "rwlock": "rwl_owner"}
"""The locks, and the field of each that says who has it."""

HOLDERS: Final = {"mutex": "cpu_info", "mp_lock": "cpu_info", "rwlock": "proc"}

STATES: Final = ("embryo", "alive", "stopped", "exiting", "zombie", "gone")
_KILLED: Final = 128
"""The shell adds it to the number of the signal that ended a process."""


@frozen
class Parameter:
    """What a function takes: its name in messages, and the structs it may point to.

    No structs are named where any will do. `name` "list" and "function" are what they say.
    """

    name: str
    structs: tuple[str, ...] = ()


@frozen
class Function:
    """A function: how it is called, what it gives, and what computes that.

    `fields_only`: its value changes only by writes to what it read. `absent` is what it says of
    an argument that is absent, if it has anything to say.
    """

    parameters: tuple[Parameter, ...]
    gives: Kind
    run: Callable[..., Any]
    doc: str
    fields_only: bool = True
    absent: bool | None = None

    def form(self, name: str) -> str:
        """How it is written."""
        return f"{name}({', '.join(one.name for one in self.parameters)})"


def _len(look: Look, machine: Machine, head: Any) -> int:
    return sum(1 for _ in look.elements(machine, head))


def _freed(look: Look, machine: Machine, target: Any) -> bool:
    return isinstance(target, struct) and look.freed(machine, target)


def _exists(look: Look, machine: Machine, target: Any) -> bool:
    return isinstance(target, struct) and not look.freed(machine, target)


def _holder(look: Look, machine: Machine, lock: Any) -> Any:
    """What the lock says of its owner: a CPU, a thread, a number of readers, or nothing."""
    field = OWNERS.get(type(lock).__name__)
    if field is None:
        raise Missing("this is no lock")
    return look.field(machine, lock, field)


def _owner(look: Look, machine: Machine, lock: Any) -> Any:
    holder = _holder(look, machine, lock)
    return holder if isinstance(holder, struct) else None


def _held(look: Look, machine: Machine, lock: Any) -> bool:
    return bool(_holder(look, machine, lock))


def _waiters(look: Look, machine: Machine, lock: Any) -> tuple[Any, ...]:
    """The CPUs that spin for it in their order, then the threads that sleep until it is free."""
    holder = _holder(look, machine, lock)
    if type(lock).__name__ == "mp_lock":
        users = look.field(machine, lock, "mpl_users")
        return tuple(look.elements(machine, users))[1:]
    if type(lock).__name__ == "mutex":
        if holder is None:
            return ()
        return tuple(
            cpu[1]
            for cpu in machine.stacks.cpus
            if cpu[1] is not holder and _spins(machine, cpu, lock)
        )
    return tuple(
        thread
        for thread in look.elements(machine, machine.globals["allproc"])
        if look.field(machine, thread, "p_stat") == SSLEEP
        and _on(look.field(machine, thread, "p_wchan"), lock)
    )


def _spins(machine: Machine, cpu: list[Any], lock: struct) -> bool:
    frame = cpu[0]
    statement = machine.image.statements[frame[0]]
    return statement.kind == "spin" and any(one is lock for one in frame[FIRST_SLOT:])


def _on(channel: Any, lock: struct) -> bool:
    return channel is lock or (type(channel) is tuple and channel[0] is lock)


def _at(look: Look, machine: Machine, who: Any, pcs: frozenset[int]) -> bool:
    """Whether a frame of one function is on the stack of a CPU or thread."""
    frame = _stack(look, machine, who)
    floor = machine.stacks.floor
    while frame is not None and frame is not floor:
        if frame[0] in pcs:
            return True
        frame = frame[1]
    return False


def _stack(look: Look, machine: Machine, who: Any) -> Any:
    for cpu in machine.stacks.cpus:
        if cpu[1] is who:
            return cpu[0]
    area = look.field(machine, who, "p_addr")
    if not isinstance(area, struct):
        raise Missing(f"{label(machine.memory, who)} has no stack")
    for cpu in machine.stacks.cpus:
        if machine.stacks.area(cpu[0]) is area:
            return cpu[0]
    return area.__dict__.get("_sp")


def _running(look: Look, machine: Machine, thread: Any) -> bool:
    return any(look.field(machine, info, "ci_curproc") is thread for info in machine.infos)


def _sleeping(look: Look, machine: Machine, thread: Any) -> bool:
    asleep: bool = look.field(machine, thread, "p_stat") == SSLEEP
    return asleep and not _running(look, machine, thread)


def _wchan(look: Look, machine: Machine, thread: Any) -> Any:
    if look.field(machine, thread, "p_wchan") is None:
        return None
    return look.field(machine, thread, "p_wmesg")


def _status(look: Look, machine: Machine, process: Any) -> int:
    if not look.field(machine, process, "ps_flags") & PS_EXITING:
        raise Missing(f"{label(machine.memory, process)} has not exited")
    signal: int = look.field(machine, process, "ps_xsig")
    status: int = look.field(machine, process, "ps_xexit")
    return signal + _KILLED if signal else status


def _state(look: Look, machine: Machine, process: Any) -> str:
    if isinstance(process, struct) and look.freed(machine, process):
        return "gone"
    flags = look.field(machine, process, "ps_flags")
    for flag, state in _BY_FLAG:
        if flags & flag:
            return state
    return "alive"


_BY_FLAG: Final = (
    (PS_ZOMBIE, "zombie"),
    (PS_EXITING, "exiting"),
    (PS_STOPPED, "stopped"),
    (PS_EMBRYO, "embryo"),
)

_LIST: Final = (Parameter("list"),)
_ANYTHING: Final = (Parameter("pointer"),)
_LOCK: Final = (Parameter("lock", tuple(OWNERS)),)
_THREAD: Final = (Parameter("thread", ("proc",)),)
_PROCESS: Final = (Parameter("process", ("process",)),)
_PLACE: Final = (Parameter("cpu or thread", ("cpu_info", "proc")), Parameter("function"))

FUNCTIONS: Final[Mapping[str, Function]] = {
    "len": Function(_LIST, NUMBER, _len, "how many elements a list has"),
    "exists": Function(
        _ANYTHING, TRUTH, _exists, "whether it is there: neither NULL nor freed", absent=False
    ),
    "freed": Function(_ANYTHING, TRUTH, _freed, "whether it was freed", absent=False),
    "owner": Function(_LOCK, ANY, _owner, "the CPU or thread that has a lock, or NULL"),
    "held": Function(_LOCK, TRUTH, _held, "whether anybody has a lock"),
    "waiters": Function(
        _LOCK, Kind("tuple"), _waiters, "the CPUs or threads that wait for it", fields_only=False
    ),
    "at": Function(
        _PLACE, TRUTH, _at, "whether a kernel function is on its stack", fields_only=False
    ),
    "running": Function(_THREAD, TRUTH, _running, "whether it is on a CPU"),
    "sleeping": Function(_THREAD, TRUTH, _sleeping, "whether it sleeps, and is off the CPU"),
    "wchan": Function(_THREAD, TEXT, _wchan, "what it sleeps for, as ps(1) shows, or NULL"),
    "status": Function(_PROCESS, NUMBER, _status, "what it exited with, as $? of a shell"),
    "state": Function(_PROCESS, Kind("text", words=STATES), _state, f"one of {', '.join(STATES)}"),
}

LOOKUPS: Final = {"process": ("process", "ps_pid"), "thread": ("proc", "p_tid")}
"""`process(3000)` and `thread(3002)`: what is looked for, by which field."""


def owner_kind(lock: Kind) -> Kind:
    """What `owner()` gives for a lock of a known kind."""
    return pointer(HOLDERS[lock.struct]) if lock.struct in HOLDERS else ANY
