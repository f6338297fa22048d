"""The entry point: dispatch, and turn every error into one clear line and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from exittui.errors import ExitCode, ExittuiError

if TYPE_CHECKING:
    from collections.abc import Sequence


def entry() -> int:
    """Run the program on the arguments of the process."""
    return main(sys.argv[1:])


def main(words: Sequence[str]) -> int:
    """Run the program on these arguments; the exit code."""
    try:
        try:
            code = _dispatch(words)
        except SystemExit:  # argparse has printed the help or the version
            code = ExitCode.OK
        sys.stdout.flush()
    except ExittuiError as error:
        return _complain(error.message, error.exit_code)
    except KeyboardInterrupt:
        return _complain("interrupted", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        _forget_output()
        return ExitCode.BROKEN_PIPE
    except OSError as error:
        _forget_output()
        return _complain(f"output: {(error.strerror or str(error)).lower()}", ExitCode.INTERNAL)
    return code


def _dispatch(words: Sequence[str]) -> int:  # noqa: PLR0911 - one return a command
    """Choose the command by the first word; everything else opens the screen."""
    command, rest = (words[0], words[1:]) if words else ("", words)
    if command == "run":
        from exittui.cli import run  # noqa: PLC0415  # each command pays for its own imports

        return run.command(rest)
    if command == "check":
        from exittui.cli import check  # noqa: PLC0415

        return check.command(rest)
    if command == "list":
        from exittui.cli import listing  # noqa: PLC0415

        return listing.command(rest)
    if command == "ledger":
        from exittui.cli import ledger  # noqa: PLC0415

        return ledger.command(rest)
    if command == "diff":
        from exittui.cli import difference  # noqa: PLC0415

        return difference.command(rest)
    if command == "compare":
        from exittui.cli import compare  # noqa: PLC0415

        return compare.command(rest)
    if command == "reproduce":
        from exittui.cli import reproduce  # noqa: PLC0415

        return reproduce.command(rest)
    if command in ("play", "record", "new", "validate", "schema"):
        return _lessons(command, rest)
    from exittui.cli import screen  # noqa: PLC0415

    return screen.command(words)


def _lessons(command: str, rest: Sequence[str]) -> int:
    """The commands for those who write and play scripts."""
    import importlib  # noqa: PLC0415

    module = importlib.import_module(f"exittui.cli.{command}")
    code: int = module.command(rest)
    return code


def _complain(message: str, code: ExitCode) -> int:
    """Each line of the message on standard error, named as ours."""
    for line in message.splitlines():
        print(f"exittui: {line}", file=sys.stderr)
    return code


def _forget_output() -> None:
    """Nobody reads our output any more: what is left of it must not fail once again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
