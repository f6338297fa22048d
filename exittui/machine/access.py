"""What a statement is about to read: for each operation, code that evaluates it and tells.

The functions made here are called before a step and change nothing. Each evaluates what the step
will evaluate, in the same order and as far as the step will, and reports every field and variable
it looks at. What a step writes need not be foretold: the journal says it afterwards.

`B(o, name, bound)` asks only whether a field is below a bound, as the condition of an interrupt
does; `R(o, name)` reads a field; `T(o, name, c, value)` only compares it with `value`;
`G(name)` reads a variable; `Q(o, field)` follows a queue; `W(o, field)` is a link that a queue
operation looks at before it writes. `M(o, name, bits)` looks at some bits of a field, or of a
variable where `o` is None; `S(o, name, bits)` says that the step is going to set or to clear these
bits and leaves the others as they are, so that it reads none. A checker binds these names when it
executes the code.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Any

from exittui.machine.compiler import names_read
from exittui.machine.queue import WRITERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.machine.compiler import Arrival, Compiled, Operation

_REPORTERS = frozenset("BGMQRSTW")


def module(functions: Iterable[Compiled]) -> str:
    """The source that defines ACCESS: by program counter, for the operations that read."""
    lines, table = [], []
    for compiled in functions:
        for operation in compiled.operations:
            body = [line for line in _body(operation) if line]
            if body:
                lines += [f"def a{operation.pc}(f, c):", *(f"    {line}" for line in body)]
                table.append(f"{operation.pc}: a{operation.pc}")
        if compiled.interrupt:
            arrival = compiled.interrupt
            lines += [
                f"def a{arrival.pc}(f, c):",
                f"    {_armed(arrival)}{_watched(arrival.guard, _Masked)}",
            ]
            table.append(f"{arrival.pc}: a{arrival.pc}")
    lines.append(f"ACCESS = {{{', '.join(table)}}}")
    return "\n".join(lines) + "\n"


def _armed(arrival: Arrival) -> str:
    """The look at what arms an interrupt, unless its own condition is false where that is."""
    return "" if arrival.armed in names_read(arrival.guard) else f"G({arrival.armed!r}) and "


def _body(operation: Operation) -> list[str]:  # noqa: PLR0911 - one case each
    """The statements that evaluate an operation; none if it looks at nothing but its frame."""
    match operation.kind:
        case "field":
            own = _own_bits(operation, f"({operation.target}).{operation.field}")
            if own is not None:
                return [f"S({_watched(operation.target)}, {operation.field!r}, {own})"]
            return [_if_reads(operation.value), _if_reads(operation.target)]
        case "global":
            own = _own_bits(operation, f"K[{operation.field!r}]")
            if own is not None:
                return [f"S(None, {operation.field!r}, {own})"]
        case "call" | "pointer":
            words = (value for _, value in operation.keywords)
            called = (operation.callee,) if operation.kind == "pointer" else ()
            return [_if_reads(text) for text in (*called, *operation.arguments, *words)]
        case "spin" | "halt":
            return [_if_reads(operation.guard)]
        case "enter":
            first = f"({operation.target}).{operation.value}"
            if operation.hidden:
                return [f"v = {_watched(first)}", "if v is not None:", _queue("v", operation)]
            return [_watched(first)]
        case "walk":
            if not operation.hidden:
                return [_queue(f"f[{operation.slot}]", operation).strip()]
            return [
                f"v = f[{operation.hidden}]",
                "if v is not None:",
                _queue("v", operation),
            ]
        case "panic":
            return []
    return [_if_reads(operation.value)] if operation.value else []


def _own_bits(operation: Operation, place: str) -> str | None:
    """The bits of its own place that an assignment sets (`x |= bits`) or clears (`x &= ~bits`)."""
    if operation.writes or operation.stored:
        return None
    return _bits_of(operation.value, place)


# Kernels have most expressions in common: what is made of one is kept for the next link.


@cache
def _bits_of(value: str, place: str) -> str | None:
    match ast.parse(value, mode="eval").body:
        case (
            ast.BinOp(left=left, op=ast.BitOr(), right=bits)
            | ast.BinOp(left=left, op=ast.BitAnd(), right=ast.UnaryOp(ast.Invert(), bits))
        ) if ast.dump(left) == ast.dump(ast.parse(place, mode="eval").body):
            return _watched(ast.unparse(bits))
    return None


def _queue(element: str, operation: Operation) -> str:
    return f"    Q({element}, {_watched(operation.field)})"


@cache
def _if_reads(text: str) -> str:
    """The expression with its reads reported, or nothing if it has none."""
    watched = _watched(text)
    for node in ast.walk(ast.parse(watched, mode="eval")):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _REPORTERS:
                return watched
    return ""


@cache
def _watched(text: str, watcher: type[_Watcher] | None = None) -> str:
    tree = ast.parse(text, mode="eval").body
    return ast.unparse((watcher or _Watcher)().visit(tree))


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


class _Watcher(ast.NodeTransformer):
    """Replaces every look at memory by the call of a reporter, every write by its operands."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return _call("R", self.visit(node.value), ast.Constant(node.attr))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == "K":
            return _call("G", node.slice)
        return ast.Subscript(self.visit(node.value), self.visit(node.slice), ast.Load())

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        match node:
            case ast.BinOp(
                left=ast.BinOp(
                    left=ast.BinOp(op=ast.RShift()) as shifted, op=ast.BitAnd(), right=all_bits
                ),
                op=ast.BitAnd(),
                right=bits,
            ):
                return self.visit_BinOp(
                    ast.BinOp(shifted, ast.BitAnd(), ast.BinOp(all_bits, ast.BitAnd(), bits))
                )
            case ast.BinOp(
                left=ast.BinOp(left=left, op=ast.RShift(), right=places),
                op=ast.BitAnd(),
                right=bits,
            ):
                mask = ast.BinOp(self.visit(bits), ast.LShift(), self.visit(places))
                looked = self._bits(left, mask)
                if looked is not None:
                    return ast.BinOp(looked, ast.RShift(), self.visit(places))
            case ast.BinOp(left=left, op=ast.BitAnd(), right=bits):
                looked = self._bits(left, self.visit(bits))
                if looked is not None:
                    return looked
        return self.generic_visit(node)  # type: ignore[return-value] # it stays an expression

    def _bits(self, node: ast.expr, bits: ast.expr) -> ast.expr | None:
        """A look at some bits of a field or a variable, if that is what it is."""
        match node:
            case ast.Attribute(value=target, attr=name):
                return _call("M", self.visit(target), ast.Constant(name), bits)
            case ast.Subscript(value=ast.Name("K"), slice=name_of):
                return _call("M", ast.Constant(None), name_of, bits)
        return None

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        match node:
            case ast.Compare(
                left=ast.Attribute(value=target, attr=name),
                ops=[ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq() as operator],
                comparators=[ast.Name() | ast.Subscript() as right],
            ):
                other = self.visit(right)
                field = _call(
                    "T", self.visit(target), ast.Constant(name), ast.Name("c", ast.Load()), other
                )
                return ast.Compare(field, [operator], [other])
        return self.generic_visit(node)  # type: ignore[return-value] # it stays an expression

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments: list[Any] = [self.visit(argument) for argument in node.args]
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in WRITERS:
            _, *operands, field = arguments
            element = operands[-1]
            return ast.Tuple([*operands[:-1], _call("W", element, field)], ast.Load())
        match name:
            case "N":
                fields = arguments[1]
                return ast.Tuple(list(fields.values), ast.Load())
            case "CAS":
                target, field, expected, _ = arguments
                return ast.Compare(_call("R", target, field), [ast.Eq()], [expected])
            case "NEWSTACK":
                return ast.Tuple(arguments, ast.Load())
            case "NEXT" | "_queue_next":
                return _call("Q", *arguments)
        return ast.Call(node.func, arguments, [])


class _Masked(_Watcher):
    """The condition of an interrupt: what it compares with a bound matters as far as that goes.

    A flag matters as far as it is set.
    """

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        match node:
            case ast.Compare(
                left=ast.Attribute(value=target, attr=name),
                ops=[ast.Lt()],
                comparators=[ast.Constant(int())],
            ):
                return _call("B", self.visit(target), ast.Constant(name), node.comparators[0])
        return super().visit_Compare(node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(
                func=ast.Name("bool"), args=[ast.Attribute(value=target, attr=name)], keywords=[]
            ):
                below = _call("B", self.visit(target), ast.Constant(name), ast.Constant(1))
                return ast.UnaryOp(ast.Not(), below)
        return super().visit_Call(node)
