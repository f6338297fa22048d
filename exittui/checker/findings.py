"""What a search finds: violated properties, each with a schedule that gets there."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from exittui.machine.image import UNDERMINED

if TYPE_CHECKING:
    from exittui.machine import Machine

_FREED = re.compile(r", freed by .*$")
_USED = "use after free: "
_LOCKS = frozenset({"kern_lock.py", "kern_rwlock.py"})
"""Who uses a lock that was freed is whoever called these."""
_OF = re.compile(r"(queue corrupted: [A-Z_]+: [^ ]+) of .*$")
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


def of_stop(machine: Machine) -> Sighting:
    """What a machine that has stopped has violated."""
    result = machine.result
    assert result is not None  # noqa: S101 - whoever asks has seen it
    message = f"{result.kind}: {result.message}"
    rule = _RULE.match(result.message)
    if rule:
        return Sighting(Kind.SAFETY, rule[1], result.message)
    if result.message.startswith(_USED):
        name = f"use after free in {_user(machine, result.cpu)}()"
        return Sighting(Kind.SAFETY, f"{result.kind}: {name}", message)
    name = _FREED.sub("", result.message)
    name = _STACK.sub(r"\1", _OF.sub(r"\1", name))
    if result.kind == "panic":
        name = _NUMBER.sub("N", name)
    elif name == _FREED.sub("", result.message):
        name = _NUMBER.sub("N", _WHO.sub("", name))
    return Sighting(Kind.SAFETY, f"{result.kind}: {name}", message)


def _user(machine: Machine, cpu: int) -> str:
    """The function in which a CPU stands, or the one that called the locks."""
    statements = machine.image.statements
    chain = machine.stacks.chain(machine.stacks.cpus[cpu][0])
    found = [statements[frame[0]] for frame in chain if frame[0] > UNDERMINED]
    users = [one for one in found if one.file.rpartition("/")[2] not in _LOCKS]
    return (users or found)[0].function
