"""Places in the source: what a person means by a line, FILE:LINE or the name of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from exittui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from exittui.machine import Image, Statement

_LONGEST_OFFSET: Final = 6


@frozen(order=True)
class Place:
    """A line of a file of the model on which a statement begins."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Places:
    """The lines of an image on which statements begin."""

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
        pc = self._by_line[place.file][place.line][0]
        return self._image.statements[pc].function

    def find(self, text: str, here: Statement) -> Place:
        """The place that a person means: a line of the file of `here`, FILE:LINE, a function."""
        name, colon, number = text.rpartition(":")
        if colon:
            return self._line(self._file(name), number)
        if text[:1].isdigit():
            return self._line(here.file, text)
        return self._function(text)

    def _line(self, file: str, text: str) -> Place:
        if not text.isascii() or not text.isdigit():
            raise UsageError(f"{text!r} is no line number")
        line = int(text[:9])
        lines = self._by_line[file]
        found = min((known for known in lines if known >= line), default=None)
        if found is None:
            raise UsageError(f"no statement on line {text} of {file} or after it")
        return Place(file, found)

    def _file(self, name: str) -> str:
        """A file of the model, by its own name, the kernel's, or the end of either."""
        upstream = {statement.upstream: statement.file for statement in self._image.statements}
        wanted = name if name in self._by_line else upstream.get(name, "")
        if wanted in self._by_line:
            return wanted
        ends = {
            file
            for known, file in (*upstream.items(), *((file, file) for file in self._by_line))
            if known.endswith("/" + name)
        }
        if len(ends) == 1:
            return ends.pop()
        known = [*(file for file in upstream if file), *self._by_line]
        raise UsageError(f"no file {name!r}{did_you_mean(name, known)}")

    def _function(self, name: str) -> Place:
        """The first statement of a function."""
        word, plus, offset = name.partition("+")
        function = self._image.functions.get(word.strip().removesuffix("()"))
        if function is None:
            hint = did_you_mean(word, self._image.functions)
            raise UsageError(f"no function {name!r}{hint}; a line, FILE:LINE or a function is")
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
