"""The debugger's screen: the only place that touches the session.

A key, a click or an entered line becomes an order of the command table and is given to the
session; then every visible pane gets a fresh view and repaints the lines that differ. The keys
come straight to `on_key`, which looks them up in the one table. What only the screen can do is in
`hands`, what a command on its way needs in `running`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final

from textual.screen import Screen

from exittui.errors import ExittuiError, UsageError
from exittui.session.commands import BY_KEY, BY_NAME, Order
from exittui.tui import content as contents
from exittui.tui import panes
from exittui.tui.glow import brought
from exittui.tui.hands import Hands
from exittui.tui.looking import Looking
from exittui.tui.placing import TABS, Arrangement, placing, seam_at
from exittui.tui.playing import Playing
from exittui.tui.running import AT_ONCE, PAUSE, SLICE, SOON, Running
from exittui.tui.widgets.cpus import CpusPane
from exittui.tui.widgets.help import HelpPane
from exittui.tui.widgets.keys import KeysLine
from exittui.tui.widgets.pane import Pane
from exittui.tui.widgets.prompt import PromptLine
from exittui.tui.widgets.rows import RowsPane
from exittui.tui.widgets.source import SourcePane
from exittui.tui.widgets.tabs import TabLine
from exittui.tui.widgets.timeline import TimelinePane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events
    from textual.binding import BindingType

    from exittui.session.outcome import Outcome
    from exittui.session.session import Session
    from exittui.tui.lesson import Lesson
    from exittui.tui.placing import Place, Placing, Seam

_HELP_MOVES: Final = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -10, "pagedown": 10}
_SHORT: Final = frozenset({"moving", "going back"})
"""Commands of these groups show what they do in the panes; their lines are not kept."""
_FRAMES: Final = frozenset({"thread", "frame", "up", "down"})
"""What these commands answer is what the stack's pane shows."""
_OVERLAYS: Final = ("help", "menu")
_WRITTEN: Final = frozenset({"stack", "objects", "locks"})
"""Panes that show which steps wrote what they show."""
_LONG: Final = 20_000
"""So many new steps are looked through for the timeline once all other panes have been painted."""

_BAD_ENDS: Final = frozenset({"panic", "violation", "deadlock"})


