"""Where each pane stands on a terminal of a given size.

A function instead of grid rules in a style sheet, for two reasons: the first picture is drawn
before Textual is loaded and has to stand exactly where the widgets will, and how many rows a pane
gets depends on what it shows (CPUs, most of all), which no style sheet knows.

`tabs` for narrow terminals: one wide pane, the CPUs always above it. From 110x32 a `desk`: slots
side by side, each with a stack of panes of which one is seen (`layouts` has which). What a person
has changed about that, hidden, zoomed, resized, turned to, is an `Arrangement`, which is kept from
one run to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from exittui.tui.layouts import LAYOUTS, Slot, Split, slots_of, tree_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.tui.layouts import Tree

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 16
DESK: Final = (110, 32)

TALL: Final = 24
"""Lines from which the sentence has two."""

CAPTION: Final = 9
"""Lines of a lesson's caption: the frame, five for the longest, two for what is answered."""

_FRAMED: Final = 4
"""Lines of a pane that shows two."""

LEAST: Final = (16, 4)
"""Cells below which no slot is resized."""

TABS: Final = (
    "source",
    "threads",
    "locks",
    "lists",
    "timeline",
    "events",
    "end",
    "stack",
    "objects",
    "trees",
    "ps",
    "console",
    "choices",
    "waits",
    "order",
    "branches",
    "stops",
    "cpus",
)
"""All panes, in the order in which a narrow terminal turns over them."""


