"""`exittui schema`: what a scenario file may hold, as a JSON schema for editors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from exittui.cli.arguments import schema_parser
from exittui.errors import ExitCode
from exittui.scenario.schema import schema

if TYPE_CHECKING:
    from collections.abc import Sequence


def command(words: Sequence[str]) -> int:
    """Print it."""
    schema_parser().read(words)
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return ExitCode.OK
