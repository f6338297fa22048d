"""Expressions asked in a session: those of scenarios, and the variables of functions besides.

A variable is meant of the frame one looks at, or, in the condition of a breakpoint, of the
function that was stopped in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from exittui.machine.image import FIRST_SLOT
from exittui.scenario.expression import Absent, Expression, Names
from exittui.scenario.expression.building import Builder
from exittui.scenario.expression.functions import FUNCTIONS
from exittui.scenario.expression.kinds import ANY, pointer
from exittui.scenario.expression.looking import Look
from exittui.scenario.expression.parser import parse
from exittui.scenario.expression.references import Value
from exittui.scenario.expression.tree import Call, Literal, Member, Name

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine import Machine, struct
    from exittui.scenario.build import Built

    Frames = Callable[[Machine], Any]
    Cpus = Callable[[Machine], int]

DIRECT_MAP: Final = 0xFFFF800000000000
BYTES: Final = 64
"""Where the model's structs would be, by their numbers, and how much room each would have."""


_DECIMAL: Final = re.compile(r"\b0t([0-9]+)\b")
_CURRENT: Final = frozenset({"curproc", "curcpu"})


@frozen(eq=False)
class Scope:
    """The variables of a function, and how to find the frame that they are read from."""

    function: str
    slots: dict[str, int]
    frame: Frames
    cpu: Cpus
    """Whose `curproc` and `curcpu` are meant."""
    machine: Machine


@frozen(eq=False)
class Target:
    """What an expression names, as a place that steps write to.

    A field of `struct`, a variable of the kernel (`struct` is None), or slot `slot` of `frame`.
    """

    text: str
    struct: struct | None
    field: str
    frame: Any = None
    slot: int = 0


class _LocalBuilder(Builder):
    """Builds expressions in which the variables of a function come first."""

    def __init__(self, names: Names, look: Look, scope: Scope) -> None:
        super().__init__(names, look)
        self._scope = scope

    def name(self, node: Name) -> Value:
        """A variable of the function, or whatever else it is."""
        scope = self._scope
        slot = scope.slots.get(node.word)
        if slot is None:
            known = node.word in self._names.image.variables or node.word in self._names.pids
            if node.word in _CURRENT and not known:
                return self._current(node.word)
            return super().name(node)
        self.follows_writes = self.from_state = False
        absent = Absent(f"{node.word} is a variable of {scope.function}(), which is not here")

        def run(machine: Machine) -> Any:
            frame = scope.frame(machine)
            if frame is None:
                return absent
            here = machine.image.statements[frame[0]].function
            return frame[slot] if here == scope.function else absent

        return Value(ANY, run)

    def _current(self, word: str) -> Value:
        """`curproc` and `curcpu` of the CPU one looks at, or that was stopped."""
        self.follows_writes = self.from_state = False
        cpu = self._scope.cpu
        if word == "curcpu":
            return Value(pointer(self._names.cpu), lambda machine: machine.infos[cpu(machine)])
        return Value(pointer("proc"), lambda machine: machine.infos[cpu(machine)].ci_curproc)

    def _literal(self, node: Literal) -> Value:
        """A number; one that is the address of a struct is that struct."""
        found = None
        if isinstance(node.value, int) and node.value >= DIRECT_MAP:
            found = struct_at(self._scope.machine, node.value)
        if found is None:
            return super()._literal(node)
        return Value(pointer(type(found).__name__), lambda _: found)


def struct_at(machine: Machine, address: int) -> struct | None:
    """The struct at an address, as `%p` shows it; None if there was never one."""
    number, rest = divmod(address - DIRECT_MAP, BYTES)
    return None if rest else machine.memory.heap.get(number)


class Question(Expression):
    """An expression, with the variables of one function among its names."""

    def __init__(self, text: str, names: Names, scope: Scope) -> None:
        """Compile it; raises ExpressionError."""
        super().__init__("0", names)
        self._tree = parse(text)
        self._scope = scope
        self._look = Look()
        builder = self._builder(self._look)
        value = builder.build(self._tree)
        self.text = text
        self.kind = value.kind
        self.follows_writes = builder.follows_writes
        self.from_state = builder.from_state
        self._run = self.value = value.run

    def _builder(self, look: Look) -> Builder:
        return _LocalBuilder(self._names, look, self._scope)


class Asking:
    """Compiles what a person asks of one run."""

    def __init__(self, built: Built) -> None:
        self._machine: Machine = built.machine
        self.names = Names.of(built)

    def at_address(self, address: int) -> struct | None:
        """The struct at an address; None if there was never one."""
        return struct_at(self._machine, address)

    def scope(self, function: str, frame: Frames, cpu: Cpus) -> Scope:
        """The variables of a function, read from the frame that `frame` finds, on a CPU."""
        known = self._machine.image.functions.get(function)
        variables = known.variables if known is not None else ()
        slots = {
            name: slot
            for slot, name in enumerate(variables, FIRST_SLOT)
            if not name.startswith(".")
        }
        return Scope(function, slots, frame, cpu, self._machine)

    def compile(self, text: str, scope: Scope | None = None) -> Expression:
        """The expression of a text; raises ExpressionError. ddb's 0t10 is 10."""
        text = _DECIMAL.sub(r"\1", text)
        if scope is None:
            return Expression(text, self.names)
        return Question(text, self.names, scope)

    def target(self, text: str, scope: Scope) -> Target | None:
        """What place a text names; None if it is no place, or what has the field is not there."""
        text = _DECIMAL.sub(r"\1", text)
        tree = parse(text)
        if isinstance(tree, Name):
            return self._named(text, tree, scope)
        self.compile(text, scope)
        if not isinstance(tree, Member):
            return None
        owner = self.compile(tree.target.text, scope)(self._machine)
        fields = getattr(owner, "__dict__", None)
        if fields is None or isinstance(owner, Absent):
            return None
        return Target(text, owner, tree.word)

    def computes(self, text: str) -> bool:
        """Whether a text asks a function, as `owner(lock)`, and not for what it names."""
        tree = parse(_DECIMAL.sub(r"\1", text))
        return isinstance(tree, Call) and tree.word in FUNCTIONS

    def _named(self, text: str, tree: Name, scope: Scope) -> Target | None:
        """What a word names: a variable of the function, one of the kernel, or `curproc`."""
        slot = scope.slots.get(tree.word)
        frame = scope.frame(self._machine)
        if slot is not None and frame is not None:
            return Target(text, None, tree.word, frame, slot)
        self.compile(text, scope)
        if tree.word in self._machine.memory.variables:
            return Target(text, None, tree.word)
        if tree.word == "curproc":
            info = self._machine.infos[scope.cpu(self._machine)]
            return Target(text, info, "ci_curproc")
        return None
