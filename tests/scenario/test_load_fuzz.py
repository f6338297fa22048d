"""Whatever a file holds, the loader answers with a scenario or with `ScenarioError`."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exittui.errors import ScenarioError
from exittui.scenario.load import parse
from tests.scenario.conftest import GOOD

# The first value drawn pays for the tables of Unicode.
settings.register_profile("fuzz", max_examples=60, suppress_health_check=[HealthCheck.too_slow])
FUZZ = settings.get_profile("fuzz")
KEYS = st.sampled_from(
    "title description kernels cpus process name thread program start tid pid parent pages "
    "ignores waits run chooser seed schedule max-steps expect exits notes by of status result "
    "message empty alive zombies threads expect-under reaper x lesson group teaches minutes "
    "number without script chapter say do show pause ask assert goal kind of choices after "
    "because until hints solution measure under least record".split()
)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-5, 10**12),
    st.floats(),
    st.just(datetime.date(2025, 5, 2)),
    st.text(st.characters(max_codepoint=0x3FF), max_size=8),
    st.sampled_from(["sh", "init", "worker", "cpu0", "asleep", "reaper", "done", "exit", "any"]),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=8,
)


def toml(value: object) -> str:
    """A value as TOML text, tables inline."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            escaped = "".join(f"\\U{ord(c):08x}" for c in value)
            return f'"{escaped}"'
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
        case _:
            return str(value)


def answer(text: str) -> None:
    """Load it; any other exception than `ScenarioError` fails the test."""
    try:
        parse(text, name="fuzz", file="fuzz.toml")
    except ScenarioError as error:
        assert error.message
        assert error.message.isprintable() or "\n" in error.message


@FUZZ
@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_any_document(document: dict[str, Any]) -> None:
    answer("\n".join(f"{key} = {toml(value)}" for key, value in document.items()))


@FUZZ
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    answer(text)


@FUZZ
@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.text(max_size=12))
def test_a_good_text_with_a_piece_replaced(at: int, length: int, piece: str) -> None:
    answer(GOOD[:at] + piece + GOOD[at + length :])


@FUZZ
@given(st.sampled_from(GOOD.splitlines()), VALUES)
def test_a_good_text_with_a_value_replaced(line: str, value: object) -> None:
    key, equals, _ = line.partition(" = ")
    if equals:
        answer(GOOD.replace(line, f"{key} = {toml(value)}", 1))


CUE_KEYS = st.sampled_from(
    "chapter say do show measure pause ask assert goal kind of choices after under least because "
    "until result hints solution x".split()
)
CUE_VALUES: st.SearchStrategy[Any] = st.one_of(
    VALUES,
    st.lists(st.sampled_from(["step", "run", "quit", "worker.0", "threads", ""]), max_size=3),
    st.sampled_from(
        [
            *(
                "owner",
                "value",
                "cost",
                "least",
                "wakeups",
                "reaper",
                "kernel_lock",
                "worker.ps_pid == 3000",
                "at(cpu0, 'exit1')",
            ),
            *("1 +", "((", "panic", "a\nb", "**x", "(" * 299, "!" * 300, "a." * 150),
        ]
    ),
)


@FUZZ
@given(st.lists(st.dictionaries(CUE_KEYS, CUE_VALUES, min_size=1, max_size=5), max_size=6))
def test_any_script(cues: list[dict[str, Any]]) -> None:
    lines = [f"{key} = {toml(value)}" for cue in cues for key, value in cue.items()]
    counts = [len(cue) for cue in cues]
    text, at = GOOD, 0
    for count in counts:
        text += "\n[[script]]\n" + "\n".join(lines[at : at + count])
        at += count
    answer(text)
