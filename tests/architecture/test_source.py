"""What no source file below the command line may do, and what every one must have."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "exittui"
SOURCES = sorted(PACKAGE.rglob("*.py"))

CLOCKS_AND_DICE = {"time", "random", "secrets", "uuid", "datetime", "threading", "asyncio"}
"""Modules whose answers differ from run to run."""

ALLOWED = {
    # Dice with a seed: the same seed throws the same on every Python.
    ("checker/walks.py", "random"),
    ("machine/chooser.py", "random"),
    ("scenario/workload.py", "random"),
    ("session/choosing.py", "random"),
}


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def below_the_screen() -> list[Path]:
    return [path for path in SOURCES if not name(path).startswith(("cli/", "tui/"))]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_module_says_what_it_is(path: Path) -> None:
    text = path.read_text()
    if text.strip():
        first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
        assert first.endswith((".", "?", ":")), "a first line that is a sentence"


@pytest.mark.parametrize("path", below_the_screen(), ids=name)
def test_no_clock_dice_or_environment_below_the_screen(path: Path) -> None:
    found = [
        module
        for node in ast.walk(ast.parse(path.read_text()))
        for module in _imported(node)
        if module in CLOCKS_AND_DICE and (name(path), module) not in ALLOWED
    ]
    assert not found
    attributes = {
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert not attributes & {"os.environ", "os.getenv", "os.urandom"}


@pytest.mark.parametrize("path", below_the_screen(), ids=name)
def test_nothing_depends_on_hash_seeds_or_the_order_of_sets(path: Path) -> None:
    """No built-in `hash()`, and no loop over a set as it comes."""
    wrong = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if _hashes(node) or _walks_a_set(node)
    ]
    assert not wrong


def test_no_committed_file_names_a_place_on_somebodys_machine() -> None:
    pattern = r"(^|[^A-Za-z.])/(work|farm|root|home/[a-z]+)/"
    done = subprocess.run(
        ["git", "grep", "-nIE", pattern, "--", ".", ":!tests/architecture"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode > 1:
        pytest.skip("not a git checkout")
    assert done.stdout == ""


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name.partition(".")[0] for alias in node.names]
        case ast.ImportFrom(module=str() as module):
            return [module.partition(".")[0]]
    return []


def _hashes(node: ast.AST) -> bool:
    """A call of `hash()`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash"


def _walks_a_set(node: ast.AST) -> bool:
    """A loop, list, tuple or join over a set made on the spot."""
    if isinstance(node, (ast.For, ast.comprehension)):
        return _is_set(node.iter)
    if isinstance(node, ast.Call):
        orders = isinstance(node.func, ast.Name) and node.func.id in ("list", "tuple", "enumerate")
        joins = isinstance(node.func, ast.Attribute) and node.func.attr == "join"
        return (orders or joins) and any(_is_set(argument) for argument in node.args)
    return False


def _is_set(node: ast.expr) -> bool:
    return isinstance(node, (ast.Set, ast.SetComp)) or (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("set", "frozenset")
    )
