"""The recorded search of the whole library: `python -m tests.checker.recording [FILE]…`.

It writes `library.json` beside this file and the two tables of the README, from what
`exittui check --library --format json` printed into the files, or prints now if none is named. Then
a cell is searched further where nothing has failed, and not all schedules were gone through.

A bounded search finds some failures by luck. What an earlier record has found and this one has not
stays, as long as its schedule leads there still and not all schedules were gone through.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from exittui.checker.findings import of_stop
from exittui.checker.judge import ScenarioJudge
from exittui.checker.table import by_property, by_scenario, short
from exittui.machine import Schedule
from exittui.scenario.build import build
from exittui.scenario.library import find

ROOT: Final = Path(__file__).parents[2]
RECORD: Final = Path(__file__).with_name("library.json")
README: Final = ROOT / "README.md"
COMMAND: Final = ("check", "--library", "--max-states", "1000", "--jobs", "2", "--format", "json")
FURTHER: Final = "12000"
"""States up to which that is done."""

_KEPT: Final = ("scenario", "kernel", "states", "complete", "findings")
_OF_FINDINGS: Final = ("kind", "property", "preemptions", "steps", "schedule")
_BEGIN: Final = "<!-- tables of the library -->\n"
_END: Final = "<!-- end of the tables -->\n"


def read() -> list[dict[str, Any]]:
    """The recorded reports."""
    found: list[dict[str, Any]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


def tables(reports: list[dict[str, Any]]) -> str:
    """Both tables, as they stand in the README."""
    return "\n".join([*by_scenario(reports), "", *by_property(reports)]) + "\n"


def in_readme() -> str:
    """The tables that stand in the README."""
    return README.read_text(encoding="utf-8").partition(_BEGIN)[2].partition(_END)[0]


def found_before(report: dict[str, Any], earlier: dict[str, Any]) -> list[dict[str, Any]]:
    """What an earlier report of the same search has found beyond this one, and still holds."""
    if report["complete"]:
        return []
    known = {short(finding["property"]) for finding in report["findings"]}
    return [
        finding
        for finding in earlier["findings"]
        if short(finding["property"]) not in known and holds(report, finding)
    ]


def holds(report: dict[str, Any], finding: dict[str, Any]) -> bool:
    """Whether a run by the schedule of a finding stops at what it says is violated."""
    built = build(find(report["scenario"]), report["kernel"])
    ScenarioJudge(built, ("safety",))
    machine = built.machine
    for choice in Schedule.parse(finding["schedule"]).picks:
        if machine.result is not None or not machine.ready(choice):
            break
        machine.step(choice)
    return machine.result is not None and of_stop(machine).name == finding["property"]


def write(reports: list[dict[str, Any]]) -> None:
    """Record these, and write the README's tables."""
    before = {(one["scenario"], one["kernel"]): one for one in read()}
    kept = [{name: one[name] for name in _KEPT} for one in reports]
    for one in kept:
        one["findings"] = [
            {name: finding[name] for name in _OF_FINDINGS} for finding in one["findings"]
        ]
        earlier = before.get((one["scenario"], one["kernel"]))
        one["findings"] += found_before(one, earlier) if earlier is not None else []
    kept.sort(key=lambda one: (one["scenario"], one["kernel"]))
    lines = ",\n".join(json.dumps(one) for one in kept)
    RECORD.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    head, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    README.write_text(head + _BEGIN + tables(kept) + _END + after, encoding="utf-8")


def searched(*command: str) -> Any:
    """What a command prints as JSON."""
    program = [sys.executable, "-m", "exittui", *command]
    return json.loads(subprocess.run(program, stdout=subprocess.PIPE, check=False).stdout)


def further(report: dict[str, Any]) -> dict[str, Any]:
    """The report of a longer search where nothing has failed, but may still."""
    if report["complete"] or report["findings"]:
        return report
    words = ("--kernel", report["kernel"], "--max-states", FURTHER, "--format", "json")
    longer: dict[str, Any] = searched("check", report["scenario"], *words)
    return longer


def main(files: list[str]) -> None:
    """See above."""
    if files:
        texts = [Path(name).read_text(encoding="utf-8") for name in files]
        write([one for text in texts for one in json.loads(text)])
    else:
        write([further(one) for one in searched(*COMMAND)])


if __name__ == "__main__":
    main(sys.argv[1:])
