"""The scenarios that come with the program, and finding one by its name or its path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import exittui
from exittui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exittui.scenario.model import Scenario

DEFAULT: Final = "three-threads-exit"
WORKLOADS: Final = "workloads"
LESSONS: Final = "lessons"
_SUFFIX: Final = ".toml"


def folder() -> Path:
    """Where they are: beside the package in a checkout, inside it when installed."""
    package = Path(exittui.__file__).parent
    installed = package / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def names() -> list[str]:
    """The names of all of them, sorted."""
    return sorted(path.stem for path in folder().glob(f"*{_SUFFIX}"))


def workloads() -> list[str]:
    """The names of the scenarios that are workloads, too long for the screen; sorted."""
    return sorted(path.stem for path in (folder() / WORKLOADS).glob(f"*{_SUFFIX}"))


def lessons() -> list[str]:
    """The names of the scenarios that teach: the course, and the demos of five minutes."""
    return sorted(path.stem for path in (folder() / LESSONS).glob(f"*{_SUFFIX}"))


def path_of(word: str, also: Iterable[str] = ()) -> Path:
    """The file of the scenario of this name, or of this path.

    `also` are further words that the user may have meant.
    """
    if "/" in word or word.endswith(_SUFFIX):
        return Path(word)
    groups = (("", names()), (WORKLOADS, workloads()), (LESSONS, lessons()))
    for group, known in groups:
        if word in known:
            return folder() / group / f"{word}{_SUFFIX}"
    if not Path(word).is_file():
        everything = [name for _, known in groups for name in known]
        hint = did_you_mean(word, [*everything, *also])
        raise UsageError(f"no scenario {word!r}{hint}; known: {', '.join(names())}")
    return Path(word)


def find(word: str, also: Iterable[str] = (), *, cache: Path | None = None) -> Scenario:
    """The scenario of this name, or in the file of this path; `also` as in `path_of`.

    `cache` is a folder in which those that were read are kept.
    """
    path = path_of(word, also)
    if cache is not None:
        from exittui.scenario import kept  # noqa: PLC0415  # one of both is needed

        return kept.load(path, cache)
    from exittui.scenario.load import load  # noqa: PLC0415  # as above

    return load(path)
