"""The library as tables: scenario by kernel, and property by kernel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.catalog import KERNELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RULE: Final = re.compile(r"I\d+")
_LONGEST: Final = 48
_KNOWN: Final = (
    ("violation: runs on a freed stack", "I1"),
    ("violation: use after free", "I3"),
    ("violation: queue corrupted", "I3"),
    ("panic: ", "panic"),
    ("deadlock: ", "I18"),
    ("waits for ever: ", "waits for ever"),
    ("leak: ", "I6"),
    ("expects ", "expectation"),
)
"""How the names of properties begin, and what they are called in a table."""

MEANINGS: Final = {
    "I1": "a stack is not freed while a CPU stands on it",
    "I2": "a pmap is not destroyed while a CPU has it in %cr3",
    "I3": "what is freed is not used",
    "I4": "a filedesc is not freed while a thread can use it",
    "I5": "what is torn down has exited",
    "I6": "what has exited is freed in the end",
    "I7": "no CPU keeps a page that is gone in its TLB",
    "I8": "no time is lost",
    "I9": "nobody waits for a child that is a zombie",
    "I10": "each pid is reaped once",
    "I11": "no switch with a mutex held",
    "I12": "the dead do not sleep",
    "I13": "nthreads and nprocesses are right",
    "I14": "the kernel lock is held where it should be",
    "I16": "ci_proc_pmap agrees with %cr3",
    "I17": "locks are taken in one order",
    "I18": "no deadlock",
    "I19": "dead threads are not kept",
    "panic": "no assertion fails, no panic",
    "waits for ever": "nobody waits for ever",
    "expectation": "it ends as the scenario says",
}
"""What every kernel should keep, in the order of the table."""


def short(name: str) -> str:
    """The name of a property as a row of the table has it."""
    rule = _RULE.match(name)
    if rule:
        return rule[0]
    return next((word for begin, word in _KNOWN if name.startswith(begin)), name[:_LONGEST])


def simplest(finding: dict[str, Any]) -> tuple[int, int]:
    """What makes a counterexample simpler than another."""
    return finding["preemptions"], finding["steps"]


def by_scenario(reports: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A Markdown table: for each scenario and kernel what fails, the simplest first."""
    cells: dict[str, dict[str, str]] = {}
    for data in reports:
        cells.setdefault(data["scenario"], {})[data["kernel"]] = cell(data)
    yield f"| scenario | {' | '.join(f'`{kernel}`' for kernel in KERNELS)} |"
    yield f"|---|{'---|' * len(KERNELS)}"
    for name, row in cells.items():
        yield f"| `{name}` | {' | '.join(row.get(kernel, '') for kernel in KERNELS)} |"


def cell(data: dict[str, Any]) -> str:
    """One report in a few words: what fails first, after how many preemptions and steps."""
    if not data["findings"]:
        return "holds" if data["complete"] else f"– ({data['states']:,})"
    first, *more = sorted(data["findings"], key=simplest)
    name = short(first["property"])
    others = [short(one["property"]) for one in more]
    others = [one for one in dict.fromkeys(others) if one != name]
    also = f"; {', '.join(others)}" if others else ""
    return f"{name} ({first['preemptions']}, {first['steps']:,}){also}"


def by_property(reports: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A Markdown table: for each property and kernel in how many scenarios it fails, and where."""
    found: dict[str, dict[str, list[tuple[int, int, str]]]] = {name: {} for name in MEANINGS}
    for data in reports:
        best: dict[str, tuple[int, int, str]] = {}
        for finding in data["findings"]:
            name, at = short(finding["property"]), (*simplest(finding), data["scenario"])
            best[name] = min(best.get(name, at), at)
        for name, at in best.items():
            found.setdefault(name, {}).setdefault(data["kernel"], []).append(at)
    yield f"| property | {' | '.join(f'`{kernel}`' for kernel in KERNELS)} |"
    yield f"|---|{'---|' * len(KERNELS)}"
    for name, row in found.items():
        cells = [_where(row.get(kernel, [])) for kernel in KERNELS]
        what = f"{name}: {MEANINGS[name]}" if name in MEANINGS else name
        yield f"| {what} | {' | '.join(cells)} |"


def _where(places: list[tuple[int, int, str]]) -> str:
    if not places:
        return ""
    _, _, scenario = min(places)
    return f"`{scenario}`" + (f" +{len(places) - 1}" if len(places) > 1 else "")
