"""The line of tabs on a narrow terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from exittui.tui.paint import bars
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events


class TabLine(Pane):
    """Shows the names of the panes; a click turns to one."""

    class Turned(Message):
        """This pane is to be shown."""

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, name: str, *, theme: str = "dark") -> None:
        super().__init__(name, theme=theme)
        self._names: Sequence[str] = ()
        self._current = ""

    def view(self, names: Sequence[str], current: str) -> None:
        """Show these names, `current` lit."""
        self._names, self._current = names, current
        self.show(bars.tabs(names, current, self.extent[0]))

    def on_click(self, event: events.Click) -> None:
        """Turn to the name under the pointer."""
        event.stop()
        end = 1
        shown = bars.shown_tabs(self._names, self._current, self.extent[0] - len("Tab turns ") - 1)
        for number, name in enumerate(shown):
            begin, end = end, end + len(name) + 2
            if begin <= event.x < end:
                self.post_message(self.Turned(self._meant(shown, number)))
                return

    def _meant(self, shown: Sequence[str], number: int) -> str:
        """The tab of that place; `…` is the first one that is out of sight there."""
        if shown[number] in self._names:
            return shown[number]
        if number:
            return self._names[self._names.index(shown[number - 1]) + 1]
        return self._names[self._names.index(shown[1]) - 1]
