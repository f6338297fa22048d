"""The kernels there are, and how each is linked.

A kernel is the base, which is the kernel of May 2025 before the diff, and the hunks of one patch
folder over it. A hunk is a module of that folder, named as its file in the diff; it can be left
out.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from exittui.errors import LinkError
from exittui.machine import store
from exittui.machine.slices import whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, ModuleType

    from exittui.machine import Image
    from exittui.machine.slices import Slices

ROOT: Final = "exittui.kernel"
CPU_STRUCT: Final = ("cpu_info", "ci_cpuid")

BASE: Final = (
    "sys.refcnt",
    "sys.ucred",
    "sys.wait",
    "sys.resource",
    "sys.siginfo",
    "sys.signalvar",
    "sys.sysctl",
    "sys.mutex",
    "sys.mplock",
    "sys.rwlock",
    "sys.event",
    "sys.pool",
    "sys.timeout",
    "sys.user",
    "sys.sysent",
    "sys.sched",
    "sys.systm",
    "sys.proc",
    "sys.syscall_mi",
    "arch.amd64.cpu",
    "arch.amd64.proc",
    "arch.amd64.intr",
    "arch.amd64.machdep",
    "arch.amd64.ipi",
    "arch.amd64.vector",
    "arch.amd64.pmap",
    "arch.amd64.pmap_tlb",
    "arch.amd64.locore",
    "arch.amd64.vm_machdep",
    "arch.amd64.trap",
    "arch.amd64.userland",
    "kern.init_main",
    "kern.init_sysent",
    "kern.kern_descrip",
    "kern.kern_event",
    "kern.kern_event_knote",
    "kern.kern_event_scan",
    "kern.kern_exec",
    "kern.kern_exit",
    "kern.kern_exit_wait",
    "kern.kern_fork",
    "kern.kern_kthread",
    "kern.kern_lock",
    "kern.kern_proc",
    "kern.kern_prot",
    "kern.kern_resource",
    "kern.kern_rwlock",
    "kern.kern_sched",
    "kern.kern_sig",
    "kern.kern_sig_post",
    "kern.kern_sig_stop",
    "kern.kern_synch",
    "kern.kern_sysctl",
    "kern.sys_futex",
    "kern.sys_pipe",
    "kern.sched_bsd",
    "kern.subr_pool",
    "kern.subr_xxx",
    "kern.sysv_sem",
    "kern.subr_prof",
    "kern.kern_unveil",
    "kern.kern_time",
    "kern.kern_acct",
    "kern.kern_clock",
    "kern.kern_timeout",
    "kern.vfs_bio",
    "kern.sys_generic",
    "kern.sys_process",
    "uvm.uvm_glue",
    "uvm.uvm_map",
    "uvm.uvm_mmap",
)


@attrs.frozen
class Hunk:
    """A part of a diff: its name is that of its file, with the kernel's suffix."""

    name: str
    module: str
    folder: str

    @property
    def title(self) -> str:
        """What it does, in one line: the head of its module, without the file's name."""
        text = importlib.import_module(self.module).__doc__ or ""
        return text.splitlines()[0].partition(": ")[2]


@attrs.frozen
class Kernel:
    """A kernel that can be linked."""

    id: str
    title: str
    hunks: tuple[Hunk, ...] = ()
    under: tuple[Hunk, ...] = ()
    """What is linked over the base before the hunks, and cannot be left out."""


def _hunks(folder: str, *names: str, mark: str = "") -> tuple[Hunk, ...]:
    root = f"{ROOT}.patches.{folder}"
    return tuple(
        Hunk(name + mark, f"{root}." + name.rpartition(".")[0].replace("/", "."), root)
        for name in names
    )


_MPI: Final = _hunks(
    "mpi_2025_05",
    "arch/amd64/amd64/locore.S",
    "kern/init_main.c",
    "kern/kern_event.c",
    "kern/kern_exit.c",
    "kern/kern_fork.c",
    "kern/kern_rwlock.c",
    "kern/kern_sched.c",
    "kern/kern_sig.c",
    "kern/kern_sysctl.c",
    "kern/subr_xxx.c",
    "uvm/uvm_glue.c",
    "sys/proc.h",
)

_PURGE: Final = _hunks(
    "purge_2025_08",
    "arch/amd64/amd64/vm_machdep.c",
    "arch/arm64/arm64/pmap.c",
    "kern/kern_exit.c",
    "kern/kern_sched.c",
    "kern/kern_sig.c",
    "kern/kern_synch.c",
    "kern/sched_bsd.c",
    "uvm/uvm_glue.c",
    "uvm/uvm_map.c",
    "sys/sched.h",
)

