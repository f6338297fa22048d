"""How tightly the signs bind: each row says what an expression means, with all its brackets."""

from __future__ import annotations

import pytest

from exittui.scenario.expression.parser import MAX_DEPTH, PRECEDENCE, parse
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


def bracketed(node: Node) -> str:  # noqa: PLR0911 - one return a kind of node
    """The tree as text, every operator with its brackets."""
    match node:
        case Binary(sign=sign, left=left, right=right):
            return f"({bracketed(left)} {sign} {bracketed(right)})"
        case Logic(sign=sign, operands=operands):
            return f"({f' {sign} '.join(map(bracketed, operands))})"
        case Unary(sign=sign, operand=operand):
            return f"({sign}{bracketed(operand)})"
        case Member(target=target):
            return f"{bracketed(target)}.{node.word}"
        case Nth(target=target, number=number):
            return f"{bracketed(target)}.{number}"
        case Index(target=target, index=index):
            return f"{bracketed(target)}[{bracketed(index)}]"
        case Call(arguments=arguments):
            return f"{node.word}({', '.join(map(bracketed, arguments))})"
        case Literal(value=value):
            return repr(value)
    assert isinstance(node, Name)
    return node.word


TABLE = [
    # As in C.
    ("a || b && c || d", "(a || (b && c) || d)"),
    ("a && b || c && d", "((a && b) || (c && d))"),
    ("a == b && c != d", "((a == b) && (c != d))"),
    ("a | b ^ c & d", "(a | (b ^ (c & d)))"),
    ("a & b << c", "(a & (b << c))"),
    ("a << b + c", "(a << (b + c))"),
    ("a + b * c", "(a + (b * c))"),
    ("a - b - c", "((a - b) - c)"),
    ("a / b % c * d", "(((a / b) % c) * d)"),
    ("a << b >> c", "((a << b) >> c)"),
    ("-a * b", "((-a) * b)"),
    ("!a == b", "((!a) == b)"),
    ("!a && b", "((!a) && b)"),
    ("~a & b", "((~a) & b)"),
    ("!!a", "(!(!a))"),
    ("- -a", "(-(-a))"),
    ("-a.b", "(-a.b)"),
    ("!f(a).b[c]", "(!f(a).b[c])"),
    ("a->b.c", "a.b.c"),
    ("a.0.b", "a.0.b"),
    ("(a || b) && c", "((a || b) && c)"),
    ("((a))", "a"),
    ("f(a || b, c)", "f((a || b), c)"),
    ("a[b + c]", "a[(b + c)]"),
    # Unlike C: a comparison is of what the bits come to.
    ("a & b == c", "((a & b) == c)"),
    ("a == b & c", "(a == (b & c))"),
    ("a | b != c", "((a | b) != c)"),
    ("a ^ b < c", "((a ^ b) < c)"),
    # Membership is a comparison.
    ("a in b && c", "((a in b) && c)"),
    ("a | b in c", "((a | b) in c)"),
    ("a not in b", "(a not in b)"),
    ("a in b || c not in d", "((a in b) || (c not in d))"),
    # In words: `not` denies all that stands up to the next `and` or `or`.
    ("a and b or c", "((a && b) || c)"),
    ("not a == b", "(!(a == b))"),
    ("not a in b", "(!(a in b))"),
    ("not a and b", "((!a) && b)"),
    ("not not a", "(!(!a))"),
    ("a or not b and c", "(a || ((!b) && c))"),
    ("a && b and c", "(a && b && c)"),
    # What looks alike.
    ("a&&b", "(a && b)"),
    ("a&b", "(a & b)"),
    ("a-b", "(a - b)"),
    ("a->b-c", "(a.b - c)"),
    ("a>-b", "(a > (-b))"),
    ("a<b", "(a < b)"),
    ("a<<b<=c>>d", "((a << b) <= (c >> d))"),
    ("a.b == 'c' and \"d\" != e", "((a.b == 'c') && ('d' != e))"),
    ("0x1F + 10", "(31 + 10)"),
    ("NULL == true", "(None == True)"),
    ("nothing + andy - orb", "((nothing + andy) - orb)"),
    ("  a\n&&\tb ", "(a && b)"),
]


@pytest.mark.parametrize(("text", "meaning"), TABLE, ids=[text for text, _ in TABLE])
def test_precedence(text: str, meaning: str) -> None:
    tree = parse(text)
    assert bracketed(tree) == meaning
    assert tree.text == " ".join(text.split())


def test_every_pair_of_signs() -> None:
    """The tighter one first; of two alike the left one, but for comparisons, which do not chain."""
    for left, tight in PRECEDENCE.items():
        for right, other in PRECEDENCE.items():
            if tight == other == 1:
                continue
            first = f"((a {left} b) {right} c)"
            last = f"(a {left} (b {right} c))"
            wanted = first if tight >= other else last
            assert bracketed(parse(f"a {left} b {right} c")) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH,
        "!" * (MAX_DEPTH - 1) + "a",
        "not " * (MAX_DEPTH - 1) + "a",
        "+".join("a" * MAX_DEPTH),
        "a" + ".b" * (MAX_DEPTH - 1),
        "a" + "[0]" * (MAX_DEPTH - 1),
        " && ".join("a" * 300),
    ],
    ids=["brackets", "!", "not", "sums", "fields", "elements", "a long &&"],
)
def test_what_is_just_deep_enough(text: str) -> None:
    assert bracketed(parse(text))
