"""What a script is, once read: the cues of a played scenario, one after the other.

A cue does one thing, which the one of its keys in `ACTIONS` says; `FOR` says which other keys go
with which action. What a cue means to a run (that its commands are commands, that its expressions
name what is there) only a kernel can tell: see `exittui.playback.checking`.
"""

from __future__ import annotations

from typing import Annotated, Final

from attrs import frozen

from exittui.scenario.bounds import Between, Length, OneOf, Prose

MAX_CUES: Final = 400
MAX_COMMANDS: Final = 32
MAX_CHOICES: Final = 8
KINDS: Final = ("owner", "value", "next", "list", "sleep", "cost", "least")
MEASURED: Final = ("cost", "least")
GROUPS: Final = ("course", "demo", "reference")
RESULTS: Final = ("panic", "violation", "deadlock", "done")

Command = Annotated[str, Length(1, 200)]
Commands = Annotated[tuple[Command, ...], Length(1, MAX_COMMANDS)]
Formula = Annotated[str, Length(1, 300)]
"""An expression of `exittui.scenario.expression`."""
Words = Annotated[str, Length(1, 60)]

ACTIONS: Final = ("chapter", "say", "do", "show", "measure", "pause", "ask", "assert", "goal")
FOR: Final = {
    "kind": ("ask",),
    "of": ("ask",),
    "choices": ("ask",),
    "after": ("ask",),
    "because": ("ask",),
    "under": ("measure", "ask"),
    "least": ("measure",),
    "until": ("goal",),
    "result": ("goal",),
    "hints": ("goal",),
    "solution": ("goal",),
}
"""The keys that go with an action, by key."""

FIGURES: Final = {
    "real time": ("run", "real time"),
    "context switches": ("run", "context switches"),
    "wakeups": ("run", "wakeups"),
    "exit to return": ("exit() to the parent's return", "median"),
    "exit to return, 99 of 100": ("exit() to the parent's return", "99th percentile"),
    "user": ("CPU time", "user"),
    "system": ("CPU time", "system"),
    "spin": ("CPU time", "spin"),
    "idle": ("CPU time", "idle"),
    "kernel_lock waited": ("locks", "kernel_lock waited"),
    "reported": ("charged", "in the usage wait4() reports"),
    "reported too late": ("charged", "to the process, too late to be reported"),
    "charged to nobody": ("charged", "to nobody"),
    "kernel threads": ("charged", "to kernel threads"),
    "most threads": ("most at a time", "procs"),
    "most stacks": ("most at a time", "stacks"),
    "most zombies": ("most at a time", "zombies"),
}
"""What a script can measure, with the group and the name of it in `exittui compare`."""

Figure = Annotated[str, OneOf(tuple(FIGURES))]


@frozen
class Lesson:
    """What a lesson or a demo is for, how long it takes, and which hunks its kernel is without."""

    group: Annotated[str, OneOf(GROUPS)]
    teaches: Annotated[str, Length(1, 200)]
    minutes: Annotated[int, Between(1, 10)]
    number: Annotated[int, Between(1, 999)] = 1
    without: Annotated[tuple[Annotated[str, Length(1, 60)], ...], Length(0, 16)] = ()


@frozen
class Cue:
    """One thing that a script does; exactly one of the keys in `ACTIONS` is given.

    `chapter` begins one; `say` is a caption of one idea, in Markdown; `do` are commands of the
    debugger, in gdb's words; `show` makes panes, objects and fields glow until the next caption;
    `measure` puts figures of the whole run, in virtual time `under` some kernels, below the next
    caption, and fails unless the kernel `least` has the least of the first; `pause`
    waits so many seconds where nobody presses keys; `ask` is a question; `assert` an expression
    that holds here; `goal` something that the player brings about.

    A question of a `kind` is about `of`, now or once the commands `after` were carried out, which
    are taken back again; of kind `cost` and `least`, about a figure `under` a kernel, or several.
    Its answer is computed. `choices` are made up where none are given, and
    `because` is said with the answer.

    A goal is reached where the expression `until` holds, or where the run ends with `result`.
    `solution` are commands that reach it.
    """

    chapter: Words | None = None
    say: Annotated[str, Prose(1, 700)] | None = None
    do: Commands | None = None
    show: Annotated[tuple[Formula, ...], Length(1, 8)] | None = None
    measure: Annotated[tuple[Figure, ...], Length(1, 3)] | None = None
    under: Annotated[tuple[Words, ...], Length(1, 3)] | None = None
    least: Words | None = None
    pause: Annotated[int, Between(1, 60)] | None = None
    ask: Annotated[str, Prose(1, 400)] | None = None
    assert_: Formula | None = None
    goal: Annotated[str, Prose(1, 400)] | None = None
    kind: Annotated[str, OneOf(KINDS)] | None = None
    of: Formula | None = None
    choices: Annotated[tuple[Words, ...], Length(2, MAX_CHOICES)] | None = None
    after: Commands | None = None
    because: Annotated[str, Prose(1, 500)] | None = None
    until: Formula | None = None
    result: Annotated[str, OneOf(RESULTS)] | None = None
    hints: Annotated[tuple[Annotated[str, Length(1, 200)], ...], Length(1, 5)] | None = None
    solution: Commands | None = None

    def given(self, key: str) -> bool:
        """Whether the file gives a value to a key."""
        return getattr(self, "assert_" if key == "assert" else key) is not None

    @property
    def action(self) -> str:
        """The key that says what the cue does."""
        return next(key for key in ACTIONS if self.given(key))
