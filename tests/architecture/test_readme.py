"""What the README says is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from exittui.cli.arguments import (
    check_parser,
    compare_parser,
    diff_parser,
    ledger_parser,
    list_parser,
    reproduce_parser,
    run_parser,
    screen_parser,
)
from exittui.cli.config import KEYS
from exittui.errors import ExitCode
from exittui.kernel.catalog import KERNELS
from exittui.scenario.calls import CALLS
from exittui.scenario.load import parse
from exittui.tui.layouts import LAYOUTS
from exittui.tui.looks import THEMES
from tests.tui import tables

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text()
COMMANDS = sorted(
    command
    for command in set(re.findall(r"`(exittui[^`]*)`", TEXT))
    if "[" not in command and command != "exittui run"
)


def test_its_scenario_is_one() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert (
        parse(block, name="readme", file="README.md").title
        in (ROOT / "scenarios" / "single-exit.toml").read_text()
    )


def test_it_names_every_call() -> None:
    (sentence,) = re.findall(r"A program is a list of calls: (.*?)\.", TEXT, re.DOTALL)
    assert sorted(re.findall(r"`(\w+)`", sentence)) == sorted(CALLS)


def test_it_names_every_kernel() -> None:
    table = TEXT[TEXT.index("## Kernels") : TEXT.index("## How it is built")]
    assert re.findall(r"^\| `([^`]+)`", table, re.MULTILINE) == list(KERNELS)


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_can_be_typed(command: str) -> None:
    words = shlex.split(command)[1:]
    if words[:1] == ["run"]:
        run_parser().read(words[1:])
    elif words[:1] == ["compare"]:
        compare_parser().read(words[1:])
    elif words[:1] == ["reproduce"]:
        reproduce_parser().read(words[1:])
    elif words[:1] == ["check"]:
        check_parser().read(words[1:])
    elif words[:1] == ["list"]:
        list_parser().read(words[1:])
    elif words[:1] == ["ledger"]:
        ledger_parser().read(words[1:])
    elif words[:1] == ["diff"]:
        diff_parser().read(words[1:])
    else:
        screen_parser().read(words)


def test_its_exit_codes_are_all_of_them() -> None:
    table = TEXT[TEXT.index("| exit code |") : TEXT.index("## Searching all schedules")]
    rows = [re.findall(r"\d+", row.split("|")[1]) for row in table.splitlines()[2:] if "|" in row]
    assert [int(code) for row in rows for code in row] == sorted(ExitCode)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_its_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_tests_are_run_as_it_says() -> None:
    """The check of a clean clone runs the command that the README gives."""
    (command,) = re.findall(r"python (-m pytest)\b", TEXT)
    assert f"python {command}\n" in (ROOT / ".ci" / "run").read_text()


def test_its_keys_are_those_of_the_table_of_commands() -> None:
    """`python -m tests.tui.tables` writes them, and docs/commands.md, from that table."""
    assert tables.with_keys(TEXT) == TEXT
    assert tables.PAGE.read_text(encoding="utf-8") == tables.page()


def test_its_settings_are_all_of_them() -> None:
    (sentence,) = re.findall(r"all commands with their words\. (.*?)are also keys", TEXT, re.DOTALL)
    named = re.findall(r"`--(\w+)", sentence)
    assert sorted(named) == sorted(KEYS)
    assert re.findall(r"--theme ([\w|]+)", sentence) == ["|".join(THEMES)]
    assert re.findall(r"--layout ([\w|]+)", sentence) == ["|".join(LAYOUTS)]
