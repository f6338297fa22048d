"""Monitors: checks that a running machine makes after the statements that can break a rule.

A check is bound to the statements that can break what it checks: those that write a certain
field, make or free a struct, call a function or return from one. The linker knows which they are,
so `Machine.watch` wraps the steps of these statements and no others cost anything. A check looks
at the machine as the step has left it and raises `Broken` with a sentence, to which is added who
did it, where and when.

Checks must be functions of the state, as the machine goes back and forth. What remembers steps
has to forget those that are taken back: see `Machine.cuts`.

Calls through a pointer are not seen, nor the writes of queue operations.
"""

from __future__ import annotations

import ast
import functools
import re
from typing import TYPE_CHECKING, Any

import attrs

from exittui.machine.result import Broken

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from exittui.machine.frames import Frame
    from exittui.machine.lang import struct
    from exittui.machine.machine import Machine

Cpu = list[Any]
"""A CPU as a step is given it: its frame first, then its struct."""

_BODY = re.compile(r"^def s(\d+)\(f, c\):\n((?:    .*\n)+)", re.MULTILINE)
_ENTRY = re.compile(r"^    g = \[(\d+), f,", re.MULTILINE)
_PATH = 3
"""How many functions of a call path are told."""


def on_write(
    machine: Machine,
    field: str,
    check: Callable[[Any, Any, Frame, Cpu], None],
    *,
    within: Container[str] | None = None,
) -> None:
    """After a write to a field, `check(struct, old value, frame, cpu)`.

    For a variable of the machine the struct is None. `within` names the functions that count.
    """
    for pc, names in machine.image.writes.items():
        function = machine.image.statements[pc].function
        if field not in names or (within is not None and function not in within):
            continue
        target = _target(machine, pc, field)
        if target is not None:
            machine.watch(pc, functools.partial(_writing, machine, pc, target, field, check))


def on_free(machine: Machine, check: Callable[[struct, Frame, Cpu], None]) -> None:
    """Before a struct is freed, `check(struct, frame, cpu)`: it can still be looked at.

    The step is made all the same, so that the machine stops with the struct freed.
    """
    sites = _sites(machine.image.source)
    for pc in sites.frees:
        target = _compiled(machine, _assigned(ast.parse(f"def s():\n{sites.bodies[pc]}")))
        machine.watch(pc, functools.partial(_freeing, machine, pc, target, check))


def on_call(machine: Machine, function: str, check: Callable[[Frame, Cpu], None]) -> None:
    """After a direct call of a function, `check(its frame, cpu)`: nothing of it has run yet."""
    linked = machine.image.functions.get(function)
    if linked is None:
        return
    machine.inspected.add(function)
    for pc in _sites(machine.image.source).calls.get(linked.entry, ()):
        machine.watch(pc, functools.partial(_calling, machine, pc, check))


def on_return(machine: Machine, function: str, check: Callable[[Frame, Cpu], None]) -> None:
    """After a function has returned, `check(the frame it had, cpu)`."""
    machine.inspected.add(function)
    for pc in _sites(machine.image.source).leaves:
        if machine.image.statements[pc].function == function:
            machine.watch(pc, functools.partial(_returning, machine, pc, check))


def local(machine: Machine, frame: Frame, name: str) -> Any:
    """The value of a variable of a frame, by its name."""
    function = machine.image.functions[machine.image.statements[frame[0]].function]
    return frame[4 + function.variables.index(name)]


def _writing(  # noqa: PLR0917 - bound where it is used
    machine: Machine, pc: int, target: Any, field: str, check: Any, step: Any
) -> Callable[[Frame, Cpu], None]:
    def watched(f: Frame, c: Cpu) -> None:
        o = target(f, c)
        old = machine.memory.variables[field] if o is None else getattr(o, field)
        step(f, c)
        try:
            check(o, old, f, c)
        except Broken as broken:
            raise _told(machine, broken, pc, f, c) from None

    return watched


def _freeing(
    machine: Machine, pc: int, target: Any, check: Any, step: Any
) -> Callable[[Frame, Cpu], None]:
    def watched(f: Frame, c: Cpu) -> None:
        o = target(f, c)
        try:
            check(o, f, c)
        except Broken as broken:
            step(f, c)
            raise _told(machine, broken, pc, f, c) from None
        step(f, c)

    return watched


def _calling(machine: Machine, pc: int, check: Any, step: Any) -> Callable[[Frame, Cpu], None]:
    def watched(f: Frame, c: Cpu) -> None:
        step(f, c)
        try:
            check(c[0], c)
        except Broken as broken:
            raise _told(machine, broken, pc, f, c) from None

    return watched


def _returning(machine: Machine, pc: int, check: Any, step: Any) -> Callable[[Frame, Cpu], None]:
    def watched(f: Frame, c: Cpu) -> None:
        caller = f[1]
        step(f, c)
        if c[0] is caller:
            try:
                check(f, c)
            except Broken as broken:
                raise _told(machine, broken, pc, f, c) from None

    return watched


def _told(machine: Machine, broken: Broken, pc: int, frame: Frame, cpu: Cpu) -> Broken:
    """The sentence with who did it, where and when."""
    number = next(n for n, one in enumerate(machine.stacks.cpus) if one is cpu)
    statements = machine.image.statements
    outer = [statements[one[0]].function for one in machine.stacks.chain(frame)[1:_PATH]]
    path = " < ".join((statements[pc].function, *filter(None, outer)))
    return Broken(f"{broken} (cpu{number} in {path} at step {machine.position})")


def _target(machine: Machine, pc: int, field: str) -> Callable[[Frame, Cpu], Any] | None:
    """What finds the struct that a statement is about to write a field of."""
    body = _sites(machine.image.source).bodies.get(pc)
    if body is None:  # the arrival of an interrupt
        return None
    if field in machine.memory.variables:
        return lambda _f, _c: None
    tree = ast.parse(f"def s():\n{body}")
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("CAS"), args=[target, ast.Constant(value=name), *_]):
                if name == field:
                    return _compiled(machine, target)
            case ast.Assign(targets=[ast.Attribute(value=ast.Name("o"), attr=name)]):
                if name == field:
                    return _compiled(machine, _assigned(tree))
    return None


def _assigned(tree: ast.Module) -> ast.expr:
    """What the body of a step assigns to `o`."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name("o")], value=value):
                return value
    raise AssertionError("no such step is emitted")


def _compiled(machine: Machine, expression: ast.expr) -> Callable[[Frame, Cpu], Any]:
    text = f"lambda f, c: {ast.unparse(expression)}"
    found: Callable[[Frame, Cpu], Any] = eval(text, machine.names)  # noqa: S307 - emitted by us
    return found


@attrs.frozen
class _Sites:
    """What the steps of an image do, by program counter, as far as monitors ask for it."""

    bodies: dict[int, str]
    calls: dict[int, list[int]]
    """By where a function begins, the steps that call it directly."""
    leaves: list[int]
    frees: list[int]


@functools.lru_cache(maxsize=8)
def _sites(source: str) -> _Sites:
    bodies = {int(number): body for number, body in _BODY.findall(source)}
    calls: dict[int, list[int]] = {}
    leaves, frees = [], []
    for pc, body in bodies.items():
        if "    FREE(o)\n" in body:
            frees.append(pc)
        if called := _ENTRY.search(body):
            calls.setdefault(int(called[1]), []).append(pc)
        elif "c[0] = " in body:
            leaves.append(pc)
    return _Sites(bodies, calls, leaves, frees)
