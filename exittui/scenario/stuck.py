"""Why nothing can go on: who spins or sleeps, and for what, in words.

A run has ended well when every user thread is gone, or belongs to a process that may wait for
ever (init, and those a scenario marks with `waits`). A spinning CPU is never a good end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.proc import PS_SYSTEM
from exittui.machine import describe, struct, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine
    from exittui.scenario.build import Built

_OWNERS = ("mtx_owner", "mpl_owner", "rwl_owner")
"""The fields of locks that say who holds them: a CPU or a thread."""

_MOST = 8
"""As many sentences as one can take in."""

_FOR = {"kqread": ", for an event on its kqueue", "sigsusp": ", for a signal"}
"""What some wait messages mean."""


def stuck(built: Built) -> str:
    """What keeps the programs from their ends, or nothing if all have ended."""
    found = [*_spinning(built.machine), *_sleeping(built)]
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return "; ".join([*found[:_MOST], *more])


def user_threads(machine: Machine) -> Iterator[Any]:
    """The threads of user processes that are still on allproc."""
    for thread in walk(machine.globals["allproc"], "p_list"):
        if not thread.p_p.ps_flags & PS_SYSTEM:
            yield thread


def _spinning(machine: Machine) -> Iterator[str]:
    for cpu in range(machine.ncpu):
        wait = machine.wait(cpu)
        if wait is not None and wait.kind == "spin":
            thread = describe(machine.memory, machine.infos[cpu].ci_curproc)
            locks = [one for one in wait.objects if _owner(one) is not None]
            what = _held(machine, locks[0]) if locks else wait.text
            yield f"cpu{cpu} ({thread}) spins for {what}"


def _sleeping(built: Built) -> Iterator[str]:
    machine = built.machine
    patient = {1, *(built.pids[one.name] for one in built.scenario.process if one.waits)}
    for thread in user_threads(machine):
        process = thread.p_p
        if process.ps_pid in patient:
            continue
        name = describe(machine.memory, thread)
        if thread.p_wchan is None:
            yield f"{name} does not run"
            continue
        yield f"{name} sleeps on {thread.p_wmesg!r}{_for(built, thread)}"


def _for(built: Built, thread: Any) -> str:
    """What a sleeping thread waits for, as far as its wait channel says it."""
    machine, channel = built.machine, thread.p_wchan
    if thread.p_wmesg == "wait":
        children = [
            built.name(child.ps_pid) for child in walk(thread.p_p.ps_children, "ps_sibling")
        ]
        return f", for a child to exit ({', '.join(children) or 'it has none'})"
    if thread.p_wmesg in _FOR:
        return _FOR[thread.p_wmesg]
    if isinstance(channel, struct) and _owner(channel) is not None:
        return f", for {_held(machine, channel)}"
    return f" ({describe(machine.memory, channel)})"


def _owner(lock: object) -> Any:
    """Who holds a lock: a CPU or a thread; None if nobody, or if it is no lock."""
    owners = [getattr(lock, field) for field in _OWNERS if hasattr(lock, field)]
    return owners[0] if owners and isinstance(owners[0], struct) else None


def _held(machine: Machine, lock: Any) -> str:
    """`kernel_lock, held by cpu1 (worker.2)`."""
    owner = _owner(lock)
    holder = describe(machine.memory, owner)
    if owner in machine.infos:
        holder = f"{holder} ({describe(machine.memory, owner.ci_curproc)})"
    return f"{describe(machine.memory, lock)}, held by {holder}"
