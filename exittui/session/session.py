"""A debugging session: one run, the CPU that goes next, what stops it, and its branches.

The session drives the machine and keeps nothing that the machine knows. Moving by one CPU is the
rule, for the person chooses; the others move only in `continue` and `run`, and where the chosen
CPU has to wait for them to get where it was sent. What has been recorded is played again as long
as the same CPU is chosen; choosing otherwise begins a branch, and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.errors import UsageError
from exittui.kernel.invariants import watch
from exittui.scenario.play import verdict
from exittui.session.branches import Branches
from exittui.session.breakpoints import Breakpoints
from exittui.session.choosing import chooser_for
from exittui.session.commands import read
from exittui.session.made import Moves, before
from exittui.session.moving import Mover
from exittui.session.outcome import Doing, Outcome
from exittui.session.viewer import Viewer
from exittui.session.waiting import waiting_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from exittui.machine import Machine, struct
    from exittui.scenario.build import Built
    from exittui.session.ahead import Known, Searcher
    from exittui.session.asking import Asking, Scope
    from exittui.session.commands import Order
    from exittui.session.counterpart import Counterparts
    from exittui.session.origin import Origin
    from exittui.session.outcome import Telling
    from exittui.session.saved import Saved
    from exittui.session.views_moving import WhyView

HISTORY: Final = 1000
"""Lines of the command history that are kept."""
_LONGEST_NUMBER: Final = 20


class Session:
    """One run under the hand of one person."""

    searcher: Searcher | None = None
    """Who searches all schedules, if whoever opened the session gave it one."""
    known: Known | None = None
    """What the last such search has found."""

    listsize = 11
    """How many lines `list` prints."""

    listed: tuple[tuple[str, int], str, int, int] | None = None
    """What `list` printed last: from where it was asked, the file, the first and last line."""

    def __init__(
        self, built: Built, beside: Counterparts | None = None, *, watched: bool = True
    ) -> None:
        """Begin where the scenario begins, with the first CPU that can go on in focus.

        `beside` has the real kernel's statements, where the person has its sources. Who asks for
        an unwatched session calls `keep_rules` before it makes a step.
        """
        self.built = built
        self.machine: Machine = built.machine
        if watched:
            self.keep_rules()
        self.title = built.scenario.title
        self.kernel = built.kernel
        self.limit = built.scenario.run.max_steps
        self.chooser_name = built.scenario.run.chooser
        self.breakpoints = Breakpoints(self.machine.image)
        self.breakpoints.places.beside = beside
        self.branches = Branches(self.machine)
        self.mover = Mover(self.machine, chooser_for(built), self.breakpoints, self.branches)
        if self.machine.position:
            self._focus = self.machine.history.cpu(self.machine.position - 1)
        else:
            self._focus = next((n for n in self.machine.enabled() if n < self.machine.ncpu), 0)
        self._thread: struct | None = None
        self.frame = 0
        """The function of the stack one looks at, 0 the innermost."""
        self.moved_from = self.machine.position
        self.dialect = "ddb"
        self.history: list[str] = []
        self.output: tuple[str, ...] = ()
        """What the last command printed."""
        self.unsaid: list[str] = []
        """What a command that failed had printed before."""
        self.sourcing: list[str] = []
        """The command files being carried out, each by the one before it."""
        self.displays: dict[int, Any] = {}
        self.origins: dict[int, Origin] = {}
        """Of those displays that have variables of a function in them, where they were asked."""
        self.checkpoints: dict[int, tuple[Any, int]] = {}
        self.jumps: list[tuple[Any, int, int]] = []
        self.jump = 0
        self.moves = Moves()
        self.why: WhyView | None = None
        """What the last `why` found."""
        self.layout: dict[str, Any] = {}
        """What a screen keeps in the session file."""
        self.path: str | None = None
        """The session file that it was opened from or saved to."""
        self.scenario_path = ""
        self.cache: Path | None = None
        """Where linked kernels are kept, for those that are put beside this one."""
        self.views = Viewer(self)
        self._asking: Asking | None = None

    def keep_rules(self) -> None:
        """Have the machine stop at what breaks a rule, if the scenario wants that."""
        if self.built.scenario.run.rules:
            watch(self.machine)

    @property
    def beside(self) -> Counterparts | None:
        """The real kernel's statements, where the person has its sources."""
        return self.breakpoints.places.beside

    @beside.setter
    def beside(self, tree: Counterparts | None) -> None:
        self.breakpoints.places.beside = tree

    @property
    def cpu_count(self) -> int:
        """How many CPUs the machine has."""
        return self.machine.ncpu

    @property
    def journey(self) -> Mover:
        """What moves the machine."""
        return self.mover

    @property
    def asking(self) -> Asking:
        """Compiles expressions; made when the first is asked."""
        if self._asking is None:
            from exittui.session.asking import Asking  # noqa: PLC0415 - not part of a start

            self._asking = Asking(self.built)
        return self._asking

    # -- whom one looks at ---------------------------------------------------------------------

    @property
    def focus(self) -> int:
        """The CPU that goes next, and is looked at."""
        return self._focus

    @focus.setter
    def focus(self, cpu: int) -> None:
        self._focus = cpu
        self._thread = None
        self.frame = 0

    @property
    def thread(self) -> struct:
        """The thread one looks at: the one that was chosen, or that of the chosen CPU."""
        if self._thread is not None and not self.machine.memory.is_freed(self._thread):
            return self._thread
        running: struct = self.machine.infos[self._focus].ci_curproc
        return running

    @property
    def looking(self) -> tuple[int, struct | None, int]:
        """Whom one looks at, to come back to it: the CPU, the thread chosen, the frame."""
        return self._focus, self._thread, self.frame

    @looking.setter
    def looking(self, before: tuple[int, struct | None, int]) -> None:
        self._focus, self._thread, self.frame = before

    def look_at(self, p: struct) -> None:
        """Look at a thread; the CPU that stands on its stack becomes the chosen one.

        Raises UsageError if it is freed.
        """
        if self.machine.memory.is_freed(p):
            freed = self.machine.history.freed(p)
            raise UsageError(f"{self.views.naming.thread(p)} is freed{freed}")
        cpu = self.views.wider.inspector.cpu_of(p)
        if cpu is not None:
            self.focus = cpu
        self._thread = p
        self.frame = 0

    def find_struct(self, text: str) -> struct:
        """The struct that an expression means; raises UsageError if it means none."""
        from exittui.machine import struct  # noqa: PLC0415 - with the rest of the questions

        question = self.asking.compile(text, self.scope())
        found = question(self.machine)
        if not isinstance(found, struct):
            raise UsageError(f"{text!r} is {question.words(self.machine)}, and no object")
        return found

    def find_thread(self, word: str) -> struct:
        """A thread by its number in the list, its tid, its name or an expression.

        In gdb's dialect the number of the list comes first, in ddb's the tid.
        """
        threads = self.views.listed_threads()
        read, naming = self.views.things.read, self.views.naming
        wanted = ddb_number(word)
        if wanted is not None:
            listed = word.isdigit() and 0 < wanted <= len(threads)
            if listed and self.dialect == "gdb":
                return threads[wanted - 1]
            for p in threads:
                if read(p, "p_tid") == wanted:
                    return p
            if listed and not word.startswith("0"):
                return threads[wanted - 1]
            there = self.asking.at_address(wanted)
            if there is not None and type(there).__name__ == "proc":
                return there
            raise UsageError(f"no thread {word}: `info threads` lists those there are")
        named = [p for p in threads if naming.thread(p) == word]
        if len(named) == 1:
            return named[0]
        found = self.find_struct(word)
        if type(found).__name__ != "proc":
            raise UsageError(f"{word!r} is no thread: it is a {type(found).__name__}")
        return found

    def frames(self) -> list[Any]:
        """The frames one looks at, innermost first."""
        inspector = self.views.wider.inspector
        if self._thread is None:
            return inspector.cpu_frames(self._focus)
        return inspector.frames(self.thread)

    def scope(self) -> Scope:
        """The variables of the function that one looks at."""
        frames = self.frames()
        frame = frames[min(self.frame, len(frames) - 1)] if frames else None
        function = ""
        if frame is not None:
            function = self.machine.image.statements[frame[0]].function
        return self.asking.scope(function, lambda _: frame, lambda _: self._focus)

    def thread_at_step(self, step: int) -> str:
        """The thread that made a step of the past, by the stack it stood on."""
        record = self.machine.record(step)
        area, read = record.area, self.views.things.read
        for p in reversed(self.views.things.all("proc")):
            if area is not None and read(p, "p_addr") is area:
                return self.views.naming.thread(p)
        return self.views.naming.thread(self._current_at(record.cpu, step))

    def _current_at(self, cpu: int, step: int) -> struct | None:
        """The curproc of a CPU before a step of the past."""
        info = self.machine.infos[cpu]
        for wrote in reversed(self.machine.history.writers(info, "ci_curproc")):
            if wrote < step:
                return self._written(wrote, info, new=True)
        later = [one for one in self.machine.history.writers(info, "ci_curproc") if one >= step]
        if later:
            return self._written(later[0], info, new=False)
        running: struct | None = self.views.things.read(info, "ci_curproc")
        return running

    def _written(self, step: int, info: struct, *, new: bool) -> struct | None:
        for write in self.machine.record(step).writes:
            if write.target is info and write.field == "ci_curproc":
                found: struct | None = write.new if new else write.old
                return found
        return None

    # -- commands ------------------------------------------------------------------------------

    @property
    def prompt(self) -> str:
        """What stands before a typed command."""
        return f"ddb{{{self._focus}}}> " if self.dialect == "ddb" else "(gdb) "

    def begin(self, asked: Order | str) -> Doing:
        """Start a command, to be carried out slice by slice.

        Raises UsageError if a line is no command; what is wrong besides shows on the way.
        """
        order = self.read(asked) if isinstance(asked, str) else asked
        self.unsaid.clear()
        return Doing(self.telling(order), self._stopped_by_hand)

    def read(self, line: str, *, kept: bool = True) -> Order:
        """The order that a line means in the dialect that is set; if `kept`, in the history too."""
        text = line.strip()
        if kept and text and (not self.history or self.history[-1] != text):
            self.history.append(text)
            del self.history[:-HISTORY]
        return read(line, self.dialect)

    def run_line(self, line: str) -> Outcome:
        """Carry out a typed line to its end; raises ExittuiError for what cannot be done."""
        return self.begin(line).finish()

    def carry_out(self, order: Order) -> str:
        """Do what was asked; a note on it, or nothing where the screen says enough.

        Raises UsageError, with the machine where it was, for what cannot be done.
        """
        return self.begin(order).finish().note

    def complete(self, text: str, cursor: int | None = None) -> tuple[str, ...]:
        """What the word at the cursor could be, as whole words; nothing if nothing fits."""
        from exittui.session.commands.completing import complete  # noqa: PLC0415 - on a key

        return complete(self, text[: len(text) if cursor is None else cursor])

    def telling(self, order: Order) -> Telling:
        """Carry out a command, yielding now and then; see `begin`."""
        from exittui.session.doing import HANDLERS  # noqa: PLC0415 - not part of a start

        name = order.command.name
        if name not in HANDLERS:
            raise UsageError(f"{order.command.words[0]!r} belongs to the screen")
        found = before(self)
        self.branches.note = ""
        outcome = yield from HANDLERS[name](self, order)
        if self.machine.position != found.position:
            self.moved_from = found.position
            self.moves.note(self, order, found)
        return self._with_branches(outcome)

    def _with_branches(self, outcome: Outcome) -> Outcome:
        told = self.branches.note
        if told:
            note = f"{outcome.note}; {told}" if outcome.note else told
            outcome = Outcome((*outcome.lines, told), note)
        self.output = outcome.lines
        return outcome

    def _stopped_by_hand(self) -> Outcome:
        position = self.machine.position
        if position:
            self.focus = self.machine.history.cpu(position - 1)
        return self._with_branches(Outcome((f"interrupted at step {position}",), "interrupted"))

    # -- where it can go -----------------------------------------------------------------------

    def need_ready(self) -> None:
        """The chosen CPU can go on, or a sentence says why not and who can."""
        machine = self.machine
        if machine.ready(self.focus):
            return
        self.need_anyone()
        names = [machine.choice(one) for one in machine.enabled()]
        others = ", ".join(name.removeprefix("cpu") for name in names)
        why = waiting_words(machine, self.focus)
        raise UsageError(f"{why}; can go on: cpu {others}")

    def need_anyone(self) -> None:
        """The run has not ended here, or a sentence says how it has."""
        ended = self.ended()
        if ended is not None:
            raise UsageError(f"the run has ended: {ended}; S steps back, R restarts")

    def need_past(self) -> None:
        """This is not the start."""
        if self.machine.position == 0:
            raise UsageError("this is the start of the run")

    def ended(self) -> str | None:
        """How the run has ended here, or None if it can go on."""
        if self.machine.result is None and self.machine.able():
            return None
        return verdict(self.built)[0]

    def turn_to(self, target: int) -> None:
        """Go to a recorded position, and look at the CPU that came there."""
        self.machine.goto(target)
        if target:
            self.focus = self.machine.history.cpu(target - 1)
        else:
            self.focus = next(iter(self.machine.enabled()), 0) % self.machine.ncpu

    def visits(self) -> Iterator[tuple[str, int, int, bool]]:
        """The list of jumps: branch, position, CPU, and whether it is the present one."""
        for number, (branch, position, cpu) in enumerate(self.jumps):
            yield branch.name, position, cpu, number == self.jump

    def saved(self) -> Saved:
        """All that a session file holds."""
        from exittui.session.saved import of_session  # noqa: PLC0415 - on request

        return of_session(self)


def ddb_number(word: str) -> int | None:
    """A number as ddb and gdb have them, `0t10`, `0xa` or `10`; None if it is none."""
    text = word.lower().removeprefix("0t")
    if not text.isascii() or len(text) > _LONGEST_NUMBER:
        return None
    if text.startswith("0x") and text[2:] and set(text[2:]) <= set("0123456789abcdef"):
        return int(text, 16)
    return int(text) if text.isdigit() else None
