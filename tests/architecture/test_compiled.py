"""What is compiled (see `hatch_build.py`) is there, and is no more than the search."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "hatch_build.py"


def compiled() -> list[str]:
    """The modules that the build compiles; it is read, for what it imports is not installed."""
    for node in ast.walk(ast.parse(BUILD.read_text(encoding="utf-8"))):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "COMPILED":
            assert node.value is not None
            return list(ast.literal_eval(node.value))
    raise AssertionError("no COMPILED")


def test_each_module_that_is_compiled_is_there() -> None:
    names = compiled()
    assert names == sorted(set(names))
    assert [name for name in names if not (ROOT / f"exittui/checker/{name}.py").is_file()] == []


def test_only_an_object_itself_forgets_what_its_fields_hold() -> None:
    """After `x.y = None` mypy takes `x.y` for None even behind a call that sets it.

    A compiled module does as mypy believes, so that this must not be done from outside.
    """
    for name in compiled():
        tree = ast.parse((ROOT / f"exittui/checker/{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Assign) or ast.unparse(node.value) != "None":
                continue
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    assert ast.unparse(target.value) == "self", (name, ast.unparse(node))
