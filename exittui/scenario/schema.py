"""The JSON schema of scenario files, made from the classes that a file is read into.

Editors that know TOML complete keys and mark errors by it. It says of each value what the bounds
in its annotation say; what does not go together only `exittui validate` tells.
"""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any, Final, get_args, get_origin

import attrs

from exittui.scenario.bounds import Between, Length, Name, OneOf, Prose
from exittui.scenario.fault import NAME
from exittui.scenario.model import Scenario
from exittui.scenario.script import ACTIONS, FOR, Cue
from exittui.scenario.structure import key_name

_PLAIN: Final = {int: "integer", str: "string", bool: "boolean"}
_OMITTED: Final = frozenset({(Scenario, "name")})
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema of a whole file; each class is a definition of its own."""
    definitions: dict[str, Any] = {}
    top = _class(Scenario, definitions)
    return {"$schema": DRAFT, "title": "exittui scenario", **top, "$defs": definitions}


def _class(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """A table: its keys, and which of them it needs."""
    hints = typing.get_type_hints(cls, include_extras=True)
    properties: dict[str, Any] = {}
    required = []
    for attribute in attrs.fields(cls):
        if (cls, attribute.name) in _OMITTED:
            continue
        key = key_name(attribute.name)
        properties[key] = _type(hints[attribute.name], definitions)
        if attribute.default is attrs.NOTHING:
            required.append(key)
        elif isinstance(attribute.default, (int, str)):
            properties[key]["default"] = attribute.default
    found: dict[str, Any] = {
        "type": "object",
        "description": " ".join((cls.__doc__ or "").split()),
        "properties": properties,
        "additionalProperties": False,
    }
    if required:
        found["required"] = required
    if cls is Cue:
        found["oneOf"] = [{"required": [key]} for key in ACTIONS]
        found["dependentSchemas"] = {
            **{key: {"anyOf": [{"required": [one]} for one in FOR[key]]} for key in FOR},
            "ask": {"required": ["kind", "of"]},
            "goal": {
                "required": ["solution"],
                "oneOf": [{"required": [key]} for key in ("until", "result")],
            },
        }
    return found


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """One annotation."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        found = _type(arguments[0], definitions)
        for bound in arguments[1:]:
            found.update(_bound(bound, found))
        return found
    if origin in (typing.Union, types.UnionType):
        return _type(next(one for one in arguments if one is not type(None)), definitions)
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1], definitions)}
    if attrs.has(hint):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}
            definitions[hint.__name__] = _class(hint, definitions)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    return {"type": _PLAIN[hint]} if hint in _PLAIN else {}


def _bound(bound: object, of: dict[str, Any]) -> dict[str, Any]:
    """What a bound adds to the schema of a value."""
    match bound:
        case Between(low, high):
            return {"minimum": low, "maximum": high}
        case Length(low, high) | Prose(low, high):
            what = {"array": "Items", "object": "Properties"}.get(of.get("type", ""), "Length")
            return {f"min{what}": low, f"max{what}": high}
        case OneOf(words):
            return {"enum": list(words)}
        case Name():
            return {"pattern": f"^{NAME.pattern}$"}
    return {}
