"""The moves of a session that nobody has taken back, for `recording` to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.session.commands import Order
    from exittui.session.session import Session


class Made(NamedTuple):
    """A move forwards: from which step to which, looking at which CPU, stopped by what.

    `words` is the command in the words of the table.
    """

    start: int
    end: int
    focus: int
    words: str
    stops: tuple[str, ...]


class Moves:
    """What was made, in the order of the steps; going back takes it away again."""

    def __init__(self) -> None:
        self._made: list[Made] = []

    def __iter__(self) -> Iterator[Made]:
        return iter(self._made)

    def note(self, session: Session, order: Order, before: Before) -> None:
        """A command has moved the machine to where it stands now."""
        start, end = before.position, session.machine.position
        while self._made and self._made[-1].end > min(start, end):
            self._made.pop()
        if end > start and order.command.group == "moving":
            words = f"{order.command.words[0]} {order.argument}".strip()
            self._made.append(Made(start, end, before.focus, words, before.stops))


class Before(NamedTuple):
    """What a command finds: the step, the CPU that is looked at, and what may stop it."""

    position: int
    focus: int
    stops: tuple[str, ...]


def before(session: Session) -> Before:
    """What the next command finds."""
    return Before(session.machine.position, session.focus, _stops(session))


def _stops(session: Session) -> tuple[str, ...]:
    """The breakpoints there are, as the commands that set them."""
    stops = [stop for stop in session.breakpoints if stop.enabled]
    if not stops:
        return ()
    from exittui.session.saved import command_of  # noqa: PLC0415 - most moves have none

    return tuple(command_of(stop) for stop in stops)
