"""The ends of processes: when and where each came to the points that all kernels have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exittui.compare.places import Places
    from exittui.machine.frames import Frame

    Observer = Callable[[int, Frame, int, int], None]


class Endings:
    """Follows every process that calls exit().

    It is told of the statements that `observers` names once they have been executed: the CPU, the
    frame, when the statement began and ended. What a time is, nanoseconds or steps, is the
    caller's business.
    """

    def __init__(
        self, places: Places, noted: Callable[[int, str], None] = lambda _, __: None
    ) -> None:
        """`noted` is called with the pid and the point when a process has come to one."""
        self.points: dict[int, dict[str, tuple[int, int]]] = {}
        """By pid, when and on which CPU its end came to each of `POINTS`."""
        self.names: dict[int, str] = {}
        self._places = places
        self._noted = noted
        self._spaces: dict[int, int] = {}

    def observers(self) -> Iterator[tuple[int, Observer]]:
        """What to call after which program counter."""
        at = self._places
        found: list[tuple[tuple[int, ...], Observer]] = [
            (at.entry("exit1"), self._exit),
            (at.inside("exit1", "p_stat = SDEAD"), self._dead),
            (at.inside("uvm_map_teardown", "rw_exit_write"), self._unmapped),
            (at.inside("uvmspace_free", "pmap = None"), self._freed),
            (at.inside("exit1", ", SIGCHLD)"), self._sigchld),
            (at.inside("reaper", ", SIGCHLD)"), self._sigchld),
            (at.inside("userland", "userland_log("), self._returned),
        ]
        for pcs, observer in found:
            for pc in pcs:
                yield pc, observer

    def _exit(self, cpu: int, f: Frame, begin: int, _: int) -> None:
        process = f[self._places.variable("exit1", "p")].p_p
        pid = process.ps_pid
        if pid not in self.points:
            self.points[pid] = {"exit": (begin, cpu)}
            self.names[pid] = process.ps_comm
            self._spaces[process.ps_vmspace.__dict__["_oid"]] = pid
            self._noted(pid, "exit")

    def _point(self, pid: int | None, name: str, time: int, cpu: int) -> None:
        if pid is not None and pid in self.points and name not in self.points[pid]:
            self.points[pid][name] = (time, cpu)
            self._noted(pid, name)

    def _dead(self, cpu: int, f: Frame, _: int, end: int) -> None:
        pid = f[self._places.variable("exit1", "p")].p_p.ps_pid
        if pid in self.points:
            self.points[pid]["dead"] = (end, cpu)  # of several threads, the last

    def _unmapped(self, cpu: int, f: Frame, _: int, end: int) -> None:
        space = f[self._places.variable("uvm_map_teardown", "map")].embedded_in
        self._point(self._spaces.get(space.__dict__["_oid"]), "unmapped", end, cpu)

    def _freed(self, cpu: int, f: Frame, _: int, end: int) -> None:
        space = f[self._places.variable("uvmspace_free", "vm")]
        self._point(self._spaces.get(space.__dict__["_oid"]), "freed", end, cpu)

    def _sigchld(self, cpu: int, f: Frame, begin: int, _: int) -> None:
        process = f[self._places.variable(self._places.function(f), "pr")]
        self._point(process.ps_pid, "sigchld", begin, cpu)

    def _returned(self, cpu: int, f: Frame, begin: int, _: int) -> None:
        if f[self._places.variable("userland", "callp")].sy_name not in ("wait4", "waitid"):
            return
        frame = f[self._places.variable("userland", "p")].p_md.md_regs
        if not frame.tf_err:
            self._point(frame.tf_rax, "return", begin, cpu)
