"""`exittui diff`: the functions in which two kernels differ, side by side where there is room."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

from exittui.cli.arguments import diff_parser
from exittui.errors import ExitCode
from exittui.export.difference import lines, plain
from exittui.kernel.difference import difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from exittui.export.difference import Line

_STYLES: Final = {"head": "bold", "old": "red", "new": "green", "both": "bold", "note": "dim"}


def command(words: Sequence[str]) -> int:
    """Print the difference."""
    arguments = diff_parser().read(words)
    first, second = arguments.first, arguments.second
    changes = difference(first, second, arguments.function)
    if arguments.format == "json":
        print(json.dumps(plain(first, second, changes), indent=2, ensure_ascii=False))
        return ExitCode.OK
    width = arguments.width or shutil.get_terminal_size().columns
    whole = arguments.function is not None
    _print(lines(first, second, changes, width, whole=whole))
    return ExitCode.OK


def _print(shown: Iterable[Line]) -> None:
    """In colour on a terminal, plain anywhere else."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        for line in shown:
            print(line.text)
        return
    from rich.console import Console  # noqa: PLC0415  # only a terminal pays for it
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    for line in shown:
        parts = [(text, _STYLES.get(mark, "")) for text, mark in line.parts]
        console.print(Text.assemble(*parts))
