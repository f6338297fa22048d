"""What is kept on disk, linked images above all: linking is done once for each version of them.

What is kept is trusted as much as the `.pyc` files beside it: the directory must be the user's own.
Whatever cannot be read or written is treated as not there; linking again is always right.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import pickle
import sys
import zlib
from types import CodeType
from typing import TYPE_CHECKING, Final

import attrs

from exittui.machine.fingerprint import blake2b
from exittui.machine.image import Image, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SUM: Final = 4


def key(folders: Iterable[Path], *words: str) -> str:
    """A name for what is linked from these source folders: another when any file changes."""
    digest = blake2b(digest_size=16)
    digest.update(repr((sys.version, words)).encode())
    for folder in folders:
        for place, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if name.endswith(".py"):
                    stat = os.stat(f"{place}/{name}")  # noqa: PTH116 - a third of Path's time
                    digest.update(f"{place}/{name} {stat.st_size} {stat.st_mtime_ns}".encode())
    return digest.hexdigest()


def load(path: Path) -> Image | None:
    """The image kept in a file, or None if there is none that can be used."""
    kept = read(path, b"")
    if kept is None:
        return None
    try:
        split = int.from_bytes(kept[:8], "big")
        rows, fields = pickle.loads(kept[8 + split :])  # noqa: S301 - our own, see above
        return Image(
            code=marshal.loads(kept[8 : 8 + split]),  # noqa: S302 - as above
            statements=tuple(Statement(*row) for row in rows),
            **fields,
        )
    except Exception:  # noqa: BLE001 - a cache that cannot be read is no cache
        return None


def save(image: Image, path: Path) -> None:
    """Keep an image; a reader sees all of it or nothing."""
    code = marshal.dumps(image.code)
    # Thousands of plain tuples are read in a third of the time of as many objects.
    rows = [attrs.astuple(statement) for statement in image.statements]
    fields = {
        field.name: getattr(image, field.name)
        for field in attrs.fields(Image)
        if field.name not in ("code", "statements")
    }
    rest = pickle.dumps((rows, fields))
    write(path, b"", len(code).to_bytes(8, "big") + code + rest)


def load_code(path: Path) -> CodeType | None:
    """The code kept in a file by `save_code`, or None if there is none that can be used."""
    kept = read(path, b"")
    try:
        code = None if kept is None else marshal.loads(kept)  # noqa: S302 - our own, see above
    except (EOFError, ValueError, TypeError):
        return None
    return code if isinstance(code, CodeType) else None


def save_code(code: CodeType, path: Path) -> None:
    """Keep compiled code; a reader sees all of it or nothing."""
    write(path, b"", marshal.dumps(code))


def read(path: Path, key: bytes) -> bytes | None:
    """What `write` has put into a file with this key; None if it was another one or is damaged."""
    try:
        kept = path.read_bytes()
    except OSError:
        return None
    data = kept[len(key) + _SUM :]
    return data if kept.startswith(key + _sum(data)) else None


def write(path: Path, key: bytes, data: bytes) -> None:
    """Keep some bytes with their key; a reader sees all of it or nothing."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.write_bytes(key + _sum(data) + data)
        partial.replace(path)


def _sum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(_SUM, "big")
