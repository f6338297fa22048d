"""Scenarios that were read before are read again only when their text has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.errors import ScenarioError
from exittui.scenario import kept
from exittui.scenario.library import folder
from exittui.scenario.load import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A copy that may be changed."""
    path = tmp_path / "mine.toml"
    path.write_bytes((folder() / "three-threads-exit.toml").read_bytes())
    return path


def test_what_is_kept_is_what_was_read(scenario: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for _ in range(2):
        assert kept.load(scenario, cache) == load(scenario)
    assert len(list(cache.iterdir())) == 1


def test_a_changed_text_is_read_anew(scenario: Path, tmp_path: Path) -> None:
    kept.load(scenario, tmp_path)
    text = scenario.read_text()
    scenario.write_text(text.replace("cpus = 2", "cpus = 3"))
    assert kept.load(scenario, tmp_path).cpus == 3


def test_faults_are_told_each_time(scenario: Path, tmp_path: Path) -> None:
    scenario.write_text("nonsense = 1\n")
    for _ in range(2):
        with pytest.raises(ScenarioError):
            kept.load(scenario, tmp_path)
    with pytest.raises(ScenarioError):
        kept.load(tmp_path / "missing.toml", tmp_path)


def test_a_damaged_file_is_no_cache(scenario: Path, tmp_path: Path) -> None:
    first = kept.load(scenario, tmp_path)
    for path in tmp_path.glob("scenario-*"):
        path.write_bytes(path.read_bytes()[:40] + b"\x00nonsense")
    assert kept.load(scenario, tmp_path) == first