class Desk(Screen[None]):
    """All panes over one session."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS_PATH = None

    def __init__(
        self,
        session: Session,
        *,
        theme: str = "dark",
        lesson: Lesson | None = None,
        arranged: Arrangement | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self.arranged = arranged if arranged is not None else Arrangement.of(session.layout)
        self.looking = Looking()
        self.theme = theme
        self.lit = self.arranged.tab
        """The pane that has the keys."""
        self.helping = False
        self.left_for = ""
        """The command by which the person left, if there is more to come."""
        self.running: Running | None = None
        self._lesson = lesson
        self._placing: Placing | None = None
        self._seam: tuple[Seam, int, int] | None = None
        self._ended = False
        self._reading = False
        self._sought: dict[str, tuple[str, ...]] = {}
        self._error = ""
        self._note = ""
        self._last_line = ""
        self._make(theme)
        self._hands = Hands(self)
        self._playing: Playing | None = None
        if lesson is not None:
            self._playing = Playing(self, lesson, self._hands.arranging)

    def _make(self, theme: str) -> None:
        """All widgets."""
        self.source = SourcePane("source", theme=theme)
        self._cpus = CpusPane("cpus", theme=theme)
        self._strip = CpusPane("strip", theme=theme, strip=True)
        self.timeline = TimelinePane("timeline", theme=theme)
        self.rows = {name: RowsPane(name, theme=theme) for name in panes.ROWS}
        self.menu = RowsPane("menu", theme=theme)
        self._tabs = TabLine("tabs", theme=theme)
        self.prompt = PromptLine("prompt", theme=theme)
        self.prompt.history = self.session.history
        self.prompt.complete = self.session.complete
        self.help = HelpPane("help", theme=theme)
        plain = ["bar", "sentence", "small"] + (["caption"] if self._lesson is not None else [])
        self._plain = {name: Pane(name, theme=theme) for name in plain}
        self._plain["keys"] = KeysLine("keys", theme=theme)
        self.all: dict[str, Pane] = {
            "source": self.source,
            "cpus": self._cpus,
            "strip": self._strip,
            "timeline": self.timeline,
            **self.rows,
            "tabs": self._tabs,
            "prompt": self.prompt,
            **self._plain,
            "help": self.help,
            "menu": self.menu,
        }

    def compose(self) -> Iterator[Pane]:
        """All panes; which of them are shown, and where, `place` decides."""
        yield from self.all.values()

    # where things stand

    def on_mount(self) -> None:
        """Find the places for the size the terminal has."""
        self.place()
        if self._playing is not None:
            self._playing.begin()

    def on_resize(self) -> None:
        """Find new places and draw for them."""
        self.place()

    @property
    def placed(self) -> Placing:
        """Where everything stands now."""
        width, height = self.app.size
        caption = self._lesson.rows(width, height) if self._lesson is not None else 0
        self.arranged.tab = self.lit if self.lit in TABS else self.arranged.tab
        return placing(width, height, self.session.cpu_count, self.arranged, caption)

    def place(self) -> None:
        """Put every pane where it belongs at this size, and hide the others."""
        found = self.placed
        if found != self._placing:
            self._placing = found
            self.lit = panes.lit_pane(found, self.lit)
            for name, pane in self.all.items():
                if name not in _OVERLAYS:
                    self._put(pane, found.places.get(name))
        self.show_overlays()
        self.draw()

    def _put(self, pane: Pane, place: Place | None) -> None:
        pane.display = place is not None
        if place is None:
            return
        name = pane.id or ""
        pane.extent = (place.width, place.height)
        pane.others = panes.others(self._placing, name) if self._placing is not None else ()
        pane.lit = name == self.lit
        pane.styles.offset = (place.x, place.y)
        pane.styles.width = place.width
        pane.styles.height = place.height

    def show_overlays(self) -> None:
        """The help covers everything, the menu of panes its middle; or they are not there."""
        width, height = self.app.size
        self.help.display = self.helping
        if self.helping:
            self._lay_over(self.help, 0, 0, width, height)
            self.help.move(0)
        self.menu.display = self.menu.lit
        if self.menu.lit:
            wide, high = min(width, 56), min(height, 30)
            self._lay_over(self.menu, (width - wide) // 2, (height - high) // 2, wide, high)
            self._hands.menu.draw()

    def _lay_over(self, pane: Pane, x: int, y: int, width: int, height: int) -> None:
        pane.styles.offset = (x, y)
        pane.styles.width = width
        pane.styles.height = height
        pane.extent = (width, height)

    def light(self, name: str) -> None:
        """Give a pane the keys."""
        self.lit = name
        self.place()
        for other, pane in self.all.items():
            if other not in _OVERLAYS:
                pane.light(on=other == self.lit)

    # what they show

    def draw(self) -> None:
        """Give every visible pane its view of the present moment."""
        if self._placing is None or self._call_end():
            return
        places = self._placing.places
        if "small" in places:
            self._plain["small"].show(panes.small(*self.app.size))
            return
        self._draw_lesson()
        views = self.session.views
        if "source" in places and not self._covered("source"):
            self.source.view(views.source())
        if "cpus" in places or "strip" in places:
            (self._cpus if "cpus" in places else self._strip).view(views.cpus())
            if "cpus" in places and "strip" in places:
                self._strip.view(views.cpus())
        for name, pane in self.rows.items():
            if name in places:
                rows = panes.rows(name, views, self.looking, *pane.extent)
                pane.view(brought(rows, self._sought.get(name, ())))
        if "timeline" in places:
            if self.running is None and views.wider.behind > _LONG:
                self.set_timer(SOON, self.draw_timeline)
            else:
                self.draw_timeline()
        if "tabs" in places:
            self._tabs.view(TABS, self.lit)
        self._draw_edges(places)
        self._read_on()

    def draw_timeline(self) -> None:
        """The timeline anew; after a long run it is drawn last, so that no pane waits for it."""
        if self._placing is None or "timeline" not in self._placing.places:
            return
        if self._covered("timeline"):
            return
        width = self.timeline.extent[0]
        lanes = panes.lanes(self.session.views, self.looking, width)
        self.timeline.view(lanes, self.session.focus)

    def _covered(self, name: str) -> bool:
        """Whether a pane is not shown before a question is answered: then it says so."""
        curtain, pane = self.session.views.curtain, self.all[name]
        if curtain is None or name not in curtain.hidden:
            return False
        pane.show(contents.paint(panes.covered(name), *pane.extent))
        return True

    def _read_on(self) -> None:
        """Who wrote what is shown takes long to find after a long run: that is done meanwhile."""
        if self.running is None and not self._reading and not self._at_hand():
            self._reading = True
            self.set_timer(SOON, self._read_some)

    def _at_hand(self) -> bool:
        """Whether all of it is known, as far as a pane shows it."""
        shown = self._placing.places if self._placing is not None else {}
        return _WRITTEN.isdisjoint(shown) or self.session.views.wider.at_hand

    def _read_some(self) -> None:
        """A slice of it; at the end the panes that show it are drawn again."""
        self._reading = False
        if self.running is not None:
            return
        if self.session.views.wider.read_on():
            for name in sorted(_WRITTEN):
                self.draw_pane(name)
        else:
            self._reading = True
            self.set_timer(PAUSE, self._read_some)

    def _call_end(self) -> bool:
        """Where a run has ended badly, the pane that tells how comes into sight, and goes again.

        Whether everything was placed anew, and drawn with it. A lesson has its own way of telling.
        """
        ended = self.session.views.status().result in _BAD_ENDS
        if ended is self._ended or self._lesson is not None:
            return False
        self._ended = ended
        self.arranged.called = "end" if ended else ""
        if self._placing is not None and self._placing.arrangement == "tabs":
            turned = {"source": "end"} if ended else {"end": "source"}
            self.lit = turned.get(self.lit, self.lit)
        self.rows["end"].begin()
        self.place()
        return True

    def draw_pane(self, name: str) -> None:
        """One pane of rows anew."""
        if self._placing is not None and name in self._placing.places:
            pane = self.rows[name]
            content = panes.rows(name, self.session.views, self.looking, *pane.extent)
            pane.view(brought(content, self._sought.get(name, ())))

    def _draw_lesson(self) -> None:
        """The caption, and what glows in the other panes."""
        if self._lesson is None:
            return
        self.session.views.curtain = self._lesson.curtain()
        glowing, self._sought = self._lesson.glowing(), self._lesson.sought()
        for name, pane in self.all.items():
            pane.glow = glowing.get(name, ())
        self._strip.glow = self._cpus.glow
        self.draw_caption()

    def draw_caption(self) -> None:
        """What the lesson says, or what it measures."""
        if self._lesson is not None and self._placing is not None:
            place = self._placing.places.get("caption")
            if place is not None:
                self._plain["caption"].show(self._lesson.lines(place.width, place.height))

    def _draw_edges(self, places: dict[str, Place]) -> None:
        """The bar, the sentence, the prompt and the keys."""
        if "bar" not in places:
            return
        views = self.session.views
        status = views.status()
        for name, lines in panes.edges(status, views.sentence(), places).items():
            self._plain[name].show(lines)
        self._draw_prompt()

    def _draw_prompt(self) -> None:
        session = self.session
        running = self.running if not self._measuring else None
        note = running.words if running is not None else self._note
        self.prompt.view(session.prompt, session.focus, error=self._error, note=note)

    def say(self, error: str, note: str = "") -> None:
        """Put an error or a note in the prompt line."""
        self._error, self._note = error, note
        self._draw_prompt()

    def show_in(self, theme: str) -> None:
        """All panes in another theme."""
        self.theme = theme
        for pane in self.all.values():
            pane.retheme(theme)
        self._hands.paper()

    # what a person does

    async def on_key(self, event: events.Key) -> None:
        """A key: for the prompt while it is open, else an order."""
        if event.key in ("ctrl+p", "ctrl+q") and not self.prompt.open:
            return
        event.stop()
        event.prevent_default()
        if self.running is not None:
            self._press_while_running(event.key)
        elif self.prompt.open:
            self.prompt.press(event)
        elif self.helping:
            self._press_help(event.key)
        elif self.menu.lit:
            self._hands.menu.press(event.key)
        else:
            self.press(event.key, event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text goes to the prompt."""
        event.stop()
        if self.running is not None:
            return
        if not self.prompt.open:
            self.prompt.start()
        self.prompt.insert(event.text)

    def _press_help(self, key: str) -> None:
        if key in _HELP_MOVES:
            self.help.move(_HELP_MOVES[key])
        elif key in ("escape", "enter", "q", "question_mark", "f1", "space"):
            self.toggle_help()

    def _press_while_running(self, key: str) -> None:
        """A run goes on until it is interrupted; other keys have to wait for it, unasked."""
        if key not in ("escape", "ctrl+c", "q"):
            return
        running = self.running
        if self._playing is not None and self._measuring:
            self._playing.interrupt()
            if key == "q":
                self.ask("quit")
        elif running is not None:
            running.doing.stop()
            self._end_run(running)

    @property
    def _measuring(self) -> bool:
        """Whether what is on its way is a measurement, of which the caption tells."""
        return self._playing is not None and self._playing.measuring

    def press(self, key: str, character: str | None) -> None:
        """A key over the panes."""
        if self._playing is not None and self._playing.press(key):
            return
        if self._hands.press(key):
            return
        command = BY_KEY.get(key)
        if command is None:
            name = character if character and character.isprintable() else key
            self.say(f"no key {name!r}: {panes.KEYS_ACCEPTED}")
        elif command.name == "focus":
            self.carry_out(Order(command, key))
        else:
            self.ask(command.name)

    def ask(self, name: str) -> None:
        """The command of that name, as a key or the palette has it."""
        command = BY_NAME[name]
        if command.argument and not command.argument.startswith("["):
            self.prompt.start(command.words[0] + " ")
            return
        argument = ""
        if command.name == "break_here" and self.source.cursor is not None:
            argument = str(self.source.cursor)
        self.carry_out(Order(command, argument))

    def toggle_help(self) -> None:
        """Show the table of commands, or the panes again."""
        self.helping = not self.helping
        self.help.begin()
        self.show_overlays()

    # carrying out

    def carry_out(self, order: Order, line: str = "") -> None:
        """Do what was asked, or say in the prompt line why not; `line` is what was typed."""
        self._error = self._note = ""
        if order.command.name == "compare" and self._hands.compare(order.argument):
            return
        if order.command.group == "screen" and not (
            order.command.name == "help" and order.argument
        ):
            try:
                self._note = self._hands.do(order.command.name, order.argument)
            except (ExittuiError, OSError) as error:
                self._error = getattr(error, "message", "") or str(error)
            self.draw()
            return
        if order.command.name == "save":
            self.session.layout = self.arranged.plain()
        running = Running(self.session.begin(order))
        self._order, self._line = order, line
        if running.go(AT_ONCE):
            self.running = running
            self._draw_prompt()
            self.set_timer(PAUSE, self._go_on)
        else:
            self._end_run(running)

    def _go_on(self) -> None:
        """The next slice of a long move."""
        running = self.running
        if running is None:
            return
        if running.go(SLICE):
            if running.wants_drawing():
                begin = time.monotonic()
                self.draw()
                running.drawn(time.monotonic() - begin)
            else:
                self._draw_prompt()
            self.set_timer(PAUSE, self._go_on)
        else:
            self._end_run(running)

    def _end_run(self, running: Running) -> None:
        """A command has come to its end."""
        self.running = None
        order = self._order
        doing = running.doing
        if doing.error is not None:
            self._error = doing.error.message
        elif doing.outcome is not None:
            self._answered(order, doing.outcome)
        if order.command.group != "choosing" or order.command.name in {"focus", "thread"}:
            self.source.moved()
        if self._lesson is not None:
            self._lesson.moved()
            self.place()
            return
        self.draw()

    def _answered(self, order: Order, outcome: Outcome) -> None:
        """A line is a note; several are kept in the console, which is shown if they were asked."""
        self._note = outcome.note
        if not self._line and len(outcome.lines) == 1 and order.command.group not in _SHORT:
            self._note = self._note or outcome.lines[0]
        if not self._line or order.command.group in _SHORT:
            return
        self.looking.answered(self.session.prompt, self._line, outcome.lines)
        if len(outcome.lines) == 1:
            self._note = self._note or outcome.lines[0]
        elif outcome.lines and order.command.name in _FRAMES:
            self._hands.arranging.reveal("stack")
        elif outcome.lines:
            self._note = f"{len(outcome.lines)} lines in the console"
            self.rows["console"].begin()
            self._hands.arranging.reveal("console")

    # what the panes post

    def on_prompt_line_entered(self, message: PromptLine.Entered) -> None:
        """A line was entered; an empty one repeats the last."""
        if message.search:
            self.say("", self._hands.search(message.line))
            return
        line = message.line or self._last_line
        if not line:
            return
        try:
            order = self.session.read(line)
        except UsageError as error:
            self.say(error.message)
            return
        self._last_line = line if order.command.repeats else ""
        self.carry_out(order, line)

    def on_prompt_line_opened(self) -> None:
        """The prompt was clicked; while a run is on its way, that interrupts it."""
        if self.running is not None:
            self._press_while_running("escape")
            return
        self.prompt.start()
        self.prompt.offer()

    def on_help_pane_clicked(self, message: HelpPane.Clicked) -> None:
        """A row of the help is to do what it says, or the help is to go."""
        self.toggle_help()
        kind, _, name = message.deed.partition(" ")
        if self.running is not None or not kind:
            return
        if kind == "key":
            self.press(name, None)
        elif name != "help":
            self.ask(name)
        if self.prompt.open:
            self.prompt.offer()

    def on_rows_pane_asked(self, message: RowsPane.Asked) -> None:
        """The other button on a row asks why; on the heading of objects it goes back."""
        if self.running is None:
            self._hands.asked(message.pane, heading=message.heading)

    def on_keys_line_pressed(self, message: KeysLine.Pressed) -> None:
        """A key at the foot was clicked."""
        if self.running is None and not self.prompt.open and not self.helping:
            self.press(message.key, message.key)

    def on_source_pane_gutter_clicked(self, message: SourcePane.GutterClicked) -> None:
        """Set or clear a breakpoint."""
        self._clicked("break_here", str(message.line))

    def on_source_pane_cpu_clicked(self, message: SourcePane.CpuClicked) -> None:
        """Choose a CPU."""
        self._clicked("focus", str(message.cpu))

    def on_cpus_pane_clicked(self, message: CpusPane.Clicked) -> None:
        """Choose a CPU."""
        self._clicked("focus", str(message.cpu))

    def on_timeline_pane_scrubbed(self, message: TimelinePane.Scrubbed) -> None:
        """Go to that step."""
        if message.step != self.session.machine.position:
            self._clicked("goto", str(message.step))

    def on_timeline_pane_zoomed(self, message: TimelinePane.Zoomed) -> None:
        """Show fewer steps, or more."""
        self.looking.zoom(message.by, self.session.machine.recorded)
        self.draw()

    def _clicked(self, name: str, argument: str) -> None:
        if self.running is None:
            self.carry_out(Order(BY_NAME[name], argument))

    def on_rows_pane_entered(self, message: RowsPane.Entered) -> None:
        """A row is to do what it does."""
        if self.running is None:
            self._hands.enter(message.pane, message.target)

    def on_tab_line_turned(self, message: TabLine.Turned) -> None:
        """Show that pane."""
        self.light(message.tab)

    def on_pane_touched(self, message: Pane.Touched) -> None:
        """A pane was clicked: it has the keys now; a menu over it goes."""
        if self.menu.lit and message.pane != "menu":
            self._hands.asked("menu", heading=True)
            return
        if message.pane in TABS and message.pane != self.lit:
            self.light(message.pane)

    def on_pane_named(self, message: Pane.Named) -> None:
        """The name of a stacked pane was clicked."""
        self._hands.arranging.reveal(message.pane)
        self.light(message.pane)

    def on_pane_edge_taken(self, message: Pane.EdgeTaken) -> None:
        """Remember which seam is dragged, and from where."""
        seam = seam_at(self._placing, message.x, message.y) if self._placing is not None else None
        self._seam = None if seam is None else (seam, message.x, message.y)

    def on_pane_edge_dragged(self, message: Pane.EdgeDragged) -> None:
        """The seam follows the mouse."""
        if self._seam is not None:
            seam, x, y = self._seam
            self._hands.arranging.drag(seam, message.y - y if seam.down else message.x - x)

    def on_pane_edge_left(self) -> None:
        """The seam stays where it is."""
        self._seam = None
