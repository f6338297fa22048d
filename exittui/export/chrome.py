"""Runs in virtual time as Chrome trace JSON, which Perfetto and chrome://tracing open.

Every kernel is a group of tracks: one for each CPU, one for each thread. A slice is a function,
from its first statement to its last, or a wait; slices nest as calls do. Locks are asynchronous
events, held and waited for; a wakeup is a flow from who wakes to the first thing the woken does;
the numbers of threads and zombies are counters. Times are microseconds.

A workload is told by what its CPUs and threads did, without functions: there would be too many.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final

from exittui.compare.places import OWNERS, POINT_TITLES, Places
from exittui.machine import describe
from exittui.machine.timed import Timed
from exittui.scenario.play import priced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from exittui.compare.meter import Segment
    from exittui.compare.outcome import Outcome
    from exittui.machine.history import StepRecord
    from exittui.scenario.build import Built

Event = dict[str, Any]

GROUP: Final = 1_000_000
"""What the process numbers of one kernel's tracks are apart from the next one's."""

IDLE: Final = "idle"


def lane(cpu: int) -> int:
    """The number of the track of a CPU: viewers take 0 for the idle thread, and hide it."""
    return cpu + 1


def document(events: Iterable[Event]) -> Iterator[str]:
    """The events as a file, one to a line."""
    yield '{"displayTimeUnit":"ns","traceEvents":['
    first = True
    for event in events:
        text = json.dumps(event, separators=(",", ":"), ensure_ascii=True)
        yield text if first else f",{text}"
        first = False
    yield "]}"


def from_runs(builts: Sequence[Built]) -> Iterator[Event]:
    """Run each machine to its end, and tell all it did."""
    for index, built in enumerate(builts):
        yield from _Run(built, (index + 1) * GROUP).events()


def from_outcomes(outcomes: Sequence[Outcome]) -> Iterator[Event]:
    """What the CPUs did in runs that kept their segments."""
    for index, outcome in enumerate(outcomes):
        yield from _told(outcome, (index + 1) * GROUP)


def _name(base: int, pid: int, name: str) -> Event:
    return {"ph": "M", "name": "process_name", "pid": base + pid, "tid": 0, "args": {"name": name}}


def _thread(base: int, pid: int, tid: int, name: str) -> Event:
    return {"ph": "M", "name": "thread_name", "pid": base + pid, "tid": tid, "args": {"name": name}}


def _slice(pid: int, tid: int, name: str, begin: int, end: int, **args: object) -> Event:
    return {
        "ph": "X",
        "name": name,
        "pid": pid,
        "tid": tid,
        "ts": begin / 1000,
        "dur": (end - begin) / 1000,
        "args": args,
    }


class _Track:
    """The open functions of one CPU, from which its slices are made."""

    def __init__(self) -> None:
        self.thread: Any = None
        self.stack: list[tuple[str, int]] = []
        self.until = 0

    def close(self, depth: int) -> Iterator[tuple[str, int, int]]:
        """End the functions below a depth; name, begin and end of each."""
        while len(self.stack) > depth:
            name, begin = self.stack.pop()
            yield name, begin, self.until


class _Run:
    """Steps one machine and tells what it does."""

    def __init__(self, built: Built, base: int) -> None:
        self._built = built
        self._machine = built.machine
        self._base = base
        self._chooser = Timed(priced(built))
        self._places = Places(built.machine.image)
        self._tracks = [_Track() for _ in range(built.machine.ncpu)]
        self._threads: dict[int, tuple[int, int]] = {}
        self._holders: dict[int, str] = {}
        self._flows: dict[int, tuple[int, int]] = {}
        self._flow = base
        self._zombies = 0

    def events(self) -> Iterator[Event]:
        """All of it."""
        machine, base = self._machine, self._base
        yield _name(base, 0, f"{self._built.kernel}: CPUs")
        for cpu in range(machine.ncpu):
            yield _thread(base, 0, lane(cpu), f"cpu{cpu}")
        limit = self._built.scenario.run.max_steps
        while machine.result is None and machine.position < limit:
            running = [info.ci_curproc for info in machine.infos]
            chosen = self._chooser.choose(machine)
            if chosen is None:
                break
            machine.step(chosen)
            index = machine.position - 1
            begin, end = self._chooser.span(machine, index)
            cpu = chosen % machine.ncpu
            yield from self._step(machine.record(index), cpu, running[cpu], begin, end)
        for cpu, track in enumerate(self._tracks):
            yield from self._ended(cpu, track, 0)

    def _step(
        self, record: StepRecord, cpu: int, thread: Any, begin: int, end: int
    ) -> Iterator[Event]:
        track = self._tracks[cpu]
        if thread is not track.thread:
            yield from self._ended(cpu, track, 0)
            yield from self._enter(thread)
            track.thread = thread
            track.until = begin
        if begin > track.until:
            yield from self._waited(record, cpu, track, begin)
        names = [name for name, _ in track.stack]
        common = 0
        while common < min(len(names), len(record.stack)) and names[common] == record.stack[common]:
            common += 1
        yield from self._ended(cpu, track, common)
        track.stack += [(name, begin) for name in record.stack[common:]]
        track.until = end
        yield from self._flowing(cpu, thread, begin)
        yield from self._written(record, cpu, begin, end)

    def _ended(self, cpu: int, track: _Track, depth: int) -> Iterator[Event]:
        """The functions that were left, in the track of the CPU and in that of the thread."""
        pid, tid = self._number(track.thread)
        for name, begin, end in track.close(depth):
            yield _slice(self._base, lane(cpu), name, begin, end)
            if track.thread is not None:
                yield _slice(self._base + pid, tid, name, begin, end)

    def _waited(self, record: StepRecord, cpu: int, track: _Track, begin: int) -> Iterator[Event]:
        """The CPU went on later than it could have: it spun, or was idle."""
        kind = record.statement.kind
        name = f"spin: {record.statement.text}" if kind == "spin" else IDLE
        pid, tid = self._number(track.thread)
        for where in ((self._base, lane(cpu)), (self._base + pid, tid)):
            yield _slice(*where, name, track.until, begin)
        if kind == "spin":
            self._flow += 1
            for phase, time in (("b", track.until), ("e", begin)):
                yield _waiting(phase, "wait", name, self._flow, self._base, cpu, time)
        track.until = begin

    def _number(self, thread: Any) -> tuple[int, int]:
        """Process and thread number of the track of a thread, kept after it is freed."""
        return self._threads.get(_oid(thread), (0, 0))

    def _enter(self, thread: Any) -> Iterator[Event]:
        """Name the track of a thread when it first runs."""
        if thread is None or _oid(thread) in self._threads:
            return
        memory = self._machine.memory  # it or its process may be gone
        fields = memory.fields(thread)
        process, tid = memory.fields(fields["p_p"]), fields["p_tid"]
        pid = process["ps_pid"] + 1000  # number 0 is the CPUs'
        self._threads[_oid(thread)] = (pid, tid)
        yield _name(self._base, pid, f"{self._built.kernel}: {process['ps_comm']}")
        yield _thread(self._base, pid, tid, describe(memory, thread))

    # -- locks, wakeups, counters --------------------------------------------------------------

    def _written(self, record: StepRecord, cpu: int, begin: int, end: int) -> Iterator[Event]:
        for write in record.writes:
            if write.field in OWNERS and write.target is not None:
                yield from self._lock(write, cpu, end if write.new else begin)
            elif write.field == "nthreads":
                yield self._counter("threads", write.new, end)
        text, function = record.statement.text, record.statement.function
        if function == "exit1" and "LIST_INSERT_HEAD(zombprocess" in text:
            self._zombies += 1
            yield self._counter("zombies", self._zombies, end)
        elif function in _BURIALS and 'LIST_REMOVE(pr, "ps_list")' in text:
            self._zombies -= 1
            yield self._counter("zombies", self._zombies, end)
        if function == "setrunnable" and record.statement.pc in self._places.entry(function):
            frame = self._machine.history.frame(record.index)
            woken = frame[self._places.variable(function, "p")]
            self._flow += 1
            self._flows[_oid(woken)] = (self._flow, begin)
            yield _flow("s", self._flow, self._base, cpu, begin)

    def _flowing(self, cpu: int, thread: Any, begin: int) -> Iterator[Event]:
        """The end of a wakeup: the first step of who was woken."""
        found = self._flows.pop(_oid(thread), None)
        if found is not None:
            yield _flow("f", found[0], self._base, cpu, max(begin, found[1]))

    def _lock(self, write: Any, cpu: int, time: int) -> Iterator[Event]:
        number = write.target.__dict__["_oid"]
        held = number in self._holders
        if bool(write.new) == held:
            return  # a reader more or less
        if write.new:
            self._holders[number] = write.name
        name = self._holders[number] if write.new else self._holders.pop(number)
        phase = "b" if write.new else "e"
        yield _waiting(phase, "lock", name, self._base + number, self._base, cpu, time)

    def _counter(self, name: str, value: int, time: int) -> Event:
        return {
            "ph": "C",
            "name": name,
            "pid": self._base,
            "tid": 0,
            "ts": time / 1000,
            "args": {name: value},
        }


_BURIALS: Final = ("proc_finish_wait", "process_remove")


def _oid(thread: Any) -> int:
    return -1 if thread is None else int(thread.__dict__["_oid"])


def _told(outcome: Outcome, base: int) -> Iterator[Event]:
    """Segments, locks, wakeups, counters and points of an outcome."""
    yield _name(base, 0, f"{outcome.kernel}: CPUs")
    for cpu in range(len(outcome.cpus)):
        yield _thread(base, 0, lane(cpu), f"cpu{cpu}")
    yield _name(base, 1, f"{outcome.kernel}: threads")
    seen: set[int] = set()
    for number, one in enumerate(outcome.segments):
        name = IDLE if one.kind == "idle" else f"{one.thread}, {one.kind}"
        name = f"spin: {one.lock}" if one.lock else name
        yield _slice(base, lane(one.cpu), name, one.begin, one.end, thread=one.thread)
        if one.kind != "idle":
            if one.tid not in seen:
                seen.add(one.tid)
                yield _thread(base, 1, one.tid, f"{one.thread} {one.tid}")
            kind = f"spin: {one.lock}" if one.lock else one.kind
            yield _slice(base + 1, one.tid, kind, one.begin, one.end, cpu=one.cpu)
        if one.lock:
            for phase, time in (("b", one.begin), ("e", one.end)):
                yield _waiting(phase, "wait", name, base + number, base, one.cpu, time)
    for hold in outcome.holds:
        for phase, time in (("b", hold.begin), ("e", hold.end)):
            yield _waiting(phase, "lock", hold.lock, base + hold.number, base, hold.cpu, time)
    yield from _flows(outcome, base)
    for time, name, value in outcome.counters:
        yield {
            "ph": "C",
            "name": name,
            "pid": base,
            "tid": 0,
            "ts": time / 1000,
            "args": {name: value},
        }
    for ending in outcome.endings:
        for point, (time, cpu) in ending.points.items():
            yield {
                "ph": "i",
                "s": "t",
                "name": f"{ending.name} {POINT_TITLES[point]}",
                "pid": base,
                "tid": lane(cpu),
                "ts": time / 1000,
            }


def _flows(outcome: Outcome, base: int) -> Iterator[Event]:
    """From each wakeup to the first thing that who was woken does, as far as that was kept."""
    runs: dict[int, list[Segment]] = {}
    for one in outcome.segments:
        runs.setdefault(one.tid, []).append(one)
    last = max((one.end for one in outcome.segments), default=0)
    for number, wake in enumerate(outcome.wakes):
        after = runs.get(wake.tid, [])
        at = bisect_left(after, wake.time, key=lambda one: one.begin)
        if at == len(after) or wake.time > last:
            continue
        yield _flow("s", base + number, base, wake.cpu, wake.time)
        yield _flow("f", base + number, base, after[at].cpu, after[at].begin)


def _flow(phase: str, number: int, pid: int, cpu: int, time: int) -> Event:
    event = {
        "ph": phase,
        "cat": "wakeup",
        "name": "wakeup",
        "id": number,
        "pid": pid,
        "tid": lane(cpu),
        "ts": time / 1000,
    }
    return {**event, "bp": "e"} if phase == "f" else event


def _waiting(  # noqa: PLR0917 - the parts of one event
    phase: str, category: str, name: str, number: int, pid: int, cpu: int, time: int
) -> Event:
    """The begin or the end of something that does not nest: a lock held, or waited for."""
    return {
        "ph": phase,
        "cat": category,
        "name": name,
        "id": number,
        "pid": pid,
        "tid": lane(cpu),
        "ts": time / 1000,
    }
