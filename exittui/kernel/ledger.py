"""The ledger: what is modelled, of which file and revision, how far, and where kernels differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from exittui.errors import UsageError, did_you_mean
from exittui.kernel.catalog import KERNELS
from exittui.kernel.definitions import defined, kernel, sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from exittui.kernel.catalog import Kernel
    from exittui.kernel.definitions import Definition, Source

_CODE: Final = ("function", "macro")


@frozen
class Difference:
    """A kernel that has a function in another way: `replaced`, `added` or `removed`."""

    kernel: str
    how: str
    hunk: str
    revision: str
    """That of the file the hunk models."""


@frozen
class Entry:
    """One modelled function."""

    name: str
    kind: str
    """`function`, or `macro` for what is expanded in place and takes no step."""
    line: int
    what: str
    simplified: tuple[str, ...]
    differs: tuple[Difference, ...] = ()
    """For a function of the base: the kernels that have it otherwise, or not at all."""
    added: bool = False
    """For a function of a hunk: whether the base has none of that name."""


@frozen
class File:
    """One module of the model, and what it holds."""

    file: str
    upstream: str
    revision: str
    title: str
    hunk: str
    kernels: tuple[str, ...]
    """For a hunk: the kernels it is linked into; empty for the base, which is in all."""
    simplified: tuple[str, ...]
    entries: tuple[Entry, ...]
    removes: tuple[str, ...]


def ledger(of: str | None = None, wanted: Iterable[str] = ()) -> tuple[File, ...]:
    """All files, or those of one kernel with what it takes from them.

    `wanted` are names of functions and files: nothing else is kept. Raises UsageError for a kernel
    or a name that does not exist.
    """
    chosen = kernel(of) if of is not None else None
    files = _files(chosen)
    names = tuple(wanted)
    return _selected(files, names) if names else files


def _files(chosen: Kernel | None) -> tuple[File, ...]:
    held = None if chosen is None else set(defined(chosen).values())
    differs = _differences()
    base = {one.name for source in sources() for one in source.definitions}
    files = [_file(source, (), differs, base, held) for source in sources()]
    users: dict[Source, list[str]] = {}
    for one in KERNELS.values():
        for source in sources(one):
            users.setdefault(source, []).append(one.id)
    for source, kernels in users.items():
        if chosen is None or chosen.id in kernels:
            files.append(_file(source, tuple(kernels), {}, base, held))
    return tuple(one for one in files if one.entries or one.removes or one.simplified)


def _file(
    source: Source,
    kernels: tuple[str, ...],
    differs: dict[str, tuple[Difference, ...]],
    base: AbstractSet[str],
    held: set[Definition] | None,
) -> File:
    return File(
        file=source.file,
        upstream=source.upstream,
        revision=source.revision,
        title=source.title,
        hunk=source.hunk,
        kernels=kernels,
        simplified=source.simplified,
        entries=tuple(
            Entry(
                one.name,
                one.kind,
                one.line,
                one.what,
                one.simplified,
                differs.get(one.name, ()),
                added=one.name not in base,
            )
            for one in source.definitions
            if one.kind in _CODE and (held is None or one in held)
        ),
        removes=source.removes,
    )


def _differences() -> dict[str, tuple[Difference, ...]]:
    """For each function of the base, the kernels that do not have it as it is there."""
    base = {one.name: one for source in sources() for one in source.definitions}
    found: dict[str, list[Difference]] = {}
    for kernel_id, one in KERNELS.items():
        end = defined(one)
        removed = {name: source for source in sources(one) for name in source.removes}
        for name, was in base.items():
            now = end.get(name)
            if now is was or was.kind not in _CODE:
                continue
            source = now.source if now is not None else removed[name]
            how = "replaced" if now is not None else "removed"
            difference = Difference(kernel_id, how, source.hunk, source.revision)
            found.setdefault(name, []).append(difference)
    return {name: tuple(differences) for name, differences in found.items()}


def _selected(files: tuple[File, ...], names: tuple[str, ...]) -> tuple[File, ...]:
    """What was asked for by the name of a function, of a file, or of a file without its folder."""
    functions = {entry.name for file in files for entry in file.entries}
    paths = {path for file in files for path in _names(file)}
    for name in names:
        if name.removesuffix("()") not in functions and name not in paths:
            hint = did_you_mean(name, sorted(functions | paths))
            raise UsageError(f"no function or file {name!r} in the ledger{hint}")
    asked = {name.removesuffix("()") for name in names}
    kept = []
    for file in files:
        entries = tuple(
            entry for entry in file.entries if entry.name in asked or asked & _names(file)
        )
        if entries:
            kept.append(
                File(
                    file.file,
                    file.upstream,
                    file.revision,
                    file.title,
                    file.hunk,
                    file.kernels,
                    file.simplified,
                    entries,
                    file.removes,
                )
            )
    return tuple(kept)


def _names(file: File) -> set[str]:
    """The names one may ask for a file by."""
    return {file.upstream, file.upstream.rpartition("/")[2], file.file}
