"""Frozen pictures of where a run could go, and of where it stops: choices, branches, stops."""

from __future__ import annotations

from typing import NamedTuple


class ChoiceView(NamedTuple):
    """One thing that can go next, and what it would do; not all that is listed can."""

    number: int
    """What to give to `pick`."""
    name: str
    """`cpu0`, or `ipi on cpu1` for an interrupt."""
    cpu: int
    thread: str
    enabled: bool
    function: str
    file: str
    line: int
    text: str
    writes: tuple[str, ...]
    """`mpl_owner of kernel_lock: NULL→cpu0`; also `panic: …` where it would end so."""
    why_not: str = ""
    recorded: bool = False
    """The recorded run goes on with this one."""


class BranchView(NamedTuple):
    """One branch of the tree of runs."""

    number: int
    name: str
    parent: int | None
    depth: int
    """How many branches it hangs from."""
    at: int
    """The position at which it leaves its parent."""
    length: int
    """The last position recorded on it."""
    current: bool
    position: int
    """Where one stands, or stood when one left it."""
    end: str = ""
    """How it ends, if it has been followed to its end."""


class BreakpointView(NamedTuple):
    """A breakpoint, watchpoint or catchpoint."""

    number: int
    kind: str
    """`breakpoint`, `watchpoint` or `catchpoint`."""
    what: str
    temporary: bool
    enabled: bool
    hits: int
    condition: str = ""
    ignore: int = 0
    cpu: int | None = None
    thread: str = ""
    file: str = ""
    line: int = 0


class Progress(NamedTuple):
    """How far a long move has come."""

    position: int
    steps: int
    """Steps looked at so far."""
    total: int | None = None
    """Out of how many, where that is known."""
    text: str = ""


class WhyView(NamedTuple):
    """Why a value is what it is: the step that wrote it."""

    what: str
    old: str
    new: str
    step: int | None
    """None if nothing has written it since the run began."""
    cpu: int | None = None
    thread: str = ""
    function: str = ""
    file: str = ""
    line: int = 0
    text: str = ""
    path: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """All of it in words."""
        if self.step is None:
            return f"{self.what} is {self.new}: nothing has written it since the run began"
        return (
            f"{self.what} is {self.new}, was {self.old}: step {self.step}, cpu{self.cpu} "
            f"({self.thread}) in {self.function}(), {self.file}:{self.line}: {self.text}"
        )


class JumpView(NamedTuple):
    """One place of the list of jumps."""

    branch: str
    position: int
    cpu: int
    current: bool
