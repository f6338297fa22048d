"""What a search finds: violated properties, each with a schedule that gets there."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from exittui.machine import Result

_FREED = re.compile(r", freed by .*$")
_USED = re.compile(r"use after free: .*, freed by cpu\d+ in (?:pool_put < )?(\w+)")
_OF = re.compile(r"(use after free: [^ ]+|queue corrupted: [A-Z_]+: [^ ]+) of .*$")
_STACK = re.compile(r"(runs on a freed stack).*$")
_WHO = re.compile(r"; .*$")
_RULE = re.compile(r"(I\d+): ")
_NUMBER = re.compile(r"\b\d+\b")


class Kind(StrEnum):
    """What sort of property is violated; the order is that of their weight."""

    SAFETY = "safety"
    DEADLOCK = "deadlock"
    LIVENESS = "liveness"
    EXPECTATION = "expectation"
    REACHED = "reached"


@attrs.frozen
class Sighting:
    """One violation, where the machine stands: its kind, its name, and the words for it.

    The name is the same for all schedules that violate the property in the same way; the message
    says with which objects.
    """

    kind: Kind
    name: str
    message: str


@attrs.frozen
class Finding:
    """A violated property and its simplest known counterexample."""

    kind: Kind
    name: str
    message: str
    schedule: str
    steps: int
    preemptions: int
    minimal: bool
    """Whether no schedule with fewer preemptions exists; else it is the simplest one found."""
    seen: int
    """On how many moves of the search the property was seen to be violated."""


def of_result(result: Result) -> Sighting:
    """What a machine that has stopped has violated.

    What the same function frees too early is one violation, whichever field is then used first.
    """
    rule = _RULE.match(result.message)
    if rule:
        return Sighting(Kind.SAFETY, rule[1], result.message)
    used = _USED.match(result.message)
    if used:
        name = f"{result.kind}: use after free: freed by {used[1]}()"
        return Sighting(Kind.SAFETY, name, f"{result.kind}: {result.message}")
    name = _FREED.sub("", result.message)
    name = _STACK.sub(r"\1", _OF.sub(r"\1", name))
    if result.kind == "panic":
        name = _NUMBER.sub("N", name)
    elif name == _FREED.sub("", result.message):
        name = _NUMBER.sub("N", _WHO.sub("", name))
    return Sighting(Kind.SAFETY, f"{result.kind}: {name}", f"{result.kind}: {result.message}")
