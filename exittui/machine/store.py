"""Linked images kept on disk, so that linking is done once for each version of the sources.

What is kept is trusted as much as the `.pyc` files beside it: the directory must be the user's own.
Whatever cannot be read or written is treated as not there; linking again is always right.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import pickle
import sys
from typing import TYPE_CHECKING

import attrs

from exittui.machine.fingerprint import blake2b
from exittui.machine.image import Image, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


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
    try:
        kept = path.read_bytes()
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
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.write_bytes(len(code).to_bytes(8, "big") + code + rest)
        partial.replace(path)
