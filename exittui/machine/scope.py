"""What a name in a module of machine code means.

Modules call each other in circles, so names that only functions need are imported under
`if TYPE_CHECKING:`. The meaning of a name is therefore taken from the import statements in the
source as well as from the module's own namespace. Functions, macros, structs and variables mean
*the linked one of that name*, wherever it was imported from: that is how a patch replaces them.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import attrs

from exittui.errors import LinkError
from exittui.machine.lang import Variable, struct

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKS = ("macro", "usermode", "interrupt")
"""The decorators that mean something to the compiler."""

BUILTINS = frozenset({"min", "max", "abs", "len", "bool", "int", "isinstance"})
_MISSING = object()


@attrs.frozen
class Meaning:
    """What a name stands for.

    `kind` is one of function, macro, intrinsic, queue, struct, variable, constant, cast, builtin.
    """

    kind: str
    name: str
    value: Any = None


@cache
def _parsed(source: str) -> ast.Module:
    """The tree of a module, which nobody changes: kernels have most modules in common."""
    return ast.parse(source)


class SourceModule:
    """A module of machine code: its syntax tree, its names, its place in the tree."""

    def __init__(self, module: ModuleType, root: str, patch: str | None = None) -> None:
        """Read and parse the source; `root` is the package that file names are relative to."""
        self.module = module
        self.patch = patch
        self.path = Path(inspect.getsourcefile(module) or "")
        self.source = self.path.read_text(encoding="utf-8")
        self.lines = self.source.splitlines()
        self.file = module.__name__.removeprefix(root + ".").replace(".", "/") + ".py"
        self.tree = _parsed(self.source)
        self.upstream, self.revision, self.title = head(module.__doc__ or "")
        self._imports: dict[str, tuple[str, str]] = {}
        self._meanings: dict[str, Meaning] = {}
        for node in _imports(self.tree.body):
            for alias in node.names:
                self._imports[alias.asname or alias.name] = (node.module or "", alias.name)

    def functions(self) -> list[ast.FunctionDef]:
        """The functions defined at the top of the module, macros included.

        Raises LinkError for what is defined otherwise, twice, or with an unknown decorator: it
        would be left out, or mean something else.
        """
        found: dict[str, ast.FunctionDef] = {}
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                continue
            if not isinstance(node, ast.FunctionDef):
                self._refuse_hidden(node)
                continue
            for mark in node.decorator_list:
                if ast.unparse(mark).partition("(")[0] not in MARKS:
                    raise self.error(
                        mark,
                        f"in {node.name}(): the decorator {ast.unparse(mark)} cannot be compiled; "
                        f"accepted: {', '.join(MARKS)}",
                    )
            if node.name in found:
                first = found[node.name].lineno
                raise self.error(node, f"{node.name}() is defined twice, first in line {first}")
            found[node.name] = node
        return list(found.values())

    def _refuse_hidden(self, node: ast.stmt) -> None:
        """Raise LinkError for a function inside another statement, and for `async def`."""
        for part in ast.walk(node):
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
                raise self.error(
                    part, f"{part.name}(): only a plain `def` at the top of a module is linked"
                )

    def own(self, kind: type | tuple[type, ...]) -> dict[str, Any]:
        """The module's own top-level values of a kind: assigned or defined here, not imported."""
        return {
            name: value
            for name, value in vars(self.module).items()
            if name not in self._imports and isinstance(value, kind)
        }

    def meaning(self, name: str) -> Meaning | None:
        """What the name means in this module, or None if nothing."""
        if name not in self._meanings:
            found = self._find(name)
            if found is None:
                return None
            self._meanings[name] = found
        return self._meanings[name]

    def _find(self, name: str) -> Meaning | None:
        value = vars(self.module).get(name, _MISSING)
        original = name
        if name in self._imports:
            source, original = self._imports[name]
            if value is _MISSING:
                value = getattr(importlib.import_module(source), original, _MISSING)
        if value is _MISSING:
            return Meaning("builtin", name) if name in BUILTINS else None
        return _classify(original, value)

    def error(self, node: ast.AST, message: str) -> LinkError:
        """An error at a node of this module's source."""
        return LinkError(message, file=self.file, line=getattr(node, "lineno", None))

    def text(self, first: int, last: int) -> str:
        """The source lines from first to last on one line, without their indentation."""
        return " ".join(line.strip() for line in self.lines[first - 1 : last])


def _imports(body: list[ast.stmt]) -> Iterator[ast.ImportFrom]:
    """The import statements of a module, those under `if TYPE_CHECKING:` included."""
    for node in body:
        if isinstance(node, ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If):
            yield from _imports(node.body)
            yield from _imports(node.orelse)


def _classify(name: str, value: Any) -> Meaning | None:  # noqa: PLR0911 - one return a kind
    if isinstance(value, FunctionType):
        marks = value.__dict__
        if "_exittui_intrinsic" in marks:
            return Meaning("intrinsic", marks["_exittui_intrinsic"])
        if "_exittui_queue" in marks:
            return Meaning("queue", marks["_exittui_queue"])
        if value.__module__ == "typing":
            return Meaning("cast", value.__name__) if value.__name__ == "cast" else None
        return Meaning("macro" if "_exittui_macro" in marks else "function", value.__name__)
    if isinstance(value, (Variable, struct)):
        return Meaning("variable", name)
    if isinstance(value, type) and issubclass(value, struct):
        return Meaning("struct", value.__name__)
    if _is_constant(value):
        return Meaning("constant", name, value)
    return None


def _is_constant(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_constant, value))
    return value is None or type(value) in (bool, int, str)


def head(doc: str) -> tuple[str, str, str]:
    """Upstream path, revision and title from `path revision: title`, the first line of a module."""
    first = doc.strip().split("\n", 1)[0]
    place, colon, title = first.partition(": ")
    words = place.split(" ")
    if not colon or "/" not in words[0]:
        return "", "", first
    return words[0], " ".join(words[1:]), title
