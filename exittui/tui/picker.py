"""Choosing a lesson: a list to search in, and beside it what the chosen one is about.

It is a program of its own, before the debugger's: it may take the time that Textual's own widgets
take to start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import frozen
from textual.app import App
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


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
    done: str = ""
    finished: bool = False

    def fits(self, words: list[str]) -> bool:
        """Whether all of these words stand somewhere in it."""
        text = f"{self.name} {self.title} {self.group} {self.teaches}".lower()
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
        Binding("enter", "take", priority=True),
        Binding("escape", "leave", priority=True),
    ]

    def __init__(self, entries: tuple[Entry, ...], chosen: str = "") -> None:
        """Show these; `chosen` is the one to begin with."""
        super().__init__()
        self._entries = entries
        self._shown = entries
        self._chosen = chosen
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
        at = names.index(self._chosen) if self._chosen in names else next(iter(fresh), 0)
        self.query_one(OptionList).highlighted = at if self._shown else None

    def on_input_changed(self, message: Input.Changed) -> None:
        """Show what fits the words typed so far."""
        words = message.value.lower().split()
        self._shown = tuple(entry for entry in self._entries if entry.fits(words))
        self._fill()

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Tell about the one under the cursor."""
        self._preview(message.option_index)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """A click takes it."""
        self.exit(self._shown[message.option_index].name)

    def action_move(self, by: int) -> None:
        """The cursor down or up, while one types."""
        options = self.query_one(OptionList)
        if self._shown:
            at = options.highlighted or 0
            options.highlighted = max(0, min(at + by, len(self._shown) - 1))

    def action_take(self) -> None:
        """Play the one under the cursor."""
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._shown):
            self.exit(self._shown[at].name)

    def action_leave(self) -> None:
        """Choose none."""
        self.exit(None)

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(
            Option(f"{'✓' if entry.finished else ' '} {entry.title}") for entry in self._shown
        )
        options.highlighted = 0 if self._shown else None
        self._preview(0)

    def _preview(self, at: int) -> None:
        about = self.query_one("#about", Static)
        if at >= len(self._shown):
            about.update("Nothing fits.")
            return
        entry = self._shown[at]
        lines = [
            entry.title,
            "",
            entry.teaches,
            "",
            f"{entry.minutes} minutes, {entry.questions} questions",
            f"kernel {', '.join(entry.kernels)}",
            entry.done,
        ]
        about.update("\n".join(lines))


def pick(entries: tuple[Entry, ...], chosen: str = "") -> str | None:
    """Let the person choose; None if no lesson is wanted."""
    return Picker(entries, chosen).run()
