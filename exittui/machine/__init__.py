"""A deterministic machine that executes plain functions one statement at a time.

It knows nothing of any kernel. `link` makes an image of modules of machine code, `Machine` runs
it on a number of CPUs, forwards and backwards, one statement of one CPU at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.machine.chooser import Chooser, Random, RoundRobin, Scripted
from exittui.machine.frames import FrameView
from exittui.machine.history import ALLOCATED, FREED, StepRecord, Write
from exittui.machine.image import Function, Image, Statement
from exittui.machine.lang import struct
from exittui.machine.machine import Machine
from exittui.machine.memory import address
from exittui.machine.names import describe, label
from exittui.machine.queue import walk
from exittui.machine.result import Result, Wait
from exittui.machine.schedule import Schedule

if TYPE_CHECKING:
    from exittui.machine.linker import Patch, link

__all__ = [
    "ALLOCATED",
    "FREED",
    "Chooser",
    "FrameView",
    "Function",
    "Image",
    "Machine",
    "Patch",
    "Random",
    "Result",
    "RoundRobin",
    "Schedule",
    "Scripted",
    "Statement",
    "StepRecord",
    "Wait",
    "Write",
    "address",
    "describe",
    "label",
    "link",
    "struct",
    "walk",
]


def __getattr__(name: str) -> Any:
    """Import the linker when it is asked for: a machine with a ready image needs no compiler."""
    if name in ("Patch", "link"):
        from exittui.machine import linker  # noqa: PLC0415 - the point of it

        return getattr(linker, name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
