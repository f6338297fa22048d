"""Session files: a run with its branches, breakpoints and place, as TOML that people can read.

A run is its scenario, its kernel and its choices, so that is what is written; the rest says where
one was looking. The file names its version, and the scenario with a hash of its text, so that
what does not fit any more is refused with the line that does not. It is written beside the old
one, flushed to the disk and renamed over it: whatever happens, one of the two is there in full.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from exittui.errors import SessionError
from exittui.scenario.reading import bytes_of
from exittui.session.commands.dialects import DIALECTS
from exittui.session.moving import LOCKING
from exittui.session.saved import Saved, SavedBranch, SavedDisplay, SavedPlace, SavedStop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

VERSION: Final = 1
SUFFIX: Final = ".session"
_HEAD: Final = "# A session of exittui: open it with `exittui FILE`."
MOST_BYTES: Final = 64 * 1024 * 1024
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


# -- writing ---------------------------------------------------------------------------------------


def write(saved: Saved, path: str) -> None:
    """Write a session file so that at no moment there is less than one whole one."""
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.is_symlink():
            target = target.resolve()
            partial = target.with_name(partial.name)
        _sweep(target)
        with partial.open("w", encoding="utf-8") as stream:
            stream.write(text_of(saved))
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        partial.unlink(missing_ok=True)
        problem = (error.strerror or "cannot be written").lower()
        raise SessionError(problem, file=path) from None


def _sweep(target: Path) -> None:
    """Remove what writers left that were killed over it."""
    head = f".{target.name}."
    for left in target.parent.iterdir():
        number = left.name.removeprefix(head)
        if left.name.startswith(head) and number.isdigit() and not _is_alive(int(number)):
            left.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's: let it be
    return True


def text_of(saved: Saved) -> str:
    """The text of a session file."""
    return "\n".join([_HEAD, *_lines(saved)]) + "\n"


def _lines(saved: Saved) -> Iterator[str]:
    yield f"version = {VERSION}"
    yield f"scenario = {_text(saved.scenario)}"
    yield f"content = {_text(saved.content)}"
    yield f"kernel = {_text(saved.kernel)}"
    yield f"kernel-text = {_text(saved.text)}"
    yield f"without = {_value(list(saved.without))}"
    yield f"chooser = {_text(saved.chooser)}"
    yield f"seed = {saved.seed}"
    yield f"dialect = {_text(saved.dialect)}"
    yield f"scheduler-locking = {_text(saved.locking)}"
    yield f"branch = {_text(saved.branch)}"
    yield f"focus = {saved.focus}"
    for branch in saved.branches:
        yield ""
        yield "[[branches]]"
        yield f"name = {_text(branch.name)}"
        if branch.parent:
            yield f"parent = {_text(branch.parent)}"
            yield f"at = {branch.at}"
        yield f"position = {branch.position}"
        yield f"schedule = {_text(branch.schedule)}"
    for stop in saved.stops:
        yield ""
        yield "[[stops]]"
        yield f"command = {_text(stop.command)}"
        yield f"enabled = {_value(stop.enabled)}"
        if stop.ignore:
            yield f"ignore = {stop.ignore}"
        yield from _at(stop.at)
    for display in saved.displays:
        yield ""
        yield "[[displays]]"
        yield f"expression = {_text(display.expression)}"
        yield from _at(display.at)
    for name, position in saved.checkpoints:
        yield ""
        yield "[[checkpoints]]"
        yield f"branch = {_text(name)}"
        yield f"position = {position}"
    if saved.layout:
        yield ""
        yield "[layout]"
        for key, value in saved.layout.items():
            yield f"{_key(key)} = {_value(value)}"


def _at(place: SavedPlace | None) -> Iterator[str]:
    """Where something was asked, as a table in line."""
    if place is not None:
        values = {
            "branch": place.branch,
            "position": place.position,
            "cpu": place.cpu,
            "frame": place.frame,
        }
        yield f"at = {_value(values if place.tid < 0 else {**values, 'tid': place.tid})}"


def _text(text: str) -> str:
    return '"' + "".join(_character(one) for one in text) + '"'


def _character(one: str) -> str:
    if one in _ESCAPED:
        return _ESCAPED[one]
    return one if one.isprintable() else f"\\U{ord(one):08x}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    """A plain value as TOML; tables inside are written in line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
        return f"{{{inner}}}"
    return _text(str(value))


