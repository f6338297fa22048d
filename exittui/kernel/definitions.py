"""What a kernel defines, as its source says: functions, macros, structs, variables, and their text.

The linker makes a machine of these; here they are kept for people. Names are resolved as the
linker does it: the last definition wins, and `REMOVES` takes away.

A docstring's paragraph that begins with "Simplified:" says what the model leaves out of what the
kernel has, or does in another way; in the head of a module it is true of all that the module holds.
"""

from __future__ import annotations

import ast
import importlib
from functools import cache
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from exittui.errors import UsageError, did_you_mean
from exittui.kernel.catalog import BASE, KERNELS, ROOT
from exittui.machine.scope import SourceModule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exittui.kernel.catalog import Hunk, Kernel

MARK: Final = "Simplified:"


@frozen(eq=False)
class Definition:
    """One function, macro, struct or variable, as one module has it."""

    name: str
    kind: str
    """`function`, `macro`, `struct` or `variable`."""
    source: Source
    line: int
    text: tuple[str, ...]
    """Its lines, without the docstring."""
    doc: str
    shape: str
    """The same for two that differ in layout, comments and docstring only."""
    fields: tuple[str, ...] = ()
    """Of a struct."""

    @property
    def what(self) -> str:
        """The first line of the docstring."""
        return self.doc.partition("\n")[0]

    @property
    def simplified(self) -> tuple[str, ...]:
        """What it leaves out or does in another way."""
        return simplified(self.doc)


@frozen(eq=False)
class Source:
    """One module: the upstream file it models, and what it defines and removes."""

    file: str
    """Its path below exittui/kernel, as kern/kern_exit.py."""
    upstream: str
    revision: str
    title: str
    doc: str
    hunk: str
    """The name of the hunk it is; empty for the base."""
    definitions: tuple[Definition, ...] = field(init=False, factory=tuple)
    removes: tuple[str, ...] = ()

    @property
    def simplified(self) -> tuple[str, ...]:
        """What all in it leave out or do in another way."""
        return simplified(self.doc)


def simplified(doc: str) -> tuple[str, ...]:
    """What stands after the mark, to the end of the paragraph; each on one line."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in doc.split("\n\n"))
    said = (paragraph.partition(MARK)[2].strip() for paragraph in paragraphs)
    return tuple(one for one in said if one)


def kernel(name: str) -> Kernel:
    """The kernel of that name; UsageError where there is none."""
    if name not in KERNELS:
        known = ", ".join(KERNELS)
        raise UsageError(f"no kernel {name!r}{did_you_mean(name, KERNELS)}; known: {known}")
    return KERNELS[name]


def sources(of: Kernel | None = None) -> tuple[Source, ...]:
    """The modules of the base, or of what a kernel links over it, in the order of linking."""
    if of is None:
        return tuple(_source(f"{ROOT}.{name}", ROOT, "") for name in BASE)
    return tuple(_hunk(hunk) for hunk in (*of.under, *of.hunks))


def defined(of: Kernel) -> dict[str, Definition]:
    """What a kernel has in the end, by name, in the order of the base."""
    found: dict[str, Definition] = {}
    for source in (*sources(), *sources(of)):
        for name in source.removes:
            owner, _, member = name.partition(".")
            if member and owner in found:
                found[owner] = _without(found[owner], member)
            else:
                found.pop(name, None)
        found.update((one.name, one) for one in source.definitions)
    return found


def _hunk(hunk: Hunk) -> Source:
    return _source(hunk.module, hunk.folder, hunk.name)


@cache
def _source(module: str, root: str, hunk: str) -> Source:
    """Read one module; once, for the kernels share them."""
    read = SourceModule(importlib.import_module(module), root)
    source = Source(
        file=module.removeprefix(f"{ROOT}.").replace(".", "/") + ".py",
        upstream=read.upstream,
        revision=read.revision,
        title=read.title,
        doc=ast.get_docstring(read.tree) or "",
        hunk=hunk,
        removes=tuple(vars(read.module).get("REMOVES", ())),
    )
    object.__setattr__(source, "definitions", tuple(_definitions(read, source)))
    return source


def _definitions(read: SourceModule, source: Source) -> Iterator[Definition]:
    for node in read.tree.body:
        match node:
            case ast.FunctionDef(name=name):
                marks = [ast.unparse(mark) for mark in node.decorator_list]
                kind = "macro" if "macro" in marks else "function"
                yield _definition(read, source, node, name, kind)
            case ast.ClassDef(name=name):
                fields = tuple(
                    one.target.id
                    for one in node.body
                    if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
                )
                yield _definition(read, source, node, name, "struct", fields)
            case ast.AnnAssign(
                target=ast.Name(id=name), value=ast.Call(func=ast.Name(id="variable"))
            ):
                yield _definition(read, source, node, name, "variable")


def _definition(
    read: SourceModule,
    source: Source,
    node: ast.FunctionDef | ast.ClassDef | ast.AnnAssign,
    name: str,
    kind: str,
    fields: tuple[str, ...] = (),
) -> Definition:
    """Take the text without the docstring, and the shape of what is left."""
    numbers = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    doc = ""
    shape = ast.dump(node)
    if not isinstance(node, ast.AnnAssign):
        doc = ast.get_docstring(node) or ""
        body = node.body[1:] if doc else node.body
        parts: Iterable[ast.AST] = body
        head = ast.dump(node.args) if isinstance(node, ast.FunctionDef) else ""
        shape = "\n".join([head, *map(ast.dump, parts)])
        if doc:
            said = node.body[0]
            prose = range(said.lineno, (said.end_lineno or said.lineno) + 1)
            kept = [number for number in numbers if number not in prose]
            return Definition(
                name, kind, source, node.lineno, _text(read, kept), doc, shape, fields
            )
    return Definition(name, kind, source, node.lineno, _text(read, numbers), doc, shape, fields)


def _text(read: SourceModule, numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(read.lines[number - 1] for number in numbers)


def _without(struct: Definition, member: str) -> Definition:
    """A struct that a hunk takes a field from."""
    begins = f"{member}:"
    return Definition(
        struct.name,
        struct.kind,
        struct.source,
        struct.line,
        tuple(line for line in struct.text if not line.strip().startswith(begins)),
        struct.doc,
        f"{struct.shape}\nwithout {member}",
        tuple(one for one in struct.fields if one != member),
    )
