"""A kernel source tree on the user's disk: the functions in its files, and their statements.

Nothing of such a tree comes with this program; it is read when somebody names one. It is read by
its shape instead of parsed, for no preprocessor has run over it: the body of a C function begins
and ends with braces in the first column, as style(9) has it, all branches of an `#ifdef` are
there, and a statement ends at a semicolon or at the parenthesis that closes the condition of an
`if` or a loop. An assembly function ends at END() or at the next entry, and each line is a
statement. A macro is the statements it stands for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from attrs import frozen

from exittui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST: Final = 4_000_000
"""Characters of the largest file that is read; those of the kernel have a tenth of it."""

_SKIPPED: Final = re.compile(
    r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", re.DOTALL
)
_DIRECTIVE: Final = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_REVISION: Final = re.compile(r"\$OpenBSD: \S+,v (\S+)")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_CONDITIONS: Final = frozenset({"if", "while", "for", "switch"})
_ENTRY: Final = re.compile(
    r"^[ \t]*(?:\w*ENTRY\w*|(?P<vector>IDTVEC\w*))\(\s*(?:_C_LABEL\()?(?P<name>\w+)"
    r"|^(?P<label>[A-Za-z_]\w*):",
    re.MULTILINE,
)


@frozen
class CStatement:
    """One statement of the real kernel: where it stands, and its text on one line."""

    line: int
    last_line: int
    text: str
    says: str = ""
    """What it does, where the text says more or less than that: one part of a `for`, a `case`."""

    @property
    def meaning(self) -> str:
        """What to compare it by."""
        return self.says or self.text.rstrip(";")


@frozen(eq=False)
class CFunction:
    """One function of the real kernel."""

    file: str
    """The file it was found in, as kern/kern_exit.c."""
    revision: str
    """As 1.245; empty where the file does not say."""
    first_line: int
    """Where its name stands, with what it gives on the line before."""
    last_line: int
    statements: tuple[CStatement, ...]
    assembly: bool = False


class Tree:
    """A folder with kernel sources, by the names of their files below sys/."""

    def __init__(self, folder: Path) -> None:
        """Find sys/ in the folder, or see that the folder is it.

        Raises UsageError where neither is so.
        """
        for base in (folder / "sys", folder):
            if (base / "kern").is_dir():
                self._base = base
                break
        else:
            what = "no folder" if not folder.is_dir() else "no kernel sources: it has no sys/kern"
            raise UsageError(f"{folder}: {what}")
        self._files: dict[str, _File | None] = {}

    def function(self, upstream: str, name: str) -> CFunction | str:
        """The function, from its file or one beside it; or a sentence that says what is missing.

        Functions move between files as the years pass, so the folder of the file and the headers
        are looked through where the file itself does not have it.
        """
        file = self._file(upstream)
        found = file.function(name) if file is not None else None
        if found is None:
            found = self._elsewhere(upstream, name)
        if found is not None:
            return found
        if file is None:
            return f"the tree has no {upstream}, and no {name}() beside it"
        revision = f" {file.revision}" if file.revision else ""
        return f"{upstream}{revision} of the tree has no {name}()"

    def _elsewhere(self, upstream: str, name: str) -> CFunction | None:
        own = upstream.rpartition("/")[0]
        for folder, endings in ((own, (".c", ".S", ".h")), ("sys", (".h",))):
            for path in sorted((self._base / folder).glob("*")):
                short = f"{folder}/{path.name}"
                if path.suffix in endings and short != upstream:
                    file = self._file(short)
                    found = file.function(name) if file is not None else None
                    if found is not None:
                        return found
        return None

    def _file(self, name: str) -> _File | None:
        """The file of that name, read once; None where there is none that can be read."""
        if name not in self._files:
            path = self._base / name
            try:
                readable = path.is_file() and path.stat().st_size <= _LARGEST
                text = path.read_text(encoding="utf-8", errors="replace") if readable else None
            except OSError:
                text = None
            self._files[name] = None if text is None else _File(name, text)
        return self._files[name]


class _File:
    """One file as it was read; the shape of its text is looked at when it is needed."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text
        found = _REVISION.search(text[:2000])
        self.revision = found[1] if found else ""
        self._shape: _Shape | None = None

    def function(self, name: str) -> CFunction | None:
        """The function or macro, or None."""
        if name not in self._text and not (name[:1] == "X" and name[1:] in self._text):
            return None
        if self._shape is None:
            self._shape = _Shape(self._text)
        shape = self._shape
        assembly = self.name.endswith(".S")
        region = shape.assembly(name) if assembly else shape.body(name) or shape.macro(name)
        if region is None:
            return None
        begin, start, end = region
        if assembly:
            statements = list(shape.instructions(start, end))
        else:
            statements = Statements(shape, start, end).read()
        first, last = shape.line(begin), shape.line(end)
        last = max(last, *(one.last_line for one in statements), first)
        return CFunction(self.name, self.revision, first, last, tuple(statements), assembly)


