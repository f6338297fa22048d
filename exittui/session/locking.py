"""The locks of a machine: who has them, since when, and who waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import SSLEEP
from exittui.session.views import LockView
from exittui.session.waiting import awaited

if TYPE_CHECKING:
    from exittui.machine import Machine, struct
    from exittui.session.changes import Changes
    from exittui.session.naming import Naming
    from exittui.session.things import Things
    from exittui.session.values import Values

OWNER: Final = {"mutex": "mtx_owner", "rwlock": "rwl_owner", "mp_lock": "mpl_owner"}
_FIELDS: Final = frozenset(OWNER.values())
_PINNED: Final = ("kernel_lock", "sched_lock")


class Locking:
    """Keeps which locks are held and which were ever seen held."""

    def __init__(self, machine: Machine, things: Things, naming: Naming) -> None:
        self._machine = machine
        self._things = things
        self._naming = naming
        self._held: dict[int, struct] | None = None
        self._used: dict[int, struct] = {}
        self._since: dict[int, tuple[Any, int | None]] = {}
        self._pinned = [lock for name in _PINNED if (lock := things.variable(name)) is not None]

    def moved(self, changes: Changes) -> None:
        """The session has moved: follow the writes, or look at all locks again after a jump."""
        if changes.jump:
            self._held = None
            self._since.clear()
            return
        if self._held is None or _FIELDS.isdisjoint(changes.fields):
            return
        for record in changes.records:
            for write in record.writes:
                if write.field in _FIELDS and write.target is not None:
                    self._note(write.target)

    def _note(self, lock: struct) -> None:
        """A lock was written to: it is held, or not any more."""
        held = self._all_held()
        if self._owner(lock):
            held[id(lock)] = lock
            self._used[id(lock)] = lock
        else:
            held.pop(id(lock), None)

    def _all_held(self) -> dict[int, struct]:
        if self._held is None:
            self._held = {}
            for kind, field in OWNER.items():
                for lock in self._things.all(kind):
                    if lock.__dict__.get(field):  # a freed one has no fields left
                        self._held[id(lock)] = lock
                        self._used[id(lock)] = lock
        return self._held

    def _owner(self, lock: struct) -> Any:
        return self._things.read(lock, OWNER[type(lock).__name__])

    def held(self) -> list[struct]:
        """All locks that are held, in the order in which they were made."""
        found = self._all_held().values()
        return sorted(found, key=lambda lock: int(lock.__dict__["_oid"]))

    def held_by(self, cpu: int) -> tuple[str, ...]:
        """The spinning locks that a CPU holds, the kernel lock first, with its depth."""
        info = self._machine.infos[cpu]
        names = []
        for lock in self._all_held().values():
            if self._owner(lock) is info:
                depth = self._depth(lock)
                name = self._naming.lock(lock)
                names.append(f"{name} ×{depth}" if depth > 1 else name)
        return tuple(sorted(names, key=lambda name: (not name.startswith("kernel_lock"), name)))

    def _depth(self, lock: struct) -> int:
        if type(lock).__name__ != "mp_lock":
            return 1
        return int(self._things.read(self._owner(lock), "ci_mplc_depth", 1))

    @property
    def pinned(self) -> int:
        """How many locks have a row always, before all others."""
        return len(self._pinned)

    def views(self, values: Values, *, patient: bool = True) -> tuple[LockView, ...]:
        """The big locks, then those held or awaited, then those used before.

        Without patience, the steps that took them are left out while they are not at hand.
        """
        held = self._all_held()
        machine = self._machine
        wanted = [awaited(machine, cpu) for cpu in range(machine.ncpu)]
        order = {id(lock): lock for lock in (*self._pinned, *held.values())}
        order.update({id(lock): lock for lock in wanted if lock is not None})
        pinned = len(self._pinned)
        locks = list(order.values())
        locks[pinned:] = sorted(locks[pinned:], key=lambda lock: int(lock.__dict__["_oid"]))
        resting = [
            lock
            for key, lock in self._used.items()
            if key not in order and not self._things.freed(lock)
        ]
        resting.sort(key=lambda lock: int(lock.__dict__["_oid"]))
        return tuple(
            self.view(lock, values, wanted, patient=patient) for lock in (*locks, *resting)
        )

    def view(
        self,
        lock: struct,
        values: Values,
        wanted: list[struct | None] | None = None,
        *,
        patient: bool = True,
    ) -> LockView:
        """One lock; `wanted` is what each CPU spins for, where that is known already."""
        machine = self._machine
        if wanted is None:
            wanted = [awaited(machine, cpu) for cpu in range(machine.ncpu)]
        owner = self._owner(lock)
        cpu = self._things.read(owner, "ci_cpuid") if _is_struct(owner, "cpu_info") else None
        return LockView(
            name=self._naming.lock(lock),
            owner=values.field(lock, OWNER[type(lock).__name__], self._holder),
            owner_cpu=cpu,
            depth=self._depth(lock) if owner else 0,
            since=self._since_step(lock, owner, patient=patient) if owner else None,
            waiters=self._sleepers(lock),
            waiting_cpus=self._spinners(lock, wanted),
            number=int(lock.__dict__["_oid"]),
        )

    def _holder(self, owner: Any) -> str:
        if not owner:
            return ""
        if _is_struct(owner, "cpu_info"):
            number = self._things.read(owner, "ci_cpuid")
            thread = self._things.read(owner, "ci_curproc")
            return f"{number} {self._naming.thread(thread)}"
        if isinstance(owner, int):
            return f"{owner // 8} readers"
        return self._naming.thread(owner)

    def _since_step(self, lock: struct, owner: Any, *, patient: bool) -> int | None:
        """The step that made `owner` the owner; None if that was before the run began.

        It is None too where it would have to be looked for and there is no patience.
        """
        position = self._machine.position
        known = self._since.get(id(lock))
        if known is not None and known[0] is owner and (known[1] or 0) <= position:
            return known[1]
        history = self._machine.history
        step = history.last_writer(lock, OWNER[type(lock).__name__], patient=patient)
        if step is None and not (patient or history.at_hand):
            return None
        since = None if step is None else step + 1
        self._since[id(lock)] = (owner, since)
        return since

    def _spinners(self, lock: struct, wanted: list[struct | None]) -> tuple[int, ...]:
        """The CPUs that spin for a lock; for the kernel lock in the order in which they get it."""
        spinning = [number for number, one in enumerate(wanted) if one is lock]
        users = self._things.read(lock, "mpl_users") if len(spinning) > 1 else None
        if users is None:
            return tuple(spinning)  # of those that spin for a mutex any may get it
        queue = self._things.walk(users, "ci_mplc_link")
        order = [self._things.read(info, "ci_cpuid") for info in queue]
        return tuple(sorted(spinning, key=lambda cpu: order.index(cpu) if cpu in order else -1))

    def _sleepers(self, lock: struct) -> tuple[str, ...]:
        """The threads that sleep until an rwlock is free, in the order of their sleep queue."""
        if type(lock).__name__ != "rwlock":
            return ()
        read = self._things.read
        if not (read(lock, "rwl_waiters", 0) or read(lock, "rwl_readers", 0)):
            return ()
        return tuple(
            self._naming.thread(p)
            for queue in self._things.variable("slpque") or ()
            for p in self._things.walk(read(queue, "sq_qs"), "p_runq")
            if read(p, "p_stat") == SSLEEP and _channel_of(read(p, "p_wchan"), lock)
        )


def _is_struct(value: object, kind: str) -> bool:
    return type(value).__name__ == kind


def _channel_of(channel: Any, lock: struct) -> bool:
    return channel is lock or (isinstance(channel, tuple) and channel[0] is lock)
