"""Scenarios that were read before: kept beside the linked kernels, good for as long as the text is.

Reading a scenario means TOML, cattrs and every check, most of which costs as much to import as the
rest of a start. What was read is the same for the same text under the same program, so it is kept;
the machine is always built anew from it. Whatever cannot be read or written is treated as not
there, and what is kept is trusted as much as the `.pyc` files of the program.
"""

from __future__ import annotations

import pickle
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from exittui.machine import store
from exittui.scenario.reading import bytes_of

if TYPE_CHECKING:
    from exittui.scenario.model import Scenario

_HERE = Path(__file__).parent


def load(path: Path, folder: Path) -> Scenario:
    """The scenario in a file, as `scenario.load.load` reads it; its errors too."""
    try:
        text = bytes_of(path)
    except (OSError, ValueError):
        text = b""
    key = store.key([_HERE, _HERE.parent / "kernel" / "sys"], str(path), repr(text))
    kept = folder / f"scenario-{zlib.crc32(str(path).encode()):08x}"
    found = _read(kept, key)
    if found is not None:
        return found
    from exittui.scenario.load import load as read  # noqa: PLC0415  # that is what it is about

    scenario = read(path)
    store.write(kept, key.encode(), pickle.dumps(scenario))
    return scenario


def _read(kept: Path, key: str) -> Scenario | None:
    data = store.read(kept, key.encode())
    if data is None:
        return None
    try:
        found: Scenario = pickle.loads(data)  # noqa: S301 - our own, see above
    except Exception:  # noqa: BLE001 - what cannot be read is not there
        return None
    return found
