"""The yardstick's protocol as a machine: see `machines/exit1.py`."""

from __future__ import annotations

from exittui.machine import Machine, link
from tests.checker.machines import exit1


def machine(threads: int, mode: str = "NOASSERT") -> Machine:
    """The protocol for so many threads: as it is (""), "NOASSERT", or "FIXED"."""
    from exittui.machine.linker import Patch

    patches = []
    if mode == "FIXED":
        from tests.checker.machines import exit1_fixed

        patches.append(Patch("FIXED", exit1_fixed))
    image = link("exit1", [exit1], patches, cpu_struct=("cpu", "number"))
    made = Machine(image, threads + 1)
    made.memory.variables["asserts"] = int(mode == "")
    for number in range(threads):
        made.begin(number, "other" if number else "first", number, threads, 0)
    made.begin(threads, "parent")
    made.start()
    return made
