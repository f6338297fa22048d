"""A scenario under a kernel as a machine that stands at the start of the run.

The modelled kernel boots itself: its own `main` makes init and the idle threads, and its own
functions make the processes and threads here, so that what the run finds is what a kernel would
have made. What brings the threads to where they start is executed too, one CPU at a time: those
that start asleep run to their first sleep, those that start on a CPU to user mode. Only then does
position 0 of the run begin.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from exittui.errors import ScenarioError, UsageError, did_you_mean
from exittui.kernel.catalog import KERNELS, forgetful_code, linking_kernel
from exittui.kernel.invariants.standing import give_ticks
from exittui.kernel.sys.proc import SSLEEP
from exittui.machine import Machine, struct
from exittui.machine.slices import whole
from exittui.scenario import booted
from exittui.scenario.calls import ANY, encoded
from exittui.scenario.copies import INIT, expanded, pids, start_cpu, tids
from exittui.scenario.workload import install

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import CodeType

    from exittui.machine import Image
    from exittui.machine.slices import Slices
    from exittui.scenario.model import Call, Process, Scenario, Thread

_MAX_BOOT_STEPS: Final = 100_000
"""More than any thread takes to its first sleep or to user mode."""
_STEPS_A_THREAD: Final = 1_000
"""More than many threads take to where they start, each; all together may take that besides."""


@frozen(eq=False)
class Built:
    """A machine at the start of a run, and what of it belongs to which part of the scenario."""

    scenario: Scenario
    kernel: str
    without: tuple[str, ...]
    machine: Machine
    pids: Mapping[str, int]
    programs: Mapping[str, tuple[Any, ...]]
    """By process, the program of each of its threads; it keeps what its calls returned."""

    names: Mapping[int, str]
    """The processes by pid."""

    ticks: int = 0
    """The user time that the threads begin with."""

    def name(self, pid: int) -> str:
        """The name of the process with this pid."""
        return self.names.get(pid, f"pid {pid}")


def build(
    scenario: Scenario,
    kernel: str,
    without: tuple[str, ...] = (),
    *,
    cache: Path | None = None,
    past: bool = True,
) -> Built:
    """Boot the kernel, less some hunks, and bring the scenario's threads to their places.

    `cache` is a folder to keep the linked kernel in, which saves half a second, and the machine if
    it has many threads. Without a `past` the machine can only go forward, and goes faster.
    """
    return whole(building(scenario, kernel, without, cache=cache, past=past))


def building(
    scenario: Scenario,
    kernel: str,
    without: tuple[str, ...] = (),
    *,
    cache: Path | None = None,
    past: bool = True,
) -> Slices[Built]:
    """`build`, slice by slice: a kernel that has to be linked takes most of them."""
    _check_names(kernel, without)
    linked = yield from _imaging(kernel, without, cache)
    yield
    kept = booted.place(scenario, kernel, without, cache) if cache is not None and past else None
    scenario = expanded(scenario)
    found = kept.read(linked, scenario.cpus) if kept is not None else None
    if found is None:
        code = None if past else _forgetful(kernel, without, cache)
        yield
        machine = Machine(linked, scenario.cpus, past=past, code=code)
        programs, ticks = also = _boot(machine, scenario)
        if kept is not None:
            kept.write(machine, also)
    else:
        machine, (programs, ticks) = found
    numbers = pids(scenario)
    return Built(
        scenario=scenario,
        kernel=kernel,
        without=without,
        machine=machine,
        pids=numbers,
        names={pid: name for name, pid in numbers.items()},
        programs=programs,
        ticks=ticks,
    )


def _boot(machine: Machine, scenario: Scenario) -> tuple[dict[str, tuple[Any, ...]], int]:
    """Bring the machine to the start of the run; the programs and the user time of its threads."""
    boot = _Boot(machine, scenario)
    boot.processes()
    boot.places()
    ticks = give_ticks(machine)
    if scenario.clock_runs:
        machine.call("initclocks")
    machine.start()
    return boot.programs, ticks


_IMAGES: Final[dict[tuple[str, tuple[str, ...], Path | None], Image]] = {}


def image(kernel: str, without: tuple[str, ...], cache: Path | None) -> Image:
    """The linked kernel; an image never changes, so all machines of a process share it."""
    return whole(_imaging(kernel, without, cache))


def _imaging(kernel: str, without: tuple[str, ...], cache: Path | None) -> Slices[Image]:
    found = _IMAGES.get((kernel, without, cache))
    if found is None:
        found = yield from linking_kernel(kernel, without, cache=cache)
        found = _IMAGES.setdefault((kernel, without, cache), found)
    return found


@functools.cache
def _forgetful(kernel: str, without: tuple[str, ...], cache: Path | None) -> CodeType:
    """Its code for machines without a past."""
    return forgetful_code(image(kernel, without, cache), kernel, without, cache=cache)


def _check_names(kernel: str, without: tuple[str, ...]) -> None:
    if kernel not in KERNELS:
        hint = did_you_mean(kernel, KERNELS)
        raise UsageError(f"no kernel {kernel!r}{hint}; known: {', '.join(KERNELS)}")
    hunks = [hunk.name for hunk in KERNELS[kernel].hunks]
    for name in without:
        if name not in hunks:
            hint = did_you_mean(name, hunks)
            known = ", ".join(hunks) or "none"
            raise UsageError(f"no hunk {name!r} in kernel {kernel}{hint}; known: {known}")


def idler(processes: int) -> tuple[Call, ...]:
    """What init does: collect whatever exits, and sleep when there is nothing left to collect."""
    return (*((("wait4", ANY),) * processes), ("pause",))


class _Boot:
    """The making of the processes of one scenario, and the way of its threads to their places."""

    def __init__(self, machine: Machine, scenario: Scenario) -> None:
        self._machine = machine
        self._scenario = scenario
        self._threads: list[tuple[Process, Thread, Any]] = []
        self._ready: list[Any] = []
        threads = sum(len(process.thread) for process in scenario.process)
        self._left = _MAX_BOOT_STEPS + threads * _STEPS_A_THREAD
        self.pids = pids(scenario)
        self.programs: dict[str, tuple[Any, ...]] = {}

    def processes(self) -> None:
        """Boot, and make all processes and threads, none of which runs yet."""
        machine = self._machine
        machine.call("main", machine.ncpu)
        self._limits()
        made: dict[str, Any] = {INIT: machine.globals["initprocess"]}
        made_by_init = len(self._scenario.process) + 2 * len(self._scenario.workload)
        program = self._program(idler(made_by_init))
        self._init = machine.call("boot_thread", made[INIT], 0, program)
        self.programs[INIT] = (program,)
        for process in self._scenario.process:
            machine.start()  # what boots is not looked back at
            parent, pid = made[process.parent], self.pids[process.name]
            made[process.name] = machine.call(
                "boot_process", parent, pid, process.name, process.pages
            )
            if process.uid:
                machine.call("boot_uid", made[process.name], process.uid)
            programs = []
            for thread, number in zip(process.thread, tids(process, pid), strict=True):
                programs.append(self._program(thread.program))
                proc = machine.call("boot_thread", made[process.name], number, programs[-1])
                self._threads.append((process, thread, proc))
            self.programs[process.name] = tuple(programs)
        for workload in self._scenario.workload:
            self._ready += install(machine, workload, self._scenario.time)

    def _limits(self) -> None:
        """Set kern.maxproc and kern.maxthread; what the scenario begins with has to fit."""
        there, sysctl = self._machine.globals, self._scenario.sysctl
        processes = len(self._scenario.process) + len(self._scenario.workload)
        threads = sum(len(process.thread) for process in self._scenario.process)
        needed = {
            "kern.maxproc": there["nprocesses"] + processes,
            "kern.maxthread": there["nthreads"] + threads + len(self._scenario.workload),
        }
        limits = {
            "kern.maxproc": there["maxprocess"],
            "kern.maxthread": there["maxthread"],
            **sysctl,
        }
        for key, limit in limits.items():
            if needed[key] > limit:
                what = "processes" if key == "kern.maxproc" else "threads"
                raise ScenarioError(
                    f"is {limit}; the scenario and the kernel begin with {needed[key]} {what}",
                    file=self._scenario.name,
                    key=f"sysctl.{key}",
                    accepted=f"{needed[key]} or more",
                )
        self._machine.call("boot_limits", limits["kern.maxproc"], limits["kern.maxthread"])

    def places(self) -> None:
        """Bring every thread to where it starts: the sleeping, the running, then the ready."""
        machine = self._machine
        for cpu in range(machine.ncpu):
            machine.set_stack(cpu, machine.call("boot_stack", machine.infos[cpu]))
            self._settle(cpu)
        self._sleep(self._init, INIT)
        for process, thread, proc in self._threads:
            if thread.start == "asleep":
                self._sleep(proc, process.name)
        for _, thread, proc in self._threads:
            place = start_cpu(thread.start)
            if place is not None:
                self._enqueue(proc, place)
                self._to_user_mode(place, proc)
        ready = [proc for _, thread, proc in self._threads if thread.start == "ready"]
        ready += self._ready
        for index, proc in enumerate(ready):
            self._enqueue(proc, index % machine.ncpu)

    def _program(self, calls: tuple[Call, ...]) -> struct:
        ops = tuple(encoded(call, self.pids) for call in calls)
        program: struct = self._machine.call("user_program", ops)
        return program

    def _enqueue(self, proc: Any, cpu: int) -> None:
        self._machine.call("boot_start", proc, self._machine.infos[cpu])

    def _sleep(self, proc: Any, name: str) -> None:
        """Let a thread run on the first CPU, alone, until it sleeps."""
        self._enqueue(proc, 0)
        self._settle(0)
        if self._machine.memory.is_freed(proc) or proc.p_stat != SSLEEP:
            raise ScenarioError(
                f"a thread of process {name!r} starts asleep, but its program does not sleep",
                file=self._scenario.name,
            )

    def _settle(self, cpu: int) -> None:
        """Step one CPU until it can do nothing more."""
        machine = self._machine
        machine.start()  # what boots is not looked back at
        if not machine.alone(cpu, _MAX_BOOT_STEPS):
            raise ScenarioError("does not come to rest at the start", file=self._scenario.name)
        self._left -= machine.position
        if self._left < 0:
            raise ScenarioError(
                "takes too many steps to the start of the run: let fewer threads start asleep, or "
                "those that do sleep sooner",
                file=self._scenario.name,
            )

    def _to_user_mode(self, cpu: int, proc: Any) -> None:
        """Step one CPU until it is about to execute the user program of this thread."""
        machine = self._machine
        for _ in range(_MAX_BOOT_STEPS):
            here, info = machine.next_statement(cpu).function, machine.infos[cpu]
            if here == "userland" and info.ci_curproc is proc and info.ci_intr:
                return
            machine.step(cpu)
        raise ScenarioError("does not come to rest at the start", file=self._scenario.name)