# -- reading ---------------------------------------------------------------------------------------


class _Reader:
    """Reads the tables of one file and says where what is wrong stands."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text

    def error(self, problem: str, *where: str | int) -> SessionError:
        """What is wrong, with the line and the key."""
        from exittui.scenario.lines import KeyLines  # noqa: PLC0415 - only a mistake needs it

        key = ""
        for part in where:
            key += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if key else part
        return SessionError(
            problem, file=self._path, line=KeyLines(self._text).line(where), key=key
        )

    def take(
        self, table: Mapping[str, Any], kind: type, *where: str | int, default: Any = None
    ) -> Any:
        """A value of a table, which must be of this kind."""
        value = table.get(str(where[-1]), default)
        if value is None:
            raise self.error("is missing", *where)
        if type(value) is not kind:
            raise self.error(f"is {_named(type(value))}, not {_named(kind)}", *where)
        if isinstance(value, int) and value < 0:
            raise self.error(f"{value} is less than 0", *where)
        return value

    def known(self, table: Mapping[str, Any], names: frozenset[str], *where: str | int) -> None:
        """Refuse keys that mean nothing."""
        for key in table:
            if key not in names:
                raise self.error(f"is not known; accepted: {', '.join(sorted(names))}", *where, key)

    def tables(self, table: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        """An array of tables."""
        found = self.take(table, list, name, default=[])
        for index, one in enumerate(found):
            if not isinstance(one, dict):
                raise self.error("is no table", name, index)
        return list(found)

    def one_of(self, value: str, known: tuple[str, ...], *where: str) -> str:
        """One of a few words."""
        if value not in known:
            raise self.error(f"{value!r} is none of {', '.join(known)}", *where)
        return value


def _named(kind: type) -> str:
    return {
        int: "a number",
        str: "a text",
        bool: "true or false",
        list: "a list",
        dict: "a table",
        float: "a fraction",
    }.get(kind, kind.__name__)


_TOP: Final = frozenset(
    {
        "version",
        "scenario",
        "content",
        "kernel",
        "kernel-text",
        "without",
        "chooser",
        "seed",
        "dialect",
        "scheduler-locking",
        "branch",
        "focus",
        "displays",
        "branches",
        "stops",
        "checkpoints",
        "layout",
    }
)


def read(path: str) -> tuple[Saved, Callable[..., SessionError]]:
    """What a session file holds, and how to complain of a part of it; raises SessionError."""
    try:
        data = bytes_of(Path(path), MOST_BYTES)
        if len(data) > MOST_BYTES:
            raise SessionError("too large for a session", file=path)
        text = data.decode()
        table = tomllib.loads(text)
    except OSError as error:
        raise SessionError((error.strerror or "cannot be read").lower(), file=path) from None
    except UnicodeDecodeError:
        raise SessionError("is no text", file=path) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _no_toml(path, str(error)) from None
    except ValueError:
        raise SessionError("is no name of a file", file=path) from None
    reader = _Reader(path, text)
    version = reader.take(table, int, "version")
    if version > VERSION:
        raise reader.error(f"{version} is of a newer exittui: this one knows {VERSION}", "version")
    if version != VERSION:
        raise reader.error(f"{version} is none: {VERSION} is the first", "version")
    reader.known(table, _TOP)
    return _saved(reader, table), reader.error


def _no_toml(path: str, problem: str) -> SessionError:
    match = re.search(r"\(at line (\d+), column \d+\)", problem)
    line = int(match[1]) if match else None
    words = problem.partition(" (at ")[0]
    return SessionError(f"no TOML: {words[:1].lower()}{words[1:]}", file=path, line=line)


def _saved(reader: _Reader, table: dict[str, Any]) -> Saved:
    take = reader.take
    return Saved(
        scenario=take(table, str, "scenario"),
        content=take(table, str, "content"),
        kernel=take(table, str, "kernel"),
        text=take(table, str, "kernel-text"),
        without=_texts(reader, table, "without"),
        chooser=take(table, str, "chooser"),
        seed=take(table, int, "seed"),
        dialect=reader.one_of(take(table, str, "dialect"), DIALECTS, "dialect"),
        locking=reader.one_of(take(table, str, "scheduler-locking"), LOCKING, "scheduler-locking"),
        branch=take(table, str, "branch"),
        focus=take(table, int, "focus"),
        branches=tuple(_branches(reader, table)),
        stops=tuple(_stops(reader, table)),
        displays=tuple(_displays(reader, table)),
        checkpoints=tuple(_checkpoints(reader, table)),
        layout=take(table, dict, "layout", default={}),
    )


def _texts(reader: _Reader, table: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = reader.take(table, list, name, default=[])
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise reader.error(f"is {_named(type(value))}, not a text", name, index)
    return tuple(values)


def _branches(reader: _Reader, table: Mapping[str, Any]) -> Iterator[SavedBranch]:
    known = frozenset({"name", "parent", "at", "position", "schedule"})
    seen: set[str] = set()
    for index, one in enumerate(reader.tables(table, "branches")):
        where: tuple[str | int, ...] = ("branches", index)
        reader.known(one, known, *where)
        name = reader.take(one, str, *where, "name")
        parent = reader.take(one, str, *where, "parent", default="")
        if name in seen:
            raise reader.error(f"{name!r} is there twice", *where, "name")
        if (parent not in seen) if index else parent:
            raise reader.error(f"{parent!r} is no branch above this one", *where, "parent")
        seen.add(name)
        yield SavedBranch(
            name=name,
            parent=parent,
            at=reader.take(one, int, *where, "at", default=0),
            schedule=reader.take(one, str, *where, "schedule"),
            position=reader.take(one, int, *where, "position"),
        )
    if not seen:
        raise reader.error("is missing", "branches")
    if table["branch"] not in seen:
        raise reader.error(f"{table['branch']!r} is no branch of this file", "branch")


def _stops(reader: _Reader, table: Mapping[str, Any]) -> Iterator[SavedStop]:
    known = frozenset({"command", "enabled", "ignore", "at"})
    for index, one in enumerate(reader.tables(table, "stops")):
        where: tuple[str | int, ...] = ("stops", index)
        reader.known(one, known, *where)
        yield SavedStop(
            command=reader.take(one, str, *where, "command"),
            enabled=reader.take(one, bool, *where, "enabled", default=True),
            ignore=reader.take(one, int, *where, "ignore", default=0),
            at=_place(reader, table, one, *where),
        )


def _displays(reader: _Reader, table: Mapping[str, Any]) -> Iterator[SavedDisplay]:
    for index, one in enumerate(reader.tables(table, "displays")):
        where: tuple[str | int, ...] = ("displays", index)
        reader.known(one, frozenset({"expression", "at"}), *where)
        yield SavedDisplay(
            expression=reader.take(one, str, *where, "expression"),
            at=_place(reader, table, one, *where),
        )


def _place(
    reader: _Reader, table: Mapping[str, Any], one: Mapping[str, Any], *where: str | int
) -> SavedPlace | None:
    if "at" not in one:
        return None
    at = reader.take(one, dict, *where, "at")
    reader.known(at, frozenset({"branch", "position", "cpu", "tid", "frame"}), *where, "at")
    branch = reader.take(at, str, *where, "at", "branch")
    if branch not in {other.get("name") for other in reader.tables(table, "branches")}:
        raise reader.error(f"{branch!r} is no branch of this file", *where, "at")
    return SavedPlace(
        branch=branch,
        position=reader.take(at, int, *where, "at", "position"),
        cpu=reader.take(at, int, *where, "at", "cpu"),
        tid=reader.take(at, int, *where, "at", "tid") if "tid" in at else -1,
        frame=reader.take(at, int, *where, "at", "frame"),
    )


def _checkpoints(reader: _Reader, table: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    names = {one.get("name") for one in reader.tables(table, "branches")}
    for index, one in enumerate(reader.tables(table, "checkpoints")):
        where: tuple[str | int, ...] = ("checkpoints", index)
        branch = reader.take(one, str, *where, "branch")
        if branch not in names:
            raise reader.error(f"{branch!r} is no branch of this file", *where, "branch")
        yield branch, reader.take(one, int, *where, "position")
