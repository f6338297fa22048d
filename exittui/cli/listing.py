"""`exittui list`: the scenarios, workloads, kernels and hunks, one line each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from exittui.cli.arguments import list_parser
from exittui.errors import ExitCode
from exittui.kernel.catalog import KERNELS
from exittui.scenario.library import find, folder, lessons, names, workloads
from exittui.scenario.load import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exittui.scenario.model import Scenario


def command(words: Sequence[str]) -> int:
    """Print the catalogue."""
    arguments = list_parser().read(words)
    found = catalogue()
    if arguments.format == "json":
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for line in as_text(found):
            print(line)
    return ExitCode.OK


def catalogue() -> dict[str, list[dict[str, Any]]]:
    """All there is to choose from, as plain data."""
    return {
        "scenarios": [_scenario(load(folder() / f"{name}.toml")) for name in names()],
        "workloads": [_scenario(find(name)) for name in workloads()],
        "lessons": sorted(map(_lesson, map(find, lessons())), key=_order),
        "kernels": [
            {
                "name": kernel.id,
                "title": kernel.title,
                "hunks": [{"name": hunk.name, "title": hunk.title} for hunk in kernel.hunks],
            }
            for kernel in KERNELS.values()
        ],
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "kernels": list(scenario.kernels),
    }


def _lesson(scenario: Scenario) -> dict[str, Any]:
    """What there is besides of a scenario that teaches."""
    found, lesson = _scenario(scenario), scenario.lesson
    if lesson is not None:
        found |= {"group": lesson.group, "number": lesson.number}
        found |= {"teaches": lesson.teaches, "minutes": lesson.minutes}
        found["questions"] = sum(cue.ask is not None for cue in scenario.script)
    return found


def _order(lesson: dict[str, Any]) -> tuple[str, int, str]:
    return lesson.get("group", ""), lesson.get("number", 0), lesson["name"]


def as_text(found: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """The catalogue for people."""
    yield "scenarios"
    yield from _columns([(one["name"], one["title"]) for one in found["scenarios"]])
    yield "workloads"
    yield from _columns([(one["name"], one["title"]) for one in found["workloads"]])
    yield "lessons"
    yield from _columns([(one["name"], one["title"]) for one in found["lessons"]])
    yield "kernels"
    yield from _columns([(one["name"], one["title"]) for one in found["kernels"]])
    for kernel in found["kernels"]:
        if kernel["hunks"]:
            yield f"hunks of {kernel['name']}"
            yield from _columns([(hunk["name"], hunk["title"]) for hunk in kernel["hunks"]])


def _columns(rows: list[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in rows), default=0)
    for name, title in rows:
        yield f"  {name:{width}}  {title}"
