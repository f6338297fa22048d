"""What of a state can still matter: names that are only counted up, locals still read, callers.

All is found in the linked code alone, and errs on the side of mattering.

A field or variable is *unread* if the code reads it for nothing but to work out values of unread
ones: statistics, such as `uvmexp.swtch`. Whoever reads the address of it, decides on it, passes it
on or keeps it in a local makes it matter; so does an expression that may leave out a part of
itself, or that may fail for the value. What looks at a machine from outside has its own eyes: see
who uses this.

A local is *live* at a statement if some way from there reads it before it is written.

A function that never *returns*, as exit1(), ends every way through it in a panic, in a loop without
end, or in a call of another such function. Whoever called it goes on no more.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from exittui.machine.image import FIRST_SLOT
from exittui.machine.queue import LIST_HEAD, TAILQ_HEAD

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from exittui.machine.compiler import Compiled, Operation

_TOTAL = (ast.Add, ast.Sub, ast.Mult, ast.BitOr, ast.BitAnd, ast.BitXor)
"""Operators that fail for no value."""


def unread(functions: Iterable[Compiled], names: Iterable[str]) -> frozenset[str]:
    """Those of the names of fields and variables that nothing reads but to count them up."""
    read = {*TAILQ_HEAD.fields, *LIST_HEAD.fields}
    flows: list[tuple[str, set[str]]] = []
    for compiled in functions:
        for operation in compiled.operations:
            always, value = _read(operation)
            read |= always
            if operation.field and value:
                flows.append((operation.field, value))
        if compiled.interrupt:
            read |= set(_names(compiled.interrupt.guard))
            read |= {compiled.interrupt.armed, compiled.interrupt.masks}
    before = -1
    while len(read) != before:
        before = len(read)
        for name, value in flows:
            if name in read:
                read |= value
    return frozenset(names) - read


def _read(operation: Operation) -> tuple[set[str], set[str]]:
    """The names an operation reads whatever comes of it, and those that only make up its value."""
    always: set[str] = set()
    value: set[str] = set()
    for text in _texts(operation):
        if text is operation.value and operation.kind in ("field", "global"):
            continue
        always.update(_names(text))
    if operation.kind in ("field", "global"):
        tree = ast.parse(operation.value, mode="eval").body
        if operation.writes or operation.stored or not _plain(tree):
            always.update(_names(operation.value))
        else:
            _split(tree, always, value)
    elif operation.kind in ("enter", "walk"):
        always.update((operation.value, ast.literal_eval(operation.field)))
    return always, value


def _texts(operation: Operation) -> Iterator[str]:
    """The expressions of an operation."""
    yield operation.value
    yield operation.target if operation.kind != "assert" else ""
    yield operation.guard
    yield from operation.arguments
    for _, text in operation.keywords:
        yield text
    if operation.kind == "pointer":
        yield operation.callee


@cache
def _names(text: str) -> frozenset[str]:
    """The fields and variables in an expression, those named by a string for a queue included."""
    found = set()
    for node in _nodes(text):
        match node:
            case ast.Attribute(attr=name) | ast.Constant(value=str() as name):
                found.add(name)
    return frozenset(found)


def _nodes(text: str) -> Iterator[ast.AST]:
    """The nodes of an expression, or of several with commas between them."""
    if text:
        yield from ast.walk(ast.parse(f"({text})" if "," in text else text, mode="eval"))


def _plain(tree: ast.expr) -> bool:
    """Whether all of an expression is always worked out, and cannot fail once its parts are had."""
    for node in ast.walk(tree):
        match node:
            case ast.BoolOp() | ast.IfExp() | ast.NamedExpr() | ast.Subscript(value=ast.Tuple()):
                return False
            case ast.BinOp(op=operator) if not isinstance(operator, _TOTAL):
                return False
            case ast.Call(func=ast.Name(id=name)) if name not in ("max", "min"):
                return False
            case ast.Call(func=ast.Attribute()):
                return False
            case ast.Subscript(value=holder) if not isinstance(holder, ast.Name):
                return False
    return True


def _split(tree: ast.AST, always: set[str], value: set[str]) -> None:
    """Of a plain expression: what is followed on the way is read, what it leads to is the value."""
    match tree:
        case ast.Attribute(value=holder, attr=name):
            value.add(name)
            always.update(_names(ast.unparse(holder)))
        case ast.Subscript(value=ast.Name("K"), slice=ast.Constant(str() as name)):
            value.add(name)
        case _:
            for part in ast.iter_child_nodes(tree):
                _split(part, always, value)


# -- locals ----------------------------------------------------------------------------------------


def live(functions: Iterable[Compiled]) -> dict[int, tuple[int, ...]]:
    """By program counter, the slots of the frame that are still read from there on."""
    found: dict[int, tuple[int, ...]] = {}
    for compiled in functions:
        found.update(_live(compiled))
    return found


def _live(compiled: Compiled) -> Mapping[int, tuple[int, ...]]:
    uses = {one.pc: _slots_read(one) for one in compiled.operations}
    sets = {one.pc: _slots_set(one) for one in compiled.operations}
    following = {
        one.pc: [
            target.pc
            for label in (one.next, one.otherwise)
            if label is not None and (target := label.resolved()) is not None
        ]
        for one in compiled.operations
    }
    alive: dict[int, frozenset[int]] = dict.fromkeys(uses, frozenset())
    changed = True
    while changed:
        changed = False
        for pc in reversed(uses):
            after: frozenset[int] = frozenset().union(*(alive[one] for one in following[pc]))
            now = uses[pc] | (after - sets[pc])
            if now != alive[pc]:
                alive[pc] = now
                changed = True
    return {pc: tuple(sorted(slots)) for pc, slots in alive.items()}


def _slots_read(operation: Operation) -> frozenset[int]:
    found: set[int] = set()
    for text in _texts(operation):
        found |= _slots(text)
    if operation.kind == "walk":
        found.add(operation.hidden or operation.slot)
    return frozenset(one for one in found if one >= FIRST_SLOT)


@cache
def _slots(text: str) -> frozenset[int]:
    """The slots of the frame that an expression looks at."""
    found = set()
    for node in _nodes(text):
        match node:
            case ast.Subscript(value=ast.Name("f"), slice=ast.Constant(int() as number)):
                found.add(number)
    return frozenset(found)


def _slots_set(operation: Operation) -> frozenset[int]:
    found = set(operation.stored.values())
    if operation.kind in ("local", "enter", "walk"):
        found.add(operation.slot)
    if operation.hidden:
        found.add(operation.hidden)
    if operation.kind in ("call", "pointer") and operation.result:
        found.add(operation.result)
    return frozenset(found)


# -- callers ---------------------------------------------------------------------------------------


def noreturn(functions: Iterable[Compiled]) -> frozenset[int]:
    """The program counters of all functions that never return."""
    left = {one.name: one for one in functions}
    before = -1
    while len(left) != before:
        before = len(left)
        for name, compiled in [*left.items()]:
            if _returns(compiled, left):
                del left[name]
    return frozenset(one.pc for compiled in left.values() for one in compiled.operations)


def _returns(compiled: Compiled, never: Container[str]) -> bool:
    """Whether some way through a function comes to its end, if these never return."""
    ways, seen = [compiled.entry], set[int]()
    while ways:
        operation = ways.pop().resolved()
        if operation is None or operation.kind == "return":
            return True
        if operation.pc in seen:
            continue
        seen.add(operation.pc)
        if operation.kind == "panic" or (operation.kind == "call" and operation.callee in never):
            continue
        ways += [one for one in (operation.next, operation.otherwise) if one is not None]
    return False
