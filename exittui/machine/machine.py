"""The machine: CPUs that execute an image one statement at a time.

`step` is the one primitive. It executes the statement that a CPU stands at; every write goes
through the journal as (container, key, old value), so undoing is writing the old values back,
newest first. What is undone stays in the journal with the new values in the place of the old, so
redoing is the same in the other direction; and both the past and the undone future can be read
without going there (`history.py`). The machine never
chooses which CPU goes next: it says which can (`enabled`), a chooser picks.

A run stops with a `Result` when the code panics or does what no code may. The step that made it
counts, stands in the journal like any other, and can be undone.

Memory: about 24 bytes a write, nine bytes a step; a call keeps its frame.
"""

from __future__ import annotations

from array import array
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NoReturn

from exittui.errors import InternalError, ScheduleError
from exittui.machine.chooser import named, why_not
from exittui.machine.fingerprint import Fingerprint
from exittui.machine.frames import FrameView, FreedStack, NullCall, Stacks
from exittui.machine.history import History
from exittui.machine.image import FINISHED, UNDERMINED
from exittui.machine.lang import UseAfterFree, struct
from exittui.machine.memory import Memory, address
from exittui.machine.names import describe, printf
from exittui.machine.queue import WRITERS, Corrupted, _next
from exittui.machine.result import Broken, NotReady, Panic, Result, Wait
from exittui.machine.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from exittui.machine.chooser import Chooser
    from exittui.machine.frames import Frame
    from exittui.machine.history import StepRecord
    from exittui.machine.image import Image, Statement

    Step = Callable[[Frame, list[Any]], None]

_MANY = 200
"""So much of the journal is gone through in slices, at a third of the time of one by one."""

FAULTS: Final = (Panic, UseAfterFree, Corrupted, FreedStack, NullCall, AttributeError)
"""What a condition raises where the step itself, when it is made, will say what is wrong."""


