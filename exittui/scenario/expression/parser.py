"""The grammar: from words to a tree, by precedence.

From the loosest to the tightest:

    || or
    && and
    not
    == != < <= > >= in, not in      (one, not a chain)
    |
    ^
    &
    << >>
    + -
    * / %
    ! ~ -                           (before a value)
    . -> [] ()                      (behind a value)

That is C, but for one thing: `p_flag & P_WEXIT == 0` means `(p_flag & P_WEXIT) == 0`, what
everybody who writes it means, and what it means in the language the kernel of this program is
written in. `!` binds as tightly as in C, `not` as loosely as English.

Depth is counted both of brackets and of the tree that a long chain makes, so that neither the
parser nor what walks the tree can be made to recurse without bound.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from exittui.scenario.expression.lexer import END, Token, number, tokens
from exittui.scenario.expression.tree import (
    Binary,
    Call,
    Index,
    Literal,
    Logic,
    Member,
    Name,
    Node,
    Nth,
    Unary,
)

MAX_DEPTH: Final = 50

CONSTANTS: Final = {"NULL": None, "true": True, "false": False}
KEYWORDS: Final = frozenset({"and", "or", "not", "in", *CONSTANTS})

COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
PRECEDENCE: Final = {
    **dict.fromkeys(COMPARISONS, 1),
    "|": 2,
    "^": 3,
    "&": 4,
    "<<": 5,
    ">>": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
    "%": 7,
}
"""How tightly each sign between two values binds; all but the comparisons group to the left."""

_VALUE: Final = "a name, a number, a text, NULL, true, false, '(', '!', '~' or '-'"
_GOING_ON: Final = "a sign between two values, '.', '->', '[', or the end"


def parse(text: str) -> Node:
    """The tree of a text; raises ExpressionError."""
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0
        self._nesting = 0
        self._depths: dict[int, int] = {}

    def parse(self) -> Node:
        tree = self._either()
        token = self._peek()
        if token.kind != END:
            raise self._stray(token)
        return tree

    def _stray(self, token: Token) -> Exception:
        if token.text in (")", "]"):
            return token.error("closes nothing", _GOING_ON)
        return token.error("cannot follow here", _GOING_ON)

    # -- words ---------------------------------------------------------------------------------

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        if token.kind != END:
            self._next += 1
        return token

    def _taken(self, *signs: str) -> Token | None:
        """The next word if it is one of these signs."""
        token = self._peek()
        return self._take() if token.sign in signs and token.kind != END else None

    def _close(self, opened: Token, sign: str) -> Token:
        token = self._take()
        if token.sign != sign or token.kind == END:
            raise token.error(
                f"comes where {opened.text!r} of column {opened.start + 1} should be closed",
                f"{sign!r} or a sign between two values",
            )
        return token

    # -- nodes ---------------------------------------------------------------------------------

    def _node(self, cls: type[Any], blame: Token, first: Node | Token, **fields: Any) -> Any:
        """A node from the start of `first` to the last word taken; refuses what is too deep."""
        end = self._tokens[self._next - 1].end
        node = cls(
            source=self._text,
            start=first.start,
            end=end,
            place=blame.start,
            word=blame.text,
            **fields,
        )
        depth = 1 + max((self._depths[id(part)] for part in node.parts()), default=0)
        if depth > MAX_DEPTH:
            raise self._too_deep(blame)
        self._depths[id(node)] = depth
        return node

    def _too_deep(self, token: Token) -> Exception:
        return token.error("is nested too deep", f"at most {MAX_DEPTH} levels")

    def _enter(self, token: Token) -> None:
        self._nesting += 1
        if self._nesting > MAX_DEPTH:
            raise self._too_deep(token)

    def _leave(self) -> None:
        self._nesting -= 1

    # -- the grammar ---------------------------------------------------------------------------

    def _either(self) -> Node:
        return self._chain("||", self._both)

    def _both(self) -> Node:
        return self._chain("&&", self._negation)

    def _chain(self, sign: str, operand: Any) -> Node:
        first: Node = operand()
        blame, operands = None, [first]
        while token := self._taken(sign):
            blame = blame or token
            operands.append(operand())
        if blame is None:
            return first
        logic: Node = self._node(Logic, blame, first, sign=sign, operands=tuple(operands))
        return logic

    def _negation(self) -> Node:
        token = self._taken("not")
        if token is None:
            return self._between(1)
        self._enter(token)
        operand = self._negation()
        self._leave()
        node: Node = self._node(Unary, token, token, sign="!", operand=operand)
        return node

    def _between(self, least: int) -> Node:
        """Values joined by signs that bind at least so tightly."""
        left = self._prefixed()
        while True:
            sign, words = self._sign()
            if PRECEDENCE.get(sign, 0) < least:
                return left
            blame = self._take()
            self._next += words - 1
            binds = PRECEDENCE[sign]
            right = self._between(binds + 1)
            left = self._node(Binary, blame, left, sign=sign, left=left, right=right)
            if binds == 1:
                self._no_chain()
                least = 2

    def _sign(self) -> tuple[str, int]:
        """The sign that comes next, and of how many words it is."""
        token = self._peek()
        if token.sign == "not" and self._tokens[self._next + 1].sign == "in":
            return "not in", 2
        return (token.sign, 1) if token.kind != END else (END, 0)

    def _no_chain(self) -> None:
        if self._sign()[0] in COMPARISONS:
            raise self._peek().error(
                "follows another comparison", "one comparison; join two with &&"
            )

    def _prefixed(self) -> Node:
        token = self._taken("!", "~", "-")
        if token is None:
            return self._behind(self._value())
        self._enter(token)
        operand = self._prefixed()
        self._leave()
        node: Node = self._node(Unary, token, token, sign=token.text, operand=operand)
        return node

    def _behind(self, target: Node) -> Node:
        while token := self._taken(".", "->", "["):
            if token.text == "[":
                self._enter(token)
                index = self._either()
                self._leave()
                self._close(token, "]")
                target = self._node(Index, token, target, target=target, index=index)
            else:
                target = self._member(target)
        return target

    def _member(self, target: Node) -> Node:
        token = self._take()
        if token.kind == "number":
            nth = number(token)
            node: Node = self._node(Nth, token, target, target=target, number=nth)
        elif token.kind == "name" and token.text not in KEYWORDS:
            node = self._node(Member, token, target, target=target)
        else:
            raise token.error("is no field", "the name of a field, or the number of a thread")
        return node

    def _value(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return self._literal(token, number(token))
        if token.kind == "text":
            return self._literal(token, token.text[1:-1])
        if token.text in CONSTANTS and token.kind == "name":
            return self._literal(token, CONSTANTS[token.text])
        if token.kind == "name" and token.text not in KEYWORDS:
            opened = self._taken("(")
            if opened:
                return self._call(token, opened)
            node: Node = self._node(Name, token, token)
            return node
        if token.sign == "(":
            return self._bracketed(token)
        hint = "; before a value in a comparison write '!'" if token.text == "not" else ""
        raise token.error(f"comes where a value should stand{hint}", _VALUE)

    def _literal(self, token: Token, value: int | str | None) -> Node:
        node: Node = self._node(Literal, token, token, value=value)
        return node

    def _bracketed(self, opened: Token) -> Node:
        self._enter(opened)
        inner = self._either()
        self._leave()
        closed = self._close(opened, ")")
        whole = evolve(inner, start=opened.start, end=closed.end)
        self._depths[id(whole)] = self._depths[id(inner)]
        return whole

    def _call(self, name: Token, opened: Token) -> Node:
        self._enter(opened)
        arguments = []
        if self._peek().sign != ")":
            arguments.append(self._either())
            while self._taken(","):
                arguments.append(self._either())
        self._leave()
        self._close(opened, ")")
        node: Node = self._node(Call, name, name, arguments=tuple(arguments))
        return node
