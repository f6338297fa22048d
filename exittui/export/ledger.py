"""The ledger of what is modelled, as text for people or as plain data."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exittui.kernel.ledger import Difference, Entry, File

WIDTH: Final = 80
_INDENT: Final = "    "


def text(files: Sequence[File]) -> Iterator[str]:
    """A paragraph a file, a line a function, and below each what differs and what is simplified."""
    for file in files:
        yield from _head(file)
        for entry in file.entries:
            yield from _entry(entry, hunk=bool(file.hunk))
        yield ""
    yield from _wrapped("", _total(files))


def plain(files: Sequence[File]) -> list[dict[str, Any]]:
    """The same as data, with the counts of each file."""
    return [{**attrs.asdict(file, recurse=True), **_counts(file)} for file in files]


def _head(file: File) -> Iterator[str]:
    place = f"{file.upstream} {file.revision}".strip()
    if file.hunk:
        place += f" in {', '.join(file.kernels)}"
    yield from _wrapped("", f"{place}: {file.title}")
    counts = _counts(file)
    parts = [_many(counts["functions"], "function"), _many(counts["macros"], "macro")]
    said = ", ".join(part for part in parts if part) or "no functions"
    differ = counts["differ"]
    if differ:
        said += f"; {differ} not in all kernels as here"
    if file.removes:
        said += f"; removes {', '.join(file.removes)}"
    yield from _wrapped("  ", f"[{said}]")
    for paragraph in file.simplified:
        yield from _wrapped("  ", f"Simplified: {paragraph}")


def _entry(entry: Entry, *, hunk: bool) -> Iterator[str]:
    name = f"{entry.name}()" if entry.kind == "function" else f"{entry.name} (macro)"
    new = "new: " if hunk and entry.added else ""
    yield from _wrapped("  ", f"{name}  {new}{entry.what}")
    for how in ("replaced", "removed"):
        kernels = [_kernel(one) for one in entry.differs if one.how == how]
        if kernels:
            yield from _wrapped(_INDENT, f"{how} in {', '.join(kernels)}")
    for paragraph in entry.simplified:
        yield from _wrapped(_INDENT, f"Simplified: {paragraph}")


def _kernel(one: Difference) -> str:
    return f"{one.kernel} ({one.hunk} {one.revision})"


def _counts(file: File) -> dict[str, int]:
    return {
        "functions": sum(entry.kind == "function" for entry in file.entries),
        "macros": sum(entry.kind == "macro" for entry in file.entries),
        "differ": sum(bool(entry.differs) for entry in file.entries),
    }


def _total(files: Sequence[File]) -> str:
    base = [file for file in files if not file.hunk]
    counts = [_counts(file) for file in base]
    upstream = {file.upstream for file in files}
    total = (
        f"{_many(sum(one['functions'] for one in counts), 'function') or 'no functions'} and "
        f"{_many(sum(one['macros'] for one in counts), 'macro') or 'no macros'}"
    )
    added = sum(entry.added for file in files if file.hunk for entry in file.entries)
    if added:
        total += f", {added} more in hunks,"
    total += f" of {_many(len(upstream), 'upstream file') or 'no upstream files'}"
    kernels: dict[str, int] = {}
    for file in base:
        for entry in file.entries:
            for one in entry.differs:
                kernels[one.kernel] = kernels.get(one.kernel, 0) + 1
    if kernels:
        total += "; not as in the base: " + ", ".join(
            f"{count} in {name}" for name, count in kernels.items()
        )
    return total


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}" if count else ""


def _wrapped(indent: str, words: str) -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
