"""A scenario that is written reads back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.scenario.library import folder
from exittui.scenario.load import load, parse
from exittui.scenario.model import Scenario
from exittui.scenario.script import Cue
from exittui.scenario.writing import text_of

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(folder().rglob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_there_is(path: Path) -> None:
    scenario = load(path)
    assert parse(text_of(scenario), name=scenario.name, file="again") == scenario


@pytest.mark.parametrize("text", ['say "no"', "a\\b", 'three """ of them', "two\nlines\\\n\nx"])
def test_any_text(text: str) -> None:
    from tests.scenario.conftest import GOOD

    cues = (Cue(say=text), Cue(do=("step " * 30 + "1", "x" * 90)))
    scenario = parse(GOOD, name="good", file="good")
    made = Scenario(
        title=scenario.title,
        description=scenario.description,
        kernels=scenario.kernels,
        process=scenario.process,
        script=cues,
    )
    again = parse(text_of(made), name="", file="again")
    assert again.script == cues
