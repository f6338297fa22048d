"""The compiler: one function of machine code into operations, one for each statement.

A step is one statement, so that is what an operation is. Blocks are compiled backwards, each
statement knowing what comes after it; therefore there are no jumps, and the end of a loop or of a
branch takes no step. What an operation does is emitted as Python source by `emit.py` when the
places of all operations of all functions are known.

What cannot be compiled is refused here, with file, line and reason; nothing is left out silently.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, NoReturn

import attrs

from exittui.machine.expression import Symbols, Translator, slot
from exittui.machine.image import FIRST_SLOT
from exittui.machine.queue import BESIDE, LOOPS, WRITERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine.scope import Meaning, SourceModule


@attrs.define(eq=False)
class Label:
    """A place to go on at: an operation, another label, or (neither) the end of the function."""

    operation: Operation | None = None
    alias: Label | None = None

    def resolved(self) -> Operation | None:
        """The operation to go on at, or None at the end of the function."""
        label, seen = self, set[int]()
        while label.alias is not None and id(label) not in seen:
            seen.add(id(label))
            label = label.alias
        return label.operation


@attrs.define(eq=False, kw_only=True)
class Operation:
    """What one step does, and where it goes on.

    `kind` names the shape that `emit.py` writes; the other fields are its parts, as source text.
    """

    kind: str
    line: int
    column: int
    text: str
    next: Label
    otherwise: Label | None = None
    value: str = ""
    target: str = ""
    field: str = ""
    writes: bool = False
    stored: dict[str, int] = attrs.field(factory=dict)
    callee: str = ""
    arguments: tuple[str, ...] = ()
    keywords: tuple[tuple[str, str], ...] = ()
    result: int = 0
    slot: int = 0
    hidden: int = 0
    guard: str = ""
    reads: tuple[str, ...] = ()
    pc: int = 0


@attrs.define(kw_only=True)
class Compiled:
    """One function: its operations in the order of the source."""

    name: str
    module: SourceModule
    node: ast.FunctionDef
    parameters: tuple[str, ...]
    defaults: dict[str, str]
    variables: tuple[str, ...]
    operations: list[Operation]
    entry: Label
    user: bool
    interrupt: Arrival | None


@attrs.define(kw_only=True)
class Arrival:
    """How an interrupt arrives whose handler a function is."""

    name: str
    guard: str
    masks: str
    armed: str
    patient: bool
    pc: int = 0


@attrs.frozen
class _Loop:
    leave: Label
    again: Label


class FunctionCompiler:
    """Compiles one function."""

    def __init__(self, module: SourceModule, node: ast.FunctionDef, symbols: Symbols) -> None:
        """Find the locals: parameters and every name the function stores to."""
        self.module = module
        self.node = node
        self.symbols = symbols
        self.globals: set[str] = set()
        stored: dict[str, None] = {arg.arg: None for arg in node.args.args}
        for part in ast.walk(node):
            if isinstance(part, ast.Global):
                self.globals.update(part.names)
            elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                stored[part.id] = None
        self.variables = [name for name in stored if name not in self.globals]
        self.operations: list[Operation] = []
        self._end = Label()
        self.slots: dict[str, ast.expr] = {
            name: slot(FIRST_SLOT + index) for index, name in enumerate(self.variables)
        }

    def compile(self) -> Compiled:
        """The whole function."""
        arguments = self.node.args
        if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
            self.refuse(self.node, "only plain parameters can be compiled")
        parameters = tuple(self.variables[: len(arguments.args)])
        entry = self._block(self.node.body, self._end, None)
        if entry is self._end:
            entry = self._add("return", self.node, self._end)
        self.operations.reverse()  # blocks are compiled backwards; statements of a line keep order
        self.operations.sort(key=lambda operation: (operation.line, operation.column))
        with_default = parameters[len(parameters) - len(arguments.defaults) :]
        return Compiled(
            name=self.node.name,
            module=self.module,
            node=self.node,
            parameters=parameters,
            defaults={
                name: self._translator().text(default)
                for name, default in zip(with_default, arguments.defaults, strict=True)
            },
            variables=tuple(self.variables),
            operations=self.operations,
            entry=entry,
            user="usermode" in {ast.unparse(mark) for mark in self.node.decorator_list},
            interrupt=self._arrival(),
        )

    def _arrival(self) -> Arrival | None:
        """What `@interrupt(...)` says, if the function is marked with it."""
        for mark in self.node.decorator_list:
            match mark:
                case ast.Call(
                    func=ast.Name(id="interrupt"),
                    args=[ast.Constant(str() as name)],
                    keywords=words,
                ):
                    given = {word.arg: word.value for word in words}
                    where = ast.Subscript(ast.Name("c"), ast.Constant(1))
                    translator = Translator(
                        self.module, {"cpu": where}, self.symbols, self.node.name
                    )
                    when = ast.Call(given["when"], [ast.Name("cpu")], [])
                    return Arrival(
                        name=name,
                        guard=translator.text(ast.copy_location(when, mark)),
                        masks=ast.literal_eval(given["masks"]),
                        armed=ast.literal_eval(given["armed"]),
                        patient="patient" in given and bool(ast.literal_eval(given["patient"])),
                    )
        return None

    def refuse(self, node: ast.AST, what: str) -> NoReturn:
        """Raise a LinkError at this node."""
        raise self.module.error(node, f"in {self.node.name}(): {what}")

    # -- blocks and statements, each given what comes after it ---------------------------------

    def _block(self, body: list[ast.stmt], after: Label, loop: _Loop | None) -> Label:
        for statement in reversed(body):
            after = self._statement(statement, after, loop)
        return after

    def _statement(self, node: ast.stmt, after: Label, loop: _Loop | None) -> Label:  # noqa: C901, PLR0911, PLR0912 - one case a kind of statement
        match node:
            case ast.Pass() | ast.Global() | ast.Import() | ast.ImportFrom():
                return after
            case ast.Expr(ast.Constant()):
                return after
            case ast.Expr(ast.Call() as call):
                return self._call_statement(node, call, after)
            case ast.Assign(targets=[target], value=value):
                return self._assign(node, target, value, after)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self._assign(node, target, value, after)
            case ast.AnnAssign(value=None):
                return after
            case ast.AugAssign():
                return self._augmented(node, after)
            case ast.If():
                yes = self._block(node.body, after, loop)
                no = self._block(node.orelse, after, loop)
                return self._test(node, node.test, yes, no, Label())
            case ast.While():
                return self._while(node, after)
            case ast.For():
                return self._for(node, after)
            case ast.Return():
                return self._return(node)
            case ast.Break() if loop:
                return loop.leave
            case ast.Continue() if loop:
                return loop.again
            case ast.Assert(test=ast.Compare(ops=[ast.IsNot()], comparators=[ast.Constant(None)])):
                return after  # tells the type checker what the kernel knows; NULL still faults
            case ast.Assert():
                self.refuse(node, "assert only narrows: `assert x is not None`; use KASSERT")
            case ast.Expr(ast.Yield() | ast.YieldFrom() | ast.Await()):
                self.refuse(node, f"`{ast.unparse(node)}`: a function of the machine cannot yield")
            case ast.Expr():
                self.refuse(node, f"`{ast.unparse(node)}` does nothing as a statement")
            case ast.Assign():
                self.refuse(node, "assign to one name or field at a time")
        kind = type(node).__name__
        self.refuse(node, f"a statement of kind {kind} cannot be compiled")

    def _call_statement(self, node: ast.stmt, call: ast.Call, after: Label) -> Label:
        found = self._kernel_call(call)
        if found:
            return self._call(node, found, 0, after)
        assert isinstance(call.func, ast.Name)  # noqa: S101 - anything else is a kernel call
        meaning = self._translator().meaning(call, call.func.id)
        if meaning.kind == "intrinsic":
            return self._intrinsic(node, call, meaning.name, after)
        translator = self._translator()
        value = translator.text(call)
        if not translator.writes:
            self.refuse(node, f"{call.func.id}() does nothing as a statement")
        return self._add("do", node, after, value=value, writes=True)

    def _intrinsic(self, node: ast.stmt, call: ast.Call, name: str, after: Label) -> Label:
        translator = self._translator()
        arguments = [translator.text(arg) for arg in call.args]
        match name:
            case "panic":
                return self._add("panic", node, after, value=", ".join(arguments))
            case "KASSERT":
                written = self._written(call.args[0])
                return self._add("assert", node, after, value=arguments[0], target=written)
            case "free":
                return self._add("free", node, after, value=arguments[0], writes=True)
            case "load_stack":
                return self._add("switch", node, after, value=arguments[0], writes=True)
            case "atomic_cas":
                value = translator.text(call)
                return self._add("do", node, after, value=value, writes=True)
        self.refuse(node, f"{name}() is not a statement")

    def _written(self, node: ast.expr) -> str:
        """An expression as it stands in the source, on one line."""
        return _on_one_line(self.module.source, node)

    def _assign(self, node: ast.stmt, target: ast.expr, value: ast.expr, after: Label) -> Label:
        found = self._kernel_call(value)
        if isinstance(target, ast.Name) and target.id in self.slots:
            number = self._slot(target.id)
            if found:
                return self._call(node, found, number, after)
            if target.id not in self.globals and self.module.meaning(target.id) is not None:
                meaning = self.module.meaning(target.id)
                if meaning and meaning.kind == "variable":
                    self.refuse(node, f"assigning to {target.id} needs `global {target.id}`")
            return self._value("local", node, value, after, slot=number)
        if found:
            temporary = self._temporary()
            store = self._store(node, target, ast.Name(temporary, ast.Load()), after)
            return self._call(node, found, self._slot(temporary), store)
        return self._store(node, target, value, after)

    def _store(self, node: ast.stmt, target: ast.expr, value: ast.expr, after: Label) -> Label:
        match target:
            case ast.Attribute():
                translator = self._translator()
                translator.need_field(target.attr, target)
                text = translator.text(target.value)
                return self._value("field", node, value, after, target=text, field=target.attr)
            case ast.Name(id=name) if name in self.globals:
                return self._value("global", node, value, after, field=self._global(target, name))
        self.refuse(node, f"cannot assign to {ast.unparse(target)}")

    def _global(self, node: ast.AST, name: str) -> str:
        meaning = self.module.meaning(name)
        if meaning is None or meaning.kind != "variable":
            self.refuse(node, f"{name} is declared global and is no variable of the machine")
        if meaning.name not in self.symbols.variables:
            self.refuse(node, f"this kernel has no variable {name}")
        if self.symbols.is_struct(meaning.name):
            self.refuse(node, f"{name} is a struct; assign to its fields")
        return meaning.name

    def _augmented(self, node: ast.AugAssign, after: Label) -> Label:
        load = ast.parse(ast.unparse(node.target), mode="eval").body
        for part in ast.walk(load):
            ast.copy_location(part, node.target)
        value = ast.copy_location(ast.BinOp(load, node.op, node.value), node)
        return self._assign(node, node.target, value, after)

    def _while(self, node: ast.While, after: Label) -> Label:
        if node.orelse:
            self.refuse(node, "a while with else cannot be compiled")
        waiting = self._waiting(node)
        if waiting:
            return self._wait(node, waiting, after)
        again = Label()
        body = self._block(node.body, again, _Loop(after, again))
        if isinstance(node.test, ast.Constant) and node.test.value is True:
            if body is again:
                self.refuse(node, "a loop that does nothing for ever")
            again.alias = body
            return again
        return self._test(node, node.test, body, after, again)

    def _waiting(self, node: ast.While) -> str | None:
        """Whether this is a busy wait: "spin" or "halt" alone in its body."""
        match node.body:
            case [ast.Expr(ast.Call(func=ast.Name(id=name), args=[]))]:
                meaning = self.module.meaning(name)
                if meaning and meaning.kind == "intrinsic" and meaning.name in ("spin", "halt"):
                    return meaning.name
        return None

    def _wait(self, node: ast.While, kind: str, after: Label) -> Label:
        """A busy wait; with `not atomic_cas(...)` as its test, leaving it takes the lock."""
        match node.test:
            case ast.UnaryOp(ast.Not(), ast.Call(func=ast.Name(id=name), args=args) as call):
                meaning = self.module.meaning(name)
                if meaning and meaning.name == "atomic_cas" and meaning.kind == "intrinsic":
                    translator = self._translator()
                    target, _, expected, _ = (translator.text(arg) for arg in args)
                    field = ast.literal_eval(args[1])
                    return self._add(
                        kind,
                        node,
                        after,
                        value=translator.text(call),
                        writes=True,
                        guard=f"{target}.{field} != {expected}",
                        reads=(target,),
                    )
        translator = self._translator()
        test = translator.text(node.test)
        if translator.writes:
            self.refuse(node, "the condition of a busy wait must not write")
        return self._add(kind, node, after, guard=test, reads=_bases(test))

    def _for(self, node: ast.For, after: Label) -> Label:
        loop = self._queue_loop(node.iter)
        if loop is None or not isinstance(node.target, ast.Name) or node.orelse:
            self.refuse(node, "a for statement walks a queue: `for x in TAILQ_FOREACH(head, f):`")
        call, (first, safe) = loop
        translator = self._translator()
        head, field = (translator.text(arg) for arg in call.args)
        number = self._slot(node.target.id)
        hidden = self._slot(self._temporary()) if safe else 0
        again = Label()
        body = self._block(node.body, again, _Loop(after, again))
        parts = {"slot": number, "hidden": hidden, "field": field, "otherwise": after}
        step = self._add("walk", node, body, **parts)  # type: ignore[arg-type] # parts are mixed
        again.alias = step
        # The step back to the head of the loop comes after the one that enters it.
        assert step.operation is not None  # noqa: S101 - just made
        step.operation.column += 1
        return self._add("enter", node, body, target=head, value=first, **parts)  # type: ignore[arg-type] # parts are mixed

    def _queue_loop(self, node: ast.expr) -> tuple[ast.Call, tuple[str, bool]] | None:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[_, _]):
                meaning = self.module.meaning(name)
                if meaning and meaning.kind == "queue" and meaning.name in LOOPS:
                    return node, LOOPS[meaning.name]
        return None

    def _return(self, node: ast.Return) -> Label:
        if node.value is None:
            return self._add("return", node, self._end)
        found = self._kernel_call(node.value)
        if not found:
            return self._value("return", node, node.value, self._end)
        temporary = self._temporary()
        back = self._value("return", node, ast.Name(temporary, ast.Load()), self._end)
        return self._call(node, found, self._slot(temporary), back)

    def _test(
        self, node: ast.If | ast.While, test: ast.expr, yes: Label, no: Label, label: Label
    ) -> Label:
        """A branch; a kernel call in the test is made first, into a variable of its own."""
        call, result, test = self._hoisted(test)
        if not call:
            self._value("branch", node, test, yes, otherwise=no, label=label)
            return label
        branch = self._value("branch", node, test, yes, otherwise=no)
        return self._call(node, call, result, branch, label)

    def _hoisted(self, test: ast.expr) -> tuple[_Call | None, int, ast.expr]:
        """The call in `f()`, `not f()`, `f() == x`, `(v := f()) == x`, and the test without it."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                call, result, rest = self._hoisted(inner)
                return call, result, ast.copy_location(ast.UnaryOp(ast.Not(), rest), test)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                call, result, rest = self._hoisted(left)
                compare = ast.Compare(rest, [operator], [right])
                return call, result, ast.copy_location(compare, test)
            case ast.NamedExpr(target=target, value=value):
                call = self._kernel_call(value)
                if call:
                    return call, self._slot(target.id), ast.Name(target.id, ast.Load())
            case ast.Call():
                call = self._kernel_call(test)
                if call:
                    temporary = self._temporary()
                    name = ast.copy_location(ast.Name(temporary, ast.Load()), test)
                    return call, self._slot(temporary), name
        return None, 0, test

    # -- calls ---------------------------------------------------------------------------------

    def _kernel_call(self, node: ast.expr) -> _Call | None:
        """The call of a function of machine code that this expression is, if it is one."""
        if not isinstance(node, ast.Call):
            return None
        return self._as_call(node, self._translator())

    def _as_call(self, node: ast.Call, translator: Translator) -> _Call | None:
        keywords = {word.arg or "": word.value for word in node.keywords}
        if not isinstance(node.func, ast.Name) or node.func.id in translator.names:
            function = translator.text(node.func)
            return _Call(
                function, tuple(translator.text(arg) for arg in node.args), (), direct=False
            )
        meaning: Meaning = translator.meaning(node, node.func.id)
        if meaning.kind == "function":
            translator.need_function(meaning.name, node)
            return _Call(
                meaning.name,
                tuple(translator.text(arg) for arg in node.args),
                tuple((word, translator.text(value)) for word, value in keywords.items()),
                direct=True,
            )
        if meaning.kind == "cast" and isinstance(node.args[1], ast.Call):
            return self._as_call(node.args[1], translator)
        if meaning.kind == "macro" and meaning.name in self.symbols.macros:
            body = self.symbols.macros[meaning.name].body
            if isinstance(body, ast.Call):
                return self._as_call(body, translator.inside(node, meaning))
        return None

    def _call(
        self, node: ast.stmt, call: _Call, result: int, after: Label, label: Label | None = None
    ) -> Label:
        if after is self._end:
            after = self._add_end()  # the call comes last: it needs a place to come back to
        return self._add(
            "call" if call.direct else "pointer",
            node,
            after,
            callee=call.function,
            arguments=call.arguments,
            keywords=call.keywords,
            result=result,
            label=label,
        )

    def _add_end(self) -> Label:
        last = self.node.end_lineno or self.node.lineno
        operation = Operation(
            kind="return", line=last, column=1 << 16, text="return", next=self._end
        )
        self.operations.append(operation)
        return Label(operation)

    # -- operations ----------------------------------------------------------------------------

    def _translator(self) -> Translator:
        return Translator(self.module, self.slots, self.symbols, self.node.name)

    def _value(
        self,
        kind: str,
        node: ast.stmt,
        value: ast.expr,
        after: Label,
        *,
        label: Label | None = None,
        **parts: object,
    ) -> Label:
        """An operation that evaluates an expression."""
        translator = self._translator()
        text = translator.text(value)
        for name, number in translator.stored.items():
            if f"f[{number}]" in text:
                self.refuse(node, f"{name} is assigned and read in one expression")
        return self._add(
            kind,
            node,
            after,
            label=label,
            value=text,
            writes=translator.writes,
            stored=translator.stored,
            **parts,
        )

    def _add(
        self, kind: str, node: ast.AST, after: Label, *, label: Label | None = None, **parts: object
    ) -> Label:
        first = getattr(node, "lineno", self.node.lineno)
        header = getattr(node, "test", None) or getattr(node, "iter", None) or node
        last = getattr(header, "end_lineno", first)
        text = self.module.text(first, last) if kind != "return" or node is not self.node else ""
        operation = Operation(
            kind=kind,
            line=first,
            column=getattr(node, "col_offset", 0),
            text=text or "return",
            next=after,
            **parts,  # type: ignore[arg-type] # each kind has its own parts
        )
        self.operations.append(operation)
        label = label or Label()
        label.operation = operation
        return label

    def _slot(self, name: str) -> int:
        return FIRST_SLOT + self.variables.index(name)

    def _temporary(self) -> str:
        name = f".{len(self.variables)}"
        self.variables.append(name)
        self.slots[name] = slot(self._slot(name))
        return name


