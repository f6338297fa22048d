"""One kernel's whole run, recorded for a comparison: its steps, its clocks, its points.

A run is made once, to its end or as far as `LONGEST`; after that one only goes to and fro over
what is recorded. What is noted on the way cannot be asked for later without going there again:
when each step began and ended, who ran on its CPU, and when each process came to its points.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final

from exittui.compare.endings import Endings
from exittui.compare.places import Places
from exittui.machine import Chooser
from exittui.machine.timed import Timed
from exittui.session.session import Session
from exittui.session.views_moving import Progress
from exittui.session.views_timeline import Lane, Span

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from exittui.machine import Machine, Schedule, struct
    from exittui.scenario.build import Built

LONGEST: Final = 100_000
"""Steps of a run that are recorded: nobody steps through a build of ten thousand processes."""

_SLICE: Final = 512


class Following(Chooser):
    """A schedule as far as it fits a run; where it does not, what another chooser says."""

    def __init__(self, picks: Sequence[int], otherwise: Chooser) -> None:
        self._picks = picks
        self._otherwise = otherwise
        self.left: int | None = None
        """The first step at which the schedule had a pick that could not be made."""

    def choose(self, machine: Machine) -> int | None:
        """The pick for this step of the run, if it exists and can go on."""
        position = machine.position
        if position < len(self._picks):
            pick = self._picks[position]
            if pick < machine.choices and machine.ready(pick):
                return pick
            if self.left is None and machine.result is None and machine.enabled():
                self.left = position
        return self._otherwise.choose(machine)


class Take:
    """The recorded run of one kernel."""

    def __init__(self, built: Built, schedule: Schedule | None) -> None:
        """Along a schedule; without one, in the kernel's own virtual time."""
        self.session = Session(built)
        self.machine = self.session.machine
        self._places = Places(built.machine.image)
        self._chooser: Chooser = self.session.mover.chooser
        self._timed: Timed | None = None
        if schedule is not None:
            self._chooser = Following(schedule.picks, self._chooser)
        elif isinstance(self._chooser, Timed):
            self._timed = self._chooser
        self._endings = Endings(self._places)
        self._observers: dict[int, list[Any]] = {}
        for pc, observer in self._endings.observers():
            self._observers.setdefault(pc, []).append(observer)
        self.begins: list[int] = []
        """When each step began: nanoseconds in its own time, else its number."""
        self._tracks = [_Track() for _ in range(self.machine.ncpu)]
        self.end = 0
        """When the last step ended."""
        self.cut = False
        """The run goes on, but is not recorded any further."""

    @property
    def left(self) -> int | None:
        """The step from which on the schedule did not fit."""
        return self._chooser.left if isinstance(self._chooser, Following) else None

    # -- recording -----------------------------------------------------------------------------

    def record(self) -> Generator[Progress, None, None]:
        """Make the run, and go back to its start."""
        machine, chooser = self.machine, self._chooser
        limit = min(LONGEST, self.session.limit)
        for track, info in zip(self._tracks, machine.infos, strict=True):
            track.run_by(info.ci_curproc, *self._named(info.ci_curproc))
        while machine.result is None:
            if machine.position >= limit:
                self.cut = bool(machine.enabled())
                break
            choice = chooser.choose(machine)
            if choice is None:
                break
            machine.step(choice)
            self._note(machine.position - 1)
            if machine.position % _SLICE == 0:
                yield Progress(machine.position, machine.position, limit)
        self.end = max((track.until for track in self._tracks), default=0)
        for track in self._tracks:
            track.close(self.end)
        self.turn_to(0)

    def _note(self, index: int) -> None:
        machine = self.machine
        begin, end = (
            self._timed.span(machine, index) if self._timed is not None else (index, index + 1)
        )
        self.begins.append(begin)
        statement = machine.history.statement(index)
        cpu = machine.history.cpu(index)
        for observer in self._observers.get(statement.pc, ()):
            observer(cpu, machine.history.frame(index), index, index + 1)
        if self._timed is None:
            return
        track = self._tracks[cpu]
        if begin > track.until:
            track.extend(begin, "spins" if statement.kind == "spin" else "idle")
        track.extend(end, "user" if statement.kind == "user" else "runs")
        p = machine.infos[cpu].ci_curproc
        if p is not track.thread:
            track.run_by(p, *self._named(p))

    def _named(self, p: struct | None) -> tuple[str, bool]:
        """The name of a thread, and whether it is an idle one."""
        read, views = self.session.views.things.read, self.session.views
        spc = read(read(p, "p_cpu"), "ci_schedstate")
        return views.naming.thread(p), p is not None and read(spc, "spc_idleproc") is p

    # -- looking -------------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """Where it stands."""
        return self.machine.position

    @property
    def recorded(self) -> int:
        """How long it is, in steps."""
        return self.machine.recorded

    def turn_to(self, position: int, cpu: int | None = None) -> None:
        """Go there, and look at a CPU: the one that goes next, if it is not said which."""
        session, machine = self.session, self.machine
        before = machine.position
        machine.goto(max(0, min(position, machine.recorded)))
        session.moved_from = before
        at = machine.position
        if cpu is not None:
            session.focus = cpu
        elif machine.recorded:
            session.focus = machine.history.cpu(at if at < machine.recorded else at - 1)

    def time(self, position: int) -> int:
        """When the step after this position begins; at the end, when the last has ended."""
        return self.begins[position] if position < len(self.begins) else self.end

    def at(self, time: int) -> int:
        """The position before the first step that begins at this time or later."""
        return len(self.begins) if time >= self.end else bisect_left(self.begins, time)

    def after(self, time: int) -> int | None:
        """The first time after this one at which a step begins, or the run ends."""
        found = bisect_right(self.begins, time)
        if found < len(self.begins):
            return self.begins[found]
        return self.end if time < self.end else None

    def before(self, time: int) -> int | None:
        """The last time before this one at which a step begins."""
        found = bisect_left(self.begins, time)
        return self.begins[found - 1] if found else None

    def over(self, *, out: bool, back: bool) -> tuple[int, int]:
        """Where the thread that is looked at has made its statement with the calls in it.

        With `out`, where its function has returned; with `back`, the same backwards. The end of
        the record where it does not come there. And the CPU that the thread is on then.
        """
        machine, here = self.machine, self.position
        cpu = self.session.focus
        area, depth = machine.area(cpu), self.session.mover.depth(cpu) - out
        found = 0 if back else self.recorded
        while machine.position if back else machine.position < self.recorded:
            (machine.undo if back else machine.redo)()
            at = machine.position
            mover = machine.history.cpu(at if back else at - 1)
            if machine.area(mover) is area and self.session.mover.depth(mover) <= depth:
                found, cpu = at, mover
                break
        machine.goto(here)
        return found, cpu

    def key(self, index: int) -> tuple[int, str, str]:
        """What a step is compared by: the CPU, the function and the statement."""
        statement = self.machine.history.statement(index)
        return self.machine.history.cpu(index), statement.function, statement.text

    def points(self) -> dict[tuple[int, str], Mapping[str, tuple[int, int]]]:
        """By pid and name of each process that ends, when and on which CPU it comes to points."""
        names = self._endings.names
        return {(pid, names[pid]): points for pid, points in self._endings.points.items()}

    def lanes(self, begin: int, end: int, columns: int) -> tuple[Lane, ...]:
        """What the CPUs did from one time to another, in so many columns."""
        return tuple(
            Lane(cpu, track.spans(begin, end, columns), track.spins(begin, end, columns), ())
            for cpu, track in enumerate(self._tracks)
        )


