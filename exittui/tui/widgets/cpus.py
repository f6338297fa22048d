"""The CPUs, as a pane of its own or as a strip of a line or two each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from exittui.tui.paint import cpus as paint
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual import events

    from exittui.session.views import CpuView


class CpusPane(Pane):
    """Shows `CpuView`s; a click chooses one."""

    class Clicked(Message):
        """This CPU is to go next."""

        def __init__(self, cpu: int) -> None:
            super().__init__()
            self.cpu = cpu

    def __init__(self, name: str, *, theme: str = "dark", strip: bool = False) -> None:
        super().__init__(name, theme=theme)
        self._strip_only = strip
        self._view: tuple[CpuView, ...] = ()
        self._top = 0

    def view(self, view: tuple[CpuView, ...]) -> None:
        """Show these from now on; the focused one is always among them."""
        self._view = view
        fits = self._fits()
        focus = next((number for number, cpu in enumerate(view) if cpu.focus), 0)
        if not self._top <= focus < self._top + fits:
            self._top = max(0, focus - fits + 1)
        self._draw()

    def _fits(self) -> int:
        rows = max(self.extent[1] - 2, 1)
        return max(rows // paint.lines_each(len(self._view), rows), 1)

    def _draw(self) -> None:
        width, height = self.extent
        if not self._view or not width:
            return
        if self._strip_only:
            self.show(paint.paint_strip(self._view, width, height))
        else:
            self.show(paint.paint(self._view, width, height, self._top))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """One CPU on."""
        event.stop()
        self._scroll(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """One CPU back."""
        event.stop()
        self._scroll(-1)

    def _scroll(self, by: int) -> None:
        self._top = max(0, min(self._top + by, len(self._view) - self._fits()))
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Choose the CPU of the clicked line."""
        if not self._strip_only and not self.inside(event):
            return
        event.stop()
        if self._strip_only:
            each = paint.strip_lines(len(self._view), self.extent[1])
            shown = paint.strip_order(self._view, self.extent[1] // each)
            number = event.y // each
        else:
            each = paint.lines_each(len(self._view), self.extent[1] - 2)
            shown = [view.number for view in self._view[self._top :]]
            number = (event.y - 1) // each
        if 0 <= number < len(shown):
            self.post_message(self.Clicked(shown[number]))
