"""What a person looks at besides the present moment: an object, a stretch of time, answers.

Kept apart from the widgets, so that the first picture and the screen draw from the same, and so
that it can be saved with a session.
"""

from __future__ import annotations

from typing import Final

MOST_ANSWERS: Final = 2000
"""Lines of what commands answered that are kept."""
_NEAREST: Final = 20
"""Steps below which the timeline shows no fewer."""


class Looking:
    """The state of the panes that are not just views of the machine."""

    def __init__(self) -> None:
        self.trail: list[int] = []
        """The numbers of the objects looked at; the last one is shown, the others lead back.

        Without any, the process of the chosen thread is shown, whichever that is.
        """
        self.threads = True
        """A row of ps(1) for each thread."""
        self.answers: list[str] = []
        """What commands have answered, the latest at the end."""
        self.span = 0
        """How many steps the timeline shows; 0 is all of them."""

    def inspect(self, number: int) -> None:
        """Look at an object; the one before it can be gone back to."""
        if not self.trail or self.trail[-1] != number:
            self.trail.append(number)
            del self.trail[:-100]

    def back(self) -> bool:
        """To the object before, and from the first to none; whether there was one."""
        if not self.trail:
            return False
        self.trail.pop()
        return True

    def answered(self, prompt: str, line: str, lines: tuple[str, ...]) -> None:
        """Keep what a command has answered."""
        self.answers += [f"{prompt}{line}", *lines]
        del self.answers[:-MOST_ANSWERS]

    def window(self, position: int, recorded: int) -> tuple[int, int]:
        """The positions that the timeline shows: the first, and the one after the last."""
        whole = recorded + 1
        if not self.span or self.span >= whole:
            return 0, whole
        first = max(0, min(position - self.span // 2, whole - self.span))
        return first, first + self.span

    def zoom(self, by: float, recorded: int) -> None:
        """Show `by` times as many steps."""
        steps = int((self.span or recorded + 1) * by)
        self.span = 0 if steps > recorded else max(steps, _NEAREST)
