"""The panes by name: what each is called, what it shows, and all of them as the first picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.session.commands import BY_NAME, keys_of
from exittui.session.curtain import HIDDEN, LATER
from exittui.tui import content as contents
from exittui.tui.glow import brought
from exittui.tui.lines import fit
from exittui.tui.paint import bars, cpus, source, timeline
from exittui.tui.paint import events as paint_events
from exittui.tui.paint import lists as paint_lists
from exittui.tui.paint import locks as paint_locks
from exittui.tui.paint import threads as paint_threads
from exittui.tui.paint.edges import tabbed
from exittui.tui.placing import LEAST_HEIGHT, LEAST_WIDTH, TABS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from exittui.session.viewer import Viewer
    from exittui.session.views import Sentence, StatusView
    from exittui.session.views_timeline import TimelineView
    from exittui.tui.content import Content
    from exittui.tui.lines import Lines
    from exittui.tui.looking import Looking
    from exittui.tui.placing import Place, Placing

KEYS_ACCEPTED: Final = "s n f c step on, S N F C back, 0-9 choose a CPU, : types, ? helps, q quits"

TITLES: Final = {
    "source": "source",
    "threads": "threads",
    "locks": "locks",
    "lists": "lists",
    "timeline": "timeline",
    "events": "events",
    "end": "end",
    "stack": "stack",
    "objects": "objects",
    "trees": "trees",
    "ps": "ps(1)",
    "console": "console",
    "choices": "choices",
    "waits": "waits",
    "order": "lock order",
    "branches": "branches",
    "stops": "stops",
    "cpus": "cpus",
}
_FIRST: Final = frozenset({"source", "cpus", "strip"})
"""The panes that are drawn before the others."""
ROWS: Final = tuple(name for name in TABS if name not in {"source", "cpus", "timeline"})
"""The panes that are rows to choose from."""


def _hints() -> tuple[tuple[str, str], ...]:
    """The keys at the foot, in the order of their use; the last three always stay."""
    first = ("step", "next", "finish", "proceed")
    hints = [(BY_NAME[name].keys[0], BY_NAME[name].short) for name in first]
    hints += [
        ("SNFC", "back"),
        (keys_of(BY_NAME["focus"]), "cpu"),
        (".", BY_NAME["any_step"].short),
        ("b", BY_NAME["break_here"].short),
        ("Tab", "pane"),
        ("z", BY_NAME["zoom"].short),
        ("l", BY_NAME["layout"].short),
        ("r", BY_NAME["run_to_end"].short),
        ("R", BY_NAME["restart"].short),
        ("g", BY_NAME["goto"].short),
        (":", "type"),
        ("?", "help"),
        ("q", "quit"),
    ]
    return tuple(hints)


HINTS: Final = _hints()
_NOTHING: Final[dict[str, tuple[str, ...]]] = {}


def edges(status: StatusView, sentence: Sentence, places: dict[str, Place]) -> dict[str, Lines]:
    """The bar, the sentence and the keys."""
    width = places["bar"].width
    return {
        "bar": bars.bar(status, width),
        "sentence": bars.sentence(sentence, width, places["sentence"].height),
        "keys": bars.keys(HINTS, width),
    }


def rows(name: str, views: Viewer, looking: Looking, width: int, height: int) -> Content:
    """The rows of a pane for a size."""
    if views.curtain is not None and name in views.curtain.hidden:
        return covered(name)
    match name:
        case "threads":
            return paint_threads.content(views.threads, views.thread_count(), width)
        case "locks":
            return paint_locks.content(views.locks(patient=False), width)
        case "lists":
            return paint_lists.content(views.lists(), width)
        case "events":
            position = views.status().position
            return paint_events.content(views.events(max(height - 2, 0)), width, position)
    return _wider(name, views, looking, width)


def covered(name: str) -> Content:
    """A pane that is not shown at present."""
    return contents.listed([(TITLES[name].capitalize(), "title")], [], empty=f"{HIDDEN} {LATER}")


def _wider(  # noqa: PLR0911 - a pane, a return
    name: str, views: Viewer, looking: Looking, width: int
) -> Content:
    """The rows of the panes that are not part of a start."""
    from exittui.tui.paint import ending, objects, stack, tables  # noqa: PLC0415 - not part of a start

    wider = views.wider
    match name:
        case "objects":
            if not looking.trail:
                return objects.content(wider.chosen_process(patient=False), None, width)
            shown = [wider.object(number, patient=False) for number in looking.trail[-4:]]
            past = [one.name for one in shown[:-1] if one is not None]
            return objects.content(shown[-1], past, width)
        case "end":
            return ending.content(wider.ending(), width)
        case "stack":
            return stack.content(wider.stack(patient=False), width)
        case "trees":
            return paint_lists.trees(wider.trees(), width)
        case "ps":
            return tables.processes(wider.processes(threads=looking.threads), width)
        case "console":
            return tables.console(wider.console(), looking.answers, width)
        case "choices":
            return tables.choices(wider.choices(), width)
        case "waits":
            return tables.graph(wider.waits(), "Waits", width, "nobody waits for anybody")
        case "order":
            empty = "no lock was taken while another was held"
            return tables.graph(wider.lock_order(), "Lock order", width, empty)
        case "branches":
            return tables.branches(wider.branches(), width)
    return tables.stops(wider.breakpoints(), width)


def lanes(views: Viewer, looking: Looking, width: int) -> TimelineView:
    """The timeline for a width."""
    status = views.status()
    first, last = looking.window(status.position, status.recorded)
    return views.wider.timeline(first, last, timeline.columns(width))


def small(width: int, height: int) -> Lines:
    """What a terminal too small for the debugger shows."""
    words = (
        f"This terminal is {width}x{height}.",
        f"The debugger needs {LEAST_WIDTH}x{LEAST_HEIGHT}.",
        "Make it larger: nothing is lost.",
    )
    top = max((height - len(words)) // 2, 0)
    lines = [fit([], width)] * height
    for number, text in enumerate(words[:height]):
        indent = max((width - len(text)) // 2, 0)
        lines[top + number] = fit([(" " * indent, "text"), (text, "strong")], width)
    return tuple(lines[:height])


def picture(
    views: Viewer,
    placed: Placing,
    looking: Looking,
    size: tuple[int, int],
    prompt: str,
    *,
    glowing: Mapping[str, tuple[str, ...]] = _NOTHING,
) -> dict[str, Lines]:
    """All panes at once, as the widgets are going to show them at the start.

    By pane, `glowing` has the words that are to be seen.
    """
    drawn: dict[str, Lines] = {}
    for some in pictures(views, placed, looking, size, prompt, glowing=glowing):
        drawn |= some
    return drawn


def pictures(
    views: Viewer,
    placed: Placing,
    looking: Looking,
    size: tuple[int, int],
    prompt: str,
    *,
    glowing: Mapping[str, tuple[str, ...]] = _NOTHING,
) -> Iterator[dict[str, Lines]]:
    """The same in two parts: the source, the CPUs and the edges, and then all others."""
    places = placed.places
    if "small" in places:
        yield {"small": small(*size)}
        return
    width, status = size[0], views.status()
    drawn = edges(status, views.sentence(), places)
    drawn["prompt"] = bars.prompt(prompt, status.focus, "", None, width)
    lit = lit_pane(placed, "source")
    if "tabs" in places:
        drawn["tabs"] = bars.tabs(TABS, lit, width)
    rest = [name for name in places if name not in drawn and name != "caption"]
    for part in (_FIRST, frozenset(rest) - _FIRST):
        for name in rest:
            if name in part:
                lines = _pane(name, views, looking, places[name], glowing.get(name, ()))
                drawn[name] = tabbed(lines, others(placed, name), lit=name == lit)
        yield drawn
        drawn = {}


def others(placed: Placing, name: str) -> Sequence[str]:
    """The panes that are stacked behind one, if any are."""
    if placed.arrangement != "desk":
        return ()
    return [one for one in placed.stacks.get(name, ()) if one != name]


def lit_pane(placed: Placing, wanted: str) -> str:
    """The pane that has the keys: the wanted one, if it is seen, else the first that is."""
    return wanted if wanted in placed.stacks else next(iter(placed.stacks), wanted)


def _pane(
    name: str, views: Viewer, looking: Looking, place: Place, words: tuple[str, ...]
) -> Lines:
    """One pane at the start."""
    width, height = place.width, place.height
    if views.curtain is not None and name in views.curtain.hidden:
        return contents.paint(covered(name), width, height)
    match name:
        case "source":
            view = views.source()
            return source.paint(view, width, height, source.top_line(view, height, 0))
        case "cpus":
            return cpus.paint(views.cpus(), width, height)
        case "strip":
            return cpus.paint_strip(views.cpus(), width, height)
        case "timeline":
            view_of = lanes(views, looking, width)
            return timeline.paint(view_of, width, height, views.status().focus)
    content = brought(rows(name, views, looking, width, height), words)
    top = contents.first_row(content, height, None, None)
    return contents.paint(content, width, height, top)
