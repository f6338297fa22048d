"""The lanes of kernels side by side: a click or a drag goes there in all, the wheel nears them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from exittui.tui.paint import lockstep as paint
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual import events

    from exittui.session.views_lockstep import LanesView


class LanesPane(Pane):
    """Shows a `LanesView`; posts where a person wants to go."""

    class Scrubbed(Message):
        """To this place, counted from where the kernels are aligned."""

        def __init__(self, offset: int) -> None:
            super().__init__()
            self.offset_to = offset

    class Zoomed(Message):
        """Show so many times as much."""

        def __init__(self, by: float) -> None:
            super().__init__()
            self.by = by

    def __init__(self, name: str, *, theme: str = "dark") -> None:
        super().__init__(name, theme=theme)
        self._view: LanesView | None = None
        self._dragging = False

    def view(self, view: LanesView) -> None:
        """Show this from now on."""
        self._view = view
        self.show(paint.lanes(view, *self.extent))

    def by_columns(self, columns: int, lead: int) -> int | None:
        """The place so many columns on from where the leading kernel stands."""
        view = self._view
        here = view.sides[lead].here if view is not None else None
        if view is None or here is None:
            return None
        return view.offset_at(max(0, min(here + columns, view.columns)))

    def _scrub(self, x: int) -> None:
        column = x - 2 - paint.MARGIN
        if self._view is not None and -1 <= column <= self._view.columns:
            self.post_message(self.Scrubbed(self._view.offset_at(max(column, 0))))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go there, and on as the mouse is dragged."""
        if self.inside(event):
            self._dragging = True
            self.capture_mouse()
            self._scrub(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go through the runs."""
        if self._dragging:
            self._scrub(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Stay there."""
        del event
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """More of them."""
        event.stop()
        self.post_message(self.Zoomed(0.5))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Less of them, nearer."""
        event.stop()
        self.post_message(self.Zoomed(2.0))
