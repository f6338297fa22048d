"""The linker: base modules, then patches over them, into one image.

As a linker resolves symbols, the last definition of a function, macro, struct or variable wins. A
patch module says with `REMOVES = ("reaper", "process.ps_mainproc")` what it takes away. Everything
that linked functions use must be there in the end; what is missing is an error that names who
needs it and, where a patch removed it, which.
"""

from __future__ import annotations

import ast
import marshal
from types import FunctionType
from typing import TYPE_CHECKING, Any

import attrs

from exittui.errors import LinkError
from exittui.machine import access, dataflow
from exittui.machine.compiler import Arrival, Compiled, FunctionCompiler, names_read, names_written
from exittui.machine.emit import Emitter
from exittui.machine.expression import Macro, Symbols
from exittui.machine.image import FINISHED, UNDERMINED, Function, Image, Interrupt, Statement
from exittui.machine.lang import Variable, struct
from exittui.machine.queue import LIST_HEAD, TAILQ_HEAD
from exittui.machine.scope import SourceModule
from exittui.machine.slices import whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from exittui.machine.slices import Slices


@attrs.frozen
class Patch:
    """A hunk: a module whose definitions replace those of the base."""

    name: str
    module: ModuleType
    root: str = ""
    """The package that its file name is told relative to; link() has a default."""


def link(
    name: str,
    modules: Sequence[ModuleType],
    patches: Sequence[Patch] = (),
    *,
    root: str = "",
    patch_root: str = "",
    cpu_struct: tuple[str, str] | None = None,
) -> Image:
    """Compile and link; `root` is the package that file names are told relative to.

    `cpu_struct` names the struct of a CPU and the field that holds its number, if it has one.
    Raises LinkError with file, line and reason for what cannot be compiled or is missing.
    """
    return whole(
        linking(name, modules, patches, root=root, patch_root=patch_root, cpu_struct=cpu_struct)
    )


def linking(
    name: str,
    modules: Sequence[ModuleType],
    patches: Sequence[Patch] = (),
    *,
    root: str = "",
    patch_root: str = "",
    cpu_struct: tuple[str, str] | None = None,
) -> Slices[Image]:
    """`link`, a function at a time; what compiles the code of all of them is one slice."""
    linker = _Linker()
    for module in modules:
        linker.add(SourceModule(module, root or module.__name__.rpartition(".")[0]))
        yield
    for patch in patches:
        linker.add(SourceModule(patch.module, patch.root or patch_root or root, patch.name))
        yield
    return (yield from linker.image(name, cpu_struct))


class _Linker:
    def __init__(self) -> None:
        self.symbols = Symbols(structs={"TAILQ_HEAD": TAILQ_HEAD, "LIST_HEAD": LIST_HEAD})
        self.definitions: dict[str, tuple[SourceModule, ast.FunctionDef]] = {}
        self.removed: dict[str, str] = {}
        self.files: dict[str, str] = {}

    def add(self, module: SourceModule) -> None:
        """Define what the module defines, over what there is, and take away what it removes."""
        self.files[_file(module)] = str(module.path)
        for name in vars(module.module).get("REMOVES", ()):
            self._remove(name, module)
        for name, cls in module.own(type).items():
            if issubclass(cls, struct) and cls is not struct:
                self._define(name)
                self.symbols.structs[cls.__name__] = cls
        for name, declared in module.own((Variable, struct)).items():
            self._define(name)
            self.symbols.variables[name] = _by_name(declared)
        for node in module.functions():
            self._define(node.name)
            if any(ast.unparse(mark) == "macro" for mark in node.decorator_list):
                self.symbols.macros[node.name] = _macro(module, node)
            else:
                self.definitions[node.name] = (module, node)

    def _define(self, name: str) -> None:
        self.removed.pop(name, None)

    def _remove(self, name: str, module: SourceModule) -> None:
        tables: tuple[dict[str, Any], ...] = (
            self.definitions,
            self.symbols.variables,
            self.symbols.macros,
        )
        cls = self.symbols.structs.get(name.partition(".")[0])
        known = any(name in table for table in tables) or (
            cls is not None and name.partition(".")[2] in cls.fields
        )
        if not known and name not in self.removed:
            raise LinkError(
                f"REMOVES names {name}, which nothing defines", file=_file(module), line=1
            )
        for table in tables:
            table.pop(name, None)
        self.removed[name] = module.patch or module.file

    def image(self, name: str, cpu_struct: tuple[str, str] | None) -> Slices[Image]:
        """Compile everything, check what it needs, and emit the code."""
        compiled = {}
        for function, (module, node) in self.definitions.items():
            compiled[function] = FunctionCompiler(module, node, self.symbols).compile()
            yield
        self._check_functions(compiled)
        self._check_fields()
        statements = [
            Statement(FINISHED, "", "", 0, 0, "", "finished", ""),
            Statement(UNDERMINED, "", "", 0, 0, "(the stack is gone)", "undermined", ""),
        ]
        for one in compiled.values():
            for operation in one.operations:
                operation.pc = len(statements)
                statements.append(_statement(one, operation))
        interrupts = []
        for one in compiled.values():
            if one.interrupt is not None:
                arrival = one.interrupt
                arrival.pc = len(statements)
                statements.append(_arriving(one, arrival))
                interrupts.append(
                    Interrupt(
                        arrival.name,
                        one.name,
                        arrival.pc,
                        arrival.armed,
                        arrival.masks,
                        arrival.patient,
                    )
                )
        emitter = Emitter(compiled)
        source = emitter.module()
        yield
        code = compile(source, f"<image {name}>", "exec")
        yield
        told = access.module(compiled.values())
        yield
        tells = marshal.dumps(compile(told, f"<image {name}, reads>", "exec"))
        yield
        unread = dataflow.unread(compiled.values(), self._names())
        yield
        live = dataflow.live(compiled.values())
        yield
        return Image(
            name=name,
            statements=tuple(statements),
            functions={one.name: _function(one, emitter) for one in compiled.values()},
            structs=dict(self.symbols.structs),
            removed_fields=frozenset(
                (owner, field)
                for owner, dot, field in (gone.partition(".") for gone in self.removed)
                if dot
            ),
            variables=dict(self.symbols.variables),
            files=dict(self.files),
            code=code,
            source=source,
            interrupts=tuple(interrupts),
            guards=frozenset(
                operation.pc
                for one in compiled.values()
                for operation in one.operations
                if operation.guard
            ),
            reads=_reads(compiled),
            writes=_writes(compiled),
            access=tells,
            cpu_struct=cpu_struct,
            unread=unread,
            live=live,
            noreturn=dataflow.noreturn(compiled.values()),
        )

    def _names(self) -> set[str]:
        fields = (cls.fields for cls in self.symbols.structs.values())
        plain = (name for name in self.symbols.variables if not self.symbols.is_struct(name))
        return set(plain).union(*fields)

    def _check_functions(self, compiled: dict[str, Compiled]) -> None:
        for name, (module, line, user) in self.symbols.used_functions.items():
            if name not in compiled:
                raise self._missing(f"{user}() needs {name}()", name, module, line)

    def _check_fields(self) -> None:
        fields: dict[str, list[str]] = {}
        for name, cls in self.symbols.structs.items():
            for field in cls.fields:
                fields.setdefault(field, []).append(f"{name}.{field}")
        for field, (module, line, user) in self.symbols.used_fields.items():
            places = fields.get(field, [])
            left = [place for place in places if place not in self.removed]
            if not left:
                gone = places[0] if places else field
                raise self._missing(
                    f"{user}() uses the field {field}, which no struct has", gone, module, line
                )

    def _missing(self, text: str, name: str, module: SourceModule, line: int) -> LinkError:
        by = self.removed.get(name)
        needs = f" (in hunk {module.patch})" if module.patch else ""
        why = f"; hunk {by} removes it" if by else "; nothing defines it"
        return LinkError(f"{text}{needs}{why}", file=_file(module), line=line)