@attrs.frozen
class _Call:
    """A call of a function of machine code, by name (`direct`) or through a pointer."""

    function: str
    arguments: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...]
    direct: bool = attrs.field(kw_only=True)


@cache
def _on_one_line(source: str, node: ast.expr) -> str:
    text = ast.get_source_segment(source, node) or ast.unparse(node)
    return " ".join(text.split())


@cache
def _bases(text: str) -> tuple[str, ...]:
    """The structs whose fields a condition reads, as expressions."""
    found: dict[str, None] = {}
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Attribute):
            found[ast.unparse(node.value)] = None
    return tuple(found)


@cache
def names_read(text: str) -> frozenset[str]:
    """The fields and variables that an expression looks at, however it gets there."""
    return frozenset(_names(ast.parse(text, mode="eval")))


def names_written(operation: Operation) -> frozenset[str]:
    """The fields and variables that an operation may write.

    A queue operation writes what its head is called, or, where the head is a local or is not
    named, the first element of any queue.
    """
    found = {operation.field} if operation.kind in ("field", "global") else set[str]()
    if operation.writes and operation.value:
        for node in ast.walk(ast.parse(operation.value, mode="eval")):
            match node:
                case ast.Call(func=ast.Name("CAS"), args=[_, ast.Constant(str() as field), *_]):
                    found.add(field)
                case ast.Call(func=ast.Name(name), args=[_, ast.Attribute(attr=head), _, _]) if (
                    name in WRITERS and name not in BESIDE
                ):
                    found.add(head)
                case ast.Call(func=ast.Name(name)) if name in WRITERS:
                    found.update(first for first, _ in LOOPS.values())
    return frozenset(found)


def _names(tree: ast.expr | ast.Expression) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name):
                yield name
            case ast.Subscript(value=ast.Name("K"), slice=ast.Constant(str() as name)):
                yield name
