"""A lesson as a film: the pictures that the screen would show, without a terminal or a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.export.shots import Film, Row, Shot, Style
from exittui.tui import panes
from exittui.tui.glow import lit
from exittui.tui.lesson import Lesson
from exittui.tui.lines import cells
from exittui.tui.looking import Looking
from exittui.tui.looks import look
from exittui.tui.placing import TABS, Arrangement, placing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.playback.player import Player
    from exittui.tui.lines import Lines

_WAIT = 3.0
"""Seconds for which the answer of a question is seen."""


def film(player: Player, about: str, width: int, height: int, speed: float) -> Film:
    """Play a script from its beginning; raises ScriptFailed where it fails."""
    shots = tuple(_shots(player, width, height, speed))
    title = player.session.title
    return Film(title=title, about=about, width=width, height=height, shots=shots)


def _shots(player: Player, width: int, height: int, speed: float) -> Iterator[Shot]:
    lesson = Lesson(player, speed)
    lesson.silent()
    chapter = ""
    while player.forward():
        moment = player.moment
        if moment is None:
            return
        cue, asked = moment.cue, player.question
        words = cue.say or cue.ask or cue.goal or ""
        began, chapter = moment.chapter if moment.chapter != chapter else "", moment.chapter
        yield Shot(
            rows=picture(lesson, width, height),
            seconds=lesson.seconds(),
            chapter=began,
            words=words,
            asked=asked.choices if asked is not None else (),
            answer=asked.answer if asked is not None else "",
            reason=f"{asked.because} {asked.reason}".strip() if asked is not None else "",
            table=_table(player),
        )
        if asked is not None:
            player.answers[player.at] = asked.right
            rows = picture(lesson, width, height)
            yield Shot(rows=rows, seconds=lesson.seconds() / 2 + _WAIT / speed, words="")


def _table(player: Player) -> tuple[tuple[str, ...], ...]:
    figures = player.figures
    if figures is None:
        return ()
    return ("", *figures.kernels), *((row.name, *row.words) for row in figures.rows)


def picture(lesson: Lesson, width: int, height: int) -> tuple[Row, ...]:
    """What the screen shows now, row by row."""
    views = lesson.player.session.views
    views.curtain = lesson.curtain()
    session = lesson.player.session
    arranged = Arrangement()
    if lesson.tab() in TABS:
        arranged.reveal(lesson.tab(), (width, height))
    rows = lesson.rows(width, height)
    placed = placing(width, height, session.cpu_count, arranged, rows)
    glowing, looking, opened = lesson.glowing(), Looking(), lesson.opened()
    if opened is not None:
        looking.inspect(opened)
    size = width, height
    sought = lesson.sought()
    drawn = panes.picture(views, placed, looking, size, session.prompt, glowing=sought)
    grid: list[list[tuple[int, Row]]] = [[] for _ in range(height)]
    for name, place in placed.places.items():
        caption = name == "caption"
        lines = lesson.lines(place.width, place.height) if caption else drawn[name]
        words = glowing.get("cpus" if name == "strip" else name, ())
        for number, row in enumerate(_rows(lit(lines, words))[: place.height]):
            grid[place.y + number].append((place.x, row))
    return tuple(_joined(row, width) for row in grid)


def _rows(lines: Lines) -> list[Row]:
    return [tuple((text, _style(name)) for text, name in line) for line in lines]


def _joined(parts: list[tuple[int, Row]], width: int) -> Row:
    """The panes that share a row, from left to right, blanks between them."""
    row: list[tuple[str, Style]] = []
    at = 0
    for x, runs in sorted(parts, key=lambda part: part[0]):
        if x > at:
            row.append((" " * (x - at), _style("text")))
        row.extend(runs)
        at = x + sum(cells(text) for text, _ in runs)
    if at < width:
        row.append((" " * (width - at), _style("text")))
    return tuple(row)


def _style(name: str) -> Style:
    found = look(name)
    return Style(
        found.ink,
        found.ground,
        found.bold,
        found.dim,
        found.italic,
        found.underline,
        found.reverse,
        found.strike,
    )
