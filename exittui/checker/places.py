"""The places of a machine's memory, as a locking discipline sees them (see `discipline.py`)."""

from __future__ import annotations

from typing import Any

ALIVE = "(alive)"
"""Of a struct, that it is not freed: what a step needs that touches a field nobody reads."""


class Place:
    """One place in memory, with the masks of locks under which it was read and written."""

    __slots__ = (
        "acquire",
        "additive",
        "bit",
        "bits",
        "bounds",
        "key",
        "live",
        "minds",
        "observed",
        "part",
        "plain",
        "readers",
        "request",
        "target",
        "whole",
        "writers",
    )

    def __init__(self, target: Any, key: Any, whole: Place | None = None) -> None:
        self.target = target
        self.key = key
        self.whole = whole
        """What this is a part of."""
        self.part = 0
        """Which: the bit, or the bound that the value is below, as a negative number less one."""
        self.readers: dict[int, int] = {}
        """By mask, 0 if a read under it is visible, else the number of the guess that it is not."""
        self.writers: dict[int, int] = {}
        self.observed = False
        self.additive = False
        """To write it only says that something changed: two writes come to the same."""
        self.live = 0
        """The bit of a place that is tracked (see `live.py`), or of what this is a part of."""
        self.request = 0
        """The bit of a request for an interrupt that is tracked: see `requests.py`."""
        self.minds = 0
        """Which requests are wanted where it is set: see there."""
        self.plain = False
        """It holds CPUs, and was seen not to be an owner word."""
        self.bit = 0
        self.acquire: Place | None = None
        self.bounds: dict[int, Place] = {}
        """By bound, whether the value is below it, where an interrupt only wants to know that."""
        self.bits: dict[int, Place] = {}
        """By number, the bits that some step accesses alone."""

    def of(self, value: int) -> int | bool:
        """What this place is of a value of the whole: some bits, or whether it is below a bound."""
        return value & self.part if self.part >= 0 else value < -1 - self.part

    def now(self) -> Any:
        """The same of what stands there now."""
        value = self.target.get(self.whole.key) if self.whole is not None else None
        return self.of(value) if isinstance(value, int) else value
