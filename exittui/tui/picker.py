"""Choosing a lesson: a list to search in, and beside it what the chosen one is about.

It is a program of its own, before the debugger's: it may take the time that Textual's own widgets
take to start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from attrs import frozen
from textual.app import App
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


_GROUPS: Final = {
    "course": "── the course ──",
    "demo": "── demos of five minutes ──",
    "reference": "── tours: one scenario for each path ──",
}


@frozen
class Entry:
    """One line of the picker: `done` is what the person has done of it, in words."""

    name: str
    title: str
    group: str
    teaches: str
    minutes: int
    questions: int
    kernels: tuple[str, ...]
    chapters: tuple[str, ...] = ()
    done: str = ""
    finished: bool = False

    def fits(self, words: list[str]) -> bool:
        """Whether all of these words stand somewhere in it."""
        kernels, chapters = " ".join(self.kernels), " ".join(self.chapters)
        text = f"{self.name} {self.title} {self.group} {self.teaches} {kernels} {chapters}".lower()
        return all(word in text for word in words)


class Picker(App[str]):
    """Ends with the name of a lesson, or with nothing."""

    TITLE = "exittui"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Input { border: none; height: 1; margin: 0 1; }
    #list { width: 3fr; border: round $surface-lighten-2; }
    #about { width: 2fr; border: round $surface-lighten-2; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", priority=True),
        Binding("up", "move(-1)", priority=True),
        Binding("pagedown", "move(10)", priority=True),
        Binding("pageup", "move(-10)", priority=True),
        Binding("enter", "take", priority=True),
        Binding("escape", "leave", priority=True),
    ]

    def __init__(self, entries: tuple[Entry, ...], chosen: str = "") -> None:
        """Show these; `chosen` is the one to begin with."""
        super().__init__()
        self._entries = entries
        self._shown = entries
        self._chosen = chosen
        self._at = 0
        self.animation_level = "none"

    def compose(self) -> ComposeResult:
        """A line to search with, the list, and the preview."""
        yield Input(placeholder="search; Enter plays, Esc leaves", id="search")
        with Horizontal():
            yield OptionList(id="list", markup=False)
            yield Static(id="about", markup=False)

    def on_mount(self) -> None:
        """Show all, the first that is not finished chosen."""
        self._fill()
        names = [entry.name for entry in self._shown]
        fresh = [n for n, entry in enumerate(self._shown) if not entry.finished]
        self._go(names.index(self._chosen) if self._chosen in names else next(iter(fresh), 0))

    def on_input_changed(self, message: Input.Changed) -> None:
        """Show what fits the words typed so far."""
        words = message.value.lower().split()
        self._shown = tuple(entry for entry in self._entries if entry.fits(words))
        self._fill()

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Tell about the one under the cursor."""
        if message.option.id is not None:
            self._at = int(message.option.id)
            self._preview(self._at)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """A click takes it."""
        if message.option.id is not None:
            self.exit(self._shown[int(message.option.id)].name)

    def action_move(self, by: int) -> None:
        """The cursor down or up, while one types."""
        self._go(self._at + by)

    def action_take(self) -> None:
        """Play the one under the cursor."""
        if self._at < len(self._shown):
            self.exit(self._shown[self._at].name)

    def action_leave(self) -> None:
        """Choose none."""
        self.exit(None)

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        group = ""
        for number, entry in enumerate(self._shown):
            if entry.group != group:
                group = entry.group
                options.add_option(Option(_GROUPS.get(group, group), disabled=True))
            mark = "✓" if entry.finished else "·" if entry.done else " "
            options.add_option(Option(f"{mark} {entry.title}", id=str(number)))
        self._go(0)

    def _go(self, number: int) -> None:
        """The cursor to the entry of this number, as far as there are so many."""
        options = self.query_one(OptionList)
        self._at = max(0, min(number, len(self._shown) - 1))
        if self._shown:
            options.highlighted = options.get_option_index(str(self._at))
        self._preview(self._at)

    def _preview(self, at: int) -> None:
        about = self.query_one("#about", Static)
        if at >= len(self._shown):
            about.update("Nothing fits.")
            return
        entry = self._shown[at]
        asks = f", {entry.questions} questions" if entry.questions else ""
        finished = "finished" if entry.finished else "begun" if entry.done else ""
        lines = [
            entry.title,
            "",
            entry.teaches,
            "",
            f"{entry.minutes} minutes{asks}",
            f"kernel {', '.join(entry.kernels)}",
            ", ".join(part for part in (finished, entry.done) if part),
        ]
        if entry.chapters:
            lines += ["", *(f"{number} {title}" for number, title in enumerate(entry.chapters, 1))]
        about.update("\n".join(lines))


def pick(entries: tuple[Entry, ...], chosen: str = "") -> str | None:
    """Let the person choose; None if no lesson is wanted."""
    return Picker(entries, chosen).run()
