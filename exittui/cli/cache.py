"""Where linked kernels are kept between runs: a folder of the user's, or nowhere."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path | None:
    """`exittui` in the user's cache folder; None if there is no telling where that is."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(named):  # noqa: PTH117  # the XDG specification ignores relative ones
        return Path(named, "exittui")
    home = os.environ.get("HOME", "")
    return Path(home, ".cache", "exittui") if os.path.isabs(home) else None  # noqa: PTH117
