"""The tables of the README are those of the recorded search, and its cells can be had again."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from exittui.checker.table import MEANINGS, cell, short
from exittui.checker.tasks import Task, library, run
from exittui.cli.arguments import check_parser
from exittui.machine import Schedule
from tests.checker.recording import found_before, further, holds, in_readme, read, tables

ROOT = Path(__file__).parents[2]
FINDINGS = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"`(exittui check [^`]*)`", FINDINGS)))

QUICK = ("thread-loop", "single-exit", "exit", "zombie-left")
"""Scenarios of one CPU: a search of all their schedules takes a second."""


def test_the_readme_has_the_tables_of_the_record() -> None:
    assert in_readme() == tables(read())


def test_the_record_is_of_scenarios_and_kernels_that_there_are() -> None:
    there = {(task.scenario, task.kernel) for task in library()}
    recorded = [(one["scenario"], one["kernel"]) for one in read()]
    assert len(recorded) == len(set(recorded))
    assert set(recorded) <= there


def test_every_violated_property_has_a_row() -> None:
    """What every kernel should keep is named in the table, whether or not a kernel does."""
    found = {short(finding["property"]) for one in read() for finding in one["findings"]}
    assert found <= set(MEANINGS)


@pytest.mark.parametrize("name", QUICK)
def test_a_cell_can_be_had_again(name: str) -> None:
    recorded = {one["kernel"]: one for one in read() if one["scenario"] == name}
    for kernel, one in recorded.items():
        again = run(Task(scenario=name, kernel=kernel, states=1000))
        assert again["complete"]
        assert one["complete"]
        assert cell(again).partition(" (")[0] == cell(one).partition(" (")[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_findings_can_be_typed(command: str) -> None:
    assert check_parser().read(shlex.split(command)[2:]).scenario


def test_what_stays_of_an_earlier_record_breaks_the_rule_still() -> None:
    """And what does not is not taken over."""
    (report,) = (
        one
        for one in read()
        if (one["scenario"], one["kernel"]) == ("thread-exit", "cludwig-2025-09")
    )
    (finding,) = report["findings"]
    emptied = {**report, "findings": []}
    assert found_before(emptied, report) == [finding]
    assert found_before(report, report) == []
    assert found_before({**emptied, "complete": True}, report) == []
    short_of_it = Schedule.of(Schedule.parse(finding["schedule"]).picks[:-1])
    assert not holds(report, {**finding, "schedule": str(short_of_it)})
    assert not holds(report, {**finding, "property": "I9"})


def test_only_where_nothing_has_failed_and_may_still_a_cell_is_searched_further() -> None:
    cell_of = {"scenario": "single-exit", "kernel": "reaper", "complete": False, "findings": []}
    for done in ({"complete": True}, {"findings": ["one"]}):
        report = {**cell_of, **done}
        assert further(report) is report
    longer = further(cell_of)
    assert longer["complete"]
    assert (longer["scenario"], longer["kernel"]) == ("single-exit", "reaper")
