"""kern/init_main.c 1.330: no reaper thread is made."""

from __future__ import annotations

from typing import Final

REMOVES: Final = ("reaperproc",)


def main_kthreads() -> None:
    """The kernel threads that matter here: none."""
