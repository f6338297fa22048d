"""Reading a scenario: a TOML file becomes a `Scenario`, or a list of all that is wrong with it."""

from __future__ import annotations

import reprlib
import tomllib
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import attrs
from cattrs.errors import BaseValidationError

from exittui.errors import MOST_FAULTS, ScenarioError, ScenarioFileError
from exittui.scenario.check import check
from exittui.scenario.model import MAX_LINE, MAX_NESTING, Scenario
from exittui.scenario.reading import MAX_BYTES, bytes_of
from exittui.scenario.structure import faults, structure

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from exittui.scenario.fault import Fault
    from exittui.scenario.lines import Path as KeyPath

_MISSING = object()
_LONGEST_KEY: Final = 60


def load(path: Path) -> Scenario:
    """Read a scenario file; `ScenarioError` says all that is wrong with it."""
    return parse(read(path), name=path.stem, file=str(path))


def read(path: Path) -> str:
    """The text of a file that may be a scenario: not large, and UTF-8."""
    file = str(path)
    try:
        data = bytes_of(path)
    except OSError as error:
        raise ScenarioError((error.strerror or "cannot be read").lower(), file=file) from None
    except ValueError:  # a null character
        raise ScenarioError("is no name of a file", file=repr(file)) from None
    if len(data) > MAX_BYTES:
        raise ScenarioError("too large", file=file, accepted=f"up to {MAX_BYTES} bytes")
    try:
        return data.decode().removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScenarioError("is not UTF-8 text", file=file, line=line) from None


def parse(text: str, *, name: str, file: str) -> Scenario:
    """The scenario that a TOML text describes; `file` is only named in errors."""
    document = _document(text, file)
    try:
        scenario = attrs.evolve(structure(document), name=name)
    except BaseValidationError as error:
        raise _file_error(faults(error), document, text, file) from None
    found = list(islice(check(scenario), MOST_FAULTS + 1))
    if found:
        raise _file_error(found, document, text, file)
    return scenario


def _document(text: str, file: str) -> dict[str, Any]:
    """Parse TOML; its own errors say the line at their end, where we take it from."""
    for number, line_text in enumerate(text.split("\n"), start=1):
        if len(line_text) > MAX_LINE:
            accepted = f"up to {MAX_LINE} characters"
            raise ScenarioError("line too long", file=file, line=number, accepted=accepted)
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise _too_deep(file) from None
    except ValueError as error:  # TOMLDecodeError, and a number of too many digits
        problem, _, place = str(error).partition(" (at ")
        digits = "".join(c for c in place.partition(",")[0] if c.isdigit())
        line = int(digits) if digits else text.count("\n") + 1 if place else None
        raise ScenarioError(f"no TOML: {problem}", file=file, line=line) from None
    if not _nested_within(document, MAX_NESTING):
        raise _too_deep(file)
    return document


def _too_deep(file: str) -> ScenarioError:
    return ScenarioError(
        "nested too deeply", file=file, accepted=f"lists and tables {MAX_NESTING} deep"
    )


def _nested_within(document: object, levels: int) -> bool:
    """Whether lists and tables go no deeper than this; without recursion, for it may be deep."""
    layer: list[object] = [document]
    for _ in range(levels + 1):
        layer = [
            inner
            for value in layer
            if isinstance(value, (dict, list))
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not layer:
            return True
    return not any(isinstance(value, (dict, list)) for value in layer)


def _file_error(
    found: Iterable[Fault], document: dict[str, Any], text: str, file: str
) -> ScenarioFileError:
    """All faults as errors, in the order of their lines."""
    from exittui.scenario.lines import KeyLines  # noqa: PLC0415  # a good file needs no lines

    lines = KeyLines(text)
    errors = [_error(fault, document, lines.line(fault.path), file) for fault in found]
    return ScenarioFileError(sorted(errors, key=lambda error: error.line or 0))


def _error(fault: Fault, document: dict[str, Any], line: int, file: str) -> ScenarioError:
    value = _value(document, fault.path)
    shown = "" if value is _MISSING else f"{_SHORT.repr(value)} "
    return ScenarioError(
        f"{shown}{fault.problem}",
        file=file,
        line=line,
        key=spelled(fault.path),
        value=None if value is _MISSING else value,
        accepted=fault.accepted,
    )


def spelled(path: KeyPath) -> str:
    """A path for people: `process[1].thread[0].program[2]`."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{_clipped(step)}" for step in path]
    return "".join(parts).lstrip(".")


def _clipped(key: str) -> str:
    """A key as far as one wants to read it; those there are, are shorter."""
    return key if len(key) <= _LONGEST_KEY else f"{key[: _LONGEST_KEY - 1]}…"


def _value(document: object, path: KeyPath) -> object:
    """What stands at a path of the document, or `_MISSING`."""
    for step in path:
        try:
            document = document[step]  # type: ignore[index]  # whatever it is
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return document


class _Short(reprlib.Repr):
    """Values in messages: short whatever the file holds."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = 60
        self.maxother = 60
        self.maxlevel = 2


_SHORT = _Short()
