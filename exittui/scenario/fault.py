"""One thing that is wrong with a scenario, and the words in which it is said.

Apart from `structure`, which needs cattrs: what builds a machine names faults too, and a scenario
that is known to be good is built without reading it again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from exittui.scenario.lines import Path

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,23}")
_MOST: Final = 60


@attrs.frozen
class Fault:
    """One thing wrong, at the place in the document that `path` names."""

    path: Path
    problem: str
    accepted: str | None = None


def listed(words: list[str]) -> str:
    """The words that would do, as far as one wants to read."""
    more = [f"and {len(words) - _MOST} more"] if len(words) > _MOST else []
    return ", ".join([*words[:_MOST], *more])


def kind(value: object) -> str:
    """What a TOML value is, in words."""
    if isinstance(value, bool):
        return "true or false"
    kinds = {int: "a number", float: "a fraction", str: "text", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")
