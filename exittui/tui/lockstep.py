"""The screen of kernels side by side: a debugger for each, moved together.

It shows a `Lockstep` as the desk shows a session: a key becomes a move, then every visible pane
gets a fresh view and repaints the lines that differ. The keys of moves are those of the command
table; what they mean for several kernels at once is told by `?`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import App
from textual.screen import Screen

from exittui.errors import ExittuiError
from exittui.session.commands import BY_KEY, keys_of
from exittui.session.commands.table import BY_NAME
from exittui.tui import panes
from exittui.tui.abreast import BELOW, abreast
from exittui.tui.lines import frame
from exittui.tui.looks import THEMES, grounds
from exittui.tui.paint import bars
from exittui.tui.paint import lockstep as paint
from exittui.tui.paint.values import cell
from exittui.tui.placing import Place
from exittui.tui.running import AT_ONCE, PAUSE, SLICE, Running
from exittui.tui.widgets.cpus import CpusPane
from exittui.tui.widgets.keys import KeysLine
from exittui.tui.widgets.lanes import LanesPane
from exittui.tui.widgets.pane import Pane
from exittui.tui.widgets.rows import RowsPane
from exittui.tui.widgets.source import SourcePane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual import events
    from textual.binding import BindingType

    from exittui.session.lockstep import Lockstep
    from exittui.tui.abreast import Abreast
    from exittui.tui.lines import Line, Lines

MEANINGS: Final = {
    "step": "a step of each; in their own times, of whichever is furthest behind",
    "back_step": "the same backwards",
    "next": "in each: the statement with the calls in it",
    "back_next": "the same backwards",
    "finish": "in each: to where its function has returned",
    "back_finish": "in each: to where its function was called",
    "proceed": "all on to the next point of an exit, as the leading kernel comes to it",
    "back_proceed": "all back to the point before",
    "run_to_end": "all to their ends",
    "restart": "all to their starts",
    "theme": "the next theme",
    "help": "this",
    "quit": "leave the program",
}
"""Commands of the one table that mean something here, and what."""

OWN: Final = (
    ("d", "all to the first step that the kernels do not make alike"),
    ("m", "one schedule for all, or each in its own time"),
    ("l", "another kernel leads: its order of points is followed"),
    ("Tab", "the points, the lanes and the divergence, where there is room for one of them"),
    ("↑ ↓ Enter", "choose a point, and go to it in all kernels"),
    ("+ -", "the lanes nearer, or farther; the wheel does it too"),
    ("{ }", "a column of the lanes back, or on; a click or a drag goes there in all kernels"),
    ("Esc", "back to the debugger; without one, leave"),
)
"""Keys that only this screen has."""

_HINTS: Final[tuple[tuple[str, str], ...]] = (
    ("s", "step"),
    ("c", "next point"),
    ("SC", "back"),
    ("Tab", "pane"),
    ("d", "divergence"),
    ("m", "mode"),
    ("l", "lead"),
    ("n", "next"),
    ("f", "finish"),
    ("?", "help"),
    ("Esc", "debugger"),
    ("q", "quit"),
)
_FARTHEST: Final = 64.0


class LockstepScreen(Screen[None]):
    """Two or three kernels beside each other."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    LockstepScreen { layers: below above; }
    """

    def __init__(self, lockstep: Lockstep, *, theme: str = "dark") -> None:
        super().__init__()
        self.lockstep = lockstep
        self.theme = theme
        self._turned = "lanes"
        self._zoom = 1.0
        self._helping = False
        self._error = self._note = ""
        self._recording: Running | None = None
        self._abreast: Abreast | None = None
        count = len(lockstep.kernels)
        self._sources = [SourcePane(f"source{one}", theme=theme) for one in range(count)]
        self._strips = [CpusPane(f"strip{one}", theme=theme, strip=True) for one in range(count)]
        self._points = RowsPane("points", theme=theme)
        self._lanes = LanesPane("lanes", theme=theme)
        names = ["bar", "note", "divergence", "small"]
        names += [f"{what}{one}" for what in ("head", "stand", "sentence") for one in range(count)]
        self._plain = {name: Pane(name, theme=theme) for name in names}
        self._plain["keys"] = KeysLine("keys", theme=theme)
        self._help = Pane("help", theme=theme)
        self._all: dict[str, Pane] = {
            **{pane.id or "": pane for pane in (*self._sources, *self._strips)},
            "points": self._points,
            "lanes": self._lanes,
            **self._plain,
            "help": self._help,
        }
        self._moves: dict[str, Callable[[], None]] = {
            "step": lockstep.step,
            "back_step": lockstep.back_step,
            "next": lockstep.over,
            "back_next": lambda: lockstep.over(back=True),
            "finish": lambda: lockstep.over(out=True),
            "back_finish": lambda: lockstep.over(out=True, back=True),
            "proceed": lockstep.next_point,
            "back_proceed": lockstep.previous_point,
            "run_to_end": lockstep.to_end,
            "restart": lockstep.to_start,
        }
        self._keys: dict[str, Callable[[], None]] = {
            "d": lambda: self._move(lockstep.to_parting),
            "m": self._switch,
            "l": lambda: self._move(lockstep.turn_lead),
            "tab": lambda: self._turn(1),
            "shift+tab": lambda: self._turn(-1),
            "up": lambda: self._choose(-1),
            "k": lambda: self._choose(-1),
            "down": lambda: self._choose(1),
            "j": lambda: self._choose(1),
            "enter": self._enter,
            "plus": lambda: self._near(2.0),
            "minus": lambda: self._near(0.5),
            "left_curly_bracket": lambda: self._scrub(-1),
            "right_curly_bracket": lambda: self._scrub(1),
            "escape": self._leave,
            "right": lambda: self._move(lockstep.step),
        }

    def compose(self) -> Iterator[Pane]:
        """All panes; which of them are shown, and where, `place` decides."""
        yield from self._all.values()

    def on_mount(self) -> None:
        """Find the places, and record what is to be looked at."""
        if self.theme != "none":
            self.styles.background = grounds(self.theme)[""]
        self._record()

    def on_resize(self) -> None:
        """Find new places and draw for them."""
        self.place()

    # -- recording -----------------------------------------------------------------------------

    def _record(self) -> None:
        """Record the runs of the present mode, if they are not yet."""
        if not self.lockstep.ready:
            self._recording = Running(self.lockstep.begin())
            if self._recording.go(AT_ONCE):
                self.place()
                self.set_timer(PAUSE, self._go_on)
                return
            self._end_recording()
        self.place()

    def _go_on(self) -> None:
        running = self._recording
        if running is None:
            return
        if running.go(SLICE):
            self.draw()
            self.set_timer(PAUSE, self._go_on)
        else:
            self._end_recording()
            self.place()

    def _end_recording(self) -> None:
        running, self._recording = self._recording, None
        if running is not None and running.doing.error is not None:
            self._error = running.doing.error.message

    # -- where things stand, and what they show ------------------------------------------------

    def place(self) -> None:
        """Put every pane where it belongs at this size, and hide the others."""
        width, height = self.app.size
        count = len(self.lockstep.kernels)
        found = abreast(width, height, count, self.lockstep.scenario.cpus, self._turned)
        if found != self._abreast:
            self._abreast = found
            for name, pane in self._all.items():
                self._put(pane, found.places.get(name))
        self._help.display = self._helping
        if self._helping:
            self._help.styles.layer = "above"
            self._put(self._help, Place(0, 0, width, height))
            self._help.show(_help(width, height))
        self.draw()

    def _put(self, pane: Pane, place: Place | None) -> None:
        pane.display = place is not None
        if place is None:
            return
        name = pane.id or ""
        pane.extent = (place.width, place.height)
        below = self._abreast.below if self._abreast is not None else ()
        one = name in BELOW and len(below) == 1
        pane.others = [other for other in BELOW if other != name] if one else ()
        pane.lit = one or name == "points"
        pane.styles.offset = (place.x, place.y)
        pane.styles.width = place.width
        pane.styles.height = place.height

    def draw(self) -> None:
        """Give every visible pane its view of the present moment."""
        places = self._abreast.places if self._abreast is not None else {}
        if "small" in places:
            self._plain["small"].show(panes.small(*self.app.size))
            return
        if not places:
            return
        width = places["bar"].width
        self._plain["keys"].show(bars.keys(self._hints(), width))
        text = self._recording.words if self._recording is not None else self._note
        self._plain["note"].show(paint.note(text, self._error, width))
        if not self.lockstep.ready:
            kernels = ", ".join(kernel.label for kernel in self.lockstep.kernels)
            title = self.lockstep.scenario.title
            self._plain["bar"].show(paint.waiting(title, kernels, width))
            return
        self._draw_views(places)

    def _hints(self) -> tuple[tuple[str, str], ...]:
        """The keys at the foot; without a debugger behind there is no way back to it."""
        if len(self.app.screen_stack) > 1:
            return _HINTS
        return tuple(hint for hint in _HINTS if hint[0] != "Esc")

    def _draw_views(self, places: dict[str, Place]) -> None:
        looker = self.lockstep.looker
        view = looker.view()
        self._plain["bar"].show(paint.bar(view, places["bar"].width))
        for number, side in enumerate(view.sides):
            if f"source{number}" in places:
                self._sources[number].view(side.source)
            if f"stand{number}" in places:
                _, _, wide, high = places[f"stand{number}"]
                self._plain[f"stand{number}"].show(paint.stand(side, wide, high))
            if f"strip{number}" in places:
                self._strips[number].view(side.cpus)
            head = places[f"head{number}"]
            lead = number == view.lead
            self._plain[f"head{number}"].show(
                paint.head(side, head.width, lead=lead, own_time=view.own_time)
            )
            if f"sentence{number}" in places:
                words = places[f"sentence{number}"]
                self._plain[f"sentence{number}"].show(
                    bars.sentence(side.sentence, words.width, words.height)
                )
        if "points" in places:
            self._points.view(paint.points(view, places["points"].width))
        if "divergence" in places:
            _, _, wide, high = places["divergence"]
            self._plain["divergence"].show(paint.partings(view, wide, high))
        if "lanes" in places:
            wide = places["lanes"].width
            shown = looker.lanes(wide - 4 - paint.MARGIN, self._zoom)
            self._lanes.view(shown)

    # -- what a person does --------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        """A key of this screen, or of the command table."""
        if event.key == "ctrl+q":
            return
        event.stop()
        event.prevent_default()
        self.press(event.key, event.character)

    def on_keys_line_pressed(self, message: KeysLine.Pressed) -> None:
        """A key at the foot was clicked."""
        message.stop()
        self.press(message.key, message.key)

    def on_rows_pane_entered(self, message: RowsPane.Entered) -> None:
        """Go to the point of a row."""
        message.stop()
        self._move(lambda: self.lockstep.to_point(int(message.target.value)))

    def on_lanes_pane_scrubbed(self, message: LanesPane.Scrubbed) -> None:
        """Go there in all kernels."""
        message.stop()
        self._move(lambda: self.lockstep.go_to(message.offset_to))

    def on_lanes_pane_zoomed(self, message: LanesPane.Zoomed) -> None:
        """Nearer, or farther."""
        message.stop()
        self._near(message.by)

    def on_pane_named(self, message: Pane.Named) -> None:
        """The name of another pane in the frame was clicked."""
        message.stop()
        self._turned = message.pane
        self.place()

    def press(self, key: str, character: str | None = None) -> None:
        """Do what a key asks for, or say which keys there are."""
        if self._recording is not None:
            if key in ("escape", "ctrl+c", "q"):
                self._recording = None
                self._leave()
            return
        if self._helping:
            self._toggle_help()
            return
        if key in self._keys:
            self._keys[key]()
            return
        command = BY_KEY.get(key)
        name = command.name if command is not None else ""
        if name in self._moves and self.lockstep.ready:
            self._points.begin()
            self._move(self._moves[name])
        elif name == "theme":
            self._theme()
        elif name == "help":
            self._toggle_help()
        elif name == "quit":
            self.app.exit()
        else:
            shown = character if character and character.isprintable() else key
            self._say(error=f"no key {shown!r} here: ? lists those there are")

    def _say(self, note: str = "", error: str = "") -> None:
        self._note, self._error = note, error
        self.draw()

    def _move(self, move: Callable[[], None]) -> None:
        if not self.lockstep.ready:
            return
        try:
            move()
        except ExittuiError as error:
            self._say(error=error.message)
        else:
            self._say(self.lockstep.note)

    def _switch(self) -> None:
        self.lockstep.switch()
        own = self.lockstep.own_time
        self._note, self._error = (
            (
                "each kernel in its own virtual time: a step is one of whichever is furthest behind"
                if own
                else "all along the schedule of the first, as far as it fits: a step is one of each"
            ),
            "",
        )
        self._points.begin()
        self._record()

    def _turn(self, by: int) -> None:
        below = self._abreast.below if self._abreast is not None else ()
        if len(below) == 1:
            self._turned = BELOW[(BELOW.index(self._turned) + by) % len(BELOW)]
            self.place()
        else:
            self._say("all panes are seen; ↑ ↓ choose a point")

    def _choose(self, by: int) -> None:
        if self._abreast is not None and "points" not in self._abreast.places:
            self._turned = "points"
            self.place()
        self._points.move(by)

    def _enter(self) -> None:
        if not self._points.enter():
            self._say("↑ ↓ choose a point, Enter goes there in all kernels")

    def _scrub(self, by: int) -> None:
        """A column on, or as many as it takes to come to another step of any kernel."""
        if not self.lockstep.ready:
            return
        before = [take.position for take in self.lockstep.takes]
        for columns in range(1, self.app.size.width):
            to = self._lanes.by_columns(by * columns, self.lockstep.lead)
            if to is None:
                break
            self.lockstep.go_to(to)
            if [take.position for take in self.lockstep.takes] != before:
                break
        self._say(self.lockstep.note)

    def _near(self, by: float) -> None:
        self._zoom = max(1.0, min(self._zoom * by, _FARTHEST))
        self.draw()

    def _theme(self) -> None:
        if self.theme == "none":
            self._say("NO_COLOR asks for no colours")
            return
        self.theme = THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)]
        for pane in self._all.values():
            pane.retheme(self.theme)
        self.styles.background = grounds(self.theme)[""]
        self._say(f"theme {self.theme} of {', '.join(THEMES)}")

    def _toggle_help(self) -> None:
        self._helping = not self._helping
        self.place()

    def _leave(self) -> None:
        """Back to the debugger; without one, out of the program."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            self.app.exit()


def _help(width: int, height: int) -> Lines:
    """What every key does here."""
    lines: list[Line] = [
        (cell(keys_of(BY_NAME[name]), 11, "strong"), (text, "text"))
        for name, text in MEANINGS.items()
    ]
    lines += [(), *((cell(keys, 11, "strong"), (text, "text")) for keys, text in OWN)]
    title = [("Kernels side by side", "title"), ("  any key closes this", "quiet")]
    return frame(title, lines, width, height, below=max(len(lines) - height + 2, 0))


class LockstepApp(App[None]):
    """The program when it shows nothing else."""

    TITLE = "exittui"
    CSS_PATH = "placing.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, lockstep: Lockstep, *, theme: str = "dark") -> None:
        super().__init__(ansi_color=True if theme == "none" else None)
        self.shown = LockstepScreen(lockstep, theme=theme)
        self.animation_level = "none"

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return self.shown


def run_lockstep(lockstep: Lockstep, *, theme: str = "dark") -> None:
    """Show kernels side by side until the person leaves."""
    import os  # noqa: PLC0415 - the environment is looked at here alone

    LockstepApp(lockstep, theme="none" if os.environ.get("NO_COLOR") else theme).run()
