"""`exittui ledger`: what is modelled, of which file and revision, and what is simplified."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from exittui.cli.arguments import ledger_parser
from exittui.errors import ExitCode
from exittui.export.ledger import plain, text
from exittui.kernel.ledger import ledger

if TYPE_CHECKING:
    from collections.abc import Sequence


def command(words: Sequence[str]) -> int:
    """Print the ledger, or what was asked for of it."""
    arguments = ledger_parser().read(words)
    files = ledger(arguments.kernel, arguments.names)
    if arguments.format == "json":
        print(json.dumps(plain(files), indent=2, ensure_ascii=False))
    else:
        for line in text(files):
            print(line)
    return ExitCode.OK
