"""The help: the table of commands over the whole screen, scrolled with the arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.tui.paint import help as paint
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual import events


class HelpPane(Pane):
    """Shows the table of commands from line `top` on."""

    def __init__(self, name: str, *, theme: str = "dark") -> None:
        super().__init__(name, theme=theme)
        self._top = 0

    def begin(self) -> None:
        """Show the table from its first line the next time."""
        self._top = 0

    def move(self, lines: int) -> None:
        """Scroll by so many lines."""
        self._top = max(0, min(self._top + lines, paint.lines_beyond(*self.extent)))
        self._draw()

    def _draw(self) -> None:
        self.show(paint.paint(*self.extent, self._top))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three lines on."""
        event.stop()
        self.move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three lines back."""
        event.stop()
        self.move(-3)
