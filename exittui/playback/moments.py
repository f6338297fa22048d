"""A script cut into moments: what is done between two presses of the space bar.

A moment ends with the cue that waits for somebody: a caption, a question, a goal or a pause. What
stands after the last of these is a moment too, and the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.scenario.script import Cue

WAITING: Final = ("say", "ask", "goal", "pause")


@frozen
class Moment:
    """Some cues with their numbers in the script; the last one waits, if any does."""

    cues: tuple[tuple[int, Cue], ...]
    chapter: str

    @property
    def number(self) -> int:
        """The number of the cue that waits, in the script."""
        return self.cues[-1][0]

    @property
    def cue(self) -> Cue:
        """The cue that waits."""
        return self.cues[-1][1]

    @property
    def shown(self) -> tuple[str, ...]:
        """What glows."""
        return tuple(text for _, cue in self.cues for text in cue.show or ())


def cut(script: tuple[Cue, ...]) -> tuple[Moment, ...]:
    """All moments of a script."""
    return tuple(_cut(script))


def _cut(script: tuple[Cue, ...]) -> Iterator[Moment]:
    chapter, cues = "", list[tuple[int, "Cue"]]()
    for number, cue in enumerate(script):
        chapter = cue.chapter or chapter
        cues.append((number, cue))
        if cue.action in WAITING:
            yield Moment(tuple(cues), chapter)
            cues = []
    if cues:
        yield Moment(tuple(cues), chapter)


def chapters(moments: tuple[Moment, ...]) -> tuple[tuple[str, int], ...]:
    """The chapters by title, each with the number of its first moment."""
    found: dict[str, int] = {}
    for number, moment in enumerate(moments):
        for _, cue in moment.cues:
            if cue.chapter is not None:
                found.setdefault(cue.chapter, number)
    return tuple(found.items())