class _Shape:
    """A text in three versions whose offsets agree: what brackets enclose must not be mistaken.

    `clean` has no comments, `code` no directives either, and `bare` nothing within strings.
    """

    def __init__(self, text: str) -> None:
        self.clean = _SKIPPED.sub(_without_comment, text)
        self.code = _DIRECTIVE.sub(_blank, self.clean)
        self.bare = _SKIPPED.sub(_blank, self.code)
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def line(self, offset: int) -> int:
        """The number of the line of an offset."""
        return bisect_right(self._starts, offset)

    def body(self, name: str) -> tuple[int, int, int] | None:
        """Where a function begins, and what stands between its braces."""
        pattern = rf"^(?:[A-Za-z_][^\n;{{}}=()]*[\s*])?{re.escape(name)}[ \t]*\("
        for match in re.finditer(pattern, self.bare, re.MULTILINE):
            after = _closing(self.bare, match.end() - 1)
            brace = re.compile(r"(?:\s|__\w+(?:\(\([^)]*\)\))?)*\{").match(self.bare, after)
            if brace is not None:
                end = self.bare.find("\n}", brace.end())
                return match.start(), brace.end(), len(self.bare) if end < 0 else end
        return None

    def macro(self, name: str) -> tuple[int, int, int] | None:
        """Where a macro with arguments begins, and its text, which is made part of the code."""
        pattern = rf"^[ \t]*#[ \t]*define[ \t]+{re.escape(name)}\([^)\n]*\)"
        match = re.search(pattern, self.clean, re.MULTILINE)
        if match is None:
            return None
        whole = re.compile(r"(?:[^\n]*\\\n)*[^\n]*").match(self.clean, match.end())
        end = whole.end() if whole else match.end()
        body = self.clean[match.end() : end].replace("\\\n", " \n")
        self.code = self.code[: match.end()] + body + self.code[end:]
        bare = _SKIPPED.sub(_blank, body)
        self.bare = self.bare[: match.end()] + bare + self.bare[end:]
        return match.start(), match.end(), end

    def assembly(self, name: str) -> tuple[int, int, int] | None:
        """Where an assembly function begins, and what stands between its entry and its end."""
        for match in _ENTRY.finditer(self.clean):
            prefix = "X" if match["vector"] else ""
            if name in (prefix + (match["name"] or ""), match["label"]):
                start = self.clean.find("\n", match.end())
                end = re.compile(
                    r"^END\(|^[ \t]*\w*ENTRY\w*\(|^[ \t]*IDTVEC\w*\(", re.MULTILINE
                ).search(self.clean, start)
                stop = end.start() if end and start >= 0 else len(self.clean)
                return match.start(), start, stop
        return None

    def instructions(self, start: int, end: int) -> Iterator[CStatement]:
        """The instructions of an assembly function."""
        for match in re.finditer(r"[^\n;]+", self.code[start:end]):
            text = _one_line(match[0])
            if text and not text.startswith(".") and not text.endswith(":"):
                line = self.line(start + match.start())
                yield CStatement(line, line, text)


