"""Places in the source: what a person means by a line, FILE:LINE or the name of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from exittui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from exittui.machine import Image, Statement


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
        function = self._image.functions.get(name.removesuffix("()"))
        if function is None:
            hint = did_you_mean(name, self._image.functions)
            raise UsageError(f"no function {name!r}{hint}; a line, FILE:LINE or a function is")
        entry = self._image.statements[function.entry]
        return Place(entry.file, entry.line)
