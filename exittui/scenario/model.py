"""What a scenario is, once read: frozen classes, and the bounds each value has to keep.

The bounds are there so that no file can ask for unbounded time or memory: every number and every
list has a largest value, and it is generous beside what a person can follow on a screen.
A `Between`, `Length` or `OneOf` in an annotation is checked by `exittui.scenario.load`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from attrs import Factory, evolve, frozen

from exittui.kernel.invariants import RULES
from exittui.scenario.bounds import Between, Length, Name, OneOf
from exittui.scenario.reading import MAX_BYTES
from exittui.scenario.script import MAX_CUES, Cue, Lesson

MAX_LINE: Final = 2000  # tomllib takes quadratic time for a key of many parts, a.a.a.a…
MAX_NESTING: Final = 16
MAX_CPUS: Final = 64  # kern_sched.py names as many idle threads
MAX_PROCESSES: Final = 64
MAX_PID: Final = 99_999
MAX_UID: Final = 65_535
MAX_THREADS: Final = 64
MAX_PROGRAM: Final = 64
MAX_PAGES: Final = 256
MAX_STEPS: Final = 50_000_000  # about 90 bytes each in a machine that knows its past
MAX_ALL_THREADS: Final = 5_000
MAX_ALL_CALLS: Final = 20_000  # of all programs: some 300 steps each to be made
MAX_ALL_PROCESSES: Final = 3_000  # where init is to collect more, it does not come to rest
MAX_TIMES: Final = 20_000
MAX_LIMIT: Final = 100_000

RESULTS: Final = ("done", "panic", "violation", "deadlock", "limit")
CLOCKS: Final = ("runs", "leaps")
CHOOSERS: Final = ("round-robin", "random", "timed", "scripted")
WORKLOADS: Final = ("storm", "make", "threads", "kill", "late")
SHAPES: Final = ("fixed", "uniform", "exponential", "lognormal")
MAX_CHILDREN: Final = 100_000
MAX_MICROSECONDS: Final = 1_000_000_000
SYSCTLS: Final = ("kern.maxproc", "kern.maxthread")
LISTS: Final = ("allproc", "allprocess", "deadproc", "zombprocess")


Line = Annotated[str, Length(1, 100)]
Word = Annotated[str, Length(1, 40)]
Names = Annotated[tuple[Word, ...], Length(0, MAX_PROCESSES)]
Call = Annotated[tuple[Any, ...], Length(1, 8)]
"""One system call of a program: its name and its arguments, checked by `scenario.calls`."""


@frozen
class Thread:
    """A thread, the system calls it makes, and where it stands when the run begins.

    `start` is `"ready"` (on a run queue), `"asleep"` (it has run to its first sleep before the
    run began) or `"cpu0"`, `"cpu1"`, … (it is what this CPU runs first). `count` makes that many.
    """

    program: Annotated[tuple[Call, ...], Length(1, MAX_PROGRAM)]
    start: Annotated[str, Length(4, 6)] = "ready"
    tid: Annotated[int, Between(1, 999_999)] | None = None
    count: Annotated[int, Between(1, MAX_ALL_THREADS)] = 1


@frozen
class Process:
    """A process; `waits` says that it may sleep for ever without the run being a deadlock.

    `uid` is whose it is and the processes it forks are; 0 is root.
    `count` makes that many of it, named `worker.1`, `worker.2` and so on: see `scenario.copies`.
    """

    name: Annotated[str, Name()]
    thread: Annotated[tuple[Thread, ...], Length(1, MAX_THREADS)]
    pid: Annotated[int, Between(1, MAX_PID)] | None = None
    parent: Word = "init"
    pages: Annotated[int, Between(0, MAX_PAGES)] = 2
    uid: Annotated[int, Between(0, MAX_UID)] = 0
    waits: bool = False
    count: Annotated[int, Between(1, MAX_ALL_THREADS)] = 1


@frozen
class Exit:
    """What a waiter got from wait4(): an exit status, or the signal that ended the process.

    `times` is how often it got just that; the copies of a process are told by its name.
    """

    by: Word
    of: Word
    status: Annotated[int, Between(0, 255)] = 0
    signal: Annotated[str, Length(4, 10)] = ""
    times: Annotated[int, Between(1, MAX_TIMES)] = 1


@frozen
class Note:
    """An event that a watcher read from its kqueue.

    Of a process: the `notes` that there were, with the exit `status`, or with the `parent` that
    NOTE_CHILD tells of. Of a signal, by its name: `count`, how often it was sent.
    """

    by: Word
    of: Word
    notes: Annotated[tuple[Annotated[str, Length(1, 20)], ...], Length(0, 4)] = ()
    status: Annotated[int, Between(0, 255)] = 0
    parent: Annotated[str, Length(0, 40)] = ""
    count: Annotated[int, Between(0, MAX_PROGRAM)] = 0


@frozen
class Return:
    """What a system call of a program returned: an error, or that it went well."""

    by: Word
    call: Word
    error: Annotated[str, Length(0, 12)] = ""
    times: Annotated[int, Between(0, MAX_PROGRAM)] = 1


@frozen
class Expectation:
    """How a run ends; what is left out is not judged.

    `exits` and `notes` are all there are, in any order; `returns` says how often a call of a
    process ended in that way, and nothing of other calls. `threads` counts those of users,
    `kthreads` names the kernel's. `broken` names the rules of `exittui.kernel.invariants` that do
    not hold when nothing more happens; where a run is done, all others hold.
    """

    result: Annotated[str, OneOf(RESULTS)] | None = None
    message: Annotated[str, Length(1, 200)] | None = None
    exits: Annotated[tuple[Exit, ...], Length(0, MAX_PROCESSES)] | None = None
    notes: Annotated[tuple[Note, ...], Length(0, MAX_PROCESSES)] | None = None
    returns: Annotated[tuple[Return, ...], Length(0, MAX_PROCESSES)] | None = None
    empty: Annotated[tuple[Annotated[str, OneOf(LISTS)], ...], Length(0, 8)] | None = None
    alive: Names | None = None
    zombies: Names | None = None
    threads: Annotated[int, Between(0, MAX_TIMES)] | None = None
    kthreads: Names | None = None
    broken: Annotated[tuple[Annotated[str, OneOf(RULES)], ...], Length(0, 8)] | None = None


@frozen
class Run:
    """Who chooses when nobody says otherwise, and after how many steps it is enough.

    With `rules` the run stops at a step that breaks what every kernel should keep, see
    `exittui.kernel.invariants`.
    """

    chooser: Annotated[str, OneOf(CHOOSERS)] = "round-robin"
    seed: Annotated[int, Between(0, 2**32 - 1)] = 0
    schedule: Annotated[str, Length(1, MAX_BYTES)] | None = None
    max_steps: Annotated[int, Between(1, MAX_STEPS)] = 100_000
    rules: bool = True


@frozen
class Spread:
    """A distribution of whole numbers, of which `low` and `high` are the bounds.

    `fixed` is always the median; `spread` is, for the lognormal one, how many per cent of the
    median the value is that 84 of 100 do not exceed.
    """

    shape: Annotated[str, OneOf(SHAPES)] = "fixed"
    median: Annotated[int, Between(0, MAX_MICROSECONDS)] = 0
    low: Annotated[int, Between(0, MAX_MICROSECONDS)] = 0
    high: Annotated[int, Between(0, MAX_MICROSECONDS)] = MAX_MICROSECONDS
    spread: Annotated[int, Between(100, 10_000)] = 200


@frozen
class Workload:
    """Many processes made by one, whose sizes and times come from distributions and a seed.

    `storm` forks one after the other, as configure scripts do; `make` keeps `jobs` running;
    `threads` is one process that keeps `jobs` threads running; `kill` is one process with that
    many threads which is killed; `late` waits for its children long after they have exited.
    Times are in microseconds: in user mode, in the kernel with its lock, in the kernel without.
    """

    kind: Annotated[str, OneOf(WORKLOADS)]
    name: Annotated[str, Name()] = "make"
    processes: Annotated[int, Between(1, MAX_CHILDREN)] = 100
    jobs: Annotated[int, Between(1, 256)] = 1
    pages: Spread = Spread(median=200)
    user: Spread = Spread(median=1000)
    locked: Spread = Spread()
    unlocked: Spread = Spread()
    before: Annotated[int, Between(0, MAX_MICROSECONDS)] = 0
    after: Annotated[int, Between(0, MAX_MICROSECONDS)] = 0
    seed: Annotated[int, Between(0, 2**32 - 1)] = 1
    classes: Annotated[int, Between(1, 512)] = 64


@frozen
class Time:
    """What virtual time needs to know of a scenario: see `exittui.kernel.costs`.

    One modelled page stands for `page_unit` pages of 4 KiB; there are `memory` MiB of them. A
    `clock` that "runs" ticks every 10 ms of virtual time; one that "leaps" goes to the first
    timeout when nothing else can go on. Where it is not said, it runs if there is a workload.
    """

    page_unit: Annotated[int, Between(1, 4096)] = 1
    memory: Annotated[int, Between(1, 1 << 20)] = 16_384
    clock: Annotated[str, OneOf(CLOCKS)] | None = None


@frozen
class Scenario:
    """One situation: a machine, its processes and programs, and how it should end.

    `name` is the file's, without its ending. `expect` holds for every kernel named in `kernels`;
    `expect_under` has, by kernel, what differs from it.
    """

    title: Line
    description: Line
    kernels: Annotated[tuple[Word, ...], Length(1, 16)]
    process: Annotated[tuple[Process, ...], Length(0, MAX_PROCESSES)] = ()
    workload: Annotated[tuple[Workload, ...], Length(0, 8)] = ()
    cpus: Annotated[int, Between(1, MAX_CPUS)] = 2
    run: Run = Run()
    sysctl: Annotated[dict[str, Annotated[int, Between(1, MAX_LIMIT)]], Length(0, 8)] = Factory(
        dict
    )
    time: Time = Time()
    expect: Expectation = Expectation()
    lesson: Lesson | None = None
    script: Annotated[tuple[Cue, ...], Length(0, MAX_CUES)] = ()
    name: str = ""
    expect_under: Annotated[dict[str, Expectation], Length(0, 16)] = Factory(dict)

    @property
    def clock_runs(self) -> bool:
        """Whether the clock ticks."""
        return self.time.clock == "runs" or (self.time.clock is None and bool(self.workload))

    def ticking(self) -> Scenario:
        """The same with a clock that runs, unless it says that its clock leaps."""
        if self.time.clock is not None:
            return self
        return evolve(self, time=evolve(self.time, clock="runs"))