class _Track:
    """What one CPU did in virtual time: stretches of one thread in one state."""

    def __init__(self) -> None:
        self.thread: struct | None = None
        self.until = 0
        self._begins: list[int] = []
        self._what: list[tuple[str, str]] = []
        self._name = ""
        self._idle = False

    def run_by(self, thread: struct | None, name: str, idle: bool) -> None:  # noqa: FBT001
        """Another thread runs from now on; `idle` says that it is the one that idles."""
        self.thread, self._name, self._idle = thread, name, idle

    def extend(self, until: int, state: str) -> None:
        """It has done this up to now."""
        what = (self._name, "idle" if self._idle and state != "spins" else state)
        if until > self.until and (not self._what or self._what[-1] != what):
            self._begins.append(self.until)
            self._what.append(what)
        self.until = max(self.until, until)

    def close(self, end: int) -> None:
        """The run is over: what is left of it was spent waiting."""
        self.extend(end, "idle")

    def spans(self, begin: int, end: int, columns: int) -> tuple[Span, ...]:
        """The stretches on a grid of columns; one shows what takes most of its time."""
        found: list[Span] = []
        for column in range(columns):
            name, state = self._most(*_stretch(begin, end, columns, column))
            state = "runs" if state in {"user", "spins"} else state
            last = found[-1] if found else None
            if last is not None and (last.text, last.state) == (name, state):
                found[-1] = last._replace(width=last.width + 1)
            else:
                found.append(Span(column, 1, name, state, 0))
        return tuple(found)

    def spins(self, begin: int, end: int, columns: int) -> tuple[Span, ...]:
        """The columns in which it mostly spins."""
        return tuple(
            Span(column, 1, "", "spins", 0)
            for column in range(columns)
            if self._most(*_stretch(begin, end, columns, column))[1] == "spins"
        )

    def _most(self, begin: int, end: int) -> tuple[str, str]:
        """What it did for most of a stretch of time."""
        spent: dict[tuple[str, str], int] = {}
        at = max(bisect_right(self._begins, begin) - 1, 0)
        while at < len(self._begins) and self._begins[at] < end:
            following = self._begins[at + 1] if at + 1 < len(self._begins) else self.until
            time = min(following, end) - max(self._begins[at], begin)
            if time > 0:
                spent[self._what[at]] = spent.get(self._what[at], 0) + time
            at += 1
        return max(spent, key=spent.__getitem__) if spent else ("", "idle")


def _stretch(begin: int, end: int, columns: int, column: int) -> tuple[int, int]:
    """The time that a column stands for."""
    width = end - begin
    first = begin + column * width // columns
    return first, max(begin + (column + 1) * width // columns, first + 1)
