"""What the screen looked like the last time and what was typed, in the user's folder for such."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

_LARGEST = 64 * 1024
_LINES = 300
_CHARACTERS = 16_000
"""How much of the history of commands is kept, far below the largest file that is read."""


def state_file() -> Path | None:
    """`exittui/screen.json` where the XDG base directories have it; None without a home."""
    named = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(named):  # noqa: PTH117  # the XDG specification ignores relative ones
        return Path(named, "exittui", "screen.json")
    home = os.environ.get("HOME", "")
    if not os.path.isabs(home):  # noqa: PTH117
        return None
    return Path(home, ".local", "state", "exittui", "screen.json")


def read() -> dict[str, Any]:
    """What was kept, or nothing; what cannot be read is not there."""
    path = state_file()
    if path is None or not path.exists():
        return {}
    import json  # noqa: PLC0415  # a first start has no such file

    try:
        with path.open("rb") as stream:
            kept = json.loads(stream.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def write(kept: dict[str, Any]) -> None:
    """Keep it; a reader sees all of it or what was there before."""
    path = state_file()
    if path is None:
        return
    import json  # noqa: PLC0415  # as above

    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)


def earlier(kept: dict[str, Any]) -> list[str]:
    """The command lines of earlier sessions, the oldest first, as far as they make sense."""
    lines = kept.get("history")
    if not isinstance(lines, list):
        return []
    return [one for one in lines if isinstance(one, str) and one.isprintable()][-_LINES:]


def recent(history: list[str]) -> dict[str, list[str]]:
    """The last of a history, to be kept."""
    found: list[str] = []
    left = _CHARACTERS
    for line in reversed(history[-_LINES:]):
        left -= len(line)
        if left < 0:
            break
        found.append(line)
    return {"history": found[::-1]}
