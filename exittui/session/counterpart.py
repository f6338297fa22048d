"""Beside each statement of the model the one of the real kernel that it models, and back.

The statements of a function are found by `csource`, and put beside each other by `aligning`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from exittui.errors import UsageError
from exittui.session.aligning import align
from exittui.session.csource import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from exittui.machine import Image, Statement
    from exittui.session.csource import CFunction, CStatement

NOT_UPSTREAM: Final = "-"
"""The revision of a module that models no file of the kernel's."""


@frozen
class Counterpart:
    """What the real kernel has at a place of the model: where and which, or why there is none."""

    file: str
    """As kern/kern_exit.c; empty where nothing was found."""
    line: int
    text: str
    """The statement, or a sentence that says what the tree does not have."""

    @property
    def found(self) -> bool:
        """Whether the tree has such a statement."""
        return bool(self.file)

    @property
    def place(self) -> str:
        """File and line in one word; empty where nothing was found."""
        return f"{self.file}:{self.line}" if self.file else ""


class Counterparts:
    """A source tree beside a linked model: functions are aligned when they are first asked for."""

    def __init__(self, folder: Path, image: Image) -> None:
        """Raises UsageError where the folder has no kernel sources."""
        self._tree = Tree(folder)
        self._image = image
        self._functions: dict[str, dict[tuple[int, str], CStatement]] = {}
        self._real: dict[str, CFunction | str] = {}

    def of(self, statement: Statement) -> Counterpart | None:
        """What the real kernel has for this statement; None for what is no kernel's."""
        name = statement.function
        if not self._is_kernels(name):
            return None
        real = self._function(name)
        if isinstance(real, str):
            return Counterpart("", 0, real)
        found = self._pairs(name, real).get((statement.line, statement.text))
        if found is None:
            revision = f" {real.revision}" if real.revision else ""
            none = f"{name}() in {real.file}{revision} has no statement like this"
            return Counterpart("", 0, none)
        return Counterpart(real.file, found.line, found.text)

    def files(self) -> frozenset[str]:
        """The files of the tree in which the functions of the model are, as kern/kern_exit.c."""
        return frozenset(real.file for _, real in self._found())

    def at(self, file: str, line: int) -> Statement:
        """The first statement of the model for a line of a file of the tree.

        A line without one stands for the next of its function that has one. Raises UsageError
        where the line is in no function of the model, and where nothing is modelled after it.
        """
        functions = sorted(
            ((name, real) for name, real in self._found() if real.file == file),
            key=lambda one: (one[1].first_line, one[0]),
        )
        around = [one for one in functions if one[1].first_line <= line <= one[1].last_line]
        if not around:
            near = [f"{name}() {real.first_line}-{real.last_line}" for name, real in functions]
            after = sum(real.last_line < line for _, real in functions)
            known = ", ".join(near[max(after - 1, 0) : after + 1])
            raise UsageError(f"no function of the model at {file}:{line}; the nearest: {known}")
        name, real = around[-1]
        pairs = self._pairs(name, real)
        later = [pair for pair in pairs.items() if pair[1].last_line >= line]
        if not later:
            raise UsageError(f"nothing of {name}() is modelled at {file}:{line} or after it")
        first = min(pair[1].line for pair in later)
        places = {place for place, pair in later if pair.line == first}
        return min(
            (one for one in self._statements(name) if (one.line, one.text) in places),
            key=lambda one: (one.line, one.pc),
        )

    def _is_kernels(self, name: str) -> bool:
        """Whether a function is the kernel's, and not what the model needs besides."""
        function = self._image.functions.get(name)
        return (
            function is not None and bool(function.upstream) and function.revision != NOT_UPSTREAM
        )

    def _found(self) -> Iterator[tuple[str, CFunction]]:
        """All functions of the model that the tree has."""
        for name in self._image.functions:
            real = self._function(name) if self._is_kernels(name) else ""
            if not isinstance(real, str):
                yield name, real

    def _function(self, name: str) -> CFunction | str:
        """The real function of that name, or a sentence that says what is missing."""
        if name not in self._real:
            self._real[name] = self._tree.function(self._image.functions[name].upstream, name)
        return self._real[name]

    def _statements(self, name: str) -> list[Statement]:
        return [
            one
            for one in self._image.statements
            if one.function == name and one.kind != "interrupt"
        ]

    def _pairs(self, name: str, real: CFunction) -> dict[tuple[int, str], CStatement]:
        """What stands beside the statements of a function, by their line and text."""
        if name not in self._functions:
            statements = sorted(self._statements(name), key=lambda one: (one.line, one.pc))
            places = list(dict.fromkeys((one.line, one.text) for one in statements))
            texts = [text for _, text in places]
            found = align(texts, [one.meaning for one in real.statements], assembly=real.assembly)
            self._functions[name] = {
                place: real.statements[index]
                for place, index in zip(places, found, strict=True)
                if index is not None
            }
        return self._functions[name]
