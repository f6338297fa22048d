"""The caption of a lesson: chapters as dots, words of one idea, a question or a goal.

Captions are a small part of Markdown: `**strong**`, `*stressed*` and `` `code` ``, lists of lines
that begin with `- `, and lines that are joined and broken anew for the width there is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from exittui.tui.lines import Line, Lines, Run, cells, frame, length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.playback.measuring import Figures
    from exittui.playback.player import Player
    from exittui.playback.questions import Question
    from exittui.session.views_moving import Progress

_MARK: Final = re.compile(r"\*\*(.+?)\*\*|\*([^*\s][^*]*?)\*|`([^`]+)`", re.DOTALL)
_LOOKS: Final = ("strong", "prose", "keyword")
ITEM: Final = "- "
_COLUMN: Final = 16
_BAR: Final = 24
"""Cells of the bar of a measurement; there may be room for fewer."""
_BETWEEN: Final = (" " * 6, " " * 4, " " * 2)


def runs(text: str) -> Iterator[Run]:
    """The text with its looks, marks taken out."""
    at = 0
    for match in _MARK.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], "text"
        for group, look in enumerate(_LOOKS, start=1):
            if match[group] is not None:
                yield match[group], look
        at = match.end()
    if at < len(text):
        yield text[at:], "text"


def wrapped(text: str, width: int, look: str = "") -> Iterator[Line]:
    """The text in lines of at most `width` cells: each paragraph and each item of a list anew."""
    for paragraph in _paragraphs(text):
        item = paragraph.startswith(ITEM)
        first, margin = ("• ", "  ") if item else ("", "")
        line: list[Run] = [(first, look or "faint")] if first else []
        room, empty = width - cells(first), True
        for unit in _units(paragraph.removeprefix(ITEM)):
            size = sum(cells(word) for word, _ in unit)
            if not empty and size + 1 > room:
                yield tuple(line)
                line = [(margin, "text")] if margin else []
                room, empty = width - cells(margin), True
            if not empty:
                line.append((" ", "text"))
                room -= 1
            line.extend((word, look or its_look) for word, its_look in unit)
            room, empty = room - size, False
        if line:
            yield tuple(line)


def _paragraphs(text: str) -> Iterator[str]:
    """What an empty line ends, and each item of a list."""
    for paragraph in text.split("\n\n"):
        lines: list[str] = []
        for line in paragraph.splitlines():
            if line.startswith(ITEM) and lines:
                yield "\n".join(lines)
                lines = []
            lines.append(line)
        yield "\n".join(lines)


def _units(paragraph: str) -> Iterator[list[Run]]:
    """What blanks stand around: a word, or several runs that stick together."""
    unit: list[Run] = []
    for text, look in runs(" ".join(paragraph.split())):
        for number, word in enumerate(text.split(" ")):
            if number and unit:
                yield unit
                unit = []
            if word:
                unit.append((word, look))
    if unit:
        yield unit


def caption(
    player: Player,
    note: str,
    chosen: int | None,
    width: int,
    height: int,
    *,
    keys: bool = True,
    measured: Progress | None = None,
) -> Lines:
    """The pane: what is said, asked or to be reached at this moment.

    Without `keys` nobody is there to press any, as in a recording. While something is measured
    for the next moment, the foot of the pane says what, and how far that is.
    """
    body = _all(player, note, chosen, width, keys=keys)
    rows = height - 2
    above = max(len(body) - rows, 0) if chosen is not None or note else 0
    below = max(len(body) - rows - above, 0)
    foot = _keys(player) if keys else []
    if measured is not None:
        foot = _measuring(measured, width)
    return frame(_title(player), body[above:], width, height, above=above, below=below, note=foot)


def rows_needed(player: Player, note: str, chosen: int | None, width: int) -> int:
    """How many rows the pane takes, its frame included, to show all there is to say."""
    return len(_all(player, note, chosen, width, keys=True)) + 2


def _all(player: Player, note: str, chosen: int | None, width: int, *, keys: bool) -> list[Line]:
    body = list(_body(player, note, chosen, width - 4))
    if keys and player.last and player.open is None and not note:
        body.append(((f"The end{_score(player)}. q leaves; the debugger is yours.", "faint"),))
    return body


def _score(player: Player) -> str:
    """What the player has to show for it."""
    score = player.score
    parts = [f"{score.right} of {score.asked} right"] if score.asked else []
    if score.goals:
        parts.append(f"{score.goals} goal{'s' * (score.goals > 1)} reached")
    return f": {', '.join(parts)}" if parts else ""


def _keys(player: Player) -> list[Run]:
    """The keys of a lesson, at the foot of its pane."""
    still = player.open
    asked = player.question
    keys = [("Space", "on"), ("⌫", "back"), ("Esc", "to the lesson")]
    if still == "answer" and asked is not None:
        keys.insert(0, (f"1-{len(asked.choices)}", "answer"))
    if still == "goal":
        keys.insert(0, ("H", "hint"))
    return [run for key, what in keys for run in ((f" {key} ", "key"), (f" {what} ", "faint"))]


def _measuring(progress: Progress, width: int) -> list[Run]:
    """What is measured, a bar of how far that is, and the keys that are answered meanwhile."""
    before = (f" measuring {progress.text} ", "waits")
    after = [(" Esc ", "key"), (" interrupts ", "faint"), (" q ", "key"), (" quits ", "faint")]
    room = width - 5 - length([before, *after])
    size = min(room - 1, _BAR)
    if size < _BAR // 4:
        return [before, *after]
    done = progress.steps * size // max(progress.total or 1, 1)
    return [before, ("█" * done, "waits"), ("░" * (size - done), "faint"), (" ", "faint"), *after]


def _title(player: Player) -> list[Run]:
    moment = player.moment
    if moment is None:
        return [("A lesson", "title")]
    dots: list[Run] = []
    for title, first in player.chapters:
        look = "strong" if title == moment.chapter else "faint"
        dots.append(("●" if first <= player.at else "○", look))
    chapter = (f" {moment.chapter}", "title")
    place = f"  {player.at + 1} of {len(player.moments)}"
    if player.away:  # of the rest there need not be room
        return [*dots, (place, "faint"), ("  you have taken over: Esc comes back", "waits")]
    score = f"  {player.score.right}/{player.score.asked} right" if player.score.asked else ""
    return [*dots, chapter, (place + score, "faint")]


def _body(player: Player, note: str, chosen: int | None, width: int) -> Iterator[Line]:
    moment = player.moment
    if moment is None:
        yield (("Space begins.", "text"),)
        return
    cue, asked = moment.cue, player.question
    if asked is not None:
        yield from wrapped(asked.text, width)
        yield from _choices(asked, chosen, width)
        if chosen is not None:
            verdict = "Right." if chosen == asked.right else f"Wrong. The answer: {asked.answer}."
            look = "good" if chosen == asked.right else "waits"
            told = [*verdict.split(), *asked.because.split(), *asked.reason.split()]
            lines = wrapped(" ".join(told), width)
            yield from _begun(lines, verdict, look)
    elif cue.goal is not None:
        yield from wrapped(cue.goal, width)
        if player.at in player.reached:
            yield (("✓ reached", "good"), ("   Space goes on from where the lesson was", "faint"))
    elif cue.say is not None:
        yield from wrapped(cue.say, width)
    elif cue.pause is not None and player.at > 0:
        before = player.moments[player.at - 1].cue
        yield from wrapped(before.say or before.ask or before.goal or "", width)
    if player.figures is not None and (asked is None or chosen is not None):
        yield from _table(player.figures)
    if note:
        yield from wrapped(note, width, "waits")


def _table(figures: Figures) -> Iterator[Line]:
    """The figures in columns, a kernel each; the least of a row stands out."""
    wide = max(cells(row.name) for row in figures.rows)
    head = "".join(f"{kernel:>{_COLUMN}}" for kernel in figures.kernels)
    yield ((f"{'':{wide}}{head}", "faint"),)
    for row in figures.rows:
        line: list[Run] = [(f"{row.name:{wide}}", "text")]
        for number, words in enumerate(row.words):
            line.append((f"{words:>{_COLUMN}}", "strong" if number == row.smallest else "text"))
        yield tuple(line)


def _choices(asked: Question, chosen: int | None, width: int) -> Iterator[Line]:
    """What one can answer: side by side where there is room for it."""
    marked: list[Line] = []
    for number, choice in enumerate(asked.choices):
        mark, look = " ", "text"
        if chosen is not None and number == asked.right:
            mark, look = "✓", "good"
        elif number == chosen:
            mark, look = "✗", "danger"
        marked.append(((f"{mark} ", look), (f" {number + 1} ", "key"), (f" {choice}", look)))
    for between in _BETWEEN:
        beside = tuple(run for choice in marked for run in (*choice, (between, "text")))[:-1]
        if sum(cells(text) for text, _ in beside) <= width:
            yield beside
            return
    yield from marked


def _begun(lines: Iterator[Line], words: str, look: str) -> Iterator[Line]:
    """The lines, whose first words have another look."""
    left = len(words.split())
    for line in lines:
        shown = []
        for text, its_look in line:
            shown.append((text, look if left > 0 and text.strip() else its_look))
            left -= bool(text.strip())
        yield tuple(shown)
