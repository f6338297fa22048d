"""A scenario as the text of a TOML file, which `scenario.load.parse` reads back as it was.

What has its default value is left out. Long lists and texts of several lines are broken into
lines: people are going to edit the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.scenario.structure import key_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.scenario.model import Scenario

WIDTH: Final = 76
_ARRAYS: Final = frozenset({"process", "thread", "workload", "script"})
"""Keys whose values are written as tables of their own, one after the other."""
_OMITTED: Final = frozenset({"name"})
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def text_of(scenario: Scenario) -> str:
    """The whole file."""
    top = {key: value for key, value in _table(scenario).items() if key not in _OMITTED}
    return "\n".join(_lines(top, "")).lstrip("\n") + "\n"


def _table(value: Any) -> dict[str, Any]:
    """The keys of a table whose values are not their defaults."""
    found = {}
    for attribute in attrs.fields(type(value)):
        mine, default = getattr(value, attribute.name), attribute.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class, as attrs has it
            default = default.factory()
        if mine is not None and mine != default:
            found[key_name(attribute.name)] = _plain(mine)
    return found


def _plain(value: Any) -> Any:
    if attrs.has(type(value)):
        return _table(value)
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _lines(table: dict[str, Any], path: str) -> Iterator[str]:
    """Plain values first, for what follows the head of a table belongs to that."""
    tables = {key for key, value in table.items() if isinstance(value, dict) or key in _ARRAYS}
    for key, value in table.items():
        if key not in tables:
            yield from _pair(key, value)
    for key, value in table.items():
        if key not in tables:
            continue
        inner = f"{path}{_key(key)}"
        # A table of tables, as expect-under is, has no values of its own.
        for one in value if isinstance(value, list) else [value]:
            head = f"[[{inner}]]" if isinstance(value, list) else f"[{inner}]"
            if not one or not all(isinstance(deep, dict) for deep in one.values()):
                yield from ("", head)
            yield from _lines(one, f"{inner}.")


def _pair(key: str, value: Any) -> Iterator[str]:
    line = f"{_key(key)} = {_value(value)}"
    if len(line) <= WIDTH and "\\n" not in line:
        yield line
    elif isinstance(value, str) and "\n" in value:
        yield f'{_key(key)} = """'
        yield from _escaped(value)
    elif isinstance(value, list):
        yield f"{_key(key)} = ["
        yield from (f"  {_value(one)}," for one in value)
        yield "]"
    else:
        yield line


def _escaped(text: str) -> Iterator[str]:
    """The lines of a long text, and the mark that ends it."""
    *lines, last = text.split("\n")
    for line in lines:
        yield _spelled(line)
    yield f'{_spelled(last)}"""'


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    return str(value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    if '"' in text and "'" not in text and "\\" not in text and text.isprintable():
        return f"'{text}'"
    return f'"{_spelled(text)}"'


def _spelled(text: str) -> str:
    return "".join(_character(one) for one in text)


def _character(one: str) -> str:
    if one in _ESCAPED:
        return _ESCAPED[one]
    return one if one.isprintable() else f"\\U{ord(one):08x}"
