"""Places in the source: what a person means by a line, FILE:LINE or the name of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from exittui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

    from exittui.machine import Image, Statement
    from exittui.session.counterpart import Counterparts

_LONGEST_OFFSET: Final = 6
_KERNELS: Final = (".c", ".h", ".S")
"""How files of the kernel's own end."""


@frozen(order=True)
class Place:
    """A line of a file of the model on which a statement begins."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Places:
    """The lines of an image on which statements begin, and those of the kernel's own sources.

    A file of the kernel's, as kern/kern_exit.c, has the lines of the source tree that is beside
    the model. Without one it stands for the file that models it, with the lines of that.
    """

    beside: Counterparts | None = None
    """The real kernel's statements, where the person has its sources."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._by_line: dict[str, dict[int, list[int]]] = {}
        for statement in image.statements:
            if statement.line:
                lines = self._by_line.setdefault(statement.file, {})
                lines.setdefault(statement.line, []).append(statement.pc)

    def pcs_of(self, place: Place) -> frozenset[int]:
        """The program counters of a place."""
        return frozenset(self._by_line[place.file][place.line])

    def function_at(self, place: Place) -> str:
        """The function that a place is in."""
        return self._first(place).function

    def _first(self, place: Place) -> Statement:
        return self._image.statements[self._by_line[place.file][place.line][0]]

    def name(self, statement: Statement) -> str:
        """Where a statement stands, in the words of a listing: the kernel's file and line.

        The line is that of the kernel's own source where a tree has the statement, and the
        model's where none is given.
        """
        if self.beside is None:
            return f"{statement.upstream or statement.file}:{statement.line}"
        real = self.beside.of(statement)
        return real.place if real is not None and real.found else str(_of(statement))

    def told(self, place: Place) -> str:
        """A place of the model, and that of the tree beside it."""
        real = self.beside.of(self._first(place)) if self.beside is not None else None
        return f"{place}, {real.place}" if real is not None and real.found else str(place)

    def find(self, text: str, here: Statement) -> Place:
        """The place that a person means: a line of the file of `here`, FILE:LINE, a function.

        FILE:FUNCTION is a function, too. Raises UsageError, which says what is accepted.
        """
        name, colon, rest = text.rpartition(":")
        if not colon:
            plain = text[:1].isdigit()
            return self._line(here.file, _number(text)) if plain else self._function(text)
        if rest.isidentifier():
            return self._function_of(name, rest)
        line = _number(rest)
        if self.beside is not None and _is_kernels(name):
            return _of(self.beside.at(_one_of(name, self.beside.files()), line))
        return self._line(self._file(name, here), line)

    def _function_of(self, file: str, name: str) -> Place:
        """A function, which must be in that file."""
        place = self._function(name)
        first = self._first(place)
        own = {first.file, first.upstream, self.name(first).rpartition(":")[0]}
        if not any(known == file or known.endswith("/" + file) for known in own):
            known = first.upstream or first.file
            raise UsageError(f"{first.function}() is not in {file!r}, but in {known}")
        return place

    def _line(self, file: str, line: int) -> Place:
        lines = self._by_line[file]
        found = min((known for known in lines if known >= line), default=None)
        if found is None:
            raise UsageError(f"no statement on line {line} of {file} or after it")
        return Place(file, found)

    def _file(self, name: str, here: Statement) -> str:
        """A file of the model, by its own name, the kernel's, or the end of either."""
        if not _is_kernels(name):
            return _one_of(name, self._by_line)
        upstream: dict[str, list[str]] = {}
        for statement in self._image.statements:
            files = upstream.setdefault(statement.upstream, [])
            if statement.line and statement.file not in files:
                files.append(statement.file)
        files = upstream[_one_of(name, upstream)]
        if here.file in files:
            return here.file
        if len(files) > 1:
            raise UsageError(
                f"{name} is several files of the model: {', '.join(files)}; one of them, or "
                "--sys DIR with the kernel's sources for lines of its own"
            )
        return files[0]

    def _function(self, name: str) -> Place:
        """The first statement of a function."""
        word, plus, offset = name.partition("+")
        function = self._image.functions.get(word.strip().removesuffix("()"))
        if function is None:
            hint = did_you_mean(word, self._image.functions)
            raise UsageError(f"no function {name!r}{hint}; say a line, FILE:LINE or a function")
        at = function.entry + (self._offset(offset) if plus else 0)
        entry = self._image.statements[min(at, len(self._image.statements) - 1)]
        if entry.function != function.name or not entry.line:
            raise UsageError(f"no statement {name}: {function.name} is shorter")
        return Place(entry.file, entry.line)

    def _offset(self, text: str) -> int:
        """An offset in a function, as it is printed: `0x2f`."""
        digits = text.strip().removeprefix("0x")
        sixteen = digits != text.strip()
        if not digits.isalnum() or not digits.isascii() or len(digits) > _LONGEST_OFFSET:
            raise UsageError(f"{text!r} is no offset: a number is, as +0x2f")
        try:
            return int(digits, 16 if sixteen else 10)
        except ValueError:
            raise UsageError(f"{text!r} is no offset: a number is, as +0x2f") from None


def _of(statement: Statement) -> Place:
    return Place(statement.file, statement.line)


def _is_kernels(name: str) -> bool:
    """Whether a name is that of a file of the kernel's, and not of the model."""
    return name.endswith(_KERNELS)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"{text!r} is no line number")
    return int(text[:9])


def _one_of(name: str, files: Collection[str]) -> str:
    """The file of that name, or the only one that ends so."""
    if name in files:
        return name
    ends = sorted(known for known in files if known.endswith("/" + name))
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise UsageError(f"{name!r} can be {' or '.join(ends)}")
    raise UsageError(f"no file {name!r}{did_you_mean(name, list(files))}")
