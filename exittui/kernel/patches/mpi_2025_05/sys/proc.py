"""sys/proc.h 1.387: no main thread, no reaper."""

from __future__ import annotations

from typing import Final

REMOVES: Final = ("process.ps_mainproc", "reaper")
