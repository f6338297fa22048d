"""How a machine stops: a panic or a violation is a result of a run, never an error of ours."""

from __future__ import annotations

import attrs


@attrs.frozen
class Result:
    """What stopped the machine, at the step that made it.

    `kind` is "panic" (the code stopped itself, or touched NULL) or "violation" (it did what no
    code may: use after free, a corrupted queue, running on a freed stack; or it broke a rule that
    somebody watches, see `monitor.py`).
    """

    kind: str
    message: str
    cpu: int


@attrs.frozen
class Wait:
    """Why a CPU cannot go on.

    `kind` is "spin" (it waits busily), "halt" (it idles) or "finished" (nothing left to run).
    `objects` are the structs whose fields the condition reads.
    """

    kind: str
    text: str
    objects: tuple[object, ...]


class Panic(Exception):  # noqa: N818 - the kernel's word
    """Raised by a step that panics; the machine turns it into a `Result`."""


class NotReady(Exception):  # noqa: N818 - a state, not an error
    """Raised by the step of a busy wait whose condition still holds."""


class Broken(Exception):  # noqa: N818 - what was found, not a program error
    """Raised by a check of a running machine (`monitor.py`); the machine stops with a violation.

    The step that broke the rule stands: what it wrote is what one wants to see.
    """
