"""The help: the table of commands over the whole screen, scrolled with the arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from exittui.tui.paint import help as paint
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual import events


class HelpPane(Pane):
    """Shows the table of commands from line `top` on; posts the row that is clicked."""

    class Clicked(Message):
        """A command of the table was clicked, or a key, or the frame: that closes the table."""

        def __init__(self, deed: str) -> None:
            super().__init__()
            self.deed = deed

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

    def on_click(self, event: events.Click) -> None:
        """Do what the row says; the frame closes the table."""
        event.stop()
        deed = ""
        if self.inside(event):
            deed = paint.deed_at(self.extent[0], self._top + event.y - 1)
            if not deed:
                return
        self.post_message(self.Clicked(deed))
