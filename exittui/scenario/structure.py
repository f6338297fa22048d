"""From the tables of a TOML document to the classes of `scenario.model`, through cattrs.

cattrs converts generously (`int("3")`, a string as a list of letters) and stops at the first error
of a value; a scenario is read strictly and shows all its errors at once. So the hooks here refuse
what is not exactly the type asked for, and `faults` flattens the tree of errors that cattrs'
detailed validation gives into (path, problem, accepted) in the order they were found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, override

from exittui.errors import did_you_mean
from exittui.scenario.bounds import Between, Length, Name, OneOf, Prose
from exittui.scenario.fault import NAME, Fault, kind
from exittui.scenario.model import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exittui.scenario.lines import Path

_OMITTED = frozenset({(Scenario, "name")})
"""What does not come from the text of a file."""

_TYPES = {int: "a whole number", str: "text", bool: "true or false"}


class Refused(ValueError):  # noqa: N818 - raised for cattrs to collect, never seen outside
    """A value that is not what its annotation asks for."""

    def __init__(self, problem: str, accepted: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.accepted = accepted


def structure(document: dict[str, Any]) -> Scenario:
    """The scenario a document describes; errors come as cattrs groups, see `faults`."""
    return _CONVERTER.structure(document, Scenario)


def key_name(attribute: str) -> str:
    """How an attribute is spelled in a file: `max_steps` is `max-steps`, `assert_` is `assert`."""
    return attribute.rstrip("_").replace("_", "-")


def faults(error: BaseException, path: Path = ()) -> Iterator[Fault]:
    """Every single fault in the tree of errors that `structure` raised."""
    if isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            yield from faults(inner, path + _step(inner))
    elif isinstance(error, ForbiddenExtraKeysError):
        known = _keys(error.cl)
        for key in sorted(error.extra_fields):
            problem = f"unknown key{did_you_mean(key, known)}"
            yield Fault((*path, key), problem, ", ".join(known))
    elif isinstance(error, KeyError):
        yield Fault(path, "missing")
    elif isinstance(error, Refused):
        yield Fault(path, error.problem, error.accepted)
    else:
        raise error


def _step(error: BaseException) -> Path:
    """The key or index that cattrs noted on an error while it came up."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return (key_name(note.name),)
        if isinstance(note, IterableValidationNote):
            return (note.index,)
    return ()


def _keys(cls: type) -> list[str]:
    return [key_name(name) for name in attrs.fields_dict(cls) if (cls, name) not in _OMITTED]


def _exactly(cls: type) -> Callable[[Any, Any], Any]:
    def hook(value: object, _: object) -> object:
        if type(value) is not cls:
            raise Refused(f"is {kind(value)}", _TYPES[cls])
        if isinstance(value, str) and not value.isprintable():
            raise Refused("has characters that cannot be printed", "printable text on one line")
        return value

    return hook


def _checked(annotation: object) -> Callable[[Any, Any], Any]:
    """The hook of `Annotated[T, bound…]`: the bounds, and lists and tables for what they are.

    cattrs would make a tuple of any iterable, text too. The size of a list is checked before its
    elements are looked at, the value of anything else after.
    """
    inner, *bounds = get_args(annotation)
    if any(isinstance(bound, Prose) for bound in bounds):
        return _prose(bounds)
    container = {tuple: list, dict: dict}.get(get_origin(inner) or inner)

    def hook(value: object, _: object) -> object:
        if container is not None:
            if not isinstance(value, container):
                raise Refused(f"is {kind(value)}", "a list" if container is list else "a table")
            _check_all(value, bounds)
            return _CONVERTER.structure(value, inner)
        result = _CONVERTER.structure(value, inner)
        _check_all(result, bounds)
        return result

    return hook


def _prose(bounds: list[object]) -> Callable[[Any, Any], Any]:
    """Text whose lines end where they like, and that has nothing else that cannot be printed."""

    def hook(value: object, _: object) -> object:
        if type(value) is not str:
            raise Refused(f"is {kind(value)}", "text")
        if not value.replace("\n", "").isprintable():
            raise Refused("has characters that cannot be printed", "printable text")
        _check_all(value, bounds)
        return value.strip("\n")

    return hook


def _check_all(value: object, bounds: list[object]) -> None:
    for bound in bounds:
        _check(value, bound)


def _check(value: Any, bound: object) -> None:
    """Refuse a value outside one bound."""
    match bound:
        case Between(low, high) if not low <= value <= high:
            raise Refused("out of range", f"{low} to {high}")
        case Length(low, high) | Prose(low, high) if not low <= len(value) <= high:
            what = "characters" if isinstance(value, str) else "elements"
            raise Refused(f"has {len(value)} {what}", f"{low} to {high} {what}")
        case OneOf(words) if value not in words:
            raise Refused(f"is not known{did_you_mean(value, words)}", ", ".join(words))
        case Name() if not NAME.fullmatch(value):
            raise Refused("is no name", "a letter, then up to 23 letters, digits, '-' or '_'")


def _from_table(cls: type) -> Callable[[Any, Any], Any]:
    """Classes come from tables; keys that do not belong there are errors."""
    renames: dict[str, Any] = {
        attribute.name: override(
            rename=key_name(attribute.name), omit=(cls, attribute.name) in _OMITTED
        )
        for attribute in attrs.fields(cls)
    }
    generic: Callable[[Any, Any], Any] = make_dict_structure_fn(
        cls, _CONVERTER, _cattrs_forbid_extra_keys=True, **renames
    )

    def hook(value: object, target: object) -> object:
        if not isinstance(value, dict):
            raise Refused(f"is {kind(value)}", "a table")
        return generic(value, target)

    return hook


def _is_annotated(annotation: Any) -> bool:
    origin: object = get_origin(annotation)
    return origin is Annotated


def _converter() -> Converter:
    converter = Converter(detailed_validation=True, forbid_extra_keys=True)
    for cls in _TYPES:
        converter.register_structure_hook(cls, _exactly(cls))
    converter.register_structure_hook_factory(attrs.has, _from_table)
    converter.register_structure_hook_factory(_is_annotated, _checked)
    return converter


_CONVERTER = _converter()