class Place(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    def has(self, x: int, y: int) -> bool:
        """Whether a cell is inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


class Seam(NamedTuple):
    """Where two parts of a split touch: dragged, it gives the one what it takes from the other."""

    path: str
    """The split it belongs to."""
    part: int
    """The number of the part before it."""
    down: bool
    """The parts stand one below the other."""
    at: int
    place: Place
    sizes: tuple[int, ...]


class Placing(NamedTuple):
    """The arrangement and the rectangle of every pane that is shown."""

    arrangement: str
    places: dict[str, Place]
    stacks: dict[str, tuple[str, ...]]
    """By pane that is seen, the panes of its slot."""
    seams: tuple[Seam, ...] = ()


class Arrangement:
    """What a person has made of the layouts."""

    def __init__(self, layout: str = "overview", tab: str = "source") -> None:
        self.layout = layout
        self.tab = tab
        """The pane that has the keys."""
        self.zoomed = ""
        self.hidden: set[str] = set()
        self.tops: dict[str, str] = {}
        """By slot, the pane that is seen."""
        self.sizes: dict[str, tuple[int, ...]] = {}
        """By split, the sizes that a person has given its parts."""
        self.called = ""
        """The pane that the run has called into sight, until it or a person takes it away."""

    def plain(self) -> dict[str, Any]:
        """As text and lists of text, to be kept."""
        return {
            "layout": self.layout,
            "tab": "source" if self.tab == "end" else self.tab,
            "hidden": sorted(self.hidden),
            "tops": [f"{slot}={pane}" for slot, pane in self.tops.items()],
            "sizes": [f"{path}={' '.join(map(str, one))}" for path, one in self.sizes.items()],
        }

    @classmethod
    def of(cls, kept: object) -> Arrangement:
        """What was kept, as far as it makes sense."""
        found = cls()
        if not isinstance(kept, dict):
            return found
        if kept.get("layout") in LAYOUTS:
            found.layout = kept["layout"]
        if kept.get("tab") in TABS:
            found.tab = kept["tab"]
        found.hidden = {one for one in _texts(kept.get("hidden")) if one in TABS} - {"source"}
        for text in _texts(kept.get("tops")):
            slot, _, pane = text.partition("=")
            if pane in TABS:
                found.tops[slot] = pane
        for text in _texts(kept.get("sizes")):
            path, _, sizes = text.partition("=")
            if parts := _sizes(sizes):
                found.sizes[path] = parts
        return found

    def reveal(self, name: str, size: tuple[int, int]) -> None:
        """Bring a pane into sight, wherever the layout has it."""
        self.hidden.discard(name)
        self.tab = name
        if self.zoomed:
            self.zoomed = name
        slot = slot_of(self, name, size)
        if slot is not None:
            self.tops[slot.name] = name
            self.called = "" if self.called in slot.panes else self.called

    def top(self, slot: Slot) -> str | None:
        """The pane of a slot that is seen; None if all are hidden."""
        seen = [one for one in slot.panes if one not in self.hidden]
        if self.called in seen:
            return self.called
        chosen = self.tops.get(slot.name, "")
        return chosen if chosen in seen else next(iter(seen), None)


def _texts(kept: object) -> list[str]:
    return [one for one in kept if isinstance(one, str)] if isinstance(kept, list) else []


def _sizes(text: str) -> tuple[int, ...]:
    """Cells of the parts of a split; nothing if they make no sense."""
    words = text.split()[: len(TABS)]
    if not all(word.isascii() and word.isdigit() and int(word[:5]) > 0 for word in words):
        return ()
    return tuple(min(int(word[:5]), 9999) for word in words)


def placing(
    width: int, height: int, cpus: int, arranged: Arrangement | None = None, caption: int = 0
) -> Placing:
    """Who stands where at this size; `caption` lines at the foot are kept for a lesson."""
    arranged = arranged if arranged is not None else Arrangement()
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return Placing("small", {"small": Place(0, 0, width, height)}, {})
    if width < DESK[0] or height < DESK[1]:
        return _tabs(width, height, cpus, arranged.tab, caption)
    places = _edges(width, height, 2)
    area = Place(0, 1, width, height - 5 - caption)
    if caption:
        places["caption"] = Place(0, 1 + area.height, width, caption)
    if arranged.zoomed:
        places[arranged.zoomed] = area
        return Placing("desk", places, {arranged.zoomed: (arranged.zoomed,)})
    maker = _Maker(cpus, arranged)
    tree = tree_for(arranged.layout, width, height)
    maker.put(tree, area, "")
    return Placing("desk", {**places, **maker.places}, maker.stacks, tuple(maker.seams))


def slot_of(arranged: Arrangement, pane: str, size: tuple[int, int]) -> Slot | None:
    """The slot that has a pane in its stack."""
    tree = tree_for(arranged.layout, *size)
    return next((slot for slot in slots_of(tree) if pane in slot.panes), None)


def _edges(width: int, height: int, sentence: int) -> dict[str, Place]:
    """The lines at the top and at the foot, the same in every arrangement."""
    foot = height - sentence - 2
    return {
        "bar": Place(0, 0, width, 1),
        "sentence": Place(0, foot, width, sentence),
        "prompt": Place(0, foot + sentence, width, 1),
        "keys": Place(0, height - 1, width, 1),
    }


def _tabs(width: int, height: int, cpus: int, tab: str, caption: int) -> Placing:
    places = _edges(width, height, 2 if height >= TALL else 1)
    strip = strip_rows(cpus, height)
    places["strip"] = Place(0, 1, width, strip)
    places["tabs"] = Place(0, 1 + strip, width, 1)
    top = strip + 2
    foot = places["sentence"].y
    room = foot - top
    if caption:
        # What a lesson says comes first: a pane of no line or one is none.
        caption = caption if room - caption >= _FRAMED else room
        places["caption"] = Place(0, foot - caption, width, caption)
    if room > caption:
        places[tab] = Place(0, top, width, room - caption)
    return Placing("tabs", places, {tab: (tab,)})


def strip_rows(cpus: int, height: int) -> int:
    """Two lines for each CPU above the tabs where they take no more than a sixth; else one."""
    if 2 * cpus <= height // 6:
        return 2 * cpus
    return min(cpus, 2 if height < 30 else 4)  # noqa: PLR2004 - a taller one shows more


def cpu_rows(cpus: int, room: int) -> int:
    """Three lines for each CPU if they fit, else two, else one, and the frame."""
    for each in (3, 2):
        if cpus * each + 2 <= room:
            return cpus * each + 2
    return max(min(cpus + 2, room), 4)


class _Maker:
    """Gives each part of a tree its rectangle."""

    def __init__(self, cpus: int, arranged: Arrangement) -> None:
        self._cpus = cpus
        self._arranged = arranged
        self.places: dict[str, Place] = {}
        self.stacks: dict[str, tuple[str, ...]] = {}
        self.seams: list[Seam] = []

    def put(self, tree: Tree, area: Place, path: str) -> None:
        """The tree into the area."""
        if isinstance(tree, Slot):
            top = self._arranged.top(tree)
            if top is not None:
                self.places[top] = area
                hidden = self._arranged.hidden
                self.stacks[top] = tuple(one for one in tree.panes if one not in hidden)
            return
        path = f"{path}/{tree.name}"
        parts = [part for part in tree.parts if self._seen(part)]
        length = area.height if tree.down else area.width
        sizes = self._sizes(tree, parts, length, path)
        at = area.y if tree.down else area.x
        for number, (part, size) in enumerate(zip(parts, sizes, strict=True)):
            change = {"y": at, "height": size} if tree.down else {"x": at, "width": size}
            self.put(part, area._replace(**change), path)
            at += size
            if number + 1 < len(parts):
                self.seams.append(Seam(path, number, tree.down, at, area, tuple(sizes)))

    def _seen(self, tree: Tree) -> bool:
        return any(self._arranged.top(slot) is not None for slot in slots_of(tree))

    def _sizes(self, tree: Split, parts: list[Tree], length: int, path: str) -> list[int]:
        """The cells of each part: as a person wants them, or by weight, CPUs as they need."""
        given = self._arranged.sizes.get(path, ())
        if len(given) == len(parts):
            return _shared(list(given), length, LEAST[tree.down])
        weights = [tree.weights[tree.parts.index(part)] for part in parts]
        fixed = {
            number: cpu_rows(self._cpus, length // 3)
            for number, part in enumerate(parts)
            if tree.down and isinstance(part, Slot) and self._arranged.top(part) == "cpus"
        }
        if tree.down:
            fixed |= {
                number: rows
                for number, part in enumerate(parts)
                if (rows := self._lane_rows(part, length))
            }
        if fixed and len(fixed) < len(parts):
            rest = [weight for number, weight in enumerate(weights) if number not in fixed]
            others = iter(_shared(rest, length - sum(fixed.values()), LEAST[1]))
            return [fixed[n] if n in fixed else next(others) for n in range(len(parts))]
        return _shared(weights, length, LEAST[tree.down])

    def _lane_rows(self, part: Tree, length: int) -> int:
        """Rows for a lane a CPU, the kernel lock and the ruler; 0 if no timeline is seen there."""
        alone = isinstance(part, Slot)
        if isinstance(part, Split) and part.down:
            return 0
        seen = [slot for slot in slots_of(part) if "lane" in slot.name]
        if not any(self._arranged.top(slot) == "timeline" for slot in seen):
            return 0
        return min(
            max(self._cpus + 4, 6 if alone else 9), length // 4 if alone else length * 3 // 8
        )


def _shared(weights: list[int], length: int, least: int) -> list[int]:
    """So many cells divided by weight; none gets fewer than `least` if that can be."""
    least = max(min(least, length // len(weights)), 1)
    spare = length - least * len(weights)
    total = sum(weights)
    wanted = [weight * length / total - least for weight in weights]
    positive = [max(one, 0.0) for one in wanted]
    scale = spare / sum(positive) if sum(positive) else 0
    sizes = [least + int(one * scale) for one in positive]
    for number in range(length - sum(sizes)):
        sizes[number % len(sizes)] += 1
    return sizes


def seam_at(placed: Placing, x: int, y: int) -> Seam | None:
    """The seam that a person has taken hold of: either side of it, inside its split."""
    for seam in reversed(placed.seams):
        along = y if seam.down else x
        if along in (seam.at - 1, seam.at) and seam.place.has(x, y):
            return seam
    return None


def moved(seam: Seam, by: int) -> tuple[int, ...]:
    """The sizes of the parts once the seam was moved so far; as far as there is room."""
    sizes = list(seam.sizes)
    least = LEAST[seam.down]
    by = max(min(by, sizes[seam.part + 1] - least), least - sizes[seam.part])
    if sizes[seam.part] + by < least or sizes[seam.part + 1] - by < least:
        return seam.sizes
    sizes[seam.part] += by
    sizes[seam.part + 1] -= by
    return tuple(sizes)


def seams_of(placed: Placing, pane: str, *, down: bool) -> Iterator[tuple[Seam, bool]]:
    """The seams at a pane, innermost first; and whether the pane stands before the seam."""
    place = placed.places.get(pane)
    if place is None:
        return
    for seam in reversed(placed.seams):
        if seam.down is not down or not seam.place.has(place.x, place.y):
            continue
        begin = place.y if down else place.x
        end = begin + (place.height if down else place.width)
        if seam.at in (begin, end):
            yield seam, seam.at == end
