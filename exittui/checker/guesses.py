"""The guesses that a locking discipline makes of accesses, by number, and which were wrong.

See `discipline.py` for what is guessed. A number stands for one place accessed in one way under one
mask of locks; whatever relies on the guess that nobody else minds keeps it (see `record.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exittui.checker.places import Place


class Guesses:
    """Numbers for guesses, given out in turn from 1; 0 stands for none."""

    def __init__(self) -> None:
        self.wrong: list[int] = []
        """Those that turned out to be wrong since the search began, and are not mended."""
        self.refuted: set[int] = set()
        """Those that ever did."""
        self.misread = False
        """Whether it turned out wrong what counts as a lock, a place or an access."""
        self.misreadings = 0
        """How often that happened."""
        self._last = 0
        self._origins: dict[int, int] = {}
        """Of a guess about an access, the one that was there before it, if any."""

    @property
    def broken(self) -> bool:
        """Whether a step that was taken alone turned out not to be independent."""
        return self.misread or bool(self.wrong)

    def renew(self) -> None:
        """A search begins, with what is known by now."""
        self.misread = False
        self.wrong.clear()

    def misreads(self) -> None:
        """Something was taken for a lock, a place or an access that is none, or the reverse."""
        self.misread = True
        self.misreadings += 1

    def make(self, *, visible: bool) -> int:
        """What stands in a table of a place for an access: 0 if it is known to be visible."""
        if visible:
            return 0
        self._last += 1
        return self._last

    def correct(self, table: dict[int, int], mask: int) -> None:
        """Accesses under this mask are visible after all."""
        guess: int | None = table[mask]
        table[mask] = 0
        while guess is not None:
            self.wrong.append(guess)
            self.refuted.add(guess)
            guess = self._origins.get(guess)

    def renumber(self, table: dict[int, int]) -> None:
        """What relies on these guesses from now on is to be told from what did before."""
        for mask, guess in table.items():
            if guess:
                table[mask] = self.make(visible=False)
                self._origins[table[mask]] = guess

    def doubt(self, place: Place) -> None:
        """Writes of this place are to be looked at again."""
        for mask, guess in place.writers.items():
            if guess:
                self.correct(place.writers, mask)
                place.writers[mask] = self.make(visible=False)
