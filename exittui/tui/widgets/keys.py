"""The keys at the foot: a click on one presses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.message import Message

from exittui.tui.paint import bars
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual import events

_NAMES: Final = {".": "full_stop", "?": "question_mark", ":": "colon", "Tab": "tab"}
_DIGITS: Final = "0-9"


class KeysLine(Pane):
    """Shows keys; posts the one that is clicked."""

    class Pressed(Message):
        """This key, as if it had been pressed."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def on_click(self, event: events.Click) -> None:
        """Press the key under the pointer."""
        event.stop()
        key = bars.key_at(self.lines[0], event.x) if self.lines else None
        if key is not None and key != _DIGITS and (key in _NAMES or len(key) == 1):
            self.post_message(self.Pressed(_NAMES.get(key, key)))
