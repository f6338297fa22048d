"""What the signs of the language compute, as functions of a machine made from such functions.

Truth has three values. `Absent` is neither true nor false: `!` of it is absent too, `&&` is false
if one side is, `||` is true if one side is, whatever the other one is. What compares or computes
with an absent value is absent. So nothing that is gone makes anything true, not even by `!`.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from exittui.machine import struct
from exittui.machine.queue import LIST_HEAD, TAILQ_HEAD
from exittui.scenario.expression.looking import Absent, Look, Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from exittui.machine import Machine

    Run = Callable[[Machine], Any]

_WORD: Final = 64
_PLAIN: Final = (int, bool, str, tuple)


def same(left: Any, right: Any) -> bool:
    """Whether two values are one: structs by identity, NULL also where the kernel has 0."""
    if left is right:
        return True
    if left is None or right is None:
        other = right if left is None else left
        return type(other) is int and other == 0
    # Of stacks nothing but identity is asked: they go on for ever.
    return type(left) in _PLAIN and type(right) in _PLAIN and bool(left == right)


def equality(left: Run, right: Run, *, positive: bool) -> Run:
    """`==` and `!=`."""

    def equal(machine: Machine) -> Any:
        one, other = left(machine), right(machine)
        if one.__class__ is Absent:
            return one
        if other.__class__ is Absent:
            return other
        return same(one, other) is positive

    return equal


def equality_to(left: Run, constant: int | str, *, positive: bool) -> Run:
    """`==` and `!=` with a constant other than NULL."""

    def equal(machine: Machine) -> Any:
        one = left(machine)
        if one.__class__ is Absent:
            return one
        return one == constant

    def different(machine: Machine) -> Any:
        one = left(machine)
        if one.__class__ is Absent:
            return one
        return one != constant

    return equal if positive else different


def computed(
    function: Callable[[Any, Any], Any], left: Run, right: Run, texts: tuple[str, str]
) -> Run:
    """A comparison by size, or a computation, of two numbers; `texts` are how they are written."""

    def compute(machine: Machine) -> Any:
        one, other = left(machine), right(machine)
        if one.__class__ is int and other.__class__ is int:
            try:
                return function(one, other)
            except ArithmeticError as error:
                return Absent(f"{texts[1]} is {other}: {error}")
        return _no_number(((one, texts[0]), (other, texts[1])), function)

    return compute


def _no_number(values: Sequence[tuple[Any, str]], function: Callable[..., Any]) -> Any:
    """What to say where not all values are plain numbers."""
    for value, text in values:
        if value.__class__ is Absent:
            return value
        if not isinstance(value, int):
            return Absent(f"{text} is no number")
    try:
        return function(*(int(value) for value, _ in values))
    except ArithmeticError as error:
        return Absent(f"{values[-1][1]} is {int(values[-1][0])}: {error}")


def applied(function: Callable[[Any], Any], operand: Run, text: str) -> Run:
    """A computation of one number."""

    def apply(machine: Machine) -> Any:
        return _no_number(((operand(machine), text),), function)

    return apply


def _divide(left: int, right: int) -> int:
    """As C does: towards zero."""
    if right == 0:
        raise ArithmeticError("nothing can be divided by it")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _remainder(left: int, right: int) -> int:
    return left - right * _divide(left, right)


def _shift_left(left: int, right: int) -> int:
    return left << _count(right)


def _shift_right(left: int, right: int) -> int:
    return left >> _count(right)


def _count(number: int) -> int:
    if not 0 <= number < _WORD:
        raise ArithmeticError(f"a shift is by 0 to {_WORD - 1}")
    return number


COMPUTE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "%": _remainder,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": _shift_left,
    ">>": _shift_right,
}
ORDER: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
PREFIX: Final[Mapping[str, Callable[[Any], Any]]] = {"-": operator.neg, "~": operator.invert}


# -- truth ---------------------------------------------------------------------------------------


def truth(look: Look, machine: Machine, value: Any) -> Any:
    """True, False or absent: a number is true if not 0, a list or text if not empty."""
    if value.__class__ is Absent:
        return value
    if isinstance(value, (LIST_HEAD, TAILQ_HEAD)):
        try:
            return next(look.elements(machine, value), None) is not None
        except Missing as missing:
            return Absent(str(missing))
    return bool(value)


def truth_of(look: Look, operand: Run) -> Run:
    """The truth of something that may be a list or a pointer."""

    def run(machine: Machine) -> Any:
        return truth(look, machine, operand(machine))

    return run


def both(operands: Sequence[Run]) -> Run:
    """`&&`."""

    def run(machine: Machine) -> Any:
        unknown = None
        for operand in operands:
            value = operand(machine)
            if not value:
                if value.__class__ is not Absent:
                    return False
                unknown = unknown if unknown is not None else value
        return True if unknown is None else unknown

    return run


def either(operands: Sequence[Run]) -> Run:
    """`||`."""

    def run(machine: Machine) -> Any:
        unknown = None
        for operand in operands:
            value = operand(machine)
            if value:
                return True
            if value.__class__ is Absent and unknown is None:
                unknown = value
        return False if unknown is None else unknown

    return run


def negated(operand: Run) -> Run:
    """`!`."""

    def run(machine: Machine) -> Any:
        value = operand(machine)
        return value if value.__class__ is Absent else not value

    return run


def member(look: Look, left: Run, right: Run) -> Run:
    """`in`: an element of a list; of a number, all of these bits."""

    def run(machine: Machine) -> Any:
        wanted, where = left(machine), right(machine)
        for value in (wanted, where):
            if value.__class__ is Absent:
                return value
        if isinstance(where, int):
            return isinstance(wanted, int) and where & wanted == wanted
        try:
            return any(same(one, wanted) for one in look.elements(machine, where))
        except Missing as missing:
            return Absent(str(missing))

    return run


# -- fields --------------------------------------------------------------------------------------


def field(target: Run, name: str, text: str) -> Run:
    """A field of what `target`, written `text`, points to."""
    null = Absent(f"{text} is NULL")

    def run(machine: Machine) -> Any:
        owner = target(machine)
        if owner.__class__ is Absent:
            return owner
        if owner is None:
            return null
        try:
            return owner.__dict__[name]
        except (AttributeError, KeyError):
            return no_field(machine, owner, name, text)

    return run


def field_of(number: int, name: str, text: str) -> Run:
    """A field of the struct of this number, which has it unless it was freed."""
    freed = Absent(f"{text} was freed")

    def run(machine: Machine) -> Any:
        return machine.memory.heap[number].__dict__.get(name, freed)

    return run


def no_field(machine: Machine, owner: Any, name: str, text: str) -> Absent:
    """Why a field cannot be read."""
    if type(owner) is int and owner == 0:
        return Absent(f"{text} is NULL")
    if isinstance(owner, struct) and machine.memory.is_freed(owner):
        return Absent(f"{text} was freed")
    return Absent(f"{text} has no field {name}")