# The cpu_switchto() of that branch is not known; with that of the base a CPU that goes from one
# thread of a process straight to the next, when the first has exited, trips over ci_proc_pmap.
_CLUDWIG: Final = _MPI[:1] + _hunks(
    "cludwig_2025_09",
    "kern/init_main.c",
    "kern/kern_exit.c",
    "kern/kern_fork.c",
    "kern/kern_sched.c",
    "kern/sched_bsd.c",
    "sys/proc.h",
    "sys/sched.h",
)

KERNELS: Final = {
    kernel.id: kernel
    for kernel in (
        Kernel("reaper", "before the diff: the reaper frees what exits (May 2025)"),
        Kernel(
            "mpi-2025-05",
            "with the diff of 2 May 2025: exit1() frees all, no reaper",
            hunks=_MPI,
        ),
        Kernel(
            "mpi-switch",
            "the diff and its next step: mi_switch() instead of sched_toidle()",
            hunks=_MPI
            + _hunks("mpi_switch", "kern/kern_sched.c", "kern/sched_bsd.c", mark="#switch"),
        ),
        Kernel(
            "purge-2025-08",
            "what landed: exit1() empties the address space, the reaper stays (August 2025)",
            hunks=_PURGE,
        ),
        Kernel(
            "cludwig-2025-09",
            "Christian Ludwig's attempt without a reaper (September 2025)",
            hunks=_CLUDWIG,
            under=tuple(hunk for hunk in _PURGE if hunk.name != "kern/kern_exit.c"),
        ),
    )
}


def link_kernel(
    id: str,
    without: Iterable[str] = (),
    *,
    cache: Path | None = None,
) -> Image:
    """Link a kernel, leaving out the hunks named.

    Linking takes about half a second; with a `cache` folder it is done once for each version of
    the sources. Raises LinkError for a kernel or hunk that does not exist and where one hunk needs
    another.
    """
    return whole(linking_kernel(id, without, cache=cache))


def linking_kernel(
    id: str,
    without: Iterable[str] = (),
    *,
    cache: Path | None = None,
) -> Slices[Image]:
    """`link_kernel`, slice by slice."""
    kernel = KERNELS.get(id)
    if kernel is None:
        raise LinkError(f"no kernel {id!r}; there are {', '.join(KERNELS)}")
    left_out = tuple(dict.fromkeys(without))
    names = tuple(hunk.name for hunk in kernel.hunks)
    for name in left_out:
        if name not in names:
            known = ", ".join(names) or "none"
            raise LinkError(f"kernel {id} has no hunk {name!r}; its hunks: {known}")
    if cache is None:
        return (yield from _link(kernel, left_out))
    path = _place(id, left_out, cache)
    image = store.load(path)
    if image is None:
        image = yield from _link(kernel, left_out)
        store.save(image, path)
    return image


def forgetful_code(
    image: Image, id: str, without: Iterable[str] = (), *, cache: Path | None = None
) -> CodeType:
    """The code of a linked kernel for machines that keep no past.

    Compiling takes a fifth of a second; with a `cache` folder it is kept beside the kernel.
    """
    path = _place(f"{id}, no past", dict.fromkeys(without), cache) if cache is not None else None
    code = store.load_code(path) if path is not None else None
    if code is None:
        from exittui.machine.emit import forgetful  # noqa: PLC0415 - what is kept needs no emitter

        code = forgetful(image.name, image.source)
        if path is not None:
            store.save_code(code, path)
    return code


def _place(what: str, without: Iterable[str], cache: Path) -> Path:
    """Where something linked is kept."""
    here = Path(__file__).parent
    return cache / store.key((here, here.parent / "machine"), what, *without)


def _link(kernel: Kernel, left_out: tuple[str, ...]) -> Slices[Image]:
    from exittui.machine.linker import Patch, linking  # noqa: PLC0415 - a kept image needs no linker

    try:
        return (
            yield from linking(
                " without ".join((kernel.id, *left_out)),
                tuple(_module(f"{ROOT}.{name}") for name in BASE),
                tuple(
                    Patch(hunk.name, _module(hunk.module), hunk.folder)
                    for hunk in (*kernel.under, *kernel.hunks)
                    if hunk in kernel.under or hunk.name not in left_out
                ),
                root=ROOT,
                cpu_struct=CPU_STRUCT,
            )
        )
    except LinkError as error:
        raise LinkError(_need(kernel, left_out, str(error)) + str(error)) from error


def _need(kernel: Kernel, left_out: tuple[str, ...], message: str) -> str:
    """Which hunk needs which: the one that removes something, and that with a function without."""
    removes = re.search(r"hunk (\S+) removes it", message)
    user = re.search(r"(\w+)\(\) (?:needs|uses)", message)
    if removes is None or user is None:
        return ""
    for hunk in kernel.hunks:
        if hunk.name in left_out and hasattr(_module(hunk.module), user[1]):
            return f"hunk {removes[1]} needs hunk {hunk.name}, which is left out: "
    return ""


def _module(name: str) -> ModuleType:
    return importlib.import_module(name)
