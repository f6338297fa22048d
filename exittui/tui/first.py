"""The first picture as text for a terminal, made before Textual is loaded.

Loading Textual takes longer than everything else at the start together. What a person wants to see,
where the CPUs stand, is known before, and the panes are plain lines, so they are written at once;
Textual then paints the same picture over it and takes the keys. Nothing of this happens when the
output is no terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.tui.looks import Look, look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exittui.tui.lines import Lines
    from exittui.tui.placing import Place

_CUBE: Final = (0, 95, 135, 175, 215, 255)


def colours(environ: Mapping[str, str]) -> str:
    """What the terminal can show: `true`, `256`, or `none` where no colour is wanted or known."""
    if environ.get("NO_COLOR"):
        return "none"
    if environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "true"
    return "256" if "256color" in environ.get("TERM", "") else "none"


def _nearest(level: int) -> int:
    """The step of the colour cube that comes nearest."""
    return min(range(6), key=lambda step: abs(_CUBE[step] - level))


def _colour(code: int, value: str, depth: str) -> str:
    red, green, blue = (int(value[at : at + 2], 16) for at in (1, 3, 5))
    if depth == "true":
        return f"{code};2;{red};{green};{blue}"
    return f"{code};5;{16 + 36 * _nearest(red) + 6 * _nearest(green) + _nearest(blue)}"


def _attributes(found: Look) -> list[str]:
    flags = (
        (found.bold, "1"),
        (found.dim, "2"),
        (found.italic, "3"),
        (found.underline, "4"),
        (found.reverse, "7"),
        (found.strike, "9"),
    )
    return [code for on, code in flags if on]


def escape(name: str, depth: str, theme: str = "dark") -> str:
    """The sequence that switches to the look of that name."""
    found = look(name, "none" if depth == "none" else theme)
    codes = ["0", *_attributes(found)]
    if depth != "none":
        codes += [_colour(38, found.ink, depth)] if found.ink else []
        codes += [_colour(48, found.ground, depth)] if found.ground else []
    return f"\x1b[{';'.join(codes)}m"


def opening(depth: str, theme: str = "dark") -> str:
    """To a screen of our own, empty and without a cursor."""
    return f"\x1b[?1049h\x1b[?25l{escape('text', depth, theme)}\x1b[2J"


def encode(
    panes: Mapping[str, Lines], places: Mapping[str, Place], depth: str, theme: str = "dark"
) -> str:
    """Some panes as one piece of text for a terminal."""
    known: dict[str, str] = {}
    out: list[str] = []
    for pane, lines in panes.items():
        place = places[pane]
        for number, line in enumerate(lines[: place.height]):
            out.append(f"\x1b[{place.y + number + 1};{place.x + 1}H")
            for text, name in line:
                if name not in known:
                    known[name] = escape(name, depth, theme)
                out.append(known[name] + text)
    return "".join(out)
