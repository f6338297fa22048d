"""ps(1): what the kernel would answer if somebody asked it now, by sysctl(2) with KERN_PROC.

sysctl_doproc() walks allprocess, then zombprocess, leaves embryos out, and asks fill_kproc() for a
row of each process, and of each of its threads if they are wanted. The row of a process has the
best state of all its threads, and the rest from its main thread (ps_mainproc, in kernels that have
it) or from the first thread that is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.param import NZERO
from exittui.kernel.sys.proc import (
    P_SINTR,
    P_SYSTEM,
    PS_EMBRYO,
    PS_EXITING,
    PS_ISPWAIT,
    PS_TRACED,
    PS_ZOMBIE,
    SDEAD,
    SIDL,
    SONPROC,
    SRUN,
    SSLEEP,
    SSTOP,
    THREAD_PID_OFFSET,
)
from exittui.session.naming import PS_FLAGS, flags
from exittui.session.views_things import ProcessRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine, struct
    from exittui.session.naming import Naming
    from exittui.session.things import Things

_MAXSLP: Final = 20
_LETTERS: Final = {SSTOP: "T", SRUN: "R", SIDL: "R", SONPROC: "R", SDEAD: "Z"}


class ProcessTable:
    """Answers as the kernel would."""

    def __init__(self, machine: Machine, things: Things, naming: Naming) -> None:
        self._machine = machine
        self._things = things
        self._naming = naming
        removed = machine.image.removed_fields
        self._mainproc = ("process", "ps_mainproc") not in removed

    def processes(self) -> list[struct]:
        """Those that are walked: allprocess, then zombprocess."""
        walk, variable = self._things.walk, self._things.variable
        return [
            pr for name in ("allprocess", "zombprocess") for pr in walk(variable(name), "ps_list")
        ]

    def rows(self, *, threads: bool) -> tuple[ProcessRow, ...]:
        """All rows, in the order in which the kernel answers."""
        return tuple(row for pr in self.processes() for row in self._of(pr, threads=threads))

    def _of(self, pr: struct, *, threads: bool) -> Iterator[ProcessRow]:
        read = self._things.read
        if read(pr, "ps_flags", 0) & PS_EMBRYO:
            return
        all_threads = self._things.walk(read(pr, "ps_threads"), "p_thr_link")
        first = all_threads[0] if all_threads else None
        yield self._row(pr, read(pr, "ps_mainproc") if self._mainproc else first, thread=False)
        if threads:
            for p in all_threads:
                yield self._row(pr, p, thread=True)

    def _row(self, pr: struct, p: struct | None, *, thread: bool) -> ProcessRow:
        read = self._things.read
        note = ""
        if p is None:
            note = "fill_kproc() would read p_tid of NULL"
        elif self._things.freed(p):
            note = f"fill_kproc() would use {self._naming.thread(p)} after it was freed"
        zombie = bool(read(pr, "ps_flags", 0) & PS_ZOMBIE)
        state = read(p, "p_stat", SDEAD) if thread else self._best(pr, zombie=zombie)
        status = read(pr, "ps_xsig", 0) or read(pr, "ps_xexit", 0)
        cpu = read(read(p, "p_cpu"), "ci_cpuid") if state == SONPROC and not zombie else None
        waits = not zombie and read(p, "p_wchan") is not None
        return ProcessRow(
            pid=read(pr, "ps_pid", 0),
            ppid=read(pr, "ps_ppid", 0),
            tid=read(p, "p_tid", 0) + THREAD_PID_OFFSET if thread else -1,
            stat=self._stat(pr, p, state, cpu),
            wait=(read(p, "p_wmesg") or "") if waits else "",
            cpu=cpu,
            command=read(pr, "ps_comm", ""),
            flags=flags(read(pr, "ps_flags", 0), PS_FLAGS),
            exit_status=status,
            note=note,
        )

    def _best(self, pr: struct, *, zombie: bool) -> int:
        """The state of a process: the first of these that one of its threads has."""
        threads = self._things.walk(self._things.read(pr, "ps_threads"), "p_thr_link")
        states = {self._things.read(p, "p_stat") for p in threads}
        idle = SDEAD if zombie else SIDL
        return next((one for one in (SONPROC, SRUN, SSTOP, SSLEEP) if one in states), idle)

    def _stat(self, pr: struct, p: Any, state: int, cpu: int | None) -> str:
        """The letters of ps(1)."""
        read = self._things.read
        flag, ps_flags = read(p, "p_flag", 0), read(pr, "ps_flags", 0)
        letter = _LETTERS.get(state, "?")
        if state == SSLEEP:
            asleep = "I" if read(p, "p_slptime", 0) >= _MAXSLP else "S"
            letter = asleep if flag & P_SINTR else "D"
        nice = read(pr, "ps_nice", NZERO)
        marks = "<" if nice < NZERO else "N" if nice > NZERO else ""
        marks += "X" if ps_flags & PS_TRACED else ""
        marks += "E" if ps_flags & (PS_EXITING | PS_ZOMBIE) == PS_EXITING else ""
        marks += "V" if ps_flags & PS_ISPWAIT else ""
        marks += "K" if flag & P_SYSTEM else ""
        return f"{letter}{marks}/{cpu}" if cpu is not None else f"{letter}{marks}"
