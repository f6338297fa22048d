"""What stood in certain places once, to find out whether the same stands there now.

What somebody would do is a function of what he reads: where that is so again, he does it again. So
stretches, paths and the conditions of interrupts are kept with it (see `stretches.py`,
`recollection.py`, `guards.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exittui.checker.places import Place


class Standing:
    """What stood in some places."""

    __slots__ = ("alive", "parts", "values")

    def __init__(self) -> None:
        self.values: list[tuple[dict[Any, Any], Any, Any]] = []
        """Container, key and value."""
        self.parts: list[tuple[Place, Any]] = []
        """Bits, and what is below a bound."""
        self.alive: list[tuple[dict[Any, Any], bool]] = []
        """Structs that lived, or did not."""

    def still(self) -> bool:
        """Whether the same stands there now."""
        for container, key, value in self.values:
            now = container.get(key)
            if now is not value and plain(now) != value:
                return False
        for place, part in self.parts:
            if place.now() != part:
                return False
        return all((len(container) > 1) is lives for container, lives in self.alive)


def plain(value: Any) -> Any:
    """A value to compare: of a frame only which it is, for what it holds counts elsewhere."""
    return ("^", value[2]) if type(value) is list else value
