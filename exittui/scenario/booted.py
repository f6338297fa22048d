"""Machines that were booted before: kept beside the linked kernels, where booting takes long.

A thousand threads make some 700,000 steps to where they start, the same ones every time. So where
there are many, the machine they lead to is kept, for the same scenario under the same kernel and
program. Whatever cannot be read or written is treated as not there, and what is kept is trusted as
much as the `.pyc` files of the program.
"""

from __future__ import annotations

import gc
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from exittui.machine import Machine, snapshot, store

if TYPE_CHECKING:
    from exittui.machine import Image
    from exittui.scenario.model import Scenario

_MANY: Final = 100
"""Threads from which on reading a machine takes less time than booting it."""

_PROGRAM: Final = Path(__file__).parents[1]


@frozen
class Place:
    """Where the booted machine of one scenario under one kernel is kept, and for what it holds."""

    path: Path
    key: bytes

    def read(self, image: Image, ncpu: int) -> tuple[Machine, Any] | None:
        """The machine, and what was kept along with it; None if none is kept that can be used."""
        state = store.read(self.path, self.key)
        if state is None:
            return None
        collecting = gc.isenabled()
        gc.disable()  # nothing of what is read is garbage, and looking for some doubles the time
        try:
            machine = Machine(image, ncpu)
            return machine, snapshot.restore(machine, state)
        except Exception:  # noqa: BLE001 - what cannot be read is not there
            return None
        finally:
            if collecting:
                gc.enable()

    def write(self, machine: Machine, also: object) -> None:
        """Keep a machine that has booted, with values that may name its structs."""
        store.write(self.path, self.key, snapshot.take(machine, also))


def place(scenario: Scenario, kernel: str, without: tuple[str, ...], cache: Path) -> Place | None:
    """Where the machine of a scenario is kept; None if that is not worth it."""
    threads = sum(
        process.count * thread.count for process in scenario.process for thread in process.thread
    )
    if threads < _MANY:
        return None
    folders = [_PROGRAM / name for name in ("machine", "kernel", "scenario")]
    named = zlib.crc32(repr((scenario.name, kernel, without)).encode())
    key = store.key(folders, repr(scenario), kernel, *without)
    return Place(cache / f"booted-{named:08x}", key.encode())
