"""sys/timeout.h 1.50: struct timeout, a function to be called when so many ticks have passed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from exittui.machine.lang import struct
from exittui.machine.queue import LINK

TIMEOUT_INITIALIZED: Final = 0x04
TIMEOUT_ONQUEUE: Final = 0x02
TIMEOUT_TRIGGERED: Final = 0x08


class timeout(struct):
    """[T] timeout_mutex. On timeout_todo from timeout_add() until it is due or deleted."""

    to_list: LINK[timeout] = None
    to_func: Callable[[Any], None] | Any = None
    to_arg: Any = None
    to_time: int = 0
    to_flags: int = 0
