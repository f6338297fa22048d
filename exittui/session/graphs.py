"""Who waits for whom, and which lock was taken before which: graphs, and their circles in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import PS_SYSTEM, SSLEEP
from exittui.machine import FREED, struct
from exittui.session.views_things import Edge, GraphView
from exittui.session.waiting import awaited

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from exittui.machine import Machine, Write
    from exittui.session.changes import Changes
    from exittui.session.naming import Naming
    from exittui.session.things import Things

_OWNERS: Final = {"mutex": "mtx_owner", "rwlock": "rwl_owner", "mp_lock": "mpl_owner"}
_FIELDS: Final = frozenset({*_OWNERS.values(), "ci_curproc"})


_SLEEPING: Final = frozenset(
    {
        *("p_stat", "p_wchan", "p_wmesg", "ps_flags", "ps_children", "ps_sibling", "lh_first"),
        *(FREED, *_FIELDS),
    }
)
"""What the arrows of those who sleep depend on."""


class WaitGraph:
    """Arrows from who waits to whom it waits for, at the present moment."""

    def __init__(self, machine: Machine, things: Things, naming: Naming) -> None:
        self._machine = machine
        self._things = things
        self._naming = naming

        self._asleep: tuple[Edge, ...] | None = None
        self._drawn: tuple[tuple[Edge, ...], GraphView] | None = None

    def moved(self, changes: Changes) -> None:
        """The session has moved: who sleeps is looked up again if that may be new."""
        if changes.jump or not _SLEEPING.isdisjoint(changes.fields):
            self._asleep = self._drawn = None

    def view(self) -> GraphView:
        """The graph now."""
        if self._asleep is None:
            self._asleep = tuple(self._sleeping())
        edges = (*self._spinning(), *self._asleep)
        if self._drawn is None or self._drawn[0] != edges:
            self._drawn = (edges, _graph(edges))
        return self._drawn[1]

    def _spinning(self) -> Iterator[Edge]:
        machine = self._machine
        for cpu in range(machine.ncpu):
            lock = awaited(machine, cpu)
            if lock is None:
                continue
            source = self._running(cpu)
            owner = self._owner(lock)
            yield Edge(source, owner or "nobody", f"spins for {self._naming.lock(lock)}")

    def _sleeping(self) -> Iterator[Edge]:
        read = self._things.read
        channels: dict[int, str] = {}
        for p in self._things.all("proc"):
            asleep = not self._things.freed(p) and read(p, "p_stat") == SSLEEP
            if not asleep or read(p, "p_wchan") is None:
                continue
            if read(read(p, "p_p"), "ps_flags", 0) & PS_SYSTEM:
                continue
            yield from self._of_channel(p, read(p, "p_wchan"), read(p, "p_wmesg") or "", channels)

    def _of_channel(
        self, p: struct, channel: Any, message: str, channels: dict[int, str]
    ) -> Iterator[Edge]:
        """The arrows of one thread; `channels` are the names, by identity, that are known."""
        read, naming = self._things.read, self._naming
        source = naming.thread(p)
        target = channel[0] if isinstance(channel, tuple) else channel
        if isinstance(target, struct) and type(target).__name__ in _OWNERS:
            owner = self._owner(target)
            if owner:
                yield Edge(source, owner, f"sleeps for {naming.lock(target)}")
                return
        if message == "wait":
            children = self._things.walk(read(read(p, "p_p"), "ps_children"), "ps_sibling")
            for child in children:
                yield Edge(source, naming.process(child), "waits for it to exit")
            return
        name = channels.get(id(channel))
        if name is None:
            name = channels[id(channel)] = naming.channel(channel)
        yield Edge(source, name, f"sleeps on {message or 'it'}")

    def _running(self, cpu: int) -> str:
        return self._naming.thread(self._things.read(self._machine.infos[cpu], "ci_curproc"))

    def _owner(self, lock: struct) -> str:
        owner = self._things.read(lock, _OWNERS[type(lock).__name__])
        if isinstance(owner, int):
            return f"{owner // 8} readers" if owner else ""
        if owner is None:
            return ""
        if type(owner).__name__ == "cpu_info":
            return self._running(self._things.read(owner, "ci_cpuid"))
        return self._naming.thread(owner)


def _graph(edges: tuple[Edge, ...]) -> GraphView:
    """The arrows with their circle."""
    circle = find_circle([(edge.source, edge.target) for edge in edges])
    bad = set(zip(circle, (*circle[1:], *circle[:1]), strict=True))
    if bad:
        edges = tuple(
            Edge(one.source, one.target, one.why, one.step, (one.source, one.target) in bad)
            for one in edges
        )
    lines = [f"{one.source} -> {one.target}: {one.why}" for one in edges]
    if circle:
        lines.append(f"deadlock: {' -> '.join((*circle, circle[0]))}")
    return GraphView(edges, tuple(lines), circle)


class LockOrder:
    """Which locks were taken while which were held, as witness(4) keeps it, up to any step."""

    def __init__(self, machine: Machine, things: Things, naming: Naming) -> None:
        self._machine = machine
        self._things = things
        self._naming = naming
        self._forget()

    def _forget(self) -> None:
        self._known = 0
        self._cuts = len(self._machine.history.cuts)
        self._held: dict[str, list[tuple[struct, str]]] = {}
        self._running: list[Any] | None = None
        self._seen: dict[tuple[str, str], tuple[int, str]] = {}

    def view(self) -> GraphView:
        """The orders seen up to now."""
        self._follow()
        position = self._machine.position
        seen = {pair: found for pair, found in self._seen.items() if found[0] <= position}
        circle = find_circle(list(seen))
        bad = set(zip(circle, (*circle[1:], *circle[:1]), strict=True))
        edges = tuple(
            Edge(before, after, who, step, (before, after) in bad)
            for (before, after), (step, who) in seen.items()
        )
        lines = [f"{one.source} -> {one.target}: {one.why}, step {one.step}" for one in edges]
        if circle:
            lines.append(f"lock order reversal: {' -> '.join((*circle, circle[0]))}")
        return GraphView(edges, tuple(lines), circle)

    def _follow(self) -> None:
        machine = self._machine
        cuts = machine.history.cuts
        if len(cuts) > self._cuts:
            lowest = min(cuts[self._cuts :])
            self._cuts = len(cuts)
            if lowest < self._known:
                self._forget()
        position = machine.position
        if position <= self._known:
            return
        found = machine.history.changes(self._known, position, _FIELDS)
        if self._running is None:
            self._begin(found)
        for step, write in found:
            self._take_in(step, write)
        self._known = position

    def _begin(self, found: list[tuple[int, Write]]) -> None:
        """Who ran at the start: the old value of the first change, or who runs now."""
        read = self._things.read
        self._running = [read(info, "ci_curproc") for info in self._machine.infos]
        for _, write in reversed(found):
            if write.field == "ci_curproc":
                self._running[read(write.target, "ci_cpuid")] = write.old

    def _take_in(self, step: int, write: Write) -> None:
        running = self._running or []
        if write.field == "ci_curproc":
            running[self._things.read(write.target, "ci_cpuid")] = write.new
            return
        cpu = self._machine.history.cpu(step)
        lock, name = write.target, self._class(write.target)
        if lock is None:
            return
        thread = self._naming.thread(running[cpu])
        key = thread if type(lock).__name__ == "rwlock" else f"cpu{cpu}"
        if write.new and not (
            isinstance(write.new, int) and isinstance(write.old, int) and write.new < write.old
        ):
            where = self._machine.history.statement(step).function
            for holder in dict.fromkeys((thread, f"cpu{cpu}")):
                for _, held in self._held.get(holder, []):
                    if held != name:
                        self._seen.setdefault((held, name), (step + 1, f"{thread} in {where}()"))
            self._held.setdefault(key, []).append((lock, name))
        else:
            self._let_go(lock, key)

    def _let_go(self, lock: struct, key: str) -> None:
        for holder in (key, *self._held):
            held = self._held.get(holder, [])
            for entry in held:
                if entry[0] is lock:
                    held.remove(entry)
                    return

    def _class(self, lock: struct | None) -> str:
        """The name that all locks of one kind share."""
        if lock is None:
            return ""
        kept = self._things.read(lock, "_name") if lock.embedded_in is not None else None
        return str(kept or self._naming.lock(lock))


def find_circle(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The names along one circle of arrows, from the first that was seen; nothing if none is."""
    following: dict[str, list[str]] = {}
    for source, target in pairs:
        following.setdefault(source, []).append(target)
    if not any(target in following for targets in following.values() for target in targets):
        return ()  # a thousand threads that sleep on one thing
    done: set[str] = set()
    for start in following:
        found = _circle_from(start, following, done)
        if found:
            return found
    return ()


def _circle_from(start: str, following: Mapping[str, list[str]], done: set[str]) -> tuple[str, ...]:
    path = [start]
    waiting = [iter(following.get(start, ()))]
    while path:
        target = next(waiting[-1], None)
        if target is None:
            done.add(path.pop())
            waiting.pop()
        elif target in path:
            return tuple(path[path.index(target) :])
        elif target not in done:
            path.append(target)
            waiting.append(iter(following.get(target, ())))
    return ()
