"""Frozen pictures of what a machine holds: objects, stacks, ps(1), the console, graphs of waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from exittui.session.views import Value


class FieldView(NamedTuple):
    """One field of an object, a variable of a function or of the kernel."""

    name: str
    value: Value
    link: int | None = None
    """The number of the object it points to, to be inspected next; None if it points nowhere."""
    kind: str = ""
    """What it points to: `proc`, `mutex`, …; or `flags`, `number`, `text`, `list`, `NULL`."""
    written: int | None = None
    """The step that wrote it last; None if none has since the run began."""


class ObjectView(NamedTuple):
    """A struct, field by field, in the order of its declaration."""

    number: int
    """Names the object for `Viewer.object`; the same in every run of the scenario."""
    kind: str
    name: str
    fields: tuple[FieldView, ...]
    owner: int | None = None
    """The object that it is embedded in."""
    freed: bool = False
    freed_by: str = ""
    """`cpu0 in proc_free < … at step 80`, if it was freed."""


class FrameRow(NamedTuple):
    """One function of a stack."""

    number: int
    """0 is the innermost, as in gdb."""
    function: str
    arguments: tuple[tuple[str, str], ...]
    file: str
    line: int
    place: str
    """Where it stands in the words of a listing, as kern/kern_exit.c:158."""
    text: str
    locals: tuple[FieldView, ...]
    """Variables, parameters first; in a `StackView`, of the selected function alone."""


class StackView(NamedTuple):
    """The stack of a thread, innermost first."""

    thread: str
    tid: str
    cpu: int | None
    """The CPU that stands on it; None if the thread does not run."""
    frames: tuple[FrameRow, ...]
    why: str = ""
    """Why there is nothing to show, or what the thread waits for."""
    selected: int = 0


class ProcessRow(NamedTuple):
    """A row of ps(1): what fill_kproc() would answer for a process, or for a thread of it."""

    pid: int
    ppid: int
    tid: int
    """THREAD_PID_OFFSET and the thread's number; -1 in the row of a process."""
    stat: str
    """The STAT column: I R S T Z D, with the marks of ps(1)."""
    wait: str
    cpu: int | None
    command: str
    flags: str
    exit_status: int
    note: str = ""
    """What would happen to a kernel that was asked now, if it could not answer."""


class ConsoleLine(NamedTuple):
    """A line that the kernel has written on its console, and the step that did."""

    step: int
    cpu: int
    text: str


class Led(NamedTuple):
    """A step that led to the end of a run."""

    step: int
    cpu: int
    kind: str
    """That of an `EventView`, or `ran` for a statement of the CPU that ended the run."""
    text: str


class EndingView(NamedTuple):
    """How a run has ended."""

    kind: str
    """`panic`, `violation`, `deadlock` or `done`."""
    message: tuple[str, ...]
    """What the kernel or the rule said; of a deadlock, a sentence for each who is stuck."""
    cpu: int | None = None
    thread: str = ""
    step: int = 0
    frames: tuple[tuple[str, str], ...] = ()
    """The backtrace: functions and where they stand, innermost first."""
    led: tuple[Led, ...] = ()
    """Events and last statements before the end, in their order."""


class Edge(NamedTuple):
    """One arrow of a graph: `source` waits for `target`, or is taken before it."""

    source: str
    target: str
    why: str
    """`spins for kernel_lock`, `sleeps on wait`, or where the order was seen."""
    step: int | None = None
    bad: bool = False
    """Part of a circle."""


class GraphView(NamedTuple):
    """A graph as arrows and as lines of text."""

    edges: tuple[Edge, ...]
    lines: tuple[str, ...]
    circle: tuple[str, ...] = ()
    """The names along a circle, if there is one: a deadlock, or a lock order that can make one."""
