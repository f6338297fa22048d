"""The words of an expression: names, numbers, texts and signs, each with its place.

Only ASCII letters make names; a text in quotes may hold anything that can be printed.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from exittui.errors import ExpressionError

MAX_LENGTH: Final = 2000
"""Characters; as much as anybody would write, and little enough to be read at once."""

MAX_NUMBER: Final = 2**64 - 1

END: Final = ""
"""The kind and text of the token after the last."""

_TOKEN = re.compile(
    r"""(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>[0-9][A-Za-z0-9_]*)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<sign>&&|\|\||==|!=|<=|>=|<<|>>|->|[-+*/%&|^~!<>()\[\],.])""",
    re.VERBOSE | re.ASCII,
)
_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|0|[1-9][0-9]*")
_SPOKEN: Final = {"and": "&&", "or": "||"}
_SIGNS: Final = "names, numbers, 'texts', and the signs of C that do not write"


@frozen
class Token:
    """One word: `kind` is name, number, text, sign or END; `start` and `end` count from 0."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def sign(self) -> str:
        """What the parser goes by: `&&` also for `and`; nothing for a text in quotes."""
        if self.kind in ("sign", "name"):
            return _SPOKEN.get(self.text, self.text)
        return END

    def error(self, problem: str, accepted: str | None = None) -> ExpressionError:
        """What is wrong with this word."""
        return ExpressionError(problem, column=self.start + 1, word=self.text, accepted=accepted)


def tokens(text: str) -> list[Token]:
    """All words of a text and the end behind them; raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"is too far: the expression has {len(text)} characters",
            column=MAX_LENGTH + 1,
            word=text[MAX_LENGTH],
            accepted=f"at most {MAX_LENGTH}",
        )
    found = []
    place = _after_blanks(text, 0)
    while place < len(text):
        token = _token(text, place)
        found.append(token)
        place = _after_blanks(text, token.end)
    return [*found, Token(END, END, len(text), len(text))]


def number(token: Token) -> int:
    """The value of a number; raises ExpressionError for what is none."""
    if not _NUMBER.fullmatch(token.text):
        raise token.error("is no number", "decimal as 12, or hexadecimal as 0x2000")
    # A decimal number of a few thousand digits would take its time: look at the length first.
    value = MAX_NUMBER + 1 if len(token.text) > len(str(MAX_NUMBER)) else int(token.text, 0)
    if value > MAX_NUMBER:
        raise token.error("is too large", "numbers of 64 bits")
    return value


def _after_blanks(text: str, place: int) -> int:
    match = _BLANK.match(text, place)
    return match.end() if match else place


def _token(text: str, place: int) -> Token:
    match = _TOKEN.match(text, place)
    if match is None:
        raise _refused(text, place)
    kind = match.lastgroup or ""
    token = Token(kind, match[0], place, match.end())
    if kind == "text" and not match[0].isprintable():
        raise token.error("has characters that cannot be printed", "text on one line")
    return token


def _refused(text: str, place: int) -> ExpressionError:
    char = Token("sign", text[place], place, place + 1)
    if char.text in "\"'":
        return char.error("opens a text that is not closed", f"{char.text} at its end")
    if char.text == "=":
        return char.error("would write, and an expression only reads", "== to compare")
    return char.error("does not belong into an expression", _SIGNS)
