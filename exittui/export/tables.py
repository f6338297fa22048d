"""The figures of a comparison as text, JSON and CSV.

JSON and CSV have every value as the whole number it is, nanoseconds and counts; text rounds for
people and says how far a kernel is from the first.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from exittui.compare.divergence import aligned
from exittui.compare.table import NS, Row, Table, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from exittui.compare.divergence import Divergence
    from exittui.compare.outcome import Outcome

_WIDTH: Final = 43
_COLUMN: Final = 15


def text(
    table: Table, outcomes: Sequence[Outcome], partings: Sequence[Divergence | None] = ()
) -> Iterator[str]:
    """A table for people, the points of each exit, and where the kernels part."""
    yield f"{table.scenario}: {table.title}"
    yield ""
    yield from _body(table, outcomes)
    yield from _points(outcomes)
    for parting in partings:
        yield ""
        yield from _parting(parting)


def as_json(
    table: Table, outcomes: Sequence[Outcome], partings: Sequence[Divergence | None] = ()
) -> Iterator[str]:
    """One JSON document: the rows, the functions that took the time, the points."""
    yield json.dumps(document(table, outcomes, partings), indent=1, ensure_ascii=True)


def as_csv(
    table: Table, outcomes: Sequence[Outcome], partings: Sequence[Divergence | None] = ()
) -> Iterator[str]:
    """A line for each row, and for each point of each exit that was followed, with its cells."""
    del partings
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["group", "name", "unit", *table.kernels])
    for row in table.rows:
        writer.writerow([row.group, row.name.strip(), row.unit, *map(_blank, row.values)])
    for process, point, times in aligned(outcomes):
        writer.writerow(["after exit()", f"{process} {point}", NS, *map(_blank, times)])
    yield from out.getvalue().splitlines()


FORMATS: Final[Mapping[str, Callable[..., Iterator[str]]]] = {
    "text": text,
    "json": as_json,
    "csv": as_csv,
}


def document(
    table: Table, outcomes: Sequence[Outcome], partings: Sequence[Divergence | None] = ()
) -> dict[str, Any]:
    """A comparison as plain data."""
    return {
        "scenario": table.scenario,
        "title": table.title,
        "kernels": list(table.kernels),
        "results": list(table.results),
        "rows": [
            {
                "group": row.group,
                "name": row.name.strip(),
                "unit": row.unit,
                "values": list(row.values),
            }
            for row in table.rows
        ],
        "cpus": [
            [[cpu.user, cpu.system, cpu.spin, cpu.idle] for cpu in one.cpus] for one in outcomes
        ],
        "functions": [[list(function) for function in one.functions] for one in outcomes],
        "points": [
            {"process": process, "point": point, "after": times}
            for process, point, times in aligned(outcomes)
        ],
        "divergences": [
            None
            if parting is None
            else {
                "step": parting.step,
                "stands": [
                    {"kernel": one.kernel, "cpu": one.cpu, "place": one.place, "text": one.text}
                    for one in parting.stands
                ],
            }
            for parting in partings
        ],
    }


def _blank(value: int | None) -> int | str:
    return "" if value is None else value


def _shares(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What part of its time each CPU spent how, in hundredths."""
    yield "each CPU: user, system, spin, idle"
    for cpu in range(len(outcomes[0].cpus)):
        cells = []
        for one in outcomes:
            of, whole = one.cpus[cpu], max(one.end, 1)
            shares = (of.user, of.system, of.spin, of.idle)
            cells.append("".join(f"{time * 100 / whole:4.0f}" for time in shares)[1:])
        yield f"  {f'cpu{cpu}':{_WIDTH - 2}}" + (" " * 9).join(
            f"{cell:>{_COLUMN}}" for cell in cells
        )


def _body(table: Table, outcomes: Sequence[Outcome]) -> Iterator[str]:
    head = "".join(
        f"{kernel:>{_COLUMN}}" if index == 0 else f"{kernel:>{_COLUMN}}         "
        for index, kernel in enumerate(table.kernels)
    )
    yield f"{'':{_WIDTH}}{head}".rstrip()
    group = ""
    for row in table.rows:
        if row.detail:
            continue
        if row.group != group:
            group = row.group
            yield group
        yield f"  {row.name:{_WIDTH - 2}}{_cells(row)}".rstrip()
        if (row.group, row.name) == ("CPU time", "idle"):
            yield from _shares(outcomes)
    for kernel, result in zip(table.kernels, table.results, strict=True):
        yield f"{kernel}: {result}"


def _cells(row: Row) -> str:
    cells = []
    for index, (value, difference) in enumerate(zip(row.values, row.differences(), strict=True)):
        cell = f"{shown(value, row.unit):>{_COLUMN}}"
        if index:
            part = "" if difference is None or difference == 0 else f"{difference:+.1%}"
            cell += f" {part:>8}"
        cells.append(cell)
    return "".join(cells)


_FEW: Final = 4


def _points(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The points of the first few processes, from the call of exit() on."""
    last, told = "", 0
    for process, point, times in aligned(outcomes):
        if process != last:
            told += 1
            if told > _FEW:
                return
            last = process
            yield ""
            yield f"{process}, from its call of exit()"
        cells = "".join(
            f"{shown(time, NS):>{_COLUMN}}" + ("" if index == 0 else " " * 9)
            for index, time in enumerate(times)
        )
        yield f"  {point:{_WIDTH - 2}}{cells}".rstrip()


def _parting(parting: Divergence | None) -> Iterator[str]:
    if parting is None:
        yield "the kernels do the same from beginning to end"
        return
    yield f"first divergence: step {parting.step}"
    for stand in parting.stands:
        yield f"  {stand.kernel:<16} cpu{stand.cpu} {stand.place}, {stand.function}(): {stand.text}"
