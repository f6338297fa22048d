"""The JSON schema for editors, judged by a validator of such, beside what the loader says."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from exittui.errors import ScenarioError
from exittui.scenario.library import LESSONS, folder, lessons, names
from exittui.scenario.load import parse
from exittui.scenario.schema import DRAFT, schema
from tests.playback.conftest import SCRIPT, SITUATION
from tests.scenario.test_load_fuzz import KEYS, VALUES, toml

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)
FILES = [folder() / f"{name}.toml" for name in names()]
FILES += [folder() / LESSONS / f"{name}.toml" for name in lessons()]
FILES += sorted((folder() / "workloads").glob("*.toml"))


def faults(text: str) -> list[str]:
    """What the schema does not allow in a file, each with its place."""
    found = VALIDATOR.iter_errors(tomllib.loads(text))
    return sorted(f"{one.json_path}: {one.message}" for one in found)


def refused(text: str) -> str:
    """What the loader says of a file; nothing if it takes it."""
    try:
        parse(text, name="small", file="small.toml")
    except ScenarioError as error:
        return error.message
    return ""


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == DRAFT


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_there_is_fits_it(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


CUE = SITUATION + "[[script]]\n"
REFUSED = [
    (SITUATION.replace("cpus = 2", "cpus = 65"), "$.cpus: 65 is greater than the maximum"),
    (SITUATION.replace("cpus = 2", "cpu = 2"), "('cpu' was unexpected)"),
    (SITUATION.replace("cpus = 2", 'cpus = "2"'), "$.cpus: '2' is not of type 'integer'"),
    (SITUATION.replace("title", "#title"), "'title' is a required property"),
    (SITUATION.replace('name = "sh"', 'name = "s h"'), "$.process[0].name: 's h' does not match"),
    (SITUATION + '[lesson]\ngroup = "cuorse"\nteaches = "a"\nminutes = 1', "$.lesson.group: "),
    (SITUATION + '[lesson]\ngroup = "demo"\nteaches = "a"\nminutes = 11', "$.lesson.minutes: "),
    (SITUATION + '[lesson]\ngroup = "demo"\nteaches = "a"', "'minutes' is a required property"),
    (CUE + 'say = "a"\nchapter = "b"', "$.script[0]: "),
    (CUE, "$.script[0]: "),
    (CUE + "pause = 99", "$.script[0].pause: 99 is greater"),
    (CUE + 'say = ""', "$.script[0].say: '' "),
    (CUE + "do = []", "$.script[0].do: [] "),
    (CUE + f"do = {['step'] * 33}", "$.script[0].do: "),
    (CUE + 'do = ["step"]\nbecause = "a"', "$.script[0]: "),
    (CUE + 'say = "a"\nuntil = "true"', "$.script[0]: "),
    (CUE + 'say = "a"\nhints = ["b"]', "$.script[0]: "),
    (CUE + 'say = "a"\nleast = "reaper"', "$.script[0]: "),
    (CUE + 'ask = "?"\nkind = "value"', "'of' is a required property"),
    (CUE + 'ask = "?"\nof = "1"', "'kind' is a required property"),
    (CUE + 'ask = "?"\nkind = "size"\nof = "1"', "$.script[0].kind: 'size' is not one of"),
    (CUE + 'ask = "?"\nkind = "value"\nof = "1"\nchoices = ["a"]', "$.script[0].choices: "),
    (CUE + 'goal = "!"\nuntil = "true"', "'solution' is a required property"),
    (CUE + 'goal = "!"\nsolution = ["run"]', "$.script[0]: "),
    (CUE + 'goal = "!"\nsolution = ["run"]\nuntil = "1"\nresult = "done"', "$.script[0]: "),
    (CUE + 'goal = "!"\nsolution = ["run"]\nresult = "lost"', "$.script[0].result: "),
    (CUE + 'measure = ["speed"]\nunder = ["reaper"]', "$.script[0].measure[0]: 'speed'"),
]
"""Files that the loader refuses for their structure, and what the schema says of each."""


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_the_loader_refuses_for_its_structure_the_schema_refuses(
    text: str, words: str
) -> None:
    assert refused(text)
    assert any(words in one for one in faults(text)), faults(text)


NOT_SAID = [
    ('goal = "!"\nsolution = ["run"]\nuntil = "1 +"', "no expression"),
    ('ask = "?"\nkind = "cost"\nof = "speed"\nunder = ["reaper"]', "is no figure"),
    ('ask = "?"\nkind = "least"\nof = "spin"\nunder = ["reaper"]', "is no question"),
    ('measure = ["spin"]\nunder = ["reapr"]', "is no kernel"),
    ('ask = "?"\nkind = "value"\nof = "1"\nchoices = ["a", "a"]', "the same choice twice"),
]
"""What only `exittui validate` tells: the schema knows of no expressions, kernels and figures."""


@pytest.mark.parametrize(("text", "words"), NOT_SAID)
def test_what_the_schema_cannot_say_the_loader_does(text: str, words: str) -> None:
    assert faults(CUE + text) == []
    assert words in refused(CUE + text)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_the_schema_refuses_nothing_that_the_loader_takes(cue: dict[str, Any]) -> None:
    text = CUE + "".join(f"{key} = {toml(value)}\n" for key, value in cue.items())
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    if faults(text):
        assert refused(text)


def test_a_good_file_is_taken_by_both() -> None:
    assert faults(SITUATION + SCRIPT) == []
    assert refused(SITUATION + SCRIPT) == ""