class Machine:
    """One machine: an image loaded on a number of CPUs, and its run so far."""

    def __init__(
        self, image: Image, ncpu: int = 1, *, past: bool = True, code: CodeType | None = None
    ) -> None:
        """Make the variables and the CPUs; nothing runs until frames are put on them.

        Without a `past` the machine steps faster and its memory does not grow with the run. It
        cannot go back or tell what it did, and a step that fails stays half done. Its `code` is
        compiled where it is not given.
        """
        self.image = image
        self.ncpu = ncpu
        self.past = past
        self._journal: list[Any] = []
        self._undone = 0
        self._marks = array("Q")
        self._picks = array("B")
        self._status = _Status(self)
        extend = self._extend = self._journal.extend if past else _forget
        self.memory = Memory(image, extend, past=past)
        self.globals = _Globals(self.memory)
        self.stacks = Stacks(image, self.memory, extend)
        for number in range(ncpu):
            info = None
            if image.cpu_struct is not None:
                name, field = image.cpu_struct
                info = self.memory.allocate(name, {field: number})
                info.__dict__["_name"] = f"cpu{number}"
            self.stacks.cpus.append([self.stacks.floor, info, -1 - number])
        self.infos: tuple[Any, ...] = tuple(cpu[1] for cpu in self.stacks.cpus)
        # An interrupt that may arrive on a CPU is stepped like a CPU, one that always stands at
        # the arrival of that interrupt: `[frame, struct, label, the CPU it arrives on]`.
        lines = [
            [[kind.pc, None, 0, 0], cpu[1], 0, cpu]
            for kind in image.interrupts
            for cpu in self.stacks.cpus
        ]
        self._cpus: list[list[Any]] = [*self.stacks.cpus, *lines]
        # The variable that arms each kind of interrupt, and the number of its first choice.
        self.prompt, self._patient = (
            tuple(
                (kind.armed, number * ncpu)
                for number, kind in enumerate(image.interrupts, start=1)
                if kind.patient is patient
            )
            for patient in (False, True)
        )
        names = self.names = self._bindings()
        exec(image.code if past else code or self._forgetful(), names)  # noqa: S102 - ours
        self._steps: list[Any] = names["STEPS"]
        self._conditions: list[Any] = [None] * len(self._steps)
        self._conditions[FINISHED] = _never
        for pc, guard in names["GUARDS"].items():
            self._conditions[pc] = guard
        self._stopped: list[Any] = [_never] * len(self._steps)
        self._guards = self._conditions
        self._reads: dict[int, Any] = names["READS"]
        self.inspected: set[str] = set()
        """The functions whose variables are looked at from outside while they run."""
        self.cuts: list[Callable[[int], None]] = []
        """Told the position from which on the future was forgotten, by whoever remembers steps."""
        self._entries: dict[str, tuple[int, int, int]] = names["ENTRY"]
        self.history = History(self)
        self._fingerprint = Fingerprint(self)
        self.start()

    def _forgetful(self) -> CodeType:
        from exittui.machine.emit import forgetful  # noqa: PLC0415 - most machines have a past

        return forgetful(self.image.name, self.image.source)

    def _bindings(self) -> dict[str, Any]:
        """What the names in the code of the image mean on this machine."""
        memory, stacks = self.memory, self.stacks

        def atomic_cas(target: Any, field: str, expected: object, new: object) -> bool:
            old = getattr(target, field)
            if old != expected:
                return False
            self._extend((target.__dict__, field, old))
            setattr(target, field, new)
            return True

        def pointer(function: str | None, arguments: int) -> tuple[int, int, int]:
            if function is None:
                raise NullCall
            entry = self._entries[function]
            if entry[1] != arguments:
                raise InternalError(f"{function}() is called with {arguments} arguments")
            return entry

        def panic(message: str, *args: object) -> Panic:
            return Panic(printf(memory, message, args))

        def finished(*_: object) -> NoReturn:
            raise NotReady

        def undermined(frame: Frame, _: object) -> NoReturn:
            raise FreedStack(stacks.area(frame))

        return {
            "X": self._extend,
            "K": memory.variables,
            "CPUS": self.infos,
            "USER": frozenset(one.pc for one in self.image.statements if one.kind == "user"),
            "N": memory.allocate,
            "FREE": memory.free,
            "UNDERMINE": stacks.undermine,
            "PIVOT": stacks.pivot,
            "NEWSTACK": stacks.new_stack,
            "POINTER": pointer,
            "CAS": atomic_cas,
            "ADDRESS": address,
            "NEXT": _next,
            "_queue_next": _next,
            "PANIC": panic,
            "NotReady": NotReady,
            "FINISHED": finished,
            "UNDERMINED": undermined,
            **WRITERS,
            **{f"V_{name}": made for name, made in memory.structs.items()},
        }

    # -- before the run ------------------------------------------------------------------------

    def call(self, function: str, *args: object, cpu: int = 0) -> Any:
        """Run a function to its end on an otherwise idle CPU, before the run starts.

        Raises InternalError if it panics or has to wait: what boots a machine may do neither.
        """
        target, floor = self._cpus[cpu], self.stacks.floor
        resumed = target[0]
        frame = self.stacks.first(-DEPTH_OF_BOOT * (cpu + 1), function, args, result=4)
        floor[4] = None
        target[0] = frame
        while not self.alone(cpu, _BOOT_SLICE):
            pass
        if self.result is not None:
            raise InternalError(f"{function}(): {self.result.message}")
        if target[0] is not floor:
            statement = self.next_statement(cpu)
            raise InternalError(f"{function}() waits at {statement.text}")
        target[0] = resumed
        return floor[4]

    def alone(self, cpu: int, limit: int) -> bool:
        """Step one CPU, and only it, until it can do nothing more; whether `limit` steps did.

        It is what `step` does while it is `ready`, without the calls: booting is most of a start.
        """
        if self._undone:
            self._drop_future()
        c, steps, journal = self._cpus[cpu], self._steps, self._journal
        mark, pick = self._marks.append, self._picks.append
        if not self.past:
            mark = pick = _forget
        for _ in range(limit):
            f = c[0]
            guard = self._guards[f[0]]
            if guard is not None:
                try:
                    if not guard(f, c):
                        return True
                except FAULTS:
                    pass  # the step itself will say what is wrong
            mark(len(journal))
            pick(cpu)
            try:
                steps[f[0]](f, c)
            except Exception as fault:  # noqa: BLE001 - told apart in _fault
                self._fault(fault, cpu)
        return not self.ready(cpu)

    def set_stack(self, cpu: int, sp: Frame) -> None:
        """Put a CPU on a stack made by `new_stack`, as what it runs first."""
        self._cpus[cpu][0] = sp[1]
        area = self.stacks.area(sp)
        if area is not None:
            area.__dict__["_sp"] = None

    def begin(self, cpu: int, function: str, *args: object) -> None:
        """Make a CPU run a function, on a stack of no area: enough for a machine of no kernel."""
        self._cpus[cpu][0] = self.stacks.first(-DEPTH_OF_BOOT * (cpu + 1), function, args)

    def poke(self, target: struct, field: str, value: object) -> None:
        """Write a field before the run starts."""
        getattr(target, field)
        setattr(target, field, value)

    def start(self) -> None:
        """Forget the past: position 0 is here."""
        self._journal.clear()
        self._undone = 0
        del self._marks[:]
        del self._picks[:]
        self.history.forget()
        self._fingerprint.forget()
        for cut in self.cuts:
            cut(0)

    # -- stepping ------------------------------------------------------------------------------

    def ready(self, cpu: int) -> bool:
        """Whether this CPU can make a step now."""
        c = self._cpus[cpu]
        f = c[0]
        guard = self._guards[f[0]]
        if guard is None:
            return True
        try:
            return guard(f, c)  # type: ignore[no-any-return] # compiled code has no types
        except FAULTS:
            return True  # the step itself will say what is wrong

    def enabled(self) -> tuple[int, ...]:
        """What can go next, in a fixed order: CPUs by number, then interrupts (see `choice`)."""
        ready = self.ready
        found = [number for number in range(self.ncpu) if ready(number)]
        number = self.ncpu
        for kind in self.image.interrupts:
            if self.memory.variables[kind.armed]:
                found += [n for n in range(number, number + self.ncpu) if ready(n)]
            number += self.ncpu
        return tuple(found)

    def able(self) -> bool:
        """Whether anything can go next: `enabled` up to the first, mostly one of few looked at."""
        return any(map(self.ready, range(self.ncpu))) or bool(self.enabled())

    def arriving(self, *, patient: bool) -> tuple[int, ...]:
        """The interrupts that can arrive now: those that do at once, or the patient ones."""
        variables = self.memory.variables
        found: tuple[int, ...] = ()
        for armed, first in self._patient if patient else self.prompt:
            if variables[armed]:
                found += tuple(n for n in range(first, first + self.ncpu) if self.ready(n))
        return found

    def choice(self, number: int) -> str:
        """A name for what can be chosen: `cpu1`, or `ipi on cpu1` for an interrupt."""
        kind, cpu = divmod(number, self.ncpu)
        if kind == 0:
            return f"cpu{cpu}"
        return f"{self.image.interrupts[kind - 1].name} on cpu{cpu}"

    @property
    def choices(self) -> int:
        """How many CPUs and interrupts there are to choose from, ready or not."""
        return len(self._cpus)

    def standings(self) -> tuple[list[Any], list[Any]]:
        """What is stepped, CPUs first, each with its frame; and the conditions by their places.

        For choosers that look at every step. While there is a result, the conditions hold nobody.
        """
        return self._cpus, self._guards

    def step(self, cpu: int) -> None:
        """Execute the statement that this CPU stands at, or let an interrupt arrive.

        Raises ScheduleError if it cannot go on. What could have been redone is forgotten.
        """
        if self._undone:
            self._drop_future()
        if self._status[0] is not None:
            self._refuse(cpu)
        c = self._cpus[cpu]
        f = c[0]
        if self.past:
            self._marks.append(len(self._journal))
            self._picks.append(cpu)
        try:
            self._steps[f[0]](f, c)
        except Exception as fault:  # noqa: BLE001 - told apart in _fault
            self._fault(fault, cpu)

    def run(self, chooser: Chooser, limit: int) -> int:
        """Let the chooser pick until nothing can go on, it stops, or `limit` steps; how many.

        The chooser must not go back, and must pick what is ready.
        """
        if self._undone:
            self._drop_future()
        # What step() does, without the call: this loop is the hot path of every long run.
        cpus, steps, journal = self._cpus, self._steps, self._journal
        mark, pick = self._marks.append, self._picks.append
        if not self.past:
            mark = pick = _forget
        made = 0
        for made, cpu in enumerate(islice(chooser.picks(self), limit), start=1):  # noqa: B007 - to return
            c = cpus[cpu]
            f = c[0]
            mark(len(journal))
            pick(cpu)
            try:
                steps[f[0]](f, c)
            except Exception as fault:  # noqa: BLE001 - told apart in _fault
                self._fault(fault, cpu)
                break
        return made

    def watch(self, pc: int, around: Callable[[Step], Step]) -> None:
        """Execute `around(step)` in the place of the step of this statement, from now on.

        What it raises as Broken stops the machine; other statements cost what they did.
        """
        self._steps[pc] = around(self._steps[pc])

    def inside(self) -> tuple[list[Any], list[Any], list[Any]]:
        """What is stepped, the steps and the guards by program counter: for `Clockwork`."""
        if not self.past:
            return self._cpus, self._steps, self._conditions
        number = {id(c): n for n, c in enumerate(self._cpus)}
        mark, pick, journal = self._marks.append, self._picks.append, self._journal

        def recorded(step: Any) -> Any:
            def made(f: Frame, c: Any) -> None:
                mark(len(journal))
                pick(number[id(c)])
                step(f, c)

            return made

        return self._cpus, [recorded(step) for step in self._steps], self._conditions

    def stop(self, fault: Exception, cpu: int) -> None:
        """A step that was made by way of `inside` has failed: record what stops the machine."""
        self._fault(fault, cpu)

    def close(self, *, closed: bool) -> None:
        """While there is a result no CPU is ready, whatever it stands at."""
        self._guards = self._stopped if closed else self._conditions

    def _refuse(self, cpu: int) -> NoReturn:
        raise ScheduleError(f"{named(self, cpu)} {why_not(self, cpu)}")

    def _fault(self, fault: Exception, cpu: int) -> None:
        """Take back what the step had written; record what stopped it."""
        c = self._cpus[cpu]
        if isinstance(fault, Broken):
            self._extend((self._status, 0, None))
            self._status[0] = Result("violation", str(fault), cpu % self.ncpu)
            return
        if self.past:
            self._take_back(self._marks[-1])
        if isinstance(fault, NotReady):
            del self._marks[-1:], self._picks[-1:]
            self._refuse(cpu)
        kind, message = self._explain(fault, c[0])
        self._extend((c[0], 0, c[0][0], self._status, 0, None))
        self._status[0] = Result(kind, message, cpu % self.ncpu)

    def _take_back(self, mark: int) -> None:
        tail = self._journal[mark:]
        del self._journal[mark:]
        backwards = reversed(tail)
        for old, key, container in zip(backwards, backwards, backwards, strict=True):
            container[key] = old

    def _explain(self, fault: Exception, frame: Frame) -> tuple[str, str]:
        match fault:
            case Panic():
                return "panic", str(fault)
            case NullCall():
                return "panic", "call through a NULL pointer"
            case UseAfterFree():
                name = describe(self.memory, fault.target)
                freed = self.history.freed(fault.target)
                return "violation", f"use after free: {fault.field} of {name}{freed}"
            case Corrupted():
                name = describe(self.memory, fault.element)
                return "violation", f"queue corrupted: {str(fault).format(name)}"
            case FreedStack():
                name = describe(self.memory, fault.area)
                freed = self.history.freed(fault.area) if fault.area else ""
                return "violation", f"runs on a freed stack: {name}{freed}"
            case AttributeError(obj=None):
                return "panic", f"page fault trap: NULL->{fault.name}"
        statement = self.image.statements[frame[0]]
        raise InternalError(
            f"{statement.file}:{statement.line}: {statement.text}: {fault!r}"
        ) from fault

    # -- the past and the undone future --------------------------------------------------------

    @property
    def position(self) -> int:
        """How many steps were made to get here."""
        return len(self._marks) - self._undone

    @property
    def end(self) -> int:
        """Where in the journal the past ends; what stands behind that was undone."""
        return self._marks[-self._undone] if self._undone else len(self._journal)

    @property
    def recorded(self) -> int:
        """How many steps are known, undone ones included."""
        return len(self._marks)

    @property
    def result(self) -> Result | None:
        """What stopped the machine, if anything did."""
        return self._status.result

    def undo(self, steps: int = 1) -> None:
        """Go back; at most to the start."""
        marks, journal = self._marks, self._journal
        position = len(marks) - self._undone
        steps = min(steps, position)
        if steps <= 0:
            return
        end = marks[position] if self._undone else len(journal)
        mark = marks[position - steps]
        if end - mark < _MANY:
            for at in range(end - 3, mark - 3, -3):
                container, key = journal[at], journal[at + 1]
                new = container[key]
                container[key] = journal[at + 2]
                journal[at + 2] = new
        else:
            cut = mark - 1 if mark else None
            parts = [journal[end - part : cut : -3] for part in (3, 2, 1)]
            journal[mark + 2 : end : 3] = _swapped(*parts)[::-1]
        self._undone += steps

    def retract(self, position: int) -> None:
        """Go back to a position and forget what came after it: for a search, which never redoes.

        Nothing may be undone when this is called; the caller calls `start` or `history.forget_all`
        before anybody looks at the past.
        """
        marks, journal = self._marks, self._journal
        mark = marks[position]
        backwards = iter(journal[: mark - 1 if mark else None : -1])
        for old in backwards:
            key = next(backwards)
            next(backwards)[key] = old
        del journal[mark:]
        del marks[position:]
        del self._picks[position:]
        for cut in self.cuts:
            cut(position)

    def redo(self, steps: int = 1) -> None:
        """Go forward over undone steps; at most to the end of what is recorded."""
        steps = min(steps, self._undone)
        if steps <= 0:
            return
        marks, journal = self._marks, self._journal
        first, last = -self._undone, steps - self._undone
        mark, end = marks[first], marks[last] if last else len(journal)
        if end - mark < _MANY:
            for at in range(mark, end, 3):
                container, key = journal[at], journal[at + 1]
                old = container[key]
                container[key] = journal[at + 2]
                journal[at + 2] = old
        else:
            parts = [journal[mark + part : end : 3] for part in range(3)]
            journal[mark + 2 : end : 3] = _swapped(*parts)
        self._undone -= steps

    def goto(self, position: int) -> None:
        """Go to a recorded position, from 0 to `recorded`."""
        if not 0 <= position <= self.recorded:
            raise ScheduleError(f"there is no step {position}: 0 to {self.recorded} are recorded")
        self.undo(self.position - position)
        self.redo(position - self.position)

    def forget_future(self) -> None:
        """Drop what was undone, as a step would: what is recorded ends here."""
        if self._undone:
            self._drop_future()

    def _drop_future(self) -> None:
        position = self.position
        del self._journal[self.end :]
        del self._marks[position:]
        del self._picks[position:]
        self._undone = 0
        self.history.forget()
        self._fingerprint.forget_from(position)
        for cut in self.cuts:
            cut(position)

    def schedule(self) -> Schedule:
        """The picks that lead here from the start."""
        return Schedule(self._picks[: self.position])

    def recorded_schedule(self) -> Schedule:
        """The picks of all that is recorded, undone steps included."""
        return Schedule(self._picks[:])

    # -- looking -------------------------------------------------------------------------------

    def wait(self, cpu: int) -> Wait | None:
        """Why this CPU cannot go on, or None if it can (or the machine has stopped)."""
        c = self._cpus[cpu]
        f = c[0]
        if f[0] == FINISHED:
            return Wait("finished", "", ())
        if self._conditions[f[0]] is None or self._status[0] is not None or self.ready(cpu):
            return None
        statement = self.image.statements[f[0]]
        return Wait(statement.kind, statement.text, self._reads[f[0]](f, c))

    def next_statement(self, cpu: int) -> Statement:
        """The statement this CPU executes when it steps next."""
        frame = self._cpus[cpu][0]
        if frame[0] == UNDERMINED:
            frame = frame[1]
        pc: int = frame[0]
        return self.image.statements[pc]

    def standing(self, number: int) -> Frame:
        """The frame that a CPU, or an interrupt that may arrive, executes when it steps next."""
        frame: Frame = self._cpus[number][0]
        return frame

    def frames(self, cpu: int) -> tuple[FrameView, ...]:
        """The stack this CPU stands on, outermost first."""
        return self.stacks.views(self._cpus[cpu][0])

    def frame(self, cpu: int) -> FrameView | None:
        """The frame this CPU executes, or None if it has finished."""
        frames = self.frames(cpu)
        return frames[-1] if frames else None

    def saved_frames(self, area: struct) -> tuple[FrameView, ...]:
        """The stack on an area that no CPU stands on, outermost first."""
        return self.stacks.views(area.__dict__.get("_sp"))

    def area(self, cpu: int) -> struct | None:
        """The area of the stack this CPU stands on."""
        return self.stacks.area(self._cpus[cpu][0])

    def fingerprint(self) -> int:
        """A 64-bit number for the state: see `fingerprint.py` for what counts."""
        return self._fingerprint.value()

    def record(self, index: int) -> StepRecord:
        """What a recorded step did, without going there; steps count from 0."""
        return self.history.record(index)


