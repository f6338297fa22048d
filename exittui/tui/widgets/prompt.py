"""The prompt: a line editor with a history, and the place where errors are read.

It is no input widget of Textual's: those bring a layout, a blinking cursor and a timer, and a
repaint of a whole widget for each key. The screen hands it keys while it is open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.message import Message

from exittui.tui.paint import bars
from exittui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

LONGEST: Final = 500
_OFFERS: Final = 60
"""Words that a completion shows at most; there is one line for them."""


def _nothing(text: str, cursor: int) -> Sequence[str]:
    """No completion."""
    del text, cursor
    return ()


def _common(words: Sequence[str]) -> str:
    """What all words begin with."""
    first, last = min(words), max(words)
    same = next(
        (at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), None
    )
    return first[:same] if same is not None else first


class PromptLine(Pane):
    """Shows and edits one line; posts it when it is entered."""

    class Entered(Message):
        """A line to carry out; empty means: the last one again. Or a text to search for."""

        def __init__(self, line: str, *, search: bool) -> None:
            super().__init__()
            self.line = line
            self.search = search

    class Opened(Message):
        """The prompt was clicked."""

    def __init__(self, name: str, *, theme: str = "dark") -> None:
        super().__init__(name, theme=theme)
        self._text = ""
        self._cursor = 0
        self._cpu = 0
        self._head = ""
        self._error = ""
        self._note = ""
        self._search = False
        self._recalled = 0
        self._offers: Sequence[str] = ()
        self.open = False
        self.history: list[str] = []
        """The lines entered before; the session's own list."""
        self.complete: Callable[[str, int], Sequence[str]] = _nothing
        """What the word at the cursor could become."""

    def view(self, head: str, cpu: int, *, error: str = "", note: str = "") -> None:
        """Show what stands before a command, and an error or a note while nothing is typed."""
        self._head, self._cpu, self._error, self._note = head, cpu, error, note
        self._draw()

    def start(self, text: str = "", *, search: bool = False) -> None:
        """Begin to take keys: of a command, or of a text to search for."""
        self.open = True
        self._search = search
        self._text, self._cursor = text, len(text)
        self._recalled = len(self.history)
        self._offers = ()
        self._draw()

    def stop(self) -> None:
        """Take no keys any more; what was typed is gone."""
        self.open = False
        self._draw()

    def _draw(self) -> None:
        cursor = self._cursor if self.open else None
        head = "/" if self._search and self.open else self._head
        self.show(
            bars.prompt(
                head,
                self._cpu,
                self._text,
                cursor,
                self.extent[0],
                error=self._error,
                note=self._note,
                offers=self._offers,
            )
        )

    def on_click(self, event: events.Click) -> None:
        """Begin to type; then a word that is offered, or a button, is taken."""
        event.stop()
        if not self.open:
            self.post_message(self.Opened())
            return
        taken = bars.offer_at(self.lines[0], event.x) if self.lines else ""
        if taken == bars.ENTER:
            self._enter()
        elif taken == bars.LEAVE:
            self.stop()
        elif taken:
            self._take(taken)

    def _take(self, word: str) -> None:
        """The offered word in the place of the one at the cursor; then what may follow it."""
        head = self._text[: self._cursor]
        kept = head[: len(head) - len(head.rpartition(" ")[2])]
        self._text = f"{kept}{word} {self._text[self._cursor :]}"[:LONGEST]
        self._cursor = min(len(kept) + len(word) + 1, len(self._text))
        self.offer()

    def offer(self) -> None:
        """Show what the word at the cursor could become, for a mouse to take."""
        self._offers = () if self._search else self.complete(self._text, self._cursor)[:_OFFERS]
        self._draw()

    def press(self, event: events.Key) -> None:
        """One key while the prompt is open."""
        self._offers = ()
        if event.key == "enter":
            self._enter()
            return
        if event.key in ("escape", "ctrl+c") or (event.key == "backspace" and not self._text):
            self.stop()
            return
        if event.key == "tab":
            self._complete()
        elif event.key in ("up", "down", "ctrl+p", "ctrl+n"):
            self._recall(-1 if event.key in ("up", "ctrl+p") else 1)
        elif not self._move(event.key) and not self._erase(event.key) and event.is_printable:
            self.insert(event.character or "")
        self._draw()

    def insert(self, text: str) -> None:
        """Put printable text at the cursor: a key's character, or what was pasted."""
        text = "".join(letter for letter in text if letter.isprintable())
        text = text[: LONGEST - len(self._text)]
        self._text = self._text[: self._cursor] + text + self._text[self._cursor :]
        self._cursor += len(text)
        self._draw()

    def _enter(self) -> None:
        line = self._text.strip()
        self.stop()
        self.post_message(self.Entered(line, search=self._search))

    def _complete(self) -> None:
        """The word at the cursor, as far as it is clear; else what it could become."""
        if self._search:
            return
        found = self.complete(self._text, self._cursor)
        if not found:
            return
        head = self._text[: self._cursor]
        word = head.rpartition(" ")[2]
        longest = _common(found)
        if len(longest) > len(word):
            self.insert(longest[len(word) :] + (" " if len(found) == 1 else ""))
        elif len(found) > 1:
            self._offers = found[:_OFFERS]
        elif head and self._cursor == len(self._text):
            self.insert(" ")

    def _recall(self, by: int) -> None:
        """Lines that were entered before."""
        self._recalled = max(0, min(self._recalled + by, len(self.history)))
        past = self._recalled < len(self.history)
        self._text = self.history[self._recalled] if past else ""
        self._cursor = len(self._text)

    def _move(self, key: str) -> bool:
        place = {
            "left": self._cursor - 1,
            "ctrl+b": self._cursor - 1,
            "right": self._cursor + 1,
            "ctrl+f": self._cursor + 1,
            "home": 0,
            "ctrl+a": 0,
            "end": len(self._text),
            "ctrl+e": len(self._text),
        }.get(key)
        if place is None:
            return False
        self._cursor = max(0, min(place, len(self._text)))
        return True

    def _erase(self, key: str) -> bool:
        begin, end = {
            "backspace": (self._cursor - 1, self._cursor),
            "delete": (self._cursor, self._cursor + 1),
            "ctrl+d": (self._cursor, self._cursor + 1),
            "ctrl+u": (0, self._cursor),
            "ctrl+k": (self._cursor, len(self._text)),
            "ctrl+w": (self._text[: self._cursor].rstrip().rfind(" ") + 1, self._cursor),
        }.get(key, (-1, -1))
        if end < 0:
            return False
        begin = max(begin, 0)
        self._text = self._text[:begin] + self._text[end:]
        self._cursor = begin
        return True
