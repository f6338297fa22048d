"""Two kernels side by side: the text of both, line by line, for a given width or as plain data.

Each line carries a mark of what it is, so that whoever prints it can colour it: `head`, `same`,
`old`, `new`, `both` (side by side, and the sides differ) or `note`.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exittui.kernel.definitions import Definition
    from exittui.kernel.difference import Change

SIDE_BY_SIDE: Final = 120
"""The width from which there is room for two columns."""
LEAST: Final = 40
_CONTEXT: Final = 3
_HANGING: Final = 8
_ALIKE: Final = 0.5


@frozen
class Line:
    """One printed line: the parts of it, each with its mark."""

    parts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Without its marks."""
        return "".join(text for text, _ in self.parts).rstrip()


@frozen
class Row:
    """A line of the one beside its line of the other; None where one has none."""

    old: str | None
    new: str | None

    @property
    def same(self) -> bool:
        """Whether both have it."""
        return self.old == self.new


def lines(
    first: str, second: str, changes: Sequence[Change], width: int, *, whole: bool = False
) -> Iterator[Line]:
    """All changes for a terminal of `width` cells; `whole` shows what is the same, too."""
    width = max(width, LEAST)
    if not changes:
        yield _line(f"{first} and {second}: no difference", "note")
        return
    yield from _all(f"{first} → {second}: {_summary(changes)}", "head", width)
    for change in changes:
        yield _line("", "same")
        yield from _head(change, width)
        both = rows(change.old, change.new)
        shown = both if whole else _folded(both)
        if width >= SIDE_BY_SIDE and change.old and change.new:
            yield from _beside(shown, width)
        else:
            yield from _stacked(shown, width)


def plain(first: str, second: str, changes: Sequence[Change]) -> dict[str, Any]:
    """The same as data; each row is its mark and the lines of both sides."""
    return {
        "from": first,
        "to": second,
        "changes": [
            {
                "name": change.name,
                "kind": change.kind,
                "change": change.how,
                "old": _place(change.old),
                "new": _place(change.new),
                "fields_added": change.fields_added,
                "fields_removed": change.fields_removed,
                "rows": [[_mark(row), row.old, row.new] for row in rows(change.old, change.new)],
            }
            for change in changes
        ],
    }


def rows(old: Definition | None, new: Definition | None) -> list[Row]:
    """Both texts, line beside line: the same ones, then those that became others."""
    before = old.text if old is not None else ()
    after = new.text if new is not None else ()
    found: list[Row] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for _, i, i_end, j, j_end in matcher.get_opcodes():
        found.extend(_paired(before[i:i_end], after[j:j_end]))
    return found


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """Lines that became others, each beside the one it most likely became, in order."""
    at = 0
    for line in old:
        beside = next((k for k in range(at, len(new)) if _is_like(line, new[k])), None)
        if beside is None:
            yield Row(line, None)
            continue
        yield from (Row(None, added) for added in new[at:beside])
        yield Row(line, new[beside])
        at = beside + 1
    yield from (Row(None, added) for added in new[at:])


def _is_like(one: str, other: str) -> bool:
    if one == other:
        return True
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio() >= _ALIKE


def _folded(shown: Sequence[Row]) -> Sequence[Row | int]:
    """Long stretches of the same become the number of lines left out."""
    near = [False] * len(shown)
    for number, row in enumerate(shown):
        if not row.same or number == 0:
            low, high = max(number - _CONTEXT, 0), number + _CONTEXT + 1
            near[low:high] = [True] * len(near[low:high])
    found: list[Row | int] = []
    for row, kept in zip(shown, near, strict=True):
        if kept:
            found.append(row)
        elif found and isinstance(found[-1], int):
            found[-1] += 1
        else:
            found.append(1)
    return found


