"""`exittui run`: a scenario to its end, told as text, as JSON lines or as a summary."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exittui.cli.arguments import run_parser
from exittui.cli.config import beside
from exittui.cli.plan import plan
from exittui.errors import ExitCode, UsageError
from exittui.export.formats import FORMATS, text
from exittui.scenario.play import Play

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_CODES: Final = {
    "limit": ExitCode.LIMIT,
    "deadlock": ExitCode.DEADLOCK,
    "violation": ExitCode.VIOLATION,
    "panic": ExitCode.VIOLATION,
}


def command(words: Sequence[str]) -> int:
    """Run and print; the exit code says how the run ended."""
    arguments = run_parser().read(words)
    if arguments.sys is not None and arguments.format != "text":
        raise UsageError(f"--sys goes with --format text, not with {arguments.format}")
    if arguments.commands is not None:
        return _script(arguments)
    asked = plan(arguments)
    built = asked.build()
    play = Play(built, asked.run)
    if arguments.format == "text":
        told = text(play, beside(arguments, built.machine.image))
    else:
        told = FORMATS[arguments.format](play)
    for line in told:
        print(line)
    end = play.end()
    if end.result != "done":
        return _CODES[end.result]
    return ExitCode.UNMET if end.unmet else ExitCode.OK


def _script(arguments: argparse.Namespace) -> int:
    """Carry out a command file instead; a failed assertion is an exit code of its own."""
    from exittui.cli.sitting import sit  # noqa: PLC0415  # most runs have none
    from exittui.session.script import run_script  # noqa: PLC0415  # as above

    name = "<stdin>" if arguments.commands == "-" else arguments.commands
    lines = _lines(arguments.commands)
    run_script(sit(arguments), lines, name, print)
    return ExitCode.OK


def _lines(path: str) -> list[str]:
    try:
        if path == "-":
            return sys.stdin.read().splitlines()
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except ValueError:
        raise UsageError(f"{path!r}: no text") from None
