"""A compiled expression: evaluated many times, explained when somebody asks why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from exittui.machine import ALLOCATED
from exittui.scenario.expression.building import Builder
from exittui.scenario.expression.looking import Absent, Look, Watching, shown
from exittui.scenario.expression.operators import truth
from exittui.scenario.expression.parser import parse
from exittui.scenario.expression.tree import Literal, Node

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from exittui.machine import Machine, Write
    from exittui.scenario.expression.kinds import Kind
    from exittui.scenario.expression.looking import Read
    from exittui.scenario.expression.names import Names


@frozen
class Part:
    """A part of an expression and what it was: `shown` is the value in words.

    `depth` is 0 for the whole, 1 for its parts, and so on.
    """

    text: str
    value: Any
    shown: str
    depth: int


class Expression:
    """What `compile` makes of a text; call it with a machine to have its value.

    The value is an int, str, bool, None (NULL), a struct, a list (the head of a queue, or a tuple
    of structs), or `Absent`.
    """

    def __init__(self, text: str, names: Names) -> None:
        """Compile it; raises ExpressionError."""
        self._tree = parse(text)
        self._names = names
        self._look = Look()
        builder = Builder(names, self._look)
        value = builder.build(self._tree)
        self.text = text
        self.kind: Kind = value.kind
        """What its value is, as far as that is known."""
        self.follows_writes = builder.follows_writes
        """Whether its value changes only by a write to what `reads` names.

        If not, it looks at stacks, at the number of steps or at how the run ended, and has to be
        evaluated after every step.
        """
        self.from_state = builder.from_state
        """Whether it depends on nothing but the state that the fingerprint of a machine covers.

        If not, it looks at `step`, `result` or `message`, or by number for a process or thread
        that the scenario does not begin with, which is found also when it was freed.
        """
        self._run = value.run
        # A bound __call__ would cost as much again as a simple comparison.
        self.value = value.run
        """The same as calling it, without the call of this object."""
        self._watched: tuple[Watching, Builder, Any] | None = None

    def __call__(self, machine: Machine) -> Any:
        """Its value now."""
        return self._run(machine)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    @property
    def seen(self) -> int:
        """How many elements of lists, and of what was looked up among many, it has passed."""
        return self._look.seen

    def holds(self, machine: Machine) -> bool:
        """Whether it is true; what is absent is not."""
        return truth(Look(), machine, self._run(machine)) is True

    def fails(self, machine: Machine) -> bool:
        """Whether it is false; what is absent is not false either."""
        return truth(Look(), machine, self._run(machine)) is False

    def reads(self, machine: Machine) -> frozenset[Read]:
        """What it reads to know its value: (struct, field), and (None, name) for variables.

        A struct that it looks at is there with FREED as well, and (None, ALLOCATED) says that the
        making of any struct may change the value; see `touches`.
        """
        watching, _ = self._watch(machine)
        return frozenset(watching.reads)

    def explain(self, machine: Machine) -> tuple[Part, ...]:
        """What it was made of, outermost first; parts that decided nothing are left out."""
        _, builder = self._watch(machine)
        return tuple(_parts(self._tree, builder, machine, 0))

    def words(self, machine: Machine) -> str:
        """Its value as text."""
        return _words(machine, self._run(machine), self.kind)

    def _builder(self, look: Look) -> Builder:
        """What makes a function of its tree."""
        return Builder(self._names, look)

    def _watch(self, machine: Machine) -> tuple[Watching, Builder]:
        """Evaluate it with everything noted."""
        if self._watched is None:
            watching = Watching()
            builder = self._builder(watching)
            self._watched = watching, builder, builder.build(self._tree).run
        watching, builder, run = self._watched
        watching.reads.clear()
        builder.values.clear()
        truth(watching, machine, run(machine))
        return watching, builder


def _parts(node: Node, builder: Builder, machine: Machine, depth: int) -> Iterator[Part]:
    """The part and those within it that were evaluated and say something."""
    if isinstance(node, Literal) or node not in builder.values:
        return
    value = builder.values[node]
    yield Part(node.text, value, _words(machine, value, builder.kinds[node]), depth)
    for part in node.parts():
        yield from _parts(part, builder, machine, depth + 1)


def _words(machine: Machine, value: Any, kind: Kind) -> str:
    if kind.name == "truth" and not isinstance(value, Absent):
        return "true" if value else "false"
    return shown(machine, value, spelt=kind.name in ("list", "tuple"))


def touches(reads: Container[Read], write: Write) -> bool:
    """Whether a write of a step may change the value of an expression that read this."""
    if write.field == ALLOCATED:
        return (None, ALLOCATED) in reads
    known = write.target is not None or write.name == "globals"
    return known and (write.target, write.field) in reads


def compile(text: str, names: Names) -> Expression:  # noqa: A001 - as in re.compile
    """The expression that a text means, with these names; raises ExpressionError."""
    return Expression(text, names)
