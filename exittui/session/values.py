"""Fields as values for display: what they hold, and what they held before the last move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.session.views import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine import struct
    from exittui.session.changes import Changes
    from exittui.session.naming import Naming
    from exittui.session.things import Things


class Values:
    """Reads fields at one moment."""

    def __init__(
        self, things: Things, naming: Naming, changes: Changes, before: Changes | None = None
    ) -> None:
        """`changes` are those of the last move, `before` those of the move that led to it."""
        self._things = things
        self._naming = naming
        self.changes = changes
        self.before = before

    def field(
        self, target: struct | None, field: str, show: Callable[[Any], str] | None = None
    ) -> Value:
        """A field; `show` makes text of what it holds, by default its short name."""
        if target is None:
            return Value("")
        make = show or self._naming.thing
        text = make(self._things.read(target, field))
        written, before = self.changes.was(target, field)
        if not written:
            return Value(text, None, self.fades(target, field))
        old = make(before)
        return Value(text) if old == text else Value(text, old)

    def fades(self, target: struct | None, field: str) -> bool:
        """Whether the move before the last one wrote a field."""
        return self.before is not None and self.before.was(target, field)[0]
