"""I17: the order of locks, as WITNESS watches it, and no lock in user mode.

Mutexes are of one class if they have one name; the kernel lock is a class too. That A was taken
with B held is an edge; an edge that closes a circle is a violation, whether or not a deadlock came
of it in this run. As in the kernel, two locks of a class are not taken, but for the ps_mtx of a
child and then of its parent, and who only tries to take a mutex breaks no order. Edges are told
apart by the step they were first seen at, so that going back forgets them.

What a CPU holds is kept beside the machine for speed, and found anew from the owners of all
mutexes where it does not fit, as after going back. Reader/writer locks are looked at only on the
way to user mode, those of the process and those everybody shares.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from exittui.kernel.sys.mutex import IPL_NONE
from exittui.machine import describe
from exittui.machine.monitor import on_call, on_return, on_write
from exittui.machine.result import Broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from exittui.machine import Machine
    from exittui.machine.frames import Frame
    from exittui.machine.monitor import Cpu

_NOWITNESS = frozenset({"deadproc"})
_KERNEL_LOCK = "kernel_lock"
_WAYS_TO_USER_MODE = ("Xsyscall", "Xtrap0e", "Xintr_lapic_ipi", "Xintr_lapic_ltimer")


def watch(machine: Machine, note: Callable[[str, str], None] | None = None) -> None:
    """Bind the rules to a machine.

    With `note`, what is held and what is taken are handed to it instead of being looked at for
    circles: for a search, in which each schedule sees a part of the order.
    """
    rules = _Locks(machine, note)
    on_write(machine, "mtx_owner", rules.mutex)
    on_write(machine, "mpl_owner", rules.kernel_lock)
    for function in _WAYS_TO_USER_MODE:
        on_return(machine, function, rules.returned)
    on_call(machine, "userland", rules.entered)
    machine.cuts.append(rules.forget)


def path(edges: Mapping[str, Iterable[str]], start: str, end: str) -> list[str]:
    """The locks from one to another along the edges, or nothing."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        if way[-1] == end:
            return way
        for following in edges.get(way[-1], ()):
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


class _Locks:
    def __init__(self, machine: Machine, note: Callable[[str, str], None] | None) -> None:
        self._machine = machine
        self._note = note
        self._user = frozenset(one.pc for one in machine.image.statements if one.kind == "user")
        self._edges: dict[str, dict[str, int]] = {}
        self._order: list[tuple[int, str, str]] = []
        self._held: dict[int, list[Any]] = {id(info): [] for info in machine.infos}
        self._kernel_lock = machine.globals[_KERNEL_LOCK]

    # -- what is held --------------------------------------------------------------------------

    def _holding(self, info: Any) -> list[Any]:
        """The mutexes that a CPU has, the one it has just taken not among them."""
        held = self._held[id(info)]
        fits = len(held) == info.ci_mutex_level and all(
            one.__dict__.get("mtx_owner") is info for one in held
        )
        if not fits:
            held = [
                one
                for one in self._machine.memory.heap.values()
                if type(one).__name__ == "mutex" and one.__dict__.get("mtx_owner") is info
            ]
            self._held[id(info)] = held
        return held

    def mutex(self, mtx: Any, old: Any, frame: Frame, cpu: Cpu) -> None:
        """A mutex was taken or left."""
        info = cpu[1]
        owner = mtx.mtx_owner
        if owner is old:
            return
        if owner is None:
            if old is not info:
                name = describe(self._machine.memory, mtx)
                raise Broken(f"I17: {name} of {old.label()} is released by {info.label()}")
            held = self._held[id(info)]
            if mtx in held:
                held.remove(mtx)
            return
        level, kernel_lock = info.ci_mutex_level, self._kernel_lock.mpl_owner is info
        if level:
            held = [one for one in self._holding(info) if one is not mtx]
        else:
            held = []
        self._held[id(info)] = [*held, mtx]
        if not (held or kernel_lock) or mtx.mtx_name in _NOWITNESS:
            return
        if self._machine.image.statements[frame[0]].function != "mtx_enter":
            return
        if kernel_lock:
            self._taken(_KERNEL_LOCK, mtx.mtx_name)
        for one in held:
            self._pair(one, mtx)

    def kernel_lock(self, lock: Any, old: Any, _: Frame, cpu: Cpu) -> None:
        """The kernel lock was taken or left."""
        info = cpu[1]
        owner = lock.mpl_owner
        if owner is None:
            if old is not info and old is not None:
                raise Broken(f"I17: the kernel lock of {old.label()} is released by {info.label()}")
        elif info.ci_mutex_level:
            for one in self._holding(info):
                self._taken(one.mtx_name, _KERNEL_LOCK)

    # -- their order ---------------------------------------------------------------------------

    def _pair(self, held: Any, mtx: Any) -> None:
        if held.mtx_name == mtx.mtx_name:
            child, parent = held.embedded_in, mtx.embedded_in
            if mtx.mtx_name == "ps_mtx" and parent is not None and child.ps_pptr is parent:
                return
            names = [describe(self._machine.memory, one) for one in (mtx, held)]
            raise Broken(f"I17: {names[0]} is taken with {names[1]} held")
        if held.mtx_name not in _NOWITNESS:
            self._taken(held.mtx_name, mtx.mtx_name)

    def _taken(self, held: str, taken: str) -> None:
        """Note the edge from a lock that is held to one that is taken; look for a circle."""
        if self._note is not None:
            self._note(held, taken)
            return
        after = self._edges.setdefault(held, {})
        if taken in after:
            return
        position = self._machine.position
        after[taken] = position
        self._order.append((position, held, taken))
        back = path(self._edges, taken, held)
        if back:
            steps = [
                f"{two} with {one} at step {self._edges[one][two]}"
                for one, two in itertools.pairwise(back)
            ]
            raise Broken(
                f"I17: {taken} is taken with {held} held, and was taken before it: "
                + ", ".join(steps)
            )

    def forget(self, position: int) -> None:
        """Steps from a position on were taken back."""
        while self._order and self._order[-1][0] > position:
            _, held, taken = self._order.pop()
            del self._edges[held][taken]

    # -- user mode -----------------------------------------------------------------------------

    def returned(self, _: Frame, cpu: Cpu) -> None:
        """A handler or a system call is over; what it returns to may be user mode."""
        if cpu[0][0] in self._user:
            self.entered(cpu[0], cpu)

    def entered(self, _: Frame, cpu: Cpu) -> None:
        """User mode begins."""
        info = cpu[1]
        thread = info.ci_curproc
        held = self._left_over(info, thread)
        if held:
            name = describe(self._machine.memory, thread)
            raise Broken(f"I17: {name} goes to user mode with {held}")

    def _left_over(self, info: Any, thread: Any) -> str:
        if self._kernel_lock.mpl_owner is info:
            return "the kernel lock"
        if info.ci_mutex_level:
            return "a mutex"
        if info.ci_ipl != IPL_NONE:
            return f"interrupts held back to level {info.ci_ipl}"
        rwlocks = [thread.p_p.ps_lock, thread.p_vmspace.vm_map.lock]
        rwlocks.append(self._machine.globals["kernel_map"].lock)
        if thread.p_fd is not None:
            rwlocks.append(thread.p_fd.fd_lock)
        if "kqueue_ps_list_lock" in self._machine.globals:
            rwlocks.append(self._machine.globals["kqueue_ps_list_lock"])
        for lock in rwlocks:
            if lock.__dict__.get("rwl_owner") is thread:
                return f"{describe(self._machine.memory, lock)} held"
        return ""
