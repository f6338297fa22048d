"""What the table of commands is made of."""

from __future__ import annotations

from attrs import frozen


@frozen
class Command:
    """One thing a person can ask for.

    `argument` is what may follow the word at the prompt, in square brackets if it may be left out,
    or nothing if nothing may. It is one word, or with `rest` all that follows.
    """

    name: str
    keys: tuple[str, ...]
    words: tuple[str, ...]
    short: str
    """One or two words for the foot of the screen."""
    help: str
    argument: str = ""
    group: str = "moving"
    rest: bool = False
    repeats: bool = True
    """An empty line does it again."""
    modifiers: str = ""
    """The letters that may stick to the word behind a /, as ddb has them."""

    @property
    def usage(self) -> str:
        """The first word and its argument."""
        return f"{self.words[0]} {self.argument}".strip()
