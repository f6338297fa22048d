"""`exittui validate`: all that is wrong with scenario files, each with file, line and key."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from exittui.cli.arguments import validate_parser
from exittui.cli.cache import cache_folder
from exittui.errors import MOST_FAULTS, ExitCode, ExittuiError, ScenarioError, more_faults
from exittui.playback.checking import faults
from exittui.scenario.build import build
from exittui.scenario.expression import Names
from exittui.scenario.library import path_of
from exittui.scenario.lines import KeyLines
from exittui.scenario.load import parse, read, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def command(words: Sequence[str]) -> int:
    """Name every fault of every file; 0 if there is none."""
    arguments = validate_parser().read(words)
    bad = 0
    for word in arguments.files:
        told = list(messages(path_of(word)))
        bad += bool(told)
        for message in told:
            print(f"exittui: {message}", file=sys.stderr)
        if not told:
            print(f"{word}: good")
    return ExitCode.USAGE if bad else ExitCode.OK


def messages(path: Path) -> Iterator[str]:
    """What is wrong with one file, in the order of its lines.

    What a script says of the kernel is looked at once the rest is well: it takes a machine.
    """
    try:
        text = read(path)
        scenario = parse(text, name=path.stem, file=str(path))
        if not scenario.script:
            return
        without = scenario.lesson.without if scenario.lesson is not None else ()
        built = build(scenario, scenario.kernels[0], without, cache=cache_folder())
    except ExittuiError as error:
        yield from error.message.splitlines()
        return
    lines = KeyLines(text)
    for number, fault in enumerate(faults(scenario.script, Names.of(built))):
        if number == MOST_FAULTS:
            yield more_faults(str(path))
            return
        yield ScenarioError(
            fault.problem,
            file=str(path),
            line=lines.line(fault.path),
            key=spelled(fault.path),
            accepted=fault.accepted,
        ).message
