"""Frozen pictures of a session, made for display: what crosses from the session to a screen.

A view holds text, numbers and flags, never an object of the machine: it can be kept, compared and
drawn by anything. `Value` is the one idea in here: what a field holds, and what it held before the
last move if that changed it. Whatever shows a `Value` lights it up and puts the old one beside it.

They are named tuples, not attrs classes: making the class takes a sixth of the time, which is time
between a start and the first picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from exittui.session.counterpart import Counterpart


class Value(NamedTuple):
    """A field's text; `old` is what it was before the last move, None if that left it alone."""

    text: str
    old: str | None = None
    fading: bool = False
    """The move before the last one changed it, and the last one left it alone."""


NONE: Final = Value("")
"""Nothing to show, and nothing changed."""


class StatusView(NamedTuple):
    """The bar: what runs, under which kernel, and where in the run we stand."""

    title: str
    kernel: str
    position: int
    recorded: int
    focus: int
    chooser: str
    result: str = ""
    """`panic`, `violation`, `deadlock`, `done`, or nothing while the run can go on."""


class SourceText(NamedTuple):
    """One file of the model as text, with what is needed to colour a line on its own."""

    name: str
    """The kernel file it models, as kern/kern_exit.c."""
    path: str
    """The model's file, as kern/kern_exit.py."""
    lines: tuple[str, ...]
    prose: frozenset[int]
    """Numbers of the lines inside docstrings."""


class Mark(NamedTuple):
    """A CPU stands before this line; `waits` if it cannot go on from there."""

    line: int
    cpu: int
    waits: bool = False


class Elsewhere(NamedTuple):
    """A CPU that stands in another place than the source shown."""

    cpu: int
    file: str
    """The file of the model, as the path of its source."""
    line: int
    place: str
    """Both in the words of a listing, as kern/kern_exit.c:158."""
    function: str
    text: str
    waits: bool = False


class SourceView(NamedTuple):
    """The source around the statement that the focused CPU will run next."""

    source: SourceText
    function: str
    line: int
    last_line: int
    marks: tuple[Mark, ...]
    elsewhere: tuple[Elsewhere, ...]
    breakpoints: frozenset[int]
    path: tuple[str, ...] = ()
    """The functions that called it, outermost first."""
    hunk: str = ""
    """The hunk of a patch this function comes from, or nothing for the base kernel."""
    real: Counterpart | None = None
    """The real kernel's statement, where there are sources to look it up in."""


class CpuView(NamedTuple):
    """One CPU: what it runs, and the two page tables it believes to be on."""

    number: int
    focus: bool
    enabled: bool
    state: str
    """`runs`, `user`, `spins`, `idle` or `finished`."""
    thread: str
    tid: str
    dead: bool
    stat: Value
    function: str
    cr3: Value
    pmap: Value
    differ: bool
    interrupts: Value
    """`on` or `off`."""
    mutexes: Value
    """Spin mutexes held: ci_mutex_level."""
    ipl: Value = NONE
    """The interrupt priority level by name: `NONE`, `MPFLOOR`, `HIGH`."""
    kernel_locks: Value = NONE
    """How often it holds, or waits for, the kernel lock."""
    pending: Value = NONE
    """What waits for it: an AST of its thread, a switch that is wanted, IPIs by their vectors."""
    freed: bool = False
    """What it takes for its thread is freed memory."""
    adrift: bool = False
    """It stands on a stack that was freed: its next step breaks the rule."""
    holds: tuple[str, ...] = ()
    awaits: str = ""

    @property
    def loud(self) -> bool:
        """The two page tables differ where an interrupt could notice."""
        return self.differ and self.interrupts.text == "on"


class ThreadView(NamedTuple):
    """One thread, as ps(1) with threads would show it."""

    tid: str
    name: str
    stat: Value
    cpu: int | None
    wchan: Value
    wmesg: Value
    flags: Value
    dead: bool = False
    freed: bool = False
    focus: bool = False
    queue: Value = NONE
    """The run queue that it is on: the CPU and the number of the queue, as `cpu1 14`."""
    stack: str = ""
    """The functions it stands in, innermost first, or `freed` where its stack is."""
    cpu_covered: bool = False


class LockView(NamedTuple):
    """One lock: who has it, since when, and who waits for it."""

    name: str
    owner: Value
    owner_cpu: int | None
    depth: int
    since: int | None
    """The step that took it; None if it is free or was taken before the run began."""
    waiters: tuple[str, ...] = ()
    waiting_cpus: tuple[int, ...] = ()
    number: int | None = None
    """Names the lock for `Wider.object`."""


class Member(NamedTuple):
    """Something on a list; `new` if the last move put it there."""

    text: str
    dead: bool = False
    freed: bool = False
    new: bool = False


class ListRow(NamedTuple):
    """One list, or one process with its counts: a name, then what belongs to it."""

    name: str
    level: int = 0
    members: tuple[Member, ...] = ()
    counts: tuple[tuple[str, Value], ...] = ()
    flags: Value = NONE
    gone: tuple[str, ...] = ()
    """What the last move took off the list."""
    number: int | None = None
    """Names the head of the list, or the process, for `Wider.object`."""


class EventView(NamedTuple):
    """Something worth a line in the log, made by one step."""

    step: int
    cpu: int
    kind: str
    """`switch`, `sleep`, `wakeup`, `dead`, `free`, `zombie`, `call`, `panic` or `violation`."""
    text: str


class Sentence(NamedTuple):
    """What just happened or what blocks whom, in words; `tone` is `plain`, `waits` or `alert`."""

    parts: tuple[tuple[str, str], ...]
    tone: str = "plain"

    @property
    def text(self) -> str:
        """The sentence without its colours."""
        return "".join(text for text, _ in self.parts)
