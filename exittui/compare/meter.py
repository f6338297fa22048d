"""What a run in virtual time is measured for: an observer at each place, and the sums.

Every nanosecond of every CPU goes to exactly one of user, system, spin and idle (`Clockwork` sees
to that), and every nanosecond of a thread to exactly one account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.compare.accounts import Accounts, Time
from exittui.compare.endings import Endings
from exittui.compare.places import COUNTED, OWNERS, Places
from exittui.kernel.sys.proc import P_SYSTEM
from exittui.machine import describe, walk
from exittui.machine.clockwork import Clockwork

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine import Machine
    from exittui.machine.frames import Frame
    from exittui.machine.timed import Prices

    Observer = Callable[[int, Frame, int, int], None]

_NAMES: Final = ("mtx_name", "mpl_name", "rwl_name")


@attrs.define
class Lock:
    """All locks of one name together."""

    name: str
    taken: int = 0
    contended: int = 0
    held: int = 0
    waited: int = 0
    longest: int = 0
    """The longest wait."""


@attrs.frozen
class Segment:
    """What a CPU did for a while: `kind` is user, system, spin or idle."""

    cpu: int
    kind: str
    thread: str
    begin: int
    end: int
    lock: str = ""
    tid: int = 0


@attrs.frozen
class Hold:
    """A lock was held for a while; `number` tells it from others of its name."""

    lock: str
    number: int
    cpu: int
    begin: int
    end: int


@attrs.frozen
class Wake:
    """One thread has made another runnable."""

    time: int
    cpu: int
    waker: str
    woken: str
    tid: int
    """Of who was woken."""


class Meter:
    """Runs one machine in virtual time and takes its measures."""

    def __init__(self, machine: Machine, prices: Prices, *, segments: int = 0) -> None:
        """Keep up to so many `segments` of what the CPUs did."""
        self.machine = machine
        self.accounts = Accounts()
        self.locks: dict[str, Lock] = {}
        self.switches = 0
        self.segments: list[Segment] = []
        self.wakes: list[Wake] = []
        """Who woke whom; as long as segments are kept."""
        self.holds: list[Hold] = []
        """Which locks were held, in the order they were let go; as long as segments are kept."""
        self.counters: list[tuple[int, str, int]] = []
        """When a count changed, which, and to what; as long as segments are kept."""
        self.peaks = {"procs": 0, "zombies": 0, "stacks": 0}
        self._now = {"zombies": 0, "stacks": 0}
        self._most = segments
        self._places = Places(machine.image)
        self._endings = Endings(self._places, self._noted)
        self.points = self._endings.points
        """By pid, when and on which CPU its end came to each of the points."""
        self.names = self._endings.names
        self.switches_by: dict[int, dict[str, int]] = {}
        """By pid, how many switches there had been when its end came to a point."""
        self._observers: dict[int, list[Observer]] = {}
        self._held: dict[int, int] = {}
        self._kernel_threads: set[int] = set()
        self._running = [info.ci_curproc for info in machine.infos]
        self._cursor = [0] * machine.ncpu
        self._marks = [(0, 0, 0)] * machine.ncpu
        self._watch()
        self.clockwork = Clockwork(machine, prices, self._observers, self._waited)

    # -- where to look -------------------------------------------------------------------------

    def _watch(self) -> None:
        at = self._places
        on = self._on
        on(at.writing("ci_curproc"), self._switch)
        for field, variable in OWNERS.items():
            for pc in at.writing(field):
                name = self.machine.image.statements[pc].function
                if variable in self.machine.image.functions[name].variables:
                    on((pc,), self._locking(field, at.variable(name, variable)))
        on(at.entry("tuagg_add_process"), self._aggregate)
        on(at.entry("calcru"), self._report)
        on(at.entry("proc_free"), self._free_thread)
        on(at.inside("process_zap", "pool_put(process_pool"), self._free_process)
        for pc, observer in self._endings.observers():
            on((pc,), observer)
        on(at.inside("exit1", "LIST_INSERT_HEAD(zombprocess"), self._counting("zombies", 1))
        for function in ("proc_finish_wait", "process_remove"):
            on(at.inside(function, 'LIST_REMOVE(pr, "ps_list")'), self._counting("zombies", -1))
        on(at.inside("uvm_uarea_alloc", "= user("), self._counting("stacks", 1))
        on(at.inside("uvm_uarea_free", "free("), self._counting("stacks", -1))
        on(at.writing("nthreads"), self._threads)
        if self._most:
            on(at.entry("setrunnable"), self._woken)
            on(at.inside("userland", "n -= 1"), self._computed)
        self._start()

    def _start(self) -> None:
        threads = list(walk(self.machine.globals["allproc"], "p_list"))
        self._now["stacks"] = self.peaks["stacks"] = len(threads)
        self.peaks["procs"] = self.machine.globals["nthreads"]
        self._kernel_threads = {
            thread.__dict__["_oid"] for thread in threads if thread.p_flag & P_SYSTEM
        }

    def _on(self, pcs: tuple[int, ...], observer: Observer) -> None:
        for pc in pcs:
            self._observers.setdefault(pc, []).append(observer)

    # -- running -------------------------------------------------------------------------------

    def finish(self) -> int:
        """Close all accounts; the time at the end."""
        end = self.clockwork.finish()
        for cpu in range(self.machine.ncpu):
            self._flush(cpu, end)
            self._segment(cpu, "system", end)
        self.accounts.close(self._kernel_threads)
        return end

    def count(self, what: str) -> int:
        """How often the functions were entered that `COUNTED` names."""
        entries = [pc for one in COUNTED[what] for pc in self._places.entry(one)]
        return sum(self.clockwork.hits[pc] for pc in entries)

    def _flush(self, cpu: int, now: int) -> None:
        """Give the running thread what the CPU did since the last time."""
        clockwork = self.clockwork
        user, spin, rest = clockwork.user[cpu], clockwork.spin[cpu], clockwork.idle[cpu]
        user0, spin0, since = self._marks[cpu]
        self._marks[cpu] = (user, spin, now - rest)
        ran = Time(user - user0, now - rest - since - (user - user0) - (spin - spin0), spin - spin0)
        thread = self._running[cpu]
        if thread is not None:
            self.accounts.ran(thread.__dict__["_oid"], ran)

    # -- observers: threads and CPUs -----------------------------------------------------------

    def _switch(self, cpu: int, _: Frame, __: int, end: int) -> None:
        self.switches += 1
        self._flush(cpu, end)
        self._segment(cpu, "system", end)
        self._running[cpu] = self.machine.infos[cpu].ci_curproc

    def _waited(self, cpu: int, f: Frame, since: int, until: int) -> None:
        statement = self.machine.image.statements[f[0]]
        lock = ""
        if statement.kind == "spin":
            record = self._lock(self._waited_for(statement.function, f))
            record.contended += 1
            record.waited += until - since
            record.longest = max(record.longest, until - since)
            lock = record.name
        self._segment(cpu, "system", since)
        self._segment(cpu, "spin" if lock else "idle", until, lock)

    def _waited_for(self, function: str, f: Frame) -> str:
        variables = self.machine.image.functions[function].variables
        for variable in OWNERS.values():
            if variable in variables:
                return _name(f[self._places.variable(function, variable)])
        return function

    def _segment(self, cpu: int, kind: str, until: int, lock: str = "") -> None:
        begin = self._cursor[cpu]
        if until <= begin or len(self.segments) >= self._most:
            return
        self._cursor[cpu] = until
        thread = self._running[cpu]
        name, tid = self._thread_name(thread), self._tid(thread)
        self.segments.append(Segment(cpu, kind, name, begin, until, lock, tid))

    def _label(self, cpu: int) -> str:
        return self._thread_name(self._running[cpu])

    def _thread_name(self, thread: Any) -> str:
        if thread is None or self.machine.memory.is_freed(thread):
            return "?"
        return describe(self.machine.memory, thread)

    def _tid(self, thread: Any) -> int:
        if thread is None or self.machine.memory.is_freed(thread):
            return 0
        return int(thread.p_tid)

    def _computed(self, cpu: int, _: Frame, begin: int, end: int) -> None:
        self._segment(cpu, "system", begin)
        self._segment(cpu, "user", end)

    def _woken(self, cpu: int, f: Frame, begin: int, _: int) -> None:
        if len(self.segments) < self._most:
            thread = f[self._places.variable("setrunnable", "p")]
            names = self._label(cpu), self._thread_name(thread)
            self.wakes.append(Wake(begin, cpu, *names, self._tid(thread)))

    # -- observers: locks ----------------------------------------------------------------------

    def _lock(self, name: str) -> Lock:
        if name not in self.locks:
            self.locks[name] = Lock(name)
        return self.locks[name]

    def _locking(self, field: str, variable: int) -> Observer:
        held = self._held

        def observe(cpu: int, f: Frame, begin: int, _: int) -> None:
            lock = f[variable]
            fields = lock.__dict__
            number = fields["_oid"]
            if fields[field]:
                if number not in held:
                    held[number] = begin
            elif number in held:
                record = self._lock(_name(lock))
                since = held.pop(number)
                record.taken += 1
                record.held += begin - since
                if len(self.segments) < self._most and len(self.holds) < self._most:
                    self.holds.append(Hold(record.name, number, cpu, since, begin))

        return observe

    # -- observers: accounts -------------------------------------------------------------------

    def _aggregate(self, cpu: int, f: Frame, _: int, end: int) -> None:
        process = f[self._places.variable("tuagg_add_process", "pr")]
        thread = f[self._places.variable("tuagg_add_process", "p")]
        if thread is self._running[cpu]:
            self._flush(cpu, end)
        self.accounts.aggregated(process.__dict__["_oid"], thread.__dict__["_oid"])

    def _report(self, _: int, f: Frame, __: int, ___: int) -> None:
        usage = f[self._places.variable("calcru", "tup")]
        self.accounts.reported(usage.embedded_in.__dict__["_oid"])

    def _free_thread(self, _: int, f: Frame, __: int, ___: int) -> None:
        self.accounts.thread_freed(f[self._places.variable("proc_free", "p")].__dict__["_oid"])

    def _free_process(self, _: int, f: Frame, __: int, ___: int) -> None:
        self.accounts.process_freed(f[self._places.variable("process_zap", "pr")].__dict__["_oid"])

    def _noted(self, pid: int, point: str) -> None:
        self.switches_by.setdefault(pid, {})[point] = self.switches

    # -- observers: counts ---------------------------------------------------------------------

    def _counting(self, what: str, change: int) -> Observer:
        def observe(_: int, __: Frame, ___: int, end: int) -> None:
            self._now[what] += change
            self.peaks[what] = max(self.peaks[what], self._now[what])
            self._counter(end, what, self._now[what])

        return observe

    def _threads(self, _: int, __: Frame, ___: int, end: int) -> None:
        count = self.machine.globals["nthreads"]
        self.peaks["procs"] = max(self.peaks["procs"], count)
        self._counter(end, "procs", count)

    def _counter(self, time: int, what: str, value: int) -> None:
        if len(self.segments) < self._most:
            self.counters.append((time, what, value))


def _name(lock: Any) -> str:
    """What locks of this kind are called."""
    fields = lock.__dict__
    return next((fields[name] for name in _NAMES if name in fields), type(lock).__name__)
