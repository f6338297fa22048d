"""The timeline: a click goes to a step, a drag goes through the run, the wheel comes nearer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from exittui.tui.paint import timeline as paint
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual import events

    from exittui.session.views_timeline import TimelineView


class TimelinePane(Pane):
    """Shows a `TimelineView`; posts where a person wants to go."""

    class Scrubbed(Message):
        """To this position of the run."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Zoomed(Message):
        """Show so many times as many steps."""

        def __init__(self, by: float) -> None:
            super().__init__()
            self.by = by

    def __init__(self, name: str, *, theme: str = "dark") -> None:
        super().__init__(name, theme=theme)
        self._view: TimelineView | None = None
        self._focus = 0
        self._dragging = False

    def view(self, view: TimelineView, focus: int) -> None:
        """Show this from now on."""
        self._view, self._focus = view, focus
        width, height = self.extent
        if width:
            self.show(paint.paint(view, width, height, focus))

    def by_columns(self, columns: int) -> int | None:
        """The position so many columns on from the present one."""
        view = self._view
        if view is None:
            return None
        column = view.position_column if view.position_column is not None else 0
        step = view.step_at(column + columns)
        if step == view.position:
            step += 1 if columns > 0 else -1
        return max(0, min(step, view.recorded))

    def _scrub(self, x: int) -> None:
        view = self._view
        column = x - 2 - paint.MARGIN
        if view is None or not -1 <= column <= view.columns:
            return
        step = view.step_at(max(column, 0))
        self.post_message(self.Scrubbed(max(0, min(step, view.recorded))))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go there, and on as the mouse is dragged."""
        if self.inside(event):
            self._dragging = True
            self.capture_mouse()
            self._scrub(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go through the run."""
        if self._dragging:
            self._scrub(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Stay there."""
        del event
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """More steps."""
        event.stop()
        self.post_message(self.Zoomed(2.0))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Fewer steps."""
        event.stop()
        self.post_message(self.Zoomed(0.5))