class Statements:
    """Reads the statements between two offsets.

    Conditions and heads of loops are statements by themselves. A `for` is three: what it does
    first, its condition, and, after its body, what it does each time. A `case` is a comparison.
    The brace that ends a function is a statement, too, which returns.
    """

    def __init__(self, shape: _Shape, start: int, end: int) -> None:
        self._shape = shape
        self._bare = shape.bare
        self._start = start
        self._end = end
        self._found: list[tuple[int, CStatement]] = []
        self._switches: list[tuple[int, str]] = []

    def read(self) -> list[CStatement]:
        """All of them, in the order in which they are run."""
        at = self._start
        while True:
            at = _skip(self._bare, at, self._end, " \t\n;{}")
            if at >= self._end:
                break
            stop = min(self._stop(at), self._end)
            self._add(at, stop)
            at = max(stop, at + 1)
        if self._bare.startswith("\n}", self._end):
            self._emit(self._end + 1, self._end + 2, "return")
        self._found.sort(key=lambda found: found[0])
        return [statement for _, statement in self._found]

    def _add(self, at: int, stop: int) -> None:
        """One statement, or the three of a `for`."""
        text = _one_line(self._shape.code[at:stop])
        word = _WORD.match(text)
        first = word[0] if word else ""
        if first == "switch":
            self._switches.append((self._body_end(stop), text[len("switch") :].strip()))
        elif first == "case":
            while len(self._switches) > 1 and self._switches[-1][0] < at:
                self._switches.pop()
            value = self._switches[-1][1] if self._switches else ""
            self._emit(at, stop, f"if ({value} == {text[len('case') : -1].strip()})")
            return
        elif first == "for" and text.count(";") == 2 and text.endswith(")"):  # noqa: PLR2004 - as a for has
            inner = text[text.index("(") + 1 : text.rindex(")")]
            begin, condition, each = (part.strip() for part in inner.split(";"))
            if begin:
                self._emit(at, stop, begin)
            self._emit(at, stop, f"while ({condition or 1})")
            if each:
                self._emit(at, stop, each, order=self._body_end(stop))
            return
        if text and not _is_declaration(text):
            self._emit(at, stop)

    def _emit(self, at: int, stop: int, says: str = "", order: int | None = None) -> None:
        shape = self._shape
        last = shape.line(at + len(self._bare[at:stop].rstrip()) - 1)
        end = stop + self._bare.startswith(";", stop)
        text = _one_line(shape.code[at:end])
        statement = CStatement(shape.line(at), last, text, says)
        self._found.append((at if order is None else order, statement))

    def _body_end(self, at: int) -> int:
        """The offset at which the body that begins here has ended."""
        at = _skip(self._bare, at, self._end, " \t\n")
        if self._bare[at : at + 1] == "{":
            return _closing(self._bare, at, "{}") - 1
        return self._stop(at)

    def _stop(self, at: int) -> int:
        """Where the statement that begins here ends."""
        bare, end = self._bare, self._end
        word = _WORD.match(bare, at)
        if word is not None:
            after = _skip(bare, word.end(), end, " \t\n")
            if word[0] in ("else", "do"):
                following = _WORD.match(bare, after)
                chained = word[0] == "else" and following is not None and following[0] == "if"
                return self._stop(after) if chained else word.end()
            if word[0] in ("case", "default") or bare[after : after + 1] == ":":
                return bare.find(":", at) + 1 or end
            if (word[0] in _CONDITIONS or "FOREACH" in word[0]) and bare[after : after + 1] == "(":
                return _closing(bare, after)
        while at < end and bare[at] not in ";{}":
            if bare[at] == "(":
                at = _closing(bare, at)
            elif bare[at] == "=" and bare[_skip(bare, at + 1, end, " \t\n")] == "{":
                at = bare.find("}", at) + 1 or end
            else:
                at += 1
        return at


def _blank(match: re.Match[str]) -> str:
    """As many blanks, so that offsets stay; lines end where they ended."""
    return re.sub(r"[^\n]", " ", match[0])


def _without_comment(match: re.Match[str]) -> str:
    return _blank(match) if match[0].startswith("/") else match[0]


def _closing(text: str, at: int, brackets: str = "()") -> int:
    """The offset after the bracket that closes the one here."""
    depth = 0
    for match in re.compile(f"[{re.escape(brackets)}]").finditer(text, at):
        depth += 1 if match[0] == brackets[0] else -1
        if depth == 0:
            return match.end()
    return len(text)


def _skip(text: str, at: int, end: int, characters: str) -> int:
    while at < end and text[at] in characters:
        at += 1
    return at


def _one_line(text: str) -> str:
    """The text on one line, without what a terminal would take for an order."""
    words = " ".join(text.split())
    return "".join(one if one.isprintable() else "?" for one in words)


def _is_declaration(text: str) -> bool:
    """Whether the text only declares, labels or divides: it does nothing that could be stepped."""
    if text.startswith(("break", "continue", "goto ", "return")):
        return False
    return text.endswith(":") or not re.search(r"[=(]|\+\+|--", text)
