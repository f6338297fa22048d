"""A start without options, as most are: argparse would take a tenth of the time to the picture."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from exittui.scenario.library import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence


def plain(words: Sequence[str]) -> Any | None:
    """What the parser of the screen would make of these words; None if it has to be asked."""
    if len(words) > 1 or any(word.startswith("-") or not word for word in words):
        return None
    return SimpleNamespace(
        scenario=words[0] if words else DEFAULT,
        kernel=None,
        without=[],
        schedule=None,
        chooser=None,
        seed=None,
        rules=None,
        sys=None,
        linear=False,
        theme=None,
        layout=None,
        dialect=None,
    )
