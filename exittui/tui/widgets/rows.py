"""A pane of rows that can be more than fit, one of which a person may have chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.message import Message

from exittui.tui import content as contents
from exittui.tui.lines import plain
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual import events

    from exittui.tui.content import Content, Target


_OTHER_BUTTON: Final = 3


class RowsPane(Pane):
    """Shows a `Content`; the chosen row is lit while the pane has the keys."""

    class Entered(Message):
        """A row is to do what it does."""

        def __init__(self, pane: str, target: Target) -> None:
            super().__init__()
            self.pane = pane
            self.target = target

    class Asked(Message):
        """The other button was pressed on a row, or one of them on the heading."""

        def __init__(self, pane: str, *, heading: bool) -> None:
            super().__init__()
            self.pane = pane
            self.heading = heading

    def __init__(self, name: str, *, theme: str = "dark") -> None:
        super().__init__(name, theme=theme)
        self._content: Content | None = None
        self._top: int | None = None
        self.cursor: int | None = None

    @property
    def first(self) -> int:
        """The first row that is shown."""
        if self._content is None:
            return 0
        return contents.first_row(self._content, self.extent[1], self._top, self.cursor)

    def view(self, content: Content) -> None:
        """Show this from now on."""
        self._content = content
        if self.cursor is not None:
            last = content.total - 1
            self.cursor = min(self.cursor, last) if last >= 0 else None
        self._draw()

    def begin(self) -> None:
        """Forget what was chosen: what comes is something else."""
        self.cursor = self._top = None

    def light(self, *, on: bool) -> None:
        """The chosen row is seen as long as the pane has the keys."""
        self.lit = on
        self._draw()

    def _draw(self) -> None:
        width, height = self.extent
        if self._content is None or not width:
            return
        top = self.first
        cursor = self.cursor if self.lit else None
        self.show(contents.paint(self._content, width, height, top, cursor))

    def move(self, rows: int) -> None:
        """Choose a row further down, or up; at first, one that is in sight."""
        content = self._content
        if content is None or not content.total:
            return
        if self.cursor is None:
            sight = contents.rows_of(content, self.extent[1])
            last = min(self.first + sight, content.total) - 1
            start = last if content.at_end else self.first
            self.cursor = start if content.at is None else content.at
        else:
            self.cursor += rows
        self.cursor = max(0, min(self.cursor, content.total - 1))
        self._top = self.first
        self._draw()

    def page(self) -> int:
        """How many rows make a page."""
        if self._content is None:
            return 1
        return max(contents.rows_of(self._content, self.extent[1]) - 1, 1)

    def scroll_by(self, rows: int) -> None:
        """Show rows further down, or up."""
        if self._content is None:
            return
        first = self.first
        self._top = first + rows
        if self.cursor is not None:
            sight = max(contents.rows_of(self._content, self.extent[1]), 1)
            self.cursor = min(max(self.cursor, self._top), self._top + sight - 1)
            self.cursor = max(0, min(self.cursor, self._content.total - 1))
        self._draw()
        if self.cursor is None:
            at_end = self._content.at_end and self.first >= self._content.total - self.page() - 1
            self._top = None if at_end else self.first

    @property
    def target(self) -> Target | None:
        """What entering the chosen row does."""
        if self._content is None or self.cursor is None:
            return None
        entries = self._content.fetch(self.cursor, 1)
        return entries[0].target if entries else None

    @property
    def row_text(self) -> str:
        """The chosen row as text."""
        if self._content is None or self.cursor is None:
            return ""
        entries = self._content.fetch(self.cursor, 1)
        return plain([entries[0].line]).rstrip() if entries else ""

    def enter(self) -> bool:
        """Do what the chosen row does; whether there is such a row."""
        target = self.target
        if target is None:
            return False
        self.post_message(self.Entered(self.id or "", target))
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three rows on."""
        event.stop()
        self.scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three rows back."""
        event.stop()
        self.scroll_by(-3)

    def on_click(self, event: events.Click) -> None:
        """Choose a row; enter it if it was the chosen one."""
        if self._content is None:
            return
        if not self.inside(event):
            if self.id == "menu":
                self.post_message(self.Asked("menu", heading=True))
            return
        event.stop()
        row = self.first + event.y - 1 - len(self._content.heading)
        if event.y - 1 < len(self._content.heading):
            self.post_message(self.Asked(self.id or "", heading=True))
            return
        if row >= self._content.total:
            return
        if event.button == _OTHER_BUTTON:
            self._top, self.cursor = self.first, row
            self._draw()
            self.post_message(self.Asked(self.id or "", heading=False))
            return
        if row == self.cursor:
            self.enter()
            return
        self._top = self.first
        self.cursor = row
        self._draw()