def _by_name(declared: Variable | struct) -> Variable:
    """The declaration with functions replaced by their names, which a patch can redefine."""
    if isinstance(declared, struct):
        init, overrides = type(declared), dict(declared.__dict__)
    else:
        init, overrides = declared.init, declared.overrides
    return Variable(
        init,
        {
            name: value.__name__ if isinstance(value, FunctionType) else value
            for name, value in overrides.items()
        },
    )


def _macro(module: SourceModule, node: ast.FunctionDef) -> Macro:
    body = [
        statement
        for statement in node.body
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
    ]
    match body:
        case [ast.Return(value=ast.expr() as value)] | [ast.Expr(value=value)]:
            return Macro(module, tuple(arg.arg for arg in node.args.args), value)
    raise module.error(node, f"the macro {node.name}() must be one `return expression`")


def _statement(compiled: Compiled, operation: Any) -> Statement:
    kind = operation.kind
    if compiled.user:
        kind = "user"
    elif kind not in ("call", "pointer", "return", "spin", "halt", "switch", "panic"):
        kind = "step"
    elif kind == "pointer":
        kind = "call"
    return Statement(
        pc=operation.pc,
        function=compiled.name,
        file=_file(compiled.module),
        line=operation.line,
        last_line=operation.line,
        text=operation.text,
        kind=kind,
        upstream=compiled.module.upstream,
    )


def _arriving(compiled: Compiled, arrival: Arrival) -> Statement:
    return Statement(
        pc=arrival.pc,
        function=compiled.name,
        file=_file(compiled.module),
        line=compiled.node.lineno,
        last_line=compiled.node.lineno,
        text=f"({arrival.name} interrupt)",
        kind="interrupt",
        upstream=compiled.module.upstream,
    )


def _reads(compiled: dict[str, Compiled]) -> dict[int, frozenset[str]]:
    found = {
        operation.pc: names_read(operation.guard)
        for one in compiled.values()
        for operation in one.operations
        if operation.guard
    }
    for one in compiled.values():
        if one.interrupt is not None:
            found[one.interrupt.pc] = names_read(one.interrupt.guard) | {one.interrupt.armed}
    return found


def _writes(compiled: dict[str, Compiled]) -> dict[int, frozenset[str]]:
    found = {
        operation.pc: names_written(operation)
        for one in compiled.values()
        for operation in one.operations
    }
    for one in compiled.values():
        if one.interrupt is not None:
            found[one.interrupt.pc] = frozenset({one.interrupt.masks})
    return {pc: names for pc, names in found.items() if names}


def _function(compiled: Compiled, emitter: Emitter) -> Function:
    return Function(
        name=compiled.name,
        file=_file(compiled.module),
        line=compiled.node.lineno,
        last_line=compiled.node.end_lineno or compiled.node.lineno,
        entry=emitter.entry(compiled.name),
        parameters=compiled.parameters,
        variables=compiled.variables,
        doc=ast.get_docstring(compiled.node) or "",
        upstream=compiled.module.upstream,
        revision=compiled.module.revision,
        patch=compiled.module.patch,
    )


def _file(module: SourceModule) -> str:
    """The short name of a source file; a patch's stands beside the base file of the same name."""
    return f"{module.file} ({module.patch})" if module.patch else module.file
