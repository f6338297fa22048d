"""From a tree to a function of a machine: every name looked up, every kind checked.

Each node becomes a Python function of a machine, made of those of its parts, so that evaluating
looks nothing up. With a `Watching` look the same functions also keep what they read and what each
part was, for `reads` and `explain`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from exittui.scenario.expression import operators
from exittui.scenario.expression.functions import FUNCTIONS, LOOKUPS, owner_kind
from exittui.scenario.expression.kinds import ANY, NULL, NUMBER, TEXT, TRUTH, Kind, comparable
from exittui.scenario.expression.looking import Absent, Missing
from exittui.scenario.expression.names import nearest
from exittui.scenario.expression.references import References, Value, constant
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

if TYPE_CHECKING:
    from exittui.machine import Machine
    from exittui.scenario.expression.functions import Function, Parameter
    from exittui.scenario.expression.operators import Run


class Builder(References):
    """Builds one expression; what it finds out on the way stays in its attributes."""

    def build(self, node: Node) -> Value:
        """One part and all within it."""
        value = self._build(node)
        self.kinds[node] = value.kind
        if self._watching is None or value.constant:
            return value
        inner, values = value.run, self.values

        def run(machine: Machine) -> Any:
            values[node] = inner(machine)
            return values[node]

        return evolve(value, run=run)

    def _build(self, node: Node) -> Value:  # noqa: PLR0911 - one return a kind of node
        match node:
            case Literal():
                return self._literal(node)
            case Name():
                return self.name(node)
            case Member():
                return self.member(node)
            case Nth():
                return self.nth(node)
            case Index():
                return self.index(node)
            case Call():
                return self._call(node)
            case Unary():
                return self._unary(node)
            case Logic():
                return self._logic(node)
            case Binary():
                return self._binary(node)
        raise TypeError(node)

    def _literal(self, node: Literal) -> Value:
        kinds = {int: NUMBER, str: TEXT, bool: TRUTH, type(None): NULL}
        return constant(kinds[type(node.value)], node.value)

    # -- functions -----------------------------------------------------------------------------

    def _call(self, node: Call) -> Value:
        if node.word in LOOKUPS:
            return self.lookup(node)
        function = FUNCTIONS.get(node.word)
        if function is None:
            hint, _ = nearest(node.word, [*FUNCTIONS, *LOOKUPS])
            raise node.error(f"is no function{hint}", ", ".join([*FUNCTIONS, *LOOKUPS]))
        if len(node.arguments) != len(function.parameters):
            self._wrong_count(node, function.form(node.word), len(function.parameters))
        arguments = [
            self._argument(node, one, parameter)
            for one, parameter in zip(node.arguments, function.parameters, strict=True)
        ]
        gives = owner_kind(arguments[0].kind) if node.word == "owner" else function.gives
        self.follows_writes &= function.fields_only
        return Value(gives, self._applied(function, tuple(one.run for one in arguments)))

    def _argument(self, call: Call, node: Node, parameter: Parameter) -> Value:
        if parameter.name == "function":
            return self._function_name(node)
        value = self.build(node)
        kind, form = value.kind, FUNCTIONS[call.word].form(call.word)
        if parameter.name == "list":
            fits = kind.name in ("list", "tuple", "any")
        elif parameter.structs:
            fits = kind.name == "any" or kind.struct in parameter.structs
        else:
            fits = kind.name in ("pointer", "any", "null")
        if kind.name == "pointer" and not fits and parameter.structs == ("proc",):
            raise node.refused(f"is {kind}, where {form} takes a thread", "a thread, as worker.0")
        if not fits:
            raise node.refused(f"is {kind}, where {form} takes a {parameter.name}", form)
        return value

    def _function_name(self, node: Node) -> Value:
        """The name of a kernel function; its value is the places of its statements."""
        functions = self._names.image.functions
        if not isinstance(node, Literal) or not isinstance(node.value, str):
            raise node.refused("is no name of a function", 'its name in quotes, as "exit1"')
        name = node.value
        if name not in functions:
            hint, _ = nearest(name, functions)
            raise node.error(
                f"is no function of kernel {self._names.image.name}{hint}", "a kernel function"
            )
        statements = self._names.image.statements
        pcs = frozenset(one.pc for one in statements if one.function == name)
        return Value(ANY, lambda _: pcs)

    def _applied(self, function: Function, arguments: tuple[Run, ...]) -> Run:
        look, compute = self._look, function.run

        def run(machine: Machine) -> Any:
            values = [argument(machine) for argument in arguments]
            for value in values:
                if value.__class__ is Absent:
                    return value if function.absent is None else function.absent
            try:
                return compute(look, machine, *values)
            except Missing as missing:
                return Absent(str(missing))

        return run

    # -- operators -----------------------------------------------------------------------------

    def _truth(self, node: Node) -> Run:
        value = self.build(node)
        if value.kind.name in ("list", "any"):
            return operators.truth_of(self._look, value.run)
        return value.run

    def _logic(self, node: Logic) -> Value:
        operands = tuple(self._truth(one) for one in node.operands)
        join = operators.both if node.sign == "&&" else operators.either
        return Value(TRUTH, join(operands))

    def _unary(self, node: Unary) -> Value:
        if node.sign == "!":
            return Value(TRUTH, operators.negated(self._truth(node.operand)))
        value, function = self.number(node.operand), operators.PREFIX[node.sign]
        if value.constant:
            return constant(NUMBER, function(value.constant[0]))
        return Value(NUMBER, operators.applied(function, value.run, node.operand.text))

    def _binary(self, node: Binary) -> Value:
        if node.sign in ("in", "not in"):
            return self._in(node)
        if node.sign in ("==", "!="):
            return self._equality(node)
        left, right = self.number(node.left), self.number(node.right)
        texts = (node.left.text, node.right.text)
        ordered = node.sign in operators.ORDER
        function = (operators.ORDER if ordered else operators.COMPUTE)[node.sign]
        run = operators.computed(function, left.run, right.run, texts)
        if left.constant and right.constant and not ordered:
            try:
                return constant(NUMBER, function(left.constant[0], right.constant[0]))
            except ArithmeticError as error:
                raise node.right.refused(f"cannot stand there: {error}", "another number") from None
        return Value(TRUTH if ordered else NUMBER, run)

    def _equality(self, node: Binary) -> Value:
        left, right = self.build(node.left), self.build(node.right)
        if not comparable(left.kind, right.kind):
            raise node.error(
                f"compares {node.left.text!r}, {left.kind}, with {node.right.text!r}, {right.kind}",
                _comparison_hint(left.kind, right.kind),
            )
        for kind, other, part in (
            (left.kind, right, node.right),
            (right.kind, left, node.left),
        ):
            if kind.words and other.constant and other.constant[0] not in (*kind.words, None):
                hint, accepted = nearest(other.constant[0], kind.words)
                raise part.refused(f"is never so{hint}", accepted.strip(", "))
        positive = node.sign == "=="
        if right.constant and right.constant[0] is not None:
            return Value(
                TRUTH,
                operators.equality_to(left.run, right.constant[0], positive=positive),
            )
        return Value(TRUTH, operators.equality(left.run, right.run, positive=positive))

    def _in(self, node: Binary) -> Value:
        left, right = self.build(node.left), self.build(node.right)
        if right.kind.name not in ("list", "tuple", "number", "any"):
            raise node.right.refused(
                f"is {right.kind}, and nothing is in it", "a list, or flags as ps_flags"
            )
        flags = right.kind.name == "number"
        if flags and left.kind.name not in ("number", "any"):
            raise node.left.refused(f"is {left.kind}, and no flag", "a flag, as PS_EXITING")
        if left.constant == (0,) and right.kind.name in ("number", "any"):
            raise node.left.refused("is no flag: it has no bits", "a flag, as PS_EXITING")
        wrong = left.kind.name not in ("pointer", "any") or (
            left.kind.struct and right.kind.struct and left.kind.struct != right.kind.struct
        )
        if right.kind.name == "list" and wrong:
            raise node.left.refused(
                f"is {left.kind}, and never in {node.right.text!r}, {right.kind}",
                "what the list is of",
            )
        run = operators.member(self._look, left.run, right.run)
        return Value(TRUTH, operators.negated(run) if node.sign == "not in" else run)


def _comparison_hint(left: Kind, right: Kind) -> str:
    names = {left.name, right.name}
    if "list" in names:
        return "len(list), or: element in list"
    if "pointer" in names:
        return "two of one kind, or a pointer and NULL"
    if "truth" in names:
        return "two of one kind; to deny a comparison write !(a == b)"
    return "two of one kind"
