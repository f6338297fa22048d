"""Scores are kept in a file; one that is damaged is as good as none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.playback.player import Score
from exittui.playback.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path


def test_the_best_score_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "progress.json"
    kept = Progress.read(path)
    assert kept.add("mutex", Score(right=3, asked=5)) == "mutex: 3 of 5 right"
    kept.write(path)
    again = Progress.read(path)
    said = again.add("mutex", Score(right=1, asked=5))
    assert said == "mutex: 1 of 5 right; your best: 3 of 5"
    assert again.add("mutex", Score(right=2, asked=5, finished=True)).endswith("right, finished")
    again.write(path)
    assert Progress.read(path).scores == {"mutex": Score(right=2, asked=5, finished=True)}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a": 3}', '{"a": {"right": true}}', "[" * 9999, "\xff", "null"]
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "progress.json"
    path.write_bytes(text.encode("latin-1"))
    assert Progress.read(path).scores == {}


def test_a_place_that_cannot_be_written_loses_scores_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Progress().write(tmp_path / "file" / "progress.json")
