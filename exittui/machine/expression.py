"""Expressions of machine code, translated into Python expressions over a frame.

A local variable becomes a slot of the frame `f`, a variable of the machine an item of `K`, a
constant its value; macros are expanded. What is left has no names but those of the loaded image,
and can be printed by `ast.unparse`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NoReturn, cast

import attrs

from exittui.machine.queue import LOOPS, READERS, WRITERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from exittui.machine.lang import Variable, struct
    from exittui.machine.scope import Meaning, SourceModule

_REFUSED = {
    ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a generator",
    ast.JoinedStr: "an f-string",
    ast.Dict: "a dict",
    ast.Set: "a set",
    ast.List: "a list",
    ast.Starred: "a starred expression",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Await: "await",
    ast.Slice: "a slice",
}


@attrs.frozen
class Macro:
    """A macro: its parameters and the expression it stands for, in the module that defines it."""

    module: SourceModule
    parameters: tuple[str, ...]
    body: ast.expr


@attrs.define
class Symbols:
    """What is linked, and what the functions translated so far need of it.

    The needs are checked when all functions are translated.
    """

    macros: dict[str, Macro] = attrs.field(factory=dict)
    structs: dict[str, type[struct]] = attrs.field(factory=dict)
    variables: dict[str, Variable] = attrs.field(factory=dict)
    used_fields: dict[str, tuple[SourceModule, int, str]] = attrs.field(factory=dict)
    used_functions: dict[str, tuple[SourceModule, int, str]] = attrs.field(factory=dict)

    def is_struct(self, variable: str) -> bool:
        """Whether the variable is a struct, whose address never changes, or holds a value."""
        return isinstance(self.variables[variable].init, type)


class Translator(ast.NodeVisitor):
    """Translates the expressions of one function, or of one macro expanded in it."""

    def __init__(
        self,
        module: SourceModule,
        names: Mapping[str, ast.expr],
        symbols: Symbols,
        function: str,
    ) -> None:
        """`names` gives what each local stands for: slots, or a macro's arguments."""
        self.module = module
        self.names = names
        self.symbols = symbols
        self.function = function
        self.writes = False
        """Whether something translated writes: then the step has to note its place first."""
        self.stored: dict[str, int] = {}

    def translate(self, node: ast.expr) -> ast.expr:
        """The translated expression. The tree given is not changed."""
        return cast("ast.expr", self.visit(node))

    def text(self, node: ast.expr) -> str:
        """The translated expression as source text."""
        return ast.unparse(self.translate(node))

    def refuse(self, node: ast.AST, what: str) -> NoReturn:
        """Raise a LinkError at this node."""
        raise self.module.error(node, f"in {self.function}(): {what}")

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Refuse what no step can do; translate the rest, part by part, into a new node."""
        refused = _REFUSED.get(type(node))
        if refused:
            self.refuse(node, f"{refused} cannot be compiled")
        parts: dict[str, Any] = {}
        for name in node._fields:
            part = getattr(node, name)
            if isinstance(part, list):
                part = [self.visit(one) for one in part]
            elif isinstance(part, ast.expr):
                part = self.visit(part)
            parts[name] = part
        return type(node)(**parts)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A local, a variable of the machine, a constant, or a function as a value."""
        if node.id in self.names:
            return self.names[node.id]
        meaning = self.meaning(node, node.id)
        if meaning.kind == "variable":
            return self.variable(node, meaning.name)
        if meaning.kind == "constant":
            return ast.Constant(meaning.value)
        if meaning.kind == "function":
            self.need_function(meaning.name, node)
            return ast.Constant(meaning.name)
        self.refuse(node, f"{meaning.kind} {node.id} is not a value")

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """A field; the link checks that some struct has it."""
        self.need_field(node.attr, node)
        return ast.Attribute(self.visit(node.value), node.attr, ast.Load())

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        """`(local := value)`: kept in a Python variable, stored by the step that contains it."""
        slot = self.names.get(node.target.id)
        if not isinstance(slot, ast.Subscript):
            self.refuse(node, f"{node.target.id} is not a local")
        self.stored[node.target.id] = _slot_number(slot)
        return ast.NamedExpr(ast.Name(f"w_{node.target.id}", ast.Store()), self.visit(node.value))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Macros, reading queue operations and the intrinsics that are values."""
        if not isinstance(node.func, ast.Name) or node.func.id in self.names:
            self.refuse(node, "a call through a pointer must stand alone; assign it to a local")
        meaning = self.meaning(node, node.func.id)
        translate: Callable[[ast.Call, Meaning], ast.expr] | None = getattr(
            self, f"_call_{meaning.kind}", None
        )
        if translate is None:
            self.refuse(node, f"{node.func.id}() cannot be called here")
        return translate(node, meaning)

    def _call_cast(self, node: ast.Call, _: Meaning) -> ast.expr:
        return self.translate(node.args[1])

    def _call_builtin(self, node: ast.Call, meaning: Meaning) -> ast.expr:
        if meaning.name == "isinstance":
            match node.args:
                case [value, ast.Name(id="int")]:
                    return ast.Call(_name("isinstance"), [self.visit(value), _name("int")], [])
            self.refuse(node, "isinstance(value, int) is the one form that can be compiled")
        return ast.Call(_name(meaning.name), [self.visit(arg) for arg in node.args], [])

    def _call_function(self, node: ast.Call, meaning: Meaning) -> NoReturn:
        self.refuse(
            node,
            f"the call of {meaning.name}() must be the whole statement, value or test, because "
            "it takes steps of its own; assign it to a local first",
        )

    def _call_macro(self, node: ast.Call, meaning: Meaning) -> ast.expr:
        inner = self.inside(node, meaning)
        value = inner.translate(self.symbols.macros[meaning.name].body)
        self.writes = self.writes or inner.writes
        return value

    def inside(self, node: ast.Call, meaning: Meaning) -> Translator:
        """The translator for the body of the macro called here."""
        macro = self.symbols.macros.get(meaning.name)
        if macro is None:
            self.refuse(node, f"no macro {meaning.name}() in this kernel")
        if node.keywords or len(node.args) != len(macro.parameters):
            self.refuse(node, f"{meaning.name}() takes {len(macro.parameters)} arguments by place")
        arguments = [self.visit(arg) for arg in node.args]
        inner = Translator(
            macro.module,
            dict(zip(macro.parameters, arguments, strict=True)),
            self.symbols,
            self.function,
        )
        inner.stored = self.stored
        return inner

    def _call_struct(self, node: ast.Call, meaning: Meaning) -> ast.expr:
        """An allocation: a write, so it has to be the whole right side of an assignment."""
        self.writes = True
        keys: list[ast.expr | None] = [ast.Constant(word.arg) for word in node.keywords]
        if node.args or any(word.arg is None for word in node.keywords):
            self.refuse(node, f"fields of {meaning.name} are given by name")
        values = [self.visit(word.value) for word in node.keywords]
        return ast.Call(_name("N"), [ast.Constant(meaning.name), ast.Dict(keys, values)], [])

    def _call_queue(self, node: ast.Call, meaning: Meaning) -> ast.expr:
        arguments = [self.visit(arg) for arg in node.args]
        if meaning.name in LOOPS:
            self.refuse(node, f"{meaning.name} belongs in a for statement")
        if meaning.name in WRITERS:
            self.writes = True
            return ast.Call(_name(meaning.name), [_name("X"), *arguments], [])
        text = READERS[meaning.name].format(*map(ast.unparse, arguments))
        return ast.parse(text, mode="eval").body

    def _call_intrinsic(self, node: ast.Call, meaning: Meaning) -> ast.expr:  # noqa: PLR0911 - one case each
        arguments = [self.visit(arg) for arg in node.args]
        match meaning.name:
            case "this_cpu":
                return ast.Subscript(_name("c"), ast.Constant(1), ast.Load())
            case "cpus":
                return _name("CPUS")
            case "stack_pointer":
                return _name("f")
            case "interrupted_usermode":
                return ast.parse("f[1][0] in USER", mode="eval").body
            case "addr":
                return ast.Tuple(arguments, ast.Load())
            case "address":
                return ast.Call(_name("ADDRESS"), arguments, [])
            case "atomic_cas":
                self.writes = True
                return ast.Call(_name("CAS"), arguments, [])
            case "new_stack":
                self.writes = True
                return ast.Call(_name("NEWSTACK"), arguments, [])
        self.refuse(node, f"{meaning.name}() is a statement of its own, not a value")

    def variable(self, node: ast.AST, name: str) -> ast.expr:
        """A variable of the machine: a struct by itself, a value as an item of `K`."""
        if name not in self.symbols.variables:
            self.refuse(node, f"this kernel has no variable {name}")
        if self.symbols.is_struct(name):
            return _name(f"V_{name}")
        return ast.Subscript(_name("K"), ast.Constant(name), ast.Load())

    def need_function(self, name: str, node: ast.expr) -> None:
        """Note that the link has to find this function."""
        self.symbols.used_functions.setdefault(name, (self.module, node.lineno, self.function))

    def need_field(self, name: str, node: ast.expr) -> None:
        """Note that some struct has to have this field."""
        self.symbols.used_fields.setdefault(name, (self.module, node.lineno, self.function))

    def meaning(self, node: ast.AST, name: str) -> Meaning:
        """What a name that is no local means; a LinkError if nothing."""
        found = self.module.meaning(name)
        if found is None:
            self.refuse(node, f"{name} is neither a local nor anything this module knows")
        return found


def _name(text: str) -> ast.expr:
    return ast.Name(text, ast.Load())


def slot(number: int) -> ast.Subscript:
    """The expression for a slot of the executing frame."""
    return ast.Subscript(ast.Name("f", ast.Load()), ast.Constant(number), ast.Load())


def _slot_number(node: ast.Subscript) -> int:
    return int(ast.literal_eval(node.slice))