def _stacked(shown: Sequence[Row | int], width: int) -> Iterator[Line]:
    """One column: what goes with a minus, what comes with a plus; each run of them together."""
    waiting: list[Line] = []
    for row in shown:
        if isinstance(row, int) or row.same:
            yield from waiting
            waiting = []
            if isinstance(row, int):
                yield _line(_left_out(row), "note")
            else:
                yield from _all(row.old or "", "same", width, "  ")
            continue
        if row.old is not None:
            yield from _all(row.old, "old", width, "- ")
        if row.new is not None:
            waiting.extend(_all(row.new, "new", width, "+ "))
    yield from waiting


def _beside(shown: Sequence[Row | int], width: int) -> Iterator[Line]:
    """Two columns, with a mark between them as sdiff(1) has it."""
    column = (width - 3) // 2
    for row in shown:
        if isinstance(row, int):
            yield _line(_left_out(row), "note")
            continue
        left = _wrapped(row.old, column) if row.old is not None else []
        right = _wrapped(row.new, column) if row.new is not None else []
        mark = _mark(row)
        for number in range(max(len(left), len(right), 1)):
            ours = left[number] if number < len(left) else ""
            theirs = right[number] if number < len(right) else ""
            same = row.same
            yield Line(
                (
                    (f"{ours:{column}}", "same" if same else "old"),
                    (f" {mark if number == 0 else ' '} ", "same" if same else "both"),
                    (theirs, "same" if same else "new"),
                )
            )


def _mark(row: Row) -> str:
    if row.same:
        return " "
    return "<" if row.new is None else ">" if row.old is None else "|"


def _left_out(count: int) -> str:
    return f"  … {count} line{'s' * (count != 1)} the same"


def _head(change: Change, width: int) -> Iterator[Line]:
    """What it is, and where it stands on each side."""
    name = f"{change.name}()" if change.kind in ("function", "macro") else change.name
    yield from _all(f"{change.how} {change.kind} {name}", "head", width)
    for mark, one in (("old", change.old), ("new", change.new)):
        if one is not None:
            hunk = f", hunk {one.source.hunk}" if one.source.hunk else ""
            sign = "- " if mark == "old" else "+ "
            place = f"{one.source.upstream} {one.source.revision}{hunk}"
            yield from _all(place, mark, width, sign)
    for how, fields in (("added", change.fields_added), ("removed", change.fields_removed)):
        if fields and change.how == "changed":
            yield from _all(f"fields {how}: {', '.join(fields)}", "note", width, "  ")


def _summary(changes: Sequence[Change]) -> str:
    """How many of what kind, and the names of what came and went."""
    parts = []
    for how in ("changed", "added", "removed"):
        names = [one.name for one in changes if one.how == how]
        if names:
            named = "" if how == "changed" else f" ({', '.join(names)})"
            parts.append(f"{len(names)} {how}{named}")
    for how, fields in (
        ("added", [f"{one.name}.{name}" for one in changes for name in one.fields_added]),
        ("removed", [f"{one.name}.{name}" for one in changes for name in one.fields_removed]),
    ):
        if fields:
            parts.append(f"fields {how}: {', '.join(fields)}")
    return "; ".join(parts)


def _place(one: Definition | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "upstream": one.source.upstream,
        "revision": one.source.revision,
        "hunk": one.source.hunk,
        "file": one.source.file,
        "line": one.line,
    }


def _line(text: str, mark: str) -> Line:
    return Line(((text, mark),))


def _all(text: str, mark: str, width: int, sign: str = "") -> list[Line]:
    """A text in as many lines as it needs, its sign before the first."""
    rest = " " * len(sign)
    return [
        _line((rest if number else sign) + part, mark)
        for number, part in enumerate(_wrapped(text, width - len(sign)))
    ]


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width`, broken at blanks; what follows is indented more."""
    if len(text) <= width:
        return [text]
    indent = " " * min(len(text) - len(text.lstrip()) + _HANGING, width // 2)
    found: list[str] = []
    rest, room = text, width
    while len(rest) > room:
        cut = rest.rfind(" ", 1, room + 1)
        if cut <= len(rest) - len(rest.lstrip()):
            cut = room
        found.append((indent if found else "") + rest[:cut].rstrip())
        rest, room = rest[cut:].lstrip(), width - len(indent)
    return [*found, indent + rest]
