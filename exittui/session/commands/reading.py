"""Lines typed at the prompt or read from a file, as orders.

A command is found by its words, the longest first (`show all locks` before `show`), and by what
its words begin with where that is clear (`sh all l`): what the dialect has itself comes before
what it has not. Modifiers and counts may stick to the word, as in ddb's `ps/o` and `step,3`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import frozen

from exittui.errors import UsageError, did_you_mean
from exittui.session.commands.dialects import MEANINGS, OWN
from exittui.session.commands.table import BY_NAME, BY_WORD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.session.commands.command import Command

_MOST_WORDS: Final = 3
_FEW: Final = 32
_DIGITS: Final = 3
"""A line of so many digits or fewer chooses a CPU, as its key does."""
_STUCK: Final = re.compile(r"([a-z-]+)([/,].+)")


@frozen
class Order:
    """A command with its argument and modifiers, read from a line."""

    command: Command
    argument: str = ""
    modifiers: str = ""

    @property
    def count(self) -> int:
        """The argument as a number of times: 1 if there is none."""
        text = self.argument.removeprefix(",").strip()
        times = number(text, "count") if self.argument else 1
        if not times:
            raise UsageError("'0' is no count: once is the least")
        return times


def read(line: str, dialect: str = "") -> Order:
    """The order in a line; UsageError names the word nobody knows.

    Without a dialect every word means what the table says, as in scripts and lessons.
    """
    line = _apart(line.strip())
    words = line.split()
    if not words:
        raise UsageError("an empty line: type a command, or help")
    known = _words(dialect)
    if len(words) == 1 and len(line) <= _DIGITS and line.isascii() and line.isdigit():
        return Order(BY_NAME["focus"], line)
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        head = " ".join(words[:size])
        if head in known:
            return _with_argument(known[head], head, line, words, size)
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        command = _by_beginning(words[:size], known, dialect, words)
        if command is not None:
            return _with_argument(command, " ".join(words[:size]), line, words, size)
    word = words[0]
    raise UsageError(
        f"no command {word!r}{did_you_mean(word, known)}; `help` names those there are"
    )


def _words(dialect: str) -> dict[str, Command]:
    """All words of a dialect."""
    return {**BY_WORD, **{word: BY_NAME[name] for word, name in MEANINGS.get(dialect, {}).items()}}


def _apart(line: str) -> str:
    """The line with what sticks to its first word apart from it, and gdb's `i` spelt out."""
    first, blank, rest = line.partition(" ")
    match = _STUCK.fullmatch(first)
    if match is not None and match[1] in BY_WORD:
        first = f"{match[1]} {match[2]}"
    return f"{'info' if first == 'i' else first}{blank}{rest}"


def _by_beginning(
    words: list[str], known: dict[str, Command], dialect: str, typed: list[str]
) -> Command | None:
    """The one command whose words begin with these; an error where there are several."""
    found: dict[str, str] = {}
    most = 0
    for text, command in known.items():
        parts = text.split(" ")
        if len(parts) != len(words):
            continue
        pairs = list(zip(parts, words, strict=True))
        if all(part.startswith(word) for part, word in pairs):
            whole = sum(part == word for part, word in pairs)
            if whole > most:
                found.clear()
            if whole >= most:
                found.setdefault(command.name, text)
            most = max(most, whole)
    if len(found) > 1:
        known_best = OWN.get(dialect, frozenset())
        own = {name: text for name, text in found.items() if text in known_best}
        found = own if len(own) == 1 else found
    if len(found) > 1:
        several = ", ".join(_cut(sorted(found.values())))
        raise UsageError(f"{' '.join(words)!r} is short for more than one: {several}")
    if not found:
        if len(words) == 1:
            _complain_of_first(typed)
        return None
    return BY_NAME[next(iter(found))]


def _complain_of_first(typed: list[str]) -> None:
    """`show` and `info` alone are no commands, but say what could follow."""
    word = typed[0]
    following = {text.partition(" ")[2] for text in BY_WORD if text.startswith(f"{word} ")}
    if following:
        accepted = ", ".join(_cut(sorted(following)))
        if len(typed) == 1:
            raise UsageError(f"{word!r} of what? accepted: {accepted}")
        raise UsageError(f"no {' '.join(typed[:2])!r}; accepted behind {word!r}: {accepted}")


def _cut(words: Iterable[str]) -> list[str]:
    found = list(words)
    return found if len(found) <= _FEW else [*found[:_FEW], f"and {len(found) - _FEW} more"]


def _with_argument(command: Command, head: str, line: str, words: list[str], size: int) -> Order:
    """The order, if so many words may follow."""
    rest, modifiers = words[size:], ""
    if command.modifiers and rest and rest[0].startswith("/"):
        modifiers = rest[0][1:]
        if not modifiers or set(modifiers) - set(command.modifiers):
            accepted = ", ".join(f"/{one}" for one in command.modifiers)
            raise UsageError(f"{head!r} has no {rest[0]}; accepted: {accepted}")
        rest = rest[1:]
    if command.rest:
        argument = _rest(line, words, size)
    else:
        argument = rest[0] if rest else ""
        if len(rest) > (1 if command.argument else 0):
            surplus = rest[1 if command.argument else 0]
            what = command.argument or "nothing"
            raise UsageError(f"{head!r} takes {what}, not {surplus!r}")
    if not rest and command.argument and not command.argument.startswith("["):
        raise UsageError(f"{head!r} needs {command.argument}")
    return Order(command, argument, modifiers)


def _rest(line: str, words: list[str], size: int) -> str:
    """What follows the command's words in the line, blanks as they were typed."""
    left = line.strip()
    for word in words[:size]:
        left = left.lstrip().removeprefix(word)
    return left.strip()


def number(text: str, what: str, largest: int = 10_000_000) -> int:
    """A whole number a person typed, not negative and not endless."""
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"{text!r} is no {what}: a whole number is")
    value = int(text[:12])
    if value > largest or len(text) > 12:  # noqa: PLR2004 - far above any bound
        raise UsageError(f"{what} {text} is too large: at most {largest}")
    return value
