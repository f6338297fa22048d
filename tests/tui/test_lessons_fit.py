"""Nothing that a lesson says is cut off on a terminal of 80x24, before an answer or after it."""

from __future__ import annotations

import pytest

from exittui.scenario.library import lessons
from exittui.tui.lesson import Lesson
from exittui.tui.lines import plain
from exittui.tui.placing import CAPTION
from tests.tui.test_lesson import player_of


def cut(lesson: Lesson) -> bool:
    """Whether the caption has more lines than it can show."""
    lines = plain(lesson.lines(80, CAPTION)).splitlines()
    return " more " in lines[0] or " more " in lines[-1] or any("…" in line for line in lines)


@pytest.mark.parametrize("name", lessons())
def test_all_of_it_fits_and_takes_no_longer_than_it_says(name: str) -> None:
    player = player_of(name)
    lesson = Lesson(player, speed=1)
    seconds = 0.0
    while player.forward():
        seconds += lesson.seconds()
        lesson.silent()
        assert not cut(lesson), player.moment
        asked = player.question
        if asked is not None:
            player.answers[player.at] = (asked.right + 1) % len(asked.choices)
            assert not cut(lesson), player.moment
    planned = player.session.built.scenario.lesson
    assert planned is not None
    assert planned.minutes * 20 < seconds < planned.minutes * 60
