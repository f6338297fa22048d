"""Lines typed at the prompt or read from a file, as orders.

A command is found by its words, the longest first (`show all locks` before `show`), and by what
its words begin with where that is clear (`sh all l`). Modifiers may stick to the word, as in
`ps/o` and `print/x`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from exittui.errors import UsageError, did_you_mean
from exittui.session.commands.table import BY_NAME, BY_WORD, COMMANDS, DDB

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.session.commands.command import Command

_MOST_WORDS: Final = 3
_FEW: Final = 12


@frozen
class Order:
    """A command with its argument, read from a line."""

    command: Command
    argument: str = ""

    @property
    def count(self) -> int:
        """The argument as a number of times: 1 if there is none."""
        times = number(self.argument, "count") if self.argument else 1
        if not times:
            raise UsageError("'0' is no count: once is the least")
        return times


def read(line: str, dialect: str = "gdb") -> Order:
    """The order in a line that a person typed; UsageError names the word nobody knows."""
    words = _split(line)
    if not words:
        raise UsageError("an empty line: type a command, or help")
    known = _words(dialect)
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        head = " ".join(words[:size])
        if head in known:
            return _with_argument(known[head], head, line, words, size)
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        command = _by_beginning(words[:size], known)
        if command is not None:
            return _with_argument(command, " ".join(words[:size]), line, words, size)
    word = words[0]
    raise UsageError(f"no command {word!r}{did_you_mean(word, known)}; accepted: {_accepted()}")


def _words(dialect: str) -> dict[str, Command]:
    """All words of a dialect."""
    if dialect != "ddb":
        return BY_WORD
    return {**BY_WORD, **{word: BY_NAME[name] for word, name in DDB.items()}}


def _split(line: str) -> list[str]:
    """The words of a line; a modifier that sticks to the first is a word of its own."""
    words = line.split()
    if words and "/" in words[0]:
        word, _, modifier = words[0].partition("/")
        if word in BY_WORD and modifier:
            words[:1] = [word, f"/{modifier}"]
    return words


def _by_beginning(words: list[str], known: dict[str, Command]) -> Command | None:
    """The one command whose words begin with these; an error where there are several."""
    found: dict[str, str] = {}
    for text, command in known.items():
        parts = text.split(" ")
        if len(parts) == len(words) and all(
            part.startswith(word) for part, word in zip(parts, words, strict=True)
        ):
            found.setdefault(command.name, text)
    if len(found) > 1:
        several = ", ".join(_cut(sorted(found.values())))
        raise UsageError(f"{' '.join(words)!r} is short for more than one: {several}")
    if not found:
        if len(words) == 1:
            _complain_of_first(words[0], known)
        return None
    return BY_NAME[next(iter(found))]


def _complain_of_first(word: str, known: dict[str, Command]) -> None:
    """`show` and `info` alone are no commands, but say what could follow."""
    following = [text.partition(" ")[2] for text in known if text.startswith(f"{word} ")]
    if following:
        raise UsageError(f"{word!r} of what? accepted: {', '.join(_cut(following))}")


def _cut(words: Iterable[str]) -> list[str]:
    found = list(words)
    return found if len(found) <= _FEW else [*found[:_FEW], f"and {len(found) - _FEW} more"]


def _with_argument(command: Command, head: str, line: str, words: list[str], size: int) -> Order:
    """The order, if so many words may follow."""
    rest = words[size:]
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
    return Order(command, argument)


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


def _accepted() -> str:
    """The first word of each command."""
    return " ".join(dict.fromkeys(command.words[0].split(" ")[0] for command in COMMANDS))
