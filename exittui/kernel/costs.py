"""The prices of kernel statements in virtual time, from `costs.toml` beside this file."""

from __future__ import annotations

import functools
import tomllib
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.machine.timed import Prices, slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from exittui.machine import Image
    from exittui.machine.image import Statement

LEAST: Final = 1
"""No statement is free, or time could stand still while something happens."""


@attrs.frozen
class Cost:
    """One entry of the table; the head of the file says what each field means."""

    name: str
    ns: int
    why: str
    kind: str = ""
    function: str = ""
    statement: str = ""
    handover: int = 0
    per: str = ""
    less: str = ""
    of: str = ""
    level: int = 0
    tree: str = ""
    varies: str = ""

    def fits(self, statement: Statement) -> bool:
        """Whether the entry is about a statement."""
        return (
            (not self.kind or self.kind == statement.kind)
            and (not self.function or self.function == statement.function)
            and self.statement in statement.text
        )

    def times(self, factor: float) -> Cost:
        """The same entry with all its figures multiplied."""
        return attrs.evolve(
            self,
            ns=round(self.ns * factor),
            handover=round(self.handover * factor),
            level=round(self.level * factor),
        )


@functools.cache
def table() -> tuple[Cost, ...]:
    """The entries, in the order of the file."""
    text = (Path(__file__).parent / "costs.toml").read_text(encoding="utf-8")
    return tuple(Cost(**entry) for entry in tomllib.loads(text)["cost"])


def prices(
    image: Image,
    *,
    page_unit: int = 1,
    factors: Mapping[str, float] | None = None,
    costs: Iterable[Cost] | None = None,
    running: bool = False,
) -> Prices:
    """The price of every statement of an image.

    One modelled page stands for `page_unit` real ones. `factors` multiplies entries by name. A
    `running` clock ticks.
    """
    entries = [
        cost.times((factors or {}).get(cost.name, 1.0))
        for cost in (table() if costs is None else costs)
    ]
    fixed, varying, handover = [], {}, {}
    for statement in image.statements:
        cost = next(cost for cost in reversed(entries) if cost.fits(statement))
        ns = cost.ns * (page_unit if cost.of == "page" else 1)
        fixed.append(max(LEAST, ns))
        if cost.handover and statement.pc in image.reads:
            handover[statement.pc] = cost.handover
        vary = _varying(image, statement, cost, ns, page_unit)
        if vary is not None:
            varying[statement.pc] = vary
    return Prices(tuple(fixed), varying, handover, running=running)


def _varying(
    image: Image, statement: Statement, cost: Cost, ns: int, page_unit: int
) -> Callable[[Any], int] | None:
    """How the price follows from the frame, if it does."""
    function = image.functions.get(statement.function)
    if cost.varies == "compute":
        program, at = slot(function, "prog"), slot(function, "pc")
        return lambda f: _given(f[program].pg_ops[f[at]][1:], ns)
    if cost.varies == "argument":
        arguments = slot(function, "v")
        return lambda f: _given(f[arguments], ns)
    if cost.per:
        number, less = _reader(function, cost.per), _reader(function, cost.less)
        return lambda f: max(LEAST, ns * (number(f) - less(f)))
    if cost.tree:
        nodes, level = _reader(function, cost.tree), cost.level
        return lambda f: ns + round(level * page_unit * log2(1 + page_unit * max(0, nodes(f))))
    return None


def _given(arguments: tuple[int, ...], ns: int) -> int:
    """The second argument, if there is one: what a workload says a unit takes."""
    return max(LEAST, arguments[1] if len(arguments) > 1 else ns)


def _reader(function: Any, path: str) -> Callable[[Any], int]:
    """Reads a variable of a frame, or a field by way of one; 0 where there is no such variable."""
    name, *fields = path.split(".")
    if name not in function.variables:
        return lambda _: 0
    at = slot(function, name)

    def read(f: Any) -> int:
        value = f[at]
        for field in fields:
            value = getattr(value, field)
        return int(value)

    return read
