"""I2, I7 and I16: maps, TLBs and what CPUs say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import P_SYSTEM, SDEAD
from exittui.machine import describe
from exittui.machine.monitor import local, on_free, on_return, on_write
from exittui.machine.result import Broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.kernel.arch.amd64.cpu import cpu_info
    from exittui.machine import Machine
    from exittui.machine.frames import Frame
    from exittui.machine.monitor import Cpu

_SWITCHED = ("cpu_switchto", "intr_restore")
"""Where interrupts go on again after what has to be done with them off."""

LOOKED_AT_END: Final = (("pmap", ("ci_cr3",), ()),)
"""What I2 looks at where a pmap ends, as in threads.py."""


def watch(machine: Machine) -> None:
    """Bind the rules to a machine."""
    rules = _Maps(machine)
    on_free(machine, rules.freed)
    on_return(machine, "pmap_remove", rules.removed)
    on_return(machine, "pmap_activate", rules.changed)
    on_return(machine, "pmap_deactivate", rules.changed)
    on_write(machine, "ci_intr", rules.enabled, within=_SWITCHED)


def looked_at(machine: Machine, frame: Frame) -> Iterator[tuple[Any, str]]:
    """The fields that I7 looks at where this frame of pmap_remove() is about to return."""
    pm = local(machine, frame, "pm")
    yield pm, "pm_pte"
    gone = (1 << local(machine, frame, "eva")) - (1 << local(machine, frame, "sva")) & ~pm.pm_pte
    for info in machine.infos:
        yield info, "ci_tlb"
        held, pages = info.ci_tlb
        if held is pm and pages & gone:
            yield info, "ci_cr3"
            yield info, "ci_curproc"
            thread = info.ci_curproc
            yield thread, "p_stat"
            yield thread, "p_flag"
            if info.ci_cr3 is pm and not _stays_in_kernel(machine, thread):
                yield thread, "p_addr"
                yield thread.p_addr.u_pcb, "pcb_cr3"


def _stays_in_kernel(machine: Machine, thread: Any) -> bool:
    """Whether a thread does not use user memory any more, or never did."""
    fields = machine.memory.fields(thread)
    return bool(fields["p_stat"] == SDEAD or fields["p_flag"] & P_SYSTEM)


def _uses(machine: Machine, info: cpu_info, pm: Any) -> bool:
    """Whether a CPU may use user memory by a map: its %cr3 is that, and the one of its thread."""
    thread = info.ci_curproc
    if info.ci_cr3 is not pm or _stays_in_kernel(machine, thread):
        return False
    return thread.p_addr.u_pcb.pcb_cr3 is pm


class _Maps:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._kernel = machine.globals["kernel_pmap_store"]

    def _name(self, target: object) -> str:
        return describe(self._machine.memory, target)

    def freed(self, target: Any, _: Frame, __: Cpu) -> None:
        """I2."""
        if type(target).__name__ == "pmap":
            for info in self._machine.infos:
                if info.ci_cr3 is target:
                    running = self._name(info.ci_curproc)
                    raise Broken(
                        f"I2: {self._name(target)} is destroyed while {info.label()} ({running}) "
                        "has it in %cr3"
                    )

    def removed(self, frame: Frame, _: Cpu) -> None:
        """I7: the pages are gone from the TLBs of all CPUs that have the map.

        A dead thread has deactivated its map and never goes back to user mode, so that nobody
        minds what its CPU holds until %cr3 is loaded. In cpu_switchto() that is some statements
        after curproc is the next thread, whose %cr3 is another: its pages are not used before.
        """
        machine = self._machine
        pm, sva, eva = (local(machine, frame, name) for name in ("pm", "sva", "eva"))
        gone = (1 << eva) - (1 << sva) & ~pm.pm_pte
        for info in machine.infos:
            held, pages = info.ci_tlb
            if held is pm and pages & gone and _uses(machine, info, pm):
                page = (pages & gone).bit_length() - 1
                running = self._name(info.ci_curproc)
                raise Broken(
                    f"I7: {info.label()} ({running}) may still have page {page} of "
                    f"{self._name(pm)} in its TLB"
                )

    def enabled(self, info: Any, _: object, __: Frame, cpu: Cpu) -> None:
        """I16, when interrupts are on again."""
        if info.ci_intr:
            self._agree(cpu[1])

    def changed(self, frame: Frame, cpu: Cpu) -> None:
        """I16, when the running thread has changed its map with interrupts on."""
        if cpu[1].ci_intr and local(self._machine, frame, "p") is cpu[1].ci_curproc:
            self._agree(cpu[1])

    def _agree(self, info: Any) -> None:
        recorded, thread = info.ci_proc_pmap, info.ci_curproc
        if recorded is None or recorded is self._kernel:
            return
        if recorded is not info.ci_cr3 or thread.p_flag & P_SYSTEM:
            raise Broken(
                f"I16: {info.label()} runs {self._name(thread)} with %cr3 "
                f"{self._name(info.ci_cr3)}, and ci_proc_pmap is {self._name(recorded)}"
            )
