"""The bounds that annotations of `scenario.model` and `scenario.script` put on values.

`exittui.scenario.structure` checks them when it reads a file, and `exittui.scenario.schema` tells
them to editors.
"""

from __future__ import annotations

from attrs import frozen


@frozen(eq=False, repr=False)
class Between:
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int


@frozen(eq=False, repr=False)
class Length:
    """Text or a list with `low` to `high` characters or elements."""

    low: int
    high: int


@frozen(eq=False, repr=False)
class Name:
    """A word that can be written without quotes: a letter, then letters, digits, `-` or `_`."""


@frozen(eq=False, repr=False)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]


@frozen(eq=False, repr=False)
class Prose:
    """Text of several lines, with `low` to `high` characters; Markdown where it is shown."""

    low: int
    high: int
