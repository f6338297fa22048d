"""The tree of an expression: what the parser makes and `building` turns into functions."""

from __future__ import annotations

from attrs import Factory, frozen

from exittui.errors import ExpressionError


@frozen(kw_only=True, eq=False)
class Node:
    """A part of an expression: `start` to `end` of `source`, `word` the one to blame for it."""

    source: str
    start: int
    end: int
    place: int
    word: str

    @property
    def text(self) -> str:
        """The part as it is written, on one line."""
        return " ".join(self.source[self.start : self.end].split())

    def parts(self) -> tuple[Node, ...]:
        """The parts that this one is made of."""
        return ()

    def error(self, problem: str, accepted: str | None = None) -> ExpressionError:
        """What is wrong with this part, told of its word."""
        return ExpressionError(
            problem, column=self.place + 1, word=self.word, accepted=accepted or None
        )

    def refused(self, problem: str, accepted: str) -> ExpressionError:
        """What is wrong with the whole of this part."""
        return ExpressionError(problem, column=self.start + 1, word=self.text, accepted=accepted)


@frozen(kw_only=True, eq=False)
class Literal(Node):
    """A number, a text, NULL, true or false."""

    value: int | str | None


@frozen(kw_only=True, eq=False)
class Name(Node):
    """A word that stands for something."""


@frozen(kw_only=True, eq=False)
class Member(Node):
    """A field, `worker.ps_flags`."""

    target: Node

    def parts(self) -> tuple[Node, ...]:
        """What has the field."""
        return (self.target,)


@frozen(kw_only=True, eq=False)
class Nth(Node):
    """A thread of a process, `worker.2`."""

    target: Node
    number: int

    def parts(self) -> tuple[Node, ...]:
        """The process."""
        return (self.target,)


@frozen(kw_only=True, eq=False)
class Index(Node):
    """An element, `spc_qs[3]`."""

    target: Node
    index: Node

    def parts(self) -> tuple[Node, ...]:
        """Of what, and which."""
        return (self.target, self.index)


@frozen(kw_only=True, eq=False)
class Call(Node):
    """A function of the language, `len(zombprocess)`."""

    arguments: tuple[Node, ...] = Factory(tuple)

    def parts(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.arguments


@frozen(kw_only=True, eq=False)
class Unary(Node):
    """`!`, `~` or `-` and what it stands before; `not` is `!` too."""

    sign: str
    operand: Node

    def parts(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@frozen(kw_only=True, eq=False)
class Binary(Node):
    """A comparison or a computation of two values; `not in` is one sign."""

    sign: str
    left: Node
    right: Node

    def parts(self) -> tuple[Node, ...]:
        """Both operands."""
        return (self.left, self.right)


@frozen(kw_only=True, eq=False)
class Logic(Node):
    """`&&` or `||` of two or more."""

    sign: str
    operands: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        """All operands, in order."""
        return self.operands
