"""A pane: a widget that shows lines and repaints only those that changed.

A pane is given its lines as plain data. It compares them with what it shows, makes strips for the
lines that differ and asks for a repaint of exactly those: no layout, no reactive, no timer. That
is what keeps a key press under the time that a repaint of whole widgets takes.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from exittui.tui.glow import lit
from exittui.tui.lines import length
from exittui.tui.looks import look
from exittui.tui.paint.edges import name_at, tabbed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from exittui.tui.lines import Line, Lines


@cache
def style(name: str, theme: str) -> Style:
    """The look of that name in a theme, as Rich has it."""
    found = look(name, theme)
    return Style(
        color=found.ink or None,
        bgcolor=found.ground or None,
        bold=found.bold or None,
        dim=found.dim or None,
        italic=found.italic or None,
        underline=found.underline or None,
        reverse=found.reverse or None,
        strike=found.strike or None,
    )


@lru_cache(16384)
def _segment(text: str, name: str, theme: str) -> Segment:
    """A run as Rich has it; most of them come again and again."""
    return Segment(text, style(name, theme))


class Pane(Widget):
    """A rectangle of lines.

    Its size is that of its place (`extent`), so that its lines are made once, when it gets the
    place, and not a second time when Textual has got round to telling the widget of its size.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    can_focus = False

    class Touched(Message):
        """A person has pressed the mouse in this pane."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    class Named(Message):
        """The name of a pane that is stacked behind another was clicked."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    class EdgeTaken(Message):
        """The frame was taken hold of at this cell of the screen."""

        def __init__(self, x: int, y: int) -> None:
            super().__init__()
            self.x, self.y = x, y

    class EdgeDragged(EdgeTaken):
        """It was dragged to this cell."""

    class EdgeLeft(Message):
        """It was let go."""

    def __init__(self, name: str, *, theme: str = "dark") -> None:
        super().__init__(name=name, id=name)
        self._theme = theme
        self._given: Lines = ()
        self._shown: Lines = ()
        self._strips: list[Strip] = []
        self.extent = (0, 0)
        """The size the screen has given it; known before Textual has laid anything out."""
        self.glow: tuple[str, ...] = ()
        """The words that a lesson points to."""
        self.others: Sequence[str] = ()
        """The panes that are stacked behind it, which stand in its frame."""
        self.lit = False
        """It has the keys."""
        self._held = False

    def show(self, lines: Lines) -> None:
        """Show these lines; repaint those that are new."""
        self._given = lines
        if self.glow:
            lines = lit(lines, self.glow)
        if self.lit or self.others:
            lines = tabbed(lines, self.others, lit=self.lit)
        old = self._shown
        if lines == old:
            return
        dirty: list[Region] = []
        strips = self._strips
        del strips[len(lines) :]
        for number, line in enumerate(lines):
            if number < len(old) and old[number] == line:
                continue
            strip = self._strip(line)
            if number < len(strips):
                strips[number] = strip
            else:
                strips.append(strip)
            dirty.append(Region(0, number, strip.cell_length, 1))
        self._shown = lines
        if len(lines) < len(old):
            self.refresh()
        else:
            self.refresh(*dirty)

    def light(self, *, on: bool) -> None:
        """Give it the keys, or take them."""
        if on != self.lit:
            self.lit = on
            self.show(self._given)

    def retheme(self, theme: str) -> None:
        """Show the same in another theme."""
        self._theme = theme
        self._strips = [self._strip(line) for line in self._shown]
        self.refresh()

    def _strip(self, line: Line) -> Strip:
        theme = self._theme
        return Strip([_segment(text, name, theme) for text, name in line], length(line))

    def render_line(self, y: int) -> Strip:
        """The line at `y`, made before."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, style("text", self._theme))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they are: a pane has no border, padding or opacity for Textual to add."""
        width, left, right = self.size.width, crop.x, crop.right
        whole = left == 0 and right == width
        found = []
        for y in range(crop.y, crop.bottom):
            strip = self.render_line(y)
            if strip.cell_length != width:
                strip = strip.adjust_cell_length(width, style("text", self._theme))
            found.append(strip if whole else strip.crop(left, right))
        return found

    @property
    def lines(self) -> Lines:
        """What is shown, as plain data."""
        return self._shown

    # -- the frame under the mouse -------------------------------------------------------------

    def _framed(self) -> bool:
        return bool(self._shown and self._shown[0] and self._shown[0][0][1].startswith("frame"))

    def inside(self, event: events.MouseEvent) -> bool:
        """Whether a mouse event is for what is inside the frame."""
        width, height = self.extent
        return 0 < event.x < width - 1 and 0 < event.y < height - 1

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the keys; on the frame, take hold of it."""
        if not self._framed():
            return
        self.post_message(self.Touched(self.id or ""))
        if not self.inside(event) and not self._other_at(event):
            self._held = True
            self.capture_mouse()
            self.post_message(self.EdgeTaken(event.screen_x, event.screen_y))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the frame."""
        if self._held:
            self.post_message(self.EdgeDragged(event.screen_x, event.screen_y))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let the frame go."""
        del event
        if self._held:
            self._held = False
            self.release_mouse()
            self.post_message(self.EdgeLeft())

    def on_click(self, event: events.Click) -> None:
        """Turn to a pane that stands in the frame by name."""
        other = self._other_at(event)
        if other is not None:
            event.stop()
            self.post_message(self.Named(other))

    def _other_at(self, event: events.MouseEvent) -> str | None:
        if event.y or not self.others or not self._shown:
            return None
        return name_at(self._shown[0], event.x, self.others)
