"""A linked image: every statement of a set of functions, ready to be loaded into machines.

An image is immutable and knows no machine; many machines can run one. Its `code` is a Python code
object that defines one function for each statement, executed once per machine so that each
function is bound to that machine's journal and variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from types import CodeType

    from exittui.machine.lang import Variable, struct


FIRST_SLOT = 4
"""Slots 0 to 3 of a frame: program counter, caller, label, caller's slot for the result."""

FINISHED = 0
"""The program counter of a CPU that has nothing left to run."""

UNDERMINED = 1
"""The program counter of a CPU whose stack was freed under it: its next step is a violation."""


@attrs.frozen
class Statement:
    """One statement: a step executes exactly one of these.

    `kind` is "step" for plain ones, "call", "return", "spin", "halt", "switch" (a change of
    stack), "user" (user mode), "interrupt" (one arrives) or "panic".
    """

    pc: int
    function: str
    file: str
    """The module's path below the package of the machine code, as kern/kern_exit.py."""
    line: int
    last_line: int
    text: str
    kind: str
    upstream: str
    """The source file this models, as kern/kern_exit.c; empty if the module names none."""


@attrs.frozen
class Function:
    """One linked function: where it stands and which slots of a frame hold its variables."""

    name: str
    file: str
    line: int
    last_line: int
    entry: int
    parameters: tuple[str, ...]
    variables: tuple[str, ...]
    """All variables, parameters first, in the order of their slots."""
    doc: str
    upstream: str
    revision: str
    patch: str | None
    """The name of the hunk it comes from, or None for the base."""


@attrs.frozen
class Interrupt:
    """A kind of interrupt: its handler, and where a CPU stands for a moment when it arrives."""

    name: str
    handler: str
    pc: int
    armed: str
    masks: str
    """The field of a CPU that keeps it out while it is 0."""
    patient: bool


@attrs.frozen
class Image:
    """What `linker.link` makes: statements and functions, and the code that performs them."""

    name: str
    statements: tuple[Statement, ...]
    """By program counter; number 0 is where a CPU stands that has nothing left to run."""
    functions: dict[str, Function]
    structs: dict[str, type[struct]]
    removed_fields: frozenset[tuple[str, str]]
    variables: dict[str, Variable]
    files: dict[str, str]
    """Path on disk of each source file, by its short name."""
    code: CodeType
    source: str
    """What `code` was compiled from, for machines that keep no past (see `emit.forgetful`)."""
    interrupts: tuple[Interrupt, ...]
    guards: frozenset[int]
    """The program counters at which a CPU may have to wait."""
    reads: dict[int, frozenset[str]]
    """By program counter, the fields and variables that a condition to wait for looks at."""
    writes: dict[int, frozenset[str]]
    """By program counter, the fields and variables that a statement may write, locals left out."""
    access: bytes
    """Marshalled code that tells what a statement is about to read: see `access.py`."""
    cpu_struct: tuple[str, str] | None
    """The name of the struct of a CPU, and of the field with its number."""
    unread: frozenset[str]
    """The fields and variables that nothing depends on: see `dataflow.py`."""
    live: dict[int, tuple[int, ...]]
    """By program counter, the slots of a frame that are still read: see `dataflow.py`."""
    noreturn: frozenset[int]
    """The program counters of the functions that never return: see `dataflow.py`."""
