"""Errors name the line a key stands on, however the file is laid out."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from exittui.scenario.lines import KeyLines, Path

TEXT = """\
title = "one"  # process = 3
a.b = 2

[run]
seed = 1
"quoted key" = '''
two lines''' # [not.a.table]

[[process]]
name = "sh"
thread = [
  { program = [["exit", 1],
               ["exit", 2]] },
  # a comment, [with] = marks
  { program = [], start = "ready" },
]

[[process]]
name = "w]"
[[process.thread]]
tid = 1
[[process.thread]]
tid = 2
[process.inner.most]
x = [1.5, 1979-05-27, 3]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("a", "b"), 2),
        (("run",), 4),
        (("run", "seed"), 5),
        (("run", "quoted key"), 6),
        (("process",), 9),
        (("process", 0), 9),
        (("process", 0, "name"), 10),
        (("process", 0, "thread"), 11),
        (("process", 0, "thread", 0, "program", 0, 1), 12),
        (("process", 0, "thread", 0, "program", 1), 13),
        (("process", 0, "thread", 1, "program"), 15),
        (("process", 0, "thread", 1, "start"), 15),
        (("process", 1), 18),
        (("process", 1, "thread", 0, "tid"), 21),
        (("process", 1, "thread", 1, "tid"), 23),
        (("process", 1, "inner", "most", "x", 2), 25),
    ],
)
def test_every_key_and_element_has_its_line(path: Path, line: int) -> None:
    assert KeyLines(TEXT).line(path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("nothing",), 1),
        (("run", "max-steps"), 4),
        (("process", 1, "thread", 1, "program", 0), 22),
        (("process", 7, "name"), 9),
    ],
)
def test_a_path_the_text_lacks_has_the_line_of_the_nearest_above_it(path: Path, line: int) -> None:
    assert KeyLines(TEXT).line(path) == line


def test_every_path_of_the_document_is_known() -> None:
    """What tomllib reads and what the scan finds are the same paths."""

    def paths(value: Any, path: Path = ()) -> list[Path]:
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        found = [path]
        for step, one in inner:
            below = (*path, step)
            found += paths(one, below) if isinstance(one, (dict, list)) else [below]
        return found

    lines = KeyLines(TEXT)
    assert sorted(map(str, paths(tomllib.loads(TEXT)))) == sorted(map(str, lines.paths()))
