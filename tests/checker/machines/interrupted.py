"""An interrupt changes what the code it interrupts looks at, and what another CPU insists on."""

from __future__ import annotations

from typing import cast

from exittui.machine.lang import KASSERT, interrupt, macro, struct, this_cpu, variable


class cpu(struct):
    number: int = 0
    enabled: int = 1


requests: int = variable(1)
word: int = variable(0)
seen: int = variable(0)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


@macro
def deliverable(ci: cpu) -> bool:
    return bool(ci.enabled) and bool(requests >> ci.number & 1)


@interrupt("ipi", when=deliverable, masks="enabled", armed="requests")
def say() -> None:
    """Set the word."""
    global requests, word
    requests &= ~(1 << me().number)
    word = 1
    me().enabled = 1


def look() -> None:
    """Look at the word, before the interrupt or after it."""
    global seen
    before: int = word
    seen += before
    KASSERT(seen < 2)


def insist() -> None:
    """The word has to be set by now."""
    KASSERT(word > 0)
