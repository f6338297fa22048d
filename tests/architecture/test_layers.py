"""The layers hold: by import-linter's contracts, and by what a fresh interpreter loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_import_contracts_hold() -> None:
    """The contracts stand in pyproject.toml."""
    program = "from importlinter.cli import lint_imports_command as main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def modules_after(statement: str) -> set[str]:
    """The top-level names of all modules that a statement makes a fresh interpreter load."""
    program = f"{statement}\nimport sys\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "exittui.machine",
        "exittui.kernel.catalog",
        "exittui.scenario.build",
        "exittui.export.formats",
        "exittui.session",
        "exittui.cli.run",
    ],
)
def test_no_screen_is_loaded_below_the_screen(module: str) -> None:
    assert not modules_after(f"import {module}") & {"textual", "rich"}


@pytest.mark.parametrize("module", ["exittui.errors", "exittui.machine", "exittui.kernel.catalog"])
def test_the_lower_layers_do_without_cattrs(module: str) -> None:
    assert not modules_after(f"import {module}") & {"cattrs", "tomllib", "textual", "rich"}


def test_the_command_line_itself_loads_nothing_heavy() -> None:
    heavy = {"textual", "rich", "cattrs", "attrs", "argparse", "json"}
    assert not modules_after("import exittui.cli.main") & heavy
