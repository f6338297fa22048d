"""The user's configuration file: `exittui/config.toml` in the folder for such files.

It has one key, `sys`: a folder with kernel sources. What is said on the command line comes first.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from exittui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import argparse

    from exittui.machine import Image
    from exittui.session.counterpart import Counterparts

KEYS: Final = ("sys",)
_LARGEST: Final = 64 * 1024


def beside(arguments: argparse.Namespace, image: Image) -> Counterparts | None:
    """The real kernel's sources, where `--sys` or the configuration names some."""
    folder = arguments.sys
    if folder is not None:
        return _open(Path(folder), image, "--sys: ")
    path = config_file()
    if path is None or not path.exists():
        return None
    named, line = _read(path)
    if named is None:
        return None
    return _open(path.parent / named.expanduser(), image, f"{path}:{line}: sys: ")


def config_file() -> Path | None:
    """Where the configuration is, if there is one; None if there is no telling."""
    named = os.environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(named):  # noqa: PTH117  # the XDG specification ignores relative ones
        return Path(named, "exittui", "config.toml")
    home = os.environ.get("HOME", "")
    if not os.path.isabs(home):  # noqa: PTH117
        return None
    return Path(home, ".config", "exittui", "config.toml")


def _open(folder: Path, image: Image, where: str) -> Counterparts:
    from exittui.session.counterpart import Counterparts  # noqa: PLC0415  # few have sources

    try:
        return Counterparts(folder, image)
    except UsageError as error:
        raise UsageError(f"{where}{error.message}") from None


def _read(path: Path) -> tuple[Path | None, int]:
    """The folder that the file names, and the line that does so."""
    import tomllib  # noqa: PLC0415  # most have no such file

    from exittui.scenario.lines import KeyLines  # noqa: PLC0415

    text = _text(path)
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        problem, _, place = str(error).partition(" (at ")
        digits = "".join(one for one in place.partition(",")[0] if one.isdigit())
        line = digits or str(text.count("\n") + 1)
        raise UsageError(f"{path}:{line}: no TOML: {problem}") from None
    lines = KeyLines(text)
    for key in found:
        if key not in KEYS:
            hint = did_you_mean(key, KEYS)
            _refuse(path, lines.line((key,)), key, f"unknown key{hint}; accepted: {KEYS[0]}")
    if "sys" not in found:
        return None, 1
    value, line_of = found["sys"], lines.line(("sys",))
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        _refuse(path, line_of, "sys", "no folder; accepted: the path of one, as text")
    return Path(value), line_of


def _refuse(path: Path, line: int, key: str, problem: str) -> NoReturn:
    raise UsageError(f"{path}:{line}: {key}: {problem}")


def _text(path: Path) -> str:
    """What stands in the file."""
    if not path.is_file():
        raise UsageError(f"{path}: no file")
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    if len(data) > _LARGEST:
        raise UsageError(f"{path}: too large for a configuration")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except ValueError:
        raise UsageError(f"{path}: no text in UTF-8") from None
