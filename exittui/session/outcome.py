"""What a command has to say, and a command on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from exittui.errors import ExittuiError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from exittui.session.views_moving import Progress

    Telling = Generator[Progress, None, "Outcome"]


class Outcome(NamedTuple):
    """`lines` are what the command prints; `note` is what a screen has no other place for."""

    lines: tuple[str, ...] = ()
    note: str = ""


class Doing:
    """A command that is being carried out, a slice at a time.

    Call `advance` until it says that nothing is left; then there is an `outcome`, or the `error`
    that the command ended with. `stop` ends it where it has come to.
    """

    def __init__(self, telling: Telling, stopped: Callable[[], Outcome]) -> None:
        self._telling = telling
        self._stopped = stopped
        self.outcome: Outcome | None = None
        self.error: ExittuiError | None = None
        self.progress: Progress | None = None

    def advance(self) -> bool:
        """Go on for a slice; whether anything is left to do."""
        if self.outcome is not None or self.error is not None:
            return False
        try:
            self.progress = next(self._telling)
        except StopIteration as end:
            self.outcome = end.value
        except ExittuiError as error:
            self.error = error
        return self.outcome is None and self.error is None

    def stop(self) -> None:
        """End it here: the machine stands at a step like any other."""
        if self.outcome is None and self.error is None:
            self._telling.close()
            self.outcome = self._stopped()

    def finish(self) -> Outcome:
        """Carry it out to its end; raises what it ends with."""
        while self.advance():
            pass
        if self.error is not None:
            raise self.error
        return self.outcome or Outcome()