def _never(*_: object) -> bool:
    return False


def _forget(_: object) -> None:
    """The journal of a machine without a past."""


class _Status:
    """Where the result stands; while there is one, no CPU is ready."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.result: Result | None = None

    def __getitem__(self, _: int) -> Result | None:
        return self.result

    def __setitem__(self, _: int, result: Result | None) -> None:
        self.result = result
        self._machine.close(closed=result is not None)


DEPTH_OF_BOOT = 1 << 16
"""Labels of the frames that stand on no area are negative, apart for each CPU."""

_BOOT_SLICE = 1_000_000
"""Steps after which a function that boots is asked whether it has come to its end."""


class _Globals:
    """The variables of a machine by name, for Python that looks at it."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def __getitem__(self, name: str) -> Any:
        structs = self._memory.structs
        return structs[name] if name in structs else self._memory.variables[name]

    def __contains__(self, name: object) -> bool:
        return name in self._memory.structs or name in self._memory.variables

    def __iter__(self) -> Any:
        yield from (name for name in self._memory.variables if not name.startswith("("))
        yield from self._memory.structs


def _swapped(containers: list[Any], keys: list[Any], values: list[Any]) -> list[Any]:
    """Put values into their places, one after the other; what stood there, in the same order."""
    found: list[Any] = []
    note = found.append
    for container, key, value in zip(containers, keys, values, strict=True):
        note(container[key])
        container[key] = value
    return found
