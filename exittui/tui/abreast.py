"""Where the panes of kernels side by side stand, for the size of the terminal.

Each kernel has a column: a head, its CPUs, its source, and what just happened. Below are the points
of each exit, where the kernels part, and the lanes; where there is not room for all three, one of
them, which Tab turns to. Where columns would be too narrow the kernels stand one above the other.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from exittui.tui.placing import LEAST_HEIGHT, LEAST_WIDTH, Place

BELOW: Final = ("points", "lanes", "divergence")
"""The panes below the kernels."""
NARROWEST: Final = 38
"""Cells that a column of source needs."""
_TALL: Final = 34
"""Rows from which there is room for all panes below."""
_FRAMED: Final = 6
"""Rows from which a kernel that has the whole width shows its source."""
_STRIP: Final = 4
"""CPUs that get a line above the source."""


class Abreast(NamedTuple):
    """Which panes are seen, and where."""

    places: dict[str, Place]
    below: tuple[str, ...]
    """Those of `BELOW` that are seen."""


def abreast(width: int, height: int, kernels: int, cpus: int, turned: str) -> Abreast:
    """The places for so many kernels of so many CPUs; `turned` is the pane below if one is."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return Abreast({"small": Place(0, 0, width, height)}, ())
    places = {
        "bar": Place(0, 0, width, 1),
        "note": Place(0, height - 2, width, 1),
        "keys": Place(0, height - 1, width, 1),
    }
    tall = height >= _TALL
    lanes = min(kernels * (1 + min(cpus, _STRIP if tall else 2)) + 2, (height - 3) * 11 // 20)
    table = max(min(kernels + 2, 5), (height - 3 - lanes) // 3) if tall else 0
    top = height - 3 - lanes - table
    places |= _kernels(width, top, kernels, cpus)
    at = 1 + top
    if not tall:
        places[turned] = Place(0, at, width, lanes)
        return Abreast(places, (turned,))
    left = max(width * 11 // 20, LEAST_WIDTH // 2)
    places["points"] = Place(0, at, left, table)
    places["divergence"] = Place(left, at, width - left, table)
    places["lanes"] = Place(0, at + table, width, lanes)
    return Abreast(places, BELOW)


def _kernels(width: int, height: int, kernels: int, cpus: int) -> dict[str, Place]:
    """The panes of the kernels, from the second row on, beside each other or stacked."""
    found: dict[str, Place] = {}
    if width // kernels < NARROWEST:
        each = height // kernels
        for number in range(kernels):
            y = 1 + number * each
            if each < _FRAMED:
                found[f"head{number}"] = Place(0, y, width, 1)
                found[f"stand{number}"] = Place(0, y + 1, width, each - 1)
            else:
                found |= _one(number, Place(0, y, width, each), strip=0, words=0)
        return found
    strip = min(cpus, _STRIP, max(height // 5, 1))
    words = 2 if height >= 12 else 1  # noqa: PLR2004 - rows that leave enough of the source
    for number in range(kernels):
        x = number * width // kernels
        wide = (number + 1) * width // kernels - x
        found |= _one(number, Place(x, 1, wide, height), strip=strip, words=words)
    return found


def _one(number: int, place: Place, *, strip: int, words: int) -> dict[str, Place]:
    """The panes of one kernel in a rectangle."""
    x, y, width, height = place
    found = {f"head{number}": Place(x, y, width, 1)}
    y += 1
    if strip:
        found[f"strip{number}"] = Place(x, y, width, strip)
        y += strip
    rows = place.y + height - words - y
    found[f"source{number}"] = Place(x, y, width, rows)
    if words:
        found[f"sentence{number}"] = Place(x, y + rows, width, words)
    return found
