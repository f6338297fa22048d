"""The person's settings: a configuration file, the environment, and what the command line says.

The file is `exittui/config.toml` in the folder for such files; `theme = "safe"` there is
`EXITTUI_THEME=safe` in the environment and `--theme safe` on the command line, and each of these
comes before the one named earlier. `NO_COLOR` is obeyed whatever they say.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from exittui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from exittui.machine import Image
    from exittui.session.counterpart import Counterparts

_LARGEST: Final = 64 * 1024


class Settings(NamedTuple):
    """What the screen begins with; None is left to the last run, or to the session file."""

    theme: str | None = None
    layout: str | None = None
    dialect: str | None = None
    linear: bool = False


def _themes() -> tuple[str, ...]:
    from exittui.tui.looks import THEMES  # noqa: PLC0415  # most have no such file

    return THEMES


def _layouts() -> tuple[str, ...]:
    from exittui.tui.layouts import LAYOUTS  # noqa: PLC0415  # as above

    return tuple(LAYOUTS)


def _dialects() -> tuple[str, ...]:
    from exittui.session.commands import DIALECTS  # noqa: PLC0415  # as above

    return DIALECTS


_WORDS: Final[dict[str, Callable[[], tuple[str, ...]]]] = {
    "theme": _themes,
    "layout": _layouts,
    "dialect": _dialects,
}
KEYS: Final = ("sys", *_WORDS, "linear")


def settings(arguments: argparse.Namespace) -> Settings:
    """All of them but `sys`, which `beside` reads; raises UsageError for what makes no sense."""
    kept = _kept()
    found: dict[str, Any] = {name: kept[name] for name in (*_WORDS, "linear") if name in kept}
    for name in (*_WORDS, "linear"):
        variable = f"EXITTUI_{name.upper()}"
        if value := os.environ.get(variable, ""):
            found[name] = _from_environment(name, variable, value)
        said = getattr(arguments, name, None)
        if said:
            found[name] = said
    return Settings(**found)


def _from_environment(name: str, variable: str, value: str) -> str | bool:
    if name != "linear":
        problem = _unknown(name, value)
        if problem:
            raise UsageError(f"{variable}: {problem}")
        return value
    if value not in {"0", "1"}:
        raise UsageError(f"{variable}: {value!r} is neither; accepted: 0, 1")
    return value == "1"


def _unknown(name: str, value: object) -> str:
    """What is wrong with a word; nothing if it is one of those accepted."""
    known = _WORDS[name]()
    if value in known:
        return ""
    hint = did_you_mean(value, known) if isinstance(value, str) else ""
    return f"no {name} {value!r}{hint}; accepted: {', '.join(known)}"


def beside(arguments: argparse.Namespace, image: Image) -> Counterparts | None:
    """The real kernel's sources, where `--sys`, EXITTUI_SYS or the configuration names some."""
    if arguments.sys is not None:
        return _open(Path(arguments.sys), image, "--sys: ")
    if named := os.environ.get("EXITTUI_SYS", ""):
        return _open(Path(named), image, "EXITTUI_SYS: ")
    kept = _kept()
    if "sys" not in kept:
        return None
    path, line, folder = kept["sys"]
    return _open(path.parent / folder.expanduser(), image, f"{path}:{line}: sys: ")


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


def _kept() -> dict[str, Any]:
    """What the file says, if there is one; `sys` as the file, the line in it and the folder."""
    path = config_file()
    if path is None or not path.exists():
        return {}
    import tomllib  # noqa: PLC0415  # most have no such file

    from exittui.scenario.lines import KeyLines  # noqa: PLC0415  # as above

    text = _text(path)
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        problem, _, place = str(error).partition(" (at ")
        digits = "".join(one for one in place.partition(",")[0] if one.isdigit())
        line = digits or str(text.count("\n") + 1)
        raise UsageError(f"{path}:{line}: no TOML: {problem}") from None
    lines = KeyLines(text)
    for key, value in found.items():
        problem = _problem(key, value)
        if problem:
            _refuse(path, lines.line((key,)), key, problem)
    if "sys" in found:
        found["sys"] = (path, lines.line(("sys",)), Path(found["sys"]))
    return found


def _problem(key: str, value: object) -> str:
    """What is wrong with a key of the file."""
    if key not in KEYS:
        return f"unknown key{did_you_mean(key, KEYS)}; accepted: {', '.join(KEYS)}"
    if key == "sys":
        text = isinstance(value, str) and value.strip() and "\0" not in value
        return "" if text else "no folder; accepted: the path of one, as text"
    if key == "linear":
        return "" if isinstance(value, bool) else f"{value!r} is neither; accepted: true, false"
    return _unknown(key, value)


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
