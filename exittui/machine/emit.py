"""The code of an image: one Python function for each operation.

A step function is called with the executing frame `f` and CPU `c`, both lists, and does its
statement with plain assignments, each preceded by an entry in the journal: three items, container,
key and old value. The first entry of every step is the frame's own program counter, so the journal
says by itself what ran. `X` is the journal's `extend`; the other names are bound by
`Machine.__init__`.

A frame is `[pc, caller, label, result slot, variables...]`; a CPU is `[frame, struct, label, ...]`.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from exittui.errors import LinkError
from exittui.machine.frames import DEPTHS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType

    from exittui.machine.compiler import Arrival, Compiled, Label, Operation

_NOTE = re.compile(r"^( +)X\(\(.*\)\)$", re.MULTILINE)
_OLD_VALUE = re.compile(r"\bo\.\w+(?=\)\)$)")

_ROOM = (
    f"if f[2] % {DEPTHS} == {DEPTHS - 1}:",
    f"    raise PANIC('stack overflow: a call from frame {DEPTHS}')",
)
"""Before each call that may come round again, by itself or through pointers."""

_LEAVE = ("X((c, 0, f))", "c[0] = f[1]")


class Emitter:
    """Writes the functions of one image, given where every operation and function stands."""

    def __init__(self, functions: Mapping[str, Compiled]) -> None:
        self.functions = functions
        self._cyclic = _cyclic(functions)

    def module(self) -> str:
        """The source that, run once for each machine, defines its steps and guards."""
        lines: list[str] = []
        guards: list[int] = []
        steps = ["FINISHED", "UNDERMINED"]
        for compiled in self.functions.values():
            for operation in compiled.operations:
                lines += self._step(operation, compiled)
                steps.append(f"s{operation.pc}")
                if operation.guard:
                    guards.append(operation.pc)
            if compiled.interrupt:
                lines += self._arrival(compiled, compiled.interrupt)
        arrivals = sorted(
            one.interrupt.pc for one in self.functions.values() if one.interrupt is not None
        )
        steps += [f"s{pc}" for pc in arrivals]
        guards += arrivals
        pointers = ", ".join(
            f"{name!r}: ({self.entry(name)}, {len(compiled.parameters)}, "
            f"{len(compiled.variables) - len(compiled.parameters)})"
            for name, compiled in self.functions.items()
        )
        lines.append(f"STEPS = [{', '.join(steps)}]")
        lines.append(f"GUARDS = {{{', '.join(f'{pc}: g{pc}' for pc in guards)}}}")
        lines.append(f"READS = {{{', '.join(f'{pc}: r{pc}' for pc in guards)}}}")
        lines.append(f"ENTRY = {{{pointers}}}")
        return "\n".join(lines) + "\n"

    def entry(self, name: str) -> int:
        """The program counter a function starts at."""
        operation = self.functions[name].entry.resolved()
        assert operation is not None  # noqa: S101 - the compiler gives every function one
        return operation.pc

    def _arrival(self, compiled: Compiled, arrival: Arrival) -> list[str]:
        """The step that puts the handler on top of what the CPU `c[3]` was doing."""
        empty = "".join(", None" for _ in compiled.variables)
        mask = arrival.masks
        # A clock may tick though nobody waits for it: it is armed for those who do not keep time.
        armed = "" if arrival.patient else f"K[{arrival.armed!r}] and "
        return [
            f"def s{arrival.pc}(f, c):",
            f"    if not ({arrival.guard}):",
            "        raise NotReady",
            "    t = c[3]",
            "    g = t[0]",
            "    o = c[1]",
            f"    X((f, 0, {arrival.pc}, t, 0, g, o.__dict__, {mask!r}, o.{mask}))",
            f"    o.{mask} = False",
            f"    t[0] = [{self.entry(compiled.name)}, g, g[2] + 1, 0{empty}]",
            f"def g{arrival.pc}(f, c):",
            f"    return {armed}({arrival.guard})",
            f"def r{arrival.pc}(f, c):",
            "    return (c[1],)",
        ]

    def _step(self, operation: Operation, compiled: Compiled) -> list[str]:
        write = getattr(self, f"_{operation.kind}")
        body: list[str] = write(operation, compiled)
        lines = [f"def s{operation.pc}(f, c):", *(f"    {line}" for line in body)]
        if operation.guard:
            reads = ", ".join(operation.reads)
            lines += [
                f"def g{operation.pc}(f, c):",
                f"    return not ({operation.guard})",
                f"def r{operation.pc}(f, c):",
                f"    return ({reads},)" if reads else "    return ()",
            ]
        return lines

    # -- one writer for each kind of operation -------------------------------------------------

    def _local(self, operation: Operation, _: Compiled) -> list[str]:
        number = operation.slot
        return _evaluated(
            operation,
            (f"f, {number}, f[{number}]",),
            (f"f[{number}] = v", *_goto(operation.next)),
        )

    def _field(self, operation: Operation, _: Compiled) -> list[str]:
        name = operation.field
        return _evaluated(
            operation,
            (f"o.__dict__, {name!r}, o.{name}",),
            (f"o.{name} = v", *_goto(operation.next)),
            f"o = {operation.target}",
        )

    def _global(self, operation: Operation, _: Compiled) -> list[str]:
        name = repr(operation.field)
        return _evaluated(
            operation, (f"K, {name}, K[{name}]",), (f"K[{name}] = v", *_goto(operation.next))
        )

    def _do(self, operation: Operation, _: Compiled) -> list[str]:
        return [f"X((f, 0, {operation.pc}))", operation.value, *_goto(operation.next)]

    def _free(self, operation: Operation, _: Compiled) -> list[str]:
        return [
            f"X((f, 0, {operation.pc}))",
            f"o = {operation.value}",
            "FREE(o)",
            *_goto(operation.next),
            "UNDERMINE(o)",
        ]

    def _branch(self, operation: Operation, _: Compiled) -> list[str]:
        assert operation.otherwise is not None  # noqa: S101 - a branch has two ways
        yes, no = _goto(operation.next), _goto(operation.otherwise)
        stored = _stored(operation)
        entries = "".join(f", {entry}" for entry in stored[0])
        if operation.writes or stored[0] or len(yes) > 1 or len(no) > 1:
            return [
                *([f"X((f, 0, {operation.pc}))"] if operation.writes else []),
                f"v = {operation.value}",
                *_noted(operation, entries),
                *stored[1],
                "if v:",
                *(f"    {line}" for line in yes),
                "else:",
                *(f"    {line}" for line in no),
            ]
        return [
            f"v = {yes[0][7:]} if {operation.value} else {no[0][7:]}",
            f"X((f, 0, {operation.pc}))",
            "f[0] = v",
        ]

    def _return(self, operation: Operation, _: Compiled) -> list[str]:
        if not operation.value:
            return [f"X((f, 0, {operation.pc}, c, 0, f))", "c[0] = f[1]"]
        return [
            *([f"X((f, 0, {operation.pc}))"] if operation.writes else []),
            f"v = {operation.value}",
            "p = f[1]",
            "s = f[3]",
            *_noted(operation, ", c, 0, f"),
            "c[0] = p",
            "if s:",
            "    X((p, s, p[s]))",
            "    p[s] = v",
        ]

    def _call(self, operation: Operation, compiled: Compiled) -> list[str]:
        callee = self.functions[operation.callee]
        arguments = self._arguments(operation, compiled, callee)
        empty = ["None"] * (len(callee.variables) - len(callee.parameters))
        slots = ", ".join(
            (
                str(self.entry(callee.name)),
                "f",
                "f[2] + 1",
                str(operation.result),
                *arguments,
                *empty,
            )
        )
        return [
            *(_ROOM if operation.callee in self._cyclic else ()),
            f"g = [{slots}]",
            f"X((f, 0, {operation.pc}, c, 0, f))",
            *_goto(operation.next),
            "c[0] = g",
        ]

    def _arguments(self, operation: Operation, compiled: Compiled, callee: Compiled) -> list[str]:
        given = dict(zip(callee.parameters, operation.arguments, strict=False))
        given.update(operation.keywords)
        missing = [
            name for name in callee.parameters if name not in given and name not in callee.defaults
        ]
        if (
            missing
            or len(operation.arguments) > len(callee.parameters)
            or set(given) - set(callee.parameters)
        ):
            wanted = ", ".join(callee.parameters)
            raise LinkError(
                f"in {compiled.name}(): {callee.name}() takes ({wanted}), not what "
                f"`{operation.text}` gives",
                file=compiled.module.file,
                line=operation.line,
            )
        return [given.get(name, callee.defaults.get(name, "")) for name in callee.parameters]

    def _pointer(self, operation: Operation, _: Compiled) -> list[str]:
        arguments = "".join(f", {argument}" for argument in operation.arguments)
        return [
            *_ROOM,
            f"e = POINTER({operation.callee}, {len(operation.arguments)})",
            f"g = [e[0], f, f[2] + 1, {operation.result}{arguments}] + [None] * e[2]",
            f"X((f, 0, {operation.pc}, c, 0, f))",
            *_goto(operation.next),
            "c[0] = g",
        ]

    def _panic(self, operation: Operation, _: Compiled) -> list[str]:
        return [f"raise PANIC({operation.value})"]

    def _assert(self, operation: Operation, compiled: Compiled) -> list[str]:
        where = compiled.module.upstream or compiled.module.file
        message = f'kernel diagnostic assertion "{operation.target}" failed: file "{where}"'
        return [
            f"if not ({operation.value}):",
            f"    raise PANIC({message!r})",
            f"X((f, 0, {operation.pc}))",
            *_goto(operation.next),
        ]

    def _spin(self, operation: Operation, _: Compiled) -> list[str]:
        return [
            f"if {operation.guard}:",
            "    raise NotReady",
            f"X((f, 0, {operation.pc}))",
            *([operation.value] if operation.value else []),
            *_goto(operation.next),
        ]

    _halt = _spin

    def _enter(self, operation: Operation, _: Compiled) -> list[str]:
        return [
            f"v = ({operation.target}).{operation.value}",
            f"X((f, 0, {operation.pc}, f, {operation.slot}, f[{operation.slot}]))",
            *_walking(operation),
        ]

    def _walk(self, operation: Operation, _: Compiled) -> list[str]:
        following = (
            f"f[{operation.hidden}]"
            if operation.hidden
            else f"NEXT(f[{operation.slot}], {operation.field})"
        )
        return [
            f"v = {following}",
            f"X((f, 0, {operation.pc}, f, {operation.slot}, f[{operation.slot}]))",
            *_walking(operation),
        ]

    def _switch(self, operation: Operation, _: Compiled) -> list[str]:
        return [
            f"o = {operation.value}",
            f"X((f, 0, {operation.pc}))",
            f"PIVOT(f, c, o, {_number(operation.next)})",
        ]


def _evaluated(
    operation: Operation, entries: tuple[str, ...], after: tuple[str, ...], *before: str
) -> list[str]:
    """Evaluate the value, note what will be written, write."""
    stored, stores = _stored(operation)
    noted = "".join(f", {entry}" for entry in (*stored, *entries))
    return [
        *([f"X((f, 0, {operation.pc}))"] if operation.writes else []),
        f"v = {operation.value}",
        *before,
        *_noted(operation, noted),
        *stores,
        *after,
    ]


def _noted(operation: Operation, entries: str) -> list[str]:
    """The journal entries of a step: its place first, unless a writing value came before."""
    if operation.writes:
        return [f"X(({entries.removeprefix(', ')}))"] if entries else []
    return [f"X((f, 0, {operation.pc}{entries}))"]


def _stored(operation: Operation) -> tuple[list[str], list[str]]:
    """The entries and the stores of the locals that the value assigns by `:=`."""
    return (
        [f"f, {number}, f[{number}]" for number in operation.stored.values()],
        [f"f[{number}] = w_{name}" for name, number in operation.stored.items()],
    )


def _walking(operation: Operation) -> list[str]:
    assert operation.otherwise is not None  # noqa: S101 - a loop has a way out
    lines = [f"f[{operation.slot}] = v"]
    leave = list(_goto(operation.otherwise))
    body = list(_goto(operation.next))
    if operation.hidden:
        body = [
            f"X((f, {operation.hidden}, f[{operation.hidden}]))",
            f"f[{operation.hidden}] = NEXT(v, {operation.field})",
            *body,
        ]
    return [
        *lines,
        "if v is None:",
        *(f"    {line}" for line in leave),
        "else:",
        *(f"    {line}" for line in body),
    ]


def _goto(label: Label) -> tuple[str, ...]:
    operation = label.resolved()
    return _LEAVE if operation is None else (f"f[0] = {operation.pc}",)


def _number(label: Label) -> int:
    operation = label.resolved()
    assert operation is not None  # noqa: S101 - the caller looked, or the compiler made sure
    return operation.pc


def _cyclic(functions: Mapping[str, Compiled]) -> set[str]:
    """The functions that direct calls may lead back to, and what lies between such."""
    calls: dict[str, set[str]] = {name: set() for name in functions}
    callers: dict[str, set[str]] = {name: set() for name in functions}
    for name, compiled in functions.items():
        for operation in compiled.operations:
            if operation.kind == "call":
                calls[name].add(operation.callee)
                callers[operation.callee].add(name)
    left = set(functions)
    for others in (calls, callers):
        while ends := {name for name in left if not others[name] & left}:
            left -= ends
    return left


@functools.cache
def forgetful(name: str, source: str) -> CodeType:
    """The code of an image for a machine that keeps no past: nothing goes to the journal.

    What a note read of a field stays, for that is what catches a write to a freed struct.
    """

    def without(note: re.Match[str]) -> str:
        old = _OLD_VALUE.search(note[0])
        return f"{note[1]}{old[0]}" if old else f"{note[1]}pass"

    return compile(_NOTE.sub(without, source), f"<image {name}, no past>", "exec")
