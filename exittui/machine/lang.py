"""The dialect in which a machine's functions are written.

A module of machine code is ordinary Python that type-checks and lints but is never called: the
compiler (`compiler.py`) reads its source and makes every statement one step. What stands here is
what such a module imports, beside the queues of `queue.py`:

* `struct`, `embed`, `variable`: the shape of memory;
* `macro`, `usermode`: marks on functions;
* everything else is an *intrinsic*: a name the compiler replaces by an operation of the machine.
  Its body is never run, so calling one from Python is an error that says so.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar, cast, dataclass_transform, overload

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., Any]")


class UseAfterFree(Exception):  # noqa: N818 - what happened, not a program error
    """A step touched a field of a struct that was freed before."""

    def __init__(self, target: struct, field: str) -> None:
        super().__init__(field)
        self.target = target
        self.field = field


class Embedded:
    """The declaration of a struct inside a struct."""

    def __init__(self, cls: type[struct], overrides: dict[str, Any]) -> None:
        self.cls = cls
        self.overrides = overrides


@dataclass_transform(kw_only_default=True)
class struct:  # noqa: N801 - reads as the keyword it stands for
    """The base of all structs: fields live in `__dict__`, whose items the journal names.

    A subclass annotates its fields and gives each a default. Instances made by Python (at module
    level, in tests) are prototypes; those the machine works on are made by its allocator. A freed
    struct has lost its fields, so that touching one, at no cost to the living, ends in
    `UseAfterFree`.
    """

    __slots__ = ("__dict__", "__weakref__", "embedded_in")
    fields: dict[str, Any] = {}  # noqa: RUF012 - filled for each subclass below
    embedded_in: struct | None

    def __init__(self, **overrides: Any) -> None:
        unknown = [name for name in overrides if name not in type(self).fields]
        if unknown:
            raise TypeError(f"struct {type(self).__name__} has no field {unknown[0]!r}")
        self.embedded_in = None
        self.__dict__.update(overrides)

    def __init_subclass__(cls) -> None:
        """Collect the declared fields, and take the defaults away from the class.

        A default left on the class would answer for a field that the instance has lost.
        """
        own = {name: cls.__dict__.get(name) for name in inspect.get_annotations(cls)}
        for name in own:
            if name in ("fields", "label", "embedded_in"):
                raise TypeError(f"struct {cls.__name__}: a field cannot be called {name}")
            if name in cls.__dict__:
                delattr(cls, name)
        cls.fields = {**cls.fields, **own}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in type(self).fields:
                raise UseAfterFree(self, name)
            raise AttributeError(f"struct {type(self).__name__} has no field {name!r}")

    def label(self) -> str:
        """A short name for people; override it with one that the fields give."""
        return f"{type(self).__name__}#{self.__dict__.get('_oid', '?')}"


class Variable:
    """The declaration of a variable of the machine (a C global)."""

    def __init__(self, init: Any, overrides: dict[str, Any]) -> None:
        self.init = init
        self.overrides = overrides


@overload
def variable(init: type[T], **overrides: Any) -> T: ...
@overload
def variable(init: T) -> T: ...
def variable(init: Any, **overrides: Any) -> Any:
    """Declare a machine variable: a starting value, or a struct class to have one made."""
    return Variable(init, overrides)


def embed(cls: type[T], **overrides: Any) -> T:
    """Declare a field that is a struct of its own, made and freed with its owner."""
    return cast("T", Embedded(cast("type[struct]", cls), overrides))


def macro(function: F) -> F:
    """Mark a function of one `return expression`: expanded where it is used, it takes no step."""
    function.__dict__["_exittui_macro"] = True
    return function


def usermode(function: F) -> F:
    """Mark a function whose own statements run in user mode."""
    function.__dict__["_exittui_usermode"] = True
    return function


def interrupt(
    name: str,
    *,
    when: Callable[[Any], bool],
    masks: str,
    armed: str,
    patient: bool = False,
) -> Callable[[F], F]:
    """Mark a function without parameters as the handler of an interrupt.

    It can arrive on any CPU for whose struct the macro `when` holds, while the variable called
    `armed` is not 0; that it arrives is a choice like any other. Arriving makes the field `masks`
    of that struct False, as the hardware turns interrupts off; the handler turns them on again
    when it returns. A `patient` one (a clock) is left by the ordinary choosers until nothing else
    can go on; a chooser that keeps time may let it arrive while nobody has armed it, too.
    """
    del name, when, masks, armed, patient  # the compiler reads them

    def mark(function: F) -> F:
        return function

    return mark


def _intrinsic(function: F) -> F:
    function.__dict__["_exittui_intrinsic"] = function.__name__
    return function


def _never(name: str) -> Any:
    raise TypeError(f"{name}() is compiled, never called")


@_intrinsic
def spin() -> None:
    """Hold the CPU until the condition of the loop whose body this is has become false."""
    _never("spin")


@_intrinsic
def halt() -> None:
    """As `spin`, for a CPU with nothing to do: it idles instead of spinning."""
    _never("halt")


@_intrinsic
def this_cpu() -> Any:
    """The struct of the CPU that executes the step."""
    return _never("this_cpu")


@_intrinsic
def cpus() -> tuple[Any, ...]:
    """The structs of all CPUs, by number."""
    return cast("tuple[Any, ...]", _never("cpus"))


@_intrinsic
def panic(message: str, *args: object) -> None:
    """Stop the machine with this message, formatted as by printf."""
    _never("panic")


@_intrinsic
def KASSERT(condition: object) -> None:  # noqa: N802 - the kernel's name
    """Stop the machine unless the condition holds."""
    _never("KASSERT")


@_intrinsic
def free(target: struct) -> None:
    """End the life of a struct and of those embedded in it; any later use is a violation."""
    _never("free")


@_intrinsic
def atomic_cas(target: object, field: str, expected: object, new: object) -> bool:
    """Write `new` to the field if it holds `expected`, in one step; whether it did."""
    return cast("bool", _never("atomic_cas"))


@_intrinsic
def stack_pointer() -> Any:
    """The frame that the executing function will return into."""
    return _never("stack_pointer")


@_intrinsic
def interrupted_usermode() -> bool:
    """Whether the executing function, a handler, stands on top of user mode."""
    return cast("bool", _never("interrupted_usermode"))


@_intrinsic
def load_stack(sp: object) -> None:
    """Go on, with the same locals, on the stack of `sp`, and return into it."""
    _never("load_stack")


@_intrinsic
def new_stack(area: struct, function: Callable[..., Any], *args: object) -> Any:
    """The first frame of a new thread: `function(*args)` about to run on the stack `area`."""
    return _never("new_stack")


@_intrinsic
def addr(target: object, field: str) -> Any:
    """What `&target->field` is for a field that is no struct; equal if both parts are."""
    return _never("addr")


@_intrinsic
def address(target: object) -> int:
    """A number for a struct or an `addr`, the same in every run: something to hash."""
    return cast("int", _never("address"))
