"""The source pane: follows the focused CPU, or a cursor moved by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from exittui.tui.paint import source as paint
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual import events

    from exittui.session.views import SourceView


def _elsewhere_shown(before: SourceView, now: SourceView) -> SourceView:
    """The file one stays at, without the marks of a moment that is over."""
    kept = before._replace(marks=(), elsewhere=now.elsewhere, real=None, path=())
    return kept._replace(line=0, last_line=0, function="", hunk="")


class SourcePane(Pane):
    """Shows a `SourceView`; posts what is clicked."""

    class GutterClicked(Message):
        """A breakpoint is wanted before this line, or not any more."""

        def __init__(self, line: int) -> None:
            super().__init__()
            self.line = line

    class CpuClicked(Message):
        """The place of another CPU was clicked."""

        def __init__(self, cpu: int) -> None:
            super().__init__()
            self.cpu = cpu

    def __init__(self, name: str, *, theme: str = "dark") -> None:
        super().__init__(name, theme=theme)
        self._view: SourceView | None = None
        self._top = 0
        self.cursor: int | None = None
        self.stays = False
        """It does not follow the chosen CPU."""
        self.found = ""
        """The text that was searched for."""

    def view(self, view: SourceView) -> None:
        """Show this from now on."""
        before = self._view
        if before is not None and before.source is not view.source:
            if self.stays and self.cursor is not None:
                view = _elsewhere_shown(before, view)
            else:
                self._top = 0
                self.cursor = None
        self._view = view
        self._draw()

    def follow(self) -> None:
        """Back to the line of the focused CPU."""
        self.stays = False
        self.cursor = None
        self._draw()

    def stay(self) -> None:
        """Stay at the line that is looked at, wherever the CPU goes."""
        self.stays = True
        if self.cursor is None and self._view is not None:
            self.cursor = self._view.line
        self._draw()

    def moved(self) -> None:
        """The session has moved: the cursor goes, unless it was told to stay."""
        if not self.stays:
            self.cursor = None

    def find(self, text: str, by: int = 1) -> str:
        """To the next line with this text, or the one before; how that went."""
        view = self._view
        if view is None:
            return ""
        wanted = text.lower() if text == text.lower() else text
        lines = [line.lower() if wanted == text.lower() else line for line in view.source.lines]
        hits = [number for number, line in enumerate(lines, start=1) if wanted in line]
        if not hits:
            return f"{text!r} is not in {view.source.name}"
        here = self.cursor if self.cursor is not None else view.line
        after = [hit for hit in hits if (hit > here if by > 0 else hit < here)]
        self.cursor = (after[0] if by > 0 else after[-1]) if after else hits[0 if by > 0 else -1]
        self.found = text
        self._draw()
        return (
            f"/{text}  {hits.index(self.cursor) + 1} of {len(hits)}  n next, N previous, Esc ends"
        )

    @property
    def line_text(self) -> str:
        """The text of the line of the cursor, or of the chosen CPU."""
        view = self._view
        if view is None:
            return ""
        return view.source.lines[(self.cursor or view.line) - 1].strip()

    def move(self, lines: int) -> None:
        """Move the cursor; it starts at the focused CPU's line."""
        if self._view is None:
            return
        start = self._view.line if self.cursor is None else self.cursor
        self.cursor = max(1, min(start + lines, len(self._view.source.lines)))
        self._draw()

    def page(self) -> int:
        """How many lines make a page."""
        return max(self.extent[1] - 6, 1)

    def _draw(self) -> None:
        width, height = self.extent
        if self._view is None or not width:
            return
        self._top = paint.top_line(self._view, height, self._top, self.cursor)
        self.show(paint.paint(self._view, width, height, self._top, self.cursor))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three lines on."""
        event.stop()
        self.move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three lines back."""
        event.stop()
        self.move(-3)

    def on_click(self, event: events.Click) -> None:
        """The gutter sets a breakpoint, the text moves the cursor, the foot chooses a CPU."""
        view = self._view
        if view is None or not self.inside(event):
            return
        event.stop()
        row = event.y - 1
        below = paint.foot(view, self.extent[1])
        rows = self.extent[1] - 2 - below
        if below and row > rows:
            number = row - rows - 1
            others = paint.away(view)
            if number < min(len(others), below - 1):
                self.post_message(self.CpuClicked(others[number].cpu))
            return
        shown = paint.shown(view, self.extent[1], self._top)
        line = shown[row] if 0 <= row < len(shown) else None
        if line is None:
            return
        if event.x < paint.GUTTER + 2:
            self.post_message(self.GutterClicked(line))
        else:
            self.cursor = line
            self._draw()
