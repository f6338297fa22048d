"""The looks: what each name on a run of text stands for, as colours and attributes.

There are four themes. `dark` and `light` use colours that people with any of the common kinds of
colour blindness can tell apart; `safe` is made of the eight of Okabe and Ito alone, differs in
brightness where it differs in hue, and underlines what matters most. None of them carries a
meaning by colour alone: a CPU is a digit too, a mismatch is `≠` too, a dead thread has its `†`,
what changed has its arrow. Red is for one thing alone, a rule that broke. `none`, which `NO_COLOR`
asks for, has attributes only: bold, dim, underlined, reversed, struck through.

A name may end in a ground, `keyword@focus`: the ink of the one on the ground of the other.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

THEMES: Final = ("dark", "light", "safe")
"""Those a person can choose; `none` comes from the environment."""

CPU_COLOURS: Final = 8


class Look(NamedTuple):
    """Ink and ground as `#rrggbb` (or nothing for the terminal's own), and attributes."""

    ink: str = ""
    ground: str = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


DARK: Final[dict[str, Look]] = {
    "text": Look("#c8ccd4"),
    "strong": Look("#ffffff", bold=True),
    "quiet": Look("#8a92a3"),
    "faint": Look("#5f6878"),
    "frame": Look("#414a5c"),
    "frame-on": Look("#8fc7f4", bold=True),
    "title": Look("#e8ebf0", bold=True),
    "more": Look("#a9b1c1"),
    "number": Look("#5f6878"),
    # source
    "code": Look("#d5d9e0"),
    "keyword": Look("#b9a5f0"),
    "call": Look("#8fc7f4"),
    "string": Look("#a5cf9a"),
    "literal": Look("#e3b98a"),
    "prose": Look("#7f8a9c", italic=True),
    "comment": Look("#7f8a9c", italic=True),
    # one colour for each CPU
    "cpu0": Look("#5cc0f5", bold=True),
    "cpu1": Look("#f0a830", bold=True),
    "cpu2": Look("#35c99a", bold=True),
    "cpu3": Look("#de8fc0", bold=True),
    "cpu4": Look("#ece254", bold=True),
    "cpu5": Look("#9aa3ff", bold=True),
    "cpu6": Look("#d8b48a", bold=True),
    "cpu7": Look("#b8e986", bold=True),
    # meaning
    "new": Look("#1a1400", "#ffd75f", bold=True),
    "old": Look("#b59b4c"),
    "fading": Look("#e6cf7a", "#2e2a1b"),
    "glow": Look("#10141b", "#8fc7f4", bold=True),
    "loud": Look("#1a1400", "#ffb347", bold=True),
    "differ": Look("#d9b36a"),
    "dead": Look("#a08fb8"),
    "freed": Look("#6b7280", strike=True),
    "waits": Look("#f0c674"),
    "good": Look("#8fd694"),
    "alert": Look("#ffffff", "#c4213a", bold=True),
    "danger": Look("#ff6b7d", bold=True),
    "break": Look("#ff9e64", bold=True),
    # bar, prompt, keys
    "bar": Look("#aab2c2", "#1f2633"),
    "bar-strong": Look("#ffffff", "#1f2633", bold=True),
    "key": Look("#ffffff", "#2e3748", bold=True),
    "prompt": Look("#8fd694", bold=True),
    "cursor": Look("#10141b", "#e8ebf0"),
    "error": Look("#ffb347", bold=True),
    "tab": Look("#8a92a3"),
    "offer": Look("#8a92a3", underline=True),
    "lane": Look("#8a92a3"),
    "tab-on": Look("#ffffff", "#3a465c", bold=True),
}

_DARK_GROUNDS: Final = {
    "": "#12161e",
    "focus": "#2b3a52",
    "here": "#1b222e",
    "bar": "#1f2633",
    "cursor": "#2f3a4d",
    "now": "#3d4a63",
}

_LIGHT: Final[dict[str, tuple[str, str]]] = {
    "text": ("#2b303a", ""),
    "strong": ("#000000", ""),
    "quiet": ("#5a6270", ""),
    "faint": ("#717987", ""),
    "frame": ("#b4bac6", ""),
    "frame-on": ("#0b62a8", ""),
    "title": ("#11151c", ""),
    "more": ("#4a5260", ""),
    "number": ("#717987", ""),
    "code": ("#20252e", ""),
    "keyword": ("#6a3fc0", ""),
    "call": ("#0b62a8", ""),
    "string": ("#2c6e1f", ""),
    "literal": ("#8f4e00", ""),
    "prose": ("#646c79", ""),
    "comment": ("#646c79", ""),
    "cpu0": ("#00619c", ""),
    "cpu1": ("#9a5b00", ""),
    "cpu2": ("#00704f", ""),
    "cpu3": ("#a33c7a", ""),
    "cpu4": ("#6e6600", ""),
    "cpu5": ("#4450c8", ""),
    "cpu6": ("#7d5527", ""),
    "cpu7": ("#3c7a00", ""),
    "new": ("#1a1400", "#ffd75f"),
    "old": ("#7a6310", ""),
    "fading": ("#4d3f06", "#f3e7bd"),
    "loud": ("#1a1400", "#ffb347"),
    "differ": ("#8a5a00", ""),
    "dead": ("#6c5590", ""),
    "freed": ("#717987", ""),
    "waits": ("#8a5a00", ""),
    "good": ("#1f6d2a", ""),
    "alert": ("#ffffff", "#b3142b"),
    "danger": ("#b3142b", ""),
    "break": ("#b34a00", ""),
    "bar": ("#39404c", "#dde2ea"),
    "bar-strong": ("#000000", "#dde2ea"),
    "key": ("#000000", "#d3d9e3"),
    "prompt": ("#1f6d2a", ""),
    "cursor": ("#ffffff", "#20252e"),
    "error": ("#9a4b00", ""),
    "tab": ("#5a6270", ""),
    "offer": ("#5a6270", ""),
    "tab-on": ("#000000", "#c3cddd"),
    "lane": ("#5a6270", ""),
    "glow": ("#ffffff", "#0b62a8"),
}
"""Ink and ground; the attributes are those of the dark theme."""

_LIGHT_GROUNDS: Final = {
    "": "#fbfbf9",
    "focus": "#cfe3f7",
    "here": "#eaeff5",
    "bar": "#dde2ea",
    "cursor": "#d6dde8",
    "now": "#b9c9de",
}

_SAFE: Final[dict[str, Look]] = {
    "keyword": Look("#ffffff", bold=True),
    "call": Look("#56b4e9"),
    "string": Look("#f0e442"),
    "literal": Look("#f0e442"),
    "cpu0": Look("#56b4e9", bold=True),
    "cpu1": Look("#e69f00", bold=True),
    "cpu2": Look("#ffffff", bold=True),
    "cpu3": Look("#cc79a7", bold=True),
    "cpu4": Look("#f0e442", bold=True),
    "cpu5": Look("#7fa8d8", bold=True),
    "cpu6": Look("#b9b9b9", bold=True),
    "cpu7": Look("#e8b38f", bold=True),
    "new": Look("#000000", "#f0e442", bold=True, underline=True),
    "fading": Look("#f0e442", underline=True),
    "loud": Look("#000000", "#e69f00", bold=True, underline=True),
    "differ": Look("#e69f00", underline=True),
    "dead": Look("#cc79a7"),
    "waits": Look("#e69f00"),
    "good": Look("#56b4e9"),
    "alert": Look("#000000", "#ffffff", bold=True, underline=True),
    "danger": Look("#ffffff", bold=True, underline=True),
    "break": Look("#e69f00", bold=True),
    "prompt": Look("#56b4e9", bold=True),
    "error": Look("#e69f00", bold=True, underline=True),
    "frame-on": Look("#ffffff", bold=True),
    "glow": Look("#000000", "#56b4e9", bold=True, underline=True),
}


def _lit(name: str, base: Look) -> Look:
    ink, ground = _LIGHT[name]
    return Look(
        ink, ground, base.bold, base.dim, base.italic, base.underline, base.reverse, base.strike
    )


@cache
def _inks(theme: str) -> dict[str, Look]:
    """All inks of a theme."""
    if theme == "light":
        return {name: _lit(name, base) for name, base in DARK.items()}
    return {**DARK, **_SAFE} if theme == "safe" else DARK


def grounds(theme: str) -> dict[str, str]:
    """The grounds of a theme; that of no name is behind everything."""
    return _LIGHT_GROUNDS if theme == "light" else _DARK_GROUNDS


_MONO: Final[dict[str, Look]] = {
    "strong": Look(bold=True),
    "title": Look(bold=True),
    "faint": Look(dim=True),
    "frame": Look(dim=True),
    "frame-on": Look(bold=True),
    "lane": Look(dim=True),
    "number": Look(dim=True),
    "prose": Look(dim=True),
    "comment": Look(dim=True),
    "keyword": Look(bold=True),
    "new": Look(bold=True, underline=True),
    "fading": Look(underline=True),
    "glow": Look(bold=True, reverse=True),
    "loud": Look(bold=True, reverse=True),
    "freed": Look(strike=True, dim=True),
    "alert": Look(bold=True, reverse=True),
    "danger": Look(bold=True),
    "break": Look(bold=True),
    "bar-strong": Look(bold=True),
    "key": Look(bold=True),
    "prompt": Look(bold=True),
    "cursor": Look(reverse=True),
    "error": Look(bold=True),
    "tab-on": Look(bold=True, reverse=True),
    "offer": Look(underline=True),
    **{f"cpu{n}": Look(bold=True) for n in range(CPU_COLOURS)},
}
_MONO_GROUNDS: Final[dict[str, Look]] = {
    "focus": Look(bold=True, underline=True),
    "cursor": Look(reverse=True),
    "now": Look(reverse=True),
}


def cpu(number: int) -> str:
    """The look of CPU `number`, the same wherever it is named."""
    return f"cpu{number % CPU_COLOURS}"


@cache
def look(name: str, theme: str = "dark") -> Look:
    """The look of that name in a theme."""
    ink, _, ground = name.partition("@")
    if theme == "none":
        return _mono(ink, ground)
    base = _inks(theme)[ink]
    return Look(
        base.ink,
        base.ground or grounds(theme)[ground],
        base.bold,
        base.dim,
        base.italic,
        base.underline,
        base.reverse,
        base.strike,
    )


def _mono(ink: str, ground: str) -> Look:
    """Where no colour is wanted."""
    base = _MONO.get(ink, Look())
    under = _MONO_GROUNDS.get(ground, Look())
    return Look(
        bold=base.bold or under.bold,
        dim=base.dim and not under.bold,
        underline=base.underline or under.underline,
        reverse=base.reverse or under.reverse,
        strike=base.strike,
    )
