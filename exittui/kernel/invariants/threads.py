"""I1, I4, I5, I11, I12 and I14: threads, processes and what they hold on to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import PS_EXITING, PS_SYSTEM, PS_ZOMBIE, SDEAD
from exittui.machine import describe, walk
from exittui.machine.monitor import local, on_call, on_free, on_write
from exittui.machine.result import Broken

if TYPE_CHECKING:
    from exittui.machine import Machine
    from exittui.machine.frames import Frame
    from exittui.machine.monitor import Cpu


LOOKED_AT_END: Final = (
    ("proc", ("ci_curproc",), ()),
    ("filedesc", (), ("p_fd", "p_list")),
)
"""By struct, what I1 and I4 look at where it ends: whether fields point to it, and other fields."""


def watch(machine: Machine) -> None:
    """Bind the rules to a machine."""
    rules = _Threads(machine)
    on_free(machine, rules.freed)
    on_write(machine, "ps_flags", rules.zombie)
    on_write(machine, "ps_xexit", rules.status)
    on_write(machine, "ps_xsig", rules.status)
    on_write(machine, "p_stat", rules.state)
    on_write(machine, "p_wchan", rules.sleeps)
    on_call(machine, "cpu_switchto", rules.switches)
    on_call(machine, "sched_exit", rules.leaves)
    on_call(machine, "uvm_exit", rules.torn_down)
    on_call(machine, "uvm_purge", rules.torn_down)


class _Threads:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def _name(self, target: object) -> str:
        return describe(self._machine.memory, target)

    def freed(self, target: Any, _: Frame, cpu: Cpu) -> None:
        """I1 for the struct of a thread, and I4."""
        kind = type(target).__name__
        if kind == "proc":
            for info in self._machine.infos:
                if info.ci_curproc is target:
                    raise Broken(f"I1: {self._name(target)} is freed while {info.label()} runs it")
        elif kind == "filedesc":
            for thread in walk(self._machine.globals["allproc"], "p_list"):
                if thread.p_fd is target and thread is not cpu[1].ci_curproc:
                    raise Broken(f"I4: a filedesc is freed that {self._name(thread)} can still use")

    def zombie(self, pr: Any, old: int, _: Frame, __: Cpu) -> None:
        """I5: a zombie has exited."""
        if pr.ps_flags & ~old & PS_ZOMBIE and not pr.ps_flags & PS_EXITING:
            raise Broken(f"I5: {self._name(pr)} is made a zombie without PS_EXITING")

    def status(self, pr: Any, _: object, frame: Frame, __: Cpu) -> None:
        """I5: only the exit writes the status of what exits."""
        statements = self._machine.image.statements
        if pr.ps_flags & PS_EXITING and statements[frame[0]].function != "exit1":
            raise Broken(f"I5: {self._name(pr)} exits, and its exit status is written over")

    def state(self, p: Any, old: int, _: Frame, __: Cpu) -> None:
        """I12: nothing comes after SDEAD. A row of ps(1) has a p_stat too, and is no thread."""
        if old == SDEAD and p.p_stat != SDEAD and type(p).__name__ == "proc":
            raise Broken(f"I12: {self._name(p)} was dead and has p_stat {p.p_stat}")

    def sleeps(self, p: Any, _: object, __: Frame, ___: Cpu) -> None:
        """I12: a dead thread waits for nothing."""
        if p.p_wchan is not None and p.p_stat == SDEAD:
            raise Broken(f"I12: {self._name(p)} is dead and goes to sleep on {p.p_wmesg!r}")

    def switches(self, _: Frame, cpu: Cpu) -> None:
        """I11: sched_lock and no other mutex goes over a switch."""
        level = cpu[1].ci_mutex_level
        if level != 1:
            raise Broken(f"I11: {self._name(cpu[1].ci_curproc)} switches with {level} mutexes held")

    def leaves(self, _: Frame, cpu: Cpu) -> None:
        """I14, in sched_exit()."""
        if self._machine.globals["kernel_lock"].mpl_owner is not cpu[1]:
            name = self._name(cpu[1].ci_curproc)
            raise Broken(f"I14: {name} is in sched_exit() without the kernel lock")

    def torn_down(self, frame: Frame, cpu: Cpu) -> None:
        """I14 and I5, in uvm_exit() and uvm_purge()."""
        machine = self._machine
        function = machine.image.statements[frame[0]].function
        thread = cpu[1].ci_curproc
        if machine.globals["kernel_lock"].mpl_owner is cpu[1]:
            raise Broken(f"I14: {self._name(thread)} is in {function}() with the kernel lock")
        own = function == "uvm_purge"
        pr = thread.p_p if own else local(machine, frame, "pr")
        if not pr.ps_flags & (PS_EXITING | PS_SYSTEM):
            raise Broken(f"I5: {self._name(pr)} is torn down without PS_EXITING")
